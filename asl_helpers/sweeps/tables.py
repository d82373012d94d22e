"""What a table of runs says: means over seeds, the best on validation, differences seed by seed."""

from collections.abc import Sequence

import pandas as pd

from asl_helpers.errors import did_you_mean
from asl_helpers.sweeps.errors import SweepError


def best(table: pd.DataFrame, score: str = "val_loss", by: str | None = None) -> pd.DataFrame:
    """Return the best run, or that of each value of the setting ``by``, chosen on validation.

    Parameters
    ----------
    table:
        A row a run, as ``run_sweep`` returns.
    score:
        A validation score, named ``val_...``: the lowest wins where the name ends in "loss",
        else the highest. Failed runs never win.
    by:
        A setting, to choose one run for each of its values.

    Raises
    ------
    SweepError
        For a score that is not of the validation part: who chooses by the test part has no test
        left. And where every run of a group failed.
    """
    _check_validation(score)
    _check_columns(table, [score, *([by] if by else [])])
    groups = [(None, table)] if by is None else table.groupby(by, sort=False)
    rows = []
    for name, group in groups:
        if group[score].isna().all():
            of = f" with {by}={name!r}" if by else ""
            raise SweepError(f"No run{of} has a {score}: all failed. Read the column error.")
        rows.append(group[score].idxmin() if _low(score) else group[score].idxmax())
    return table.loc[rows]


def summarise(
    table: pd.DataFrame,
    by: Sequence[str] | str,
    scores: Sequence[str] | str,
    choose: str | None = None,
) -> pd.DataFrame:
    """Return mean and standard deviation of scores over the runs that share the settings ``by``.

    Parameters
    ----------
    table:
        A row a run, as ``run_sweep`` returns.
    by:
        Settings to tell apart; the others, mostly the seed, are averaged over.
    scores:
        Columns of numbers.
    choose:
        A validation score: marks the row whose mean is best.

    Returns
    -------
    pandas.DataFrame
        A row a combination, in the order of the table: the settings, ``runs`` (those that gave
        scores), ``failed``, then ``score`` and ``score sd`` for each score (sd with n - 1; NaN for
        one run), and ``chosen`` where asked for. A combination whose runs all failed has NaN.
    """
    by, scores = _listed(by), _listed(scores)
    _check_columns(table, [*by, *scores, *([choose] if choose else [])])
    groups = table.groupby(by, sort=False, dropna=False)
    failed = groups["error"].apply(lambda errors: int((errors != "").sum()))
    summary = pd.DataFrame({"runs": groups.size() - failed, "failed": failed})
    for score in scores:
        summary[score] = groups[score].mean()
        summary[f"{score} sd"] = groups[score].std(ddof=1)
    if choose:
        _check_validation(choose)
        means = groups[choose].mean()
        summary["chosen"] = summary.index == (means.idxmin() if _low(choose) else means.idxmax())
    return summary.reset_index()


def paired(
    table: pd.DataFrame, by: str, base: object, score: str, pair: Sequence[str] | str = "seed"
) -> pd.DataFrame:
    """Return how a score differs from that of ``base``, run by run of the same ``pair``.

    What changes from seed to seed (the split, the first weights) changes both runs of a pair, so
    their difference varies less than either.

    Parameters
    ----------
    table:
        A row a run.
    by, base:
        The setting in question, and the value that the others are compared with.
    score:
        A column of numbers.
    pair:
        The settings that make two runs a pair.

    Returns
    -------
    pandas.DataFrame
        A row a value of ``by`` other than ``base``: the value, ``pairs`` (both runs gave a
        score), ``difference`` (mean, positive where the value is above ``base``) and
        ``difference sd`` (n - 1).
    """
    _check_columns(table, [by, score, *_listed(pair)])
    wide = table.pivot_table(score, index=_listed(pair), columns=by, sort=False)
    if base not in wide.columns:
        raise SweepError(f"No run with {by}={base!r}.{did_you_mean(str(base), wide.columns)}")
    rows = []
    for value in wide.columns.drop(base):
        gaps = (wide[value] - wide[base]).dropna()
        rows.append((value, len(gaps), gaps.mean(), gaps.std(ddof=1)))
    return pd.DataFrame(rows, columns=[by, "pairs", "difference", "difference sd"])


def _listed(names: Sequence[str] | str) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _low(score: str) -> bool:
    return score.endswith("loss")


def _check_validation(score: str) -> None:
    if not score.startswith("val_"):
        raise SweepError(
            f"{score!r} is no validation score (val_...). A run is chosen on the validation part; "
            "the test part is used once, when the choice is made."
        )


def _check_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in table.columns:
            raise SweepError(f"The table has no column {name!r}.{did_you_mean(name, table)}")
