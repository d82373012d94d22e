"""Many trainings, each kept on disk as it ends: a sweep that was stopped goes on where it stopped.

>>> runs = sweeps.grid(rate=[0.01, 0.1], seed=[0, 1, 2])  # doctest: +SKIP
>>> table = sweeps.run_sweep(runs, train, "runs", {"source": source})  # doctest: +SKIP
>>> sweeps.summarise(table, "rate", "val_accuracy")  # doctest: +SKIP
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import joblib
import pandas as pd
from sklearn.model_selection import ParameterGrid

from asl_helpers.errors import AslError, did_you_mean, first_line

Settings = dict[str, Any]


def grid(**lists: Sequence[Any]) -> list[Settings]:
    """Return every combination of the given values as settings.

    ``grid(rate=[0.1, 0.01], seed=[0, 1])`` are four runs. Grids add: ``grid(...) + grid(...)``.
    """
    return list(ParameterGrid(lists))


def run_sweep(
    runs: Sequence[Settings],
    train: Callable[..., Mapping[str, Any]],
    folder: str | Path,
    data: Any = None,
) -> pd.DataFrame:
    """Train once for each of the settings; take from ``folder`` what an earlier call has finished.

    After an interruption of any kind the same call goes on where it stopped. A run counts as
    finished under the same settings, the same code of ``train`` and the same ``data``. A run that
    raises becomes a row with its error, and the next call tries it again; only an interruption by
    the user ends the sweep. A printed line per run has its settings, first score and seconds.

    Parameters
    ----------
    runs:
        Settings of each run, such as ``grid`` gives; a repetition has a seed of its own.
    train:
        Called as ``train(**settings)``; returns the scores by name.
    folder, data:
        Where `joblib.Memory` keeps the results; what they depend on besides code and settings.

    Returns
    -------
    pandas.DataFrame
        A row for each of ``runs`` in their order; columns are the settings, the scores (NaN where
        a run failed) and ``error`` ("" where none).
    """
    kept, rows = _kept(train, folder, data), []
    done = sum(kept.check_call_in_cache(**settings) for settings in runs)
    print(f"{done} of {len(runs)} runs are finished already")
    for number, settings in enumerate(runs, 1):
        is_new, start = not kept.check_call_in_cache(**settings), perf_counter()
        scores, error = {}, ""
        try:
            scores = dict(kept(**settings))
        except Exception as raised:
            error = f"{type(raised).__name__}: {first_line(raised)}"
        rows.append({**settings, **scores, "error": error})
        if is_new:
            named = ", ".join(f"{name} {value}" for name, value in settings.items())
            gave = error[:40] or next((f"{n} {v:.3f}" for n, v in scores.items()), "done")
            seconds = perf_counter() - start
            print(f"{number}/{len(runs)} {named}: {gave} ({seconds:.0f} s)", flush=True)
    return pd.DataFrame(rows)


def finished(
    runs: Sequence[Settings], train: Callable, folder: str | Path, data: Any = None
) -> pd.DataFrame:
    """Return those of ``runs`` that ``folder`` has, as `run_sweep` does; nothing is trained."""
    kept = _kept(train, folder, data)
    done = [settings for settings in runs if kept.check_call_in_cache(**settings)]
    return pd.DataFrame([{**settings, **kept(**settings), "error": ""} for settings in done])


def summarise(
    table: pd.DataFrame,
    by: Sequence[str] | str,
    scores: Sequence[str] | str,
    choose: str | None = None,
) -> pd.DataFrame:
    """Return mean and standard deviation of scores over the runs that share the settings ``by``.

    ``table`` has a row per run, as ``run_sweep`` returns; settings that are not in ``by``, mostly
    the seed, are averaged over. The result has a row per combination, in the order of the table:
    the settings, ``runs`` (those that gave scores), ``failed``, then ``score`` and ``score sd`` for
    each score (sd with n - 1; NaN for one run).

    ``choose`` names a validation score (``val_...``): the column ``chosen`` marks the row whose
    mean is best, the lowest where the name ends in "loss". A test score is refused: after a choice
    it would test nothing.
    """
    by, scores = ([names] if isinstance(names, str) else list(names) for names in (by, scores))
    if choose and not choose.startswith("val_"):
        raise AslError(
            f"{choose!r} is no validation score (val_...). Choose a run on the validation set; the "
            "test set is used once, when the choice is made."
        )
    groups = table.groupby(by, sort=False, dropna=False)
    failed = groups["error"].apply(lambda errors: int((errors != "").sum()))
    summary = pd.DataFrame({"runs": groups.size() - failed, "failed": failed})
    for score in scores:
        summary[score] = groups[score].mean()
        summary[f"{score} sd"] = groups[score].std(ddof=1)
    if choose:
        means = groups[choose].mean()
        best = means.idxmin() if choose.endswith("loss") else means.idxmax()
        summary["chosen"] = summary.index == best
    return summary.reset_index()


def paired(table: pd.DataFrame, by: str, base: object, score: str) -> pd.DataFrame:
    """Return how a score differs from that of ``base``, run by run of the same ``seed``.

    What changes from seed to seed (the split, the first weights) changes both runs of a pair, so
    their difference varies less than either. The result has a row per value of ``by`` other than
    ``base``: the value, ``pairs`` (both runs gave a score), ``difference`` (mean, positive where
    the value is above ``base``) and ``difference sd`` (n - 1).
    """
    wide = table.pivot_table(score, index="seed", columns=by, sort=False)
    if base not in wide.columns:
        raise AslError(f"No run with {by}={base!r}.{did_you_mean(str(base), wide.columns)}")
    rows = []
    for value in wide.columns.drop(base):
        gaps = (wide[value] - wide[base]).dropna()
        rows.append((value, len(gaps), gaps.mean(), gaps.std(ddof=1)))
    return pd.DataFrame(rows, columns=[by, "pairs", "difference", "difference sd"])


def _kept(train: Callable, folder: str | Path, data: Any):
    """Return ``train`` with its results kept on disk, apart for each ``data``."""
    return joblib.Memory(Path(folder) / joblib.hash(data), verbose=0).cache(train)
