"""Many trainings and one table on disk: no finished run is lost, and a sweep resumes.

>>> runs = sweeps.grid(rate=[0.01, 0.1], seed=[0, 1, 2])  # doctest: +SKIP
>>> table = sweeps.run_sweep(runs, train, "runs.jsonl", {"source": source})  # doctest: +SKIP
>>> sweeps.best(table, "val_loss")  # doctest: +SKIP
"""

from asl_helpers.sweeps.errors import SweepError
from asl_helpers.sweeps.journal import read_table
from asl_helpers.sweeps.running import grid, run_sweep
from asl_helpers.sweeps.tables import best, paired, summarise

__all__ = ["SweepError", "best", "grid", "paired", "read_table", "run_sweep", "summarise"]
