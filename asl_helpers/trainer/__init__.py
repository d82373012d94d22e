"""Training any of the course's models from a shell: ``asl train NAME --data ... --out ...``.

>>> from asl_helpers.trainer import Request, train  # doctest: +SKIP
>>> train(Request("custom_cnn", "asl_alphabet"), Path("hands.keras"))  # doctest: +SKIP
"""

from asl_helpers.trainer.errors import TrainError
from asl_helpers.trainer.running import Request, settings_from, train

__all__ = ["Request", "TrainError", "settings_from", "train"]
