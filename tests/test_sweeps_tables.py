"""Means over seeds, choices on validation, differences seed by seed."""

import numpy as np
import pandas as pd
import pytest

from asl_helpers import sweeps
from asl_helpers.sweeps import SweepError

ROWS = [
    ("sgd", 0.1, 0, 1.0, 0.50, 0.40, ""),
    ("sgd", 0.1, 1, 3.0, 0.70, 0.60, ""),
    ("sgd", 1.0, 0, 0.8, 0.60, 0.90, ""),
    ("sgd", 1.0, 1, np.nan, np.nan, np.nan, "TrainingError: nan"),
    ("adam", 0.1, 0, 0.5, 0.80, 0.70, ""),
    ("adam", 0.1, 1, 0.7, 0.90, 0.75, ""),
]
COLUMNS = ["optimizer", "rate", "seed", "val_loss", "val_accuracy", "test_accuracy", "error"]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=COLUMNS)


def test_the_best_run_is_chosen_on_validation_and_no_failed_run_wins(table):
    assert sweeps.best(table).index.tolist() == [4]
    assert sweeps.best(table, "val_accuracy").index.tolist() == [5]
    chosen = sweeps.best(table, "val_loss", by="optimizer")
    assert chosen[["optimizer", "rate"]].values.tolist() == [["sgd", 1.0], ["adam", 0.1]]


@pytest.mark.parametrize("score", ["test_accuracy", "accuracy"])
def test_who_chooses_by_the_test_part_is_told(table, score):
    with pytest.raises(SweepError, match="chosen on the validation part"):
        sweeps.best(table, score)
    with pytest.raises(SweepError, match="chosen on the validation part"):
        sweeps.summarise(table, "optimizer", "val_loss", choose="test_accuracy")


def test_a_group_without_a_score_is_named(table):
    with pytest.raises(SweepError, match="No run with seed=1 has a val_loss"):
        sweeps.best(table[3:4], by="seed")
    with pytest.raises(SweepError, match="No run has a val_loss"):
        sweeps.best(table[3:4])


def test_summaries_have_mean_sd_and_the_number_of_runs(table):
    found = sweeps.summarise(
        table, ["optimizer", "rate"], ["val_loss", "val_accuracy"], choose="val_loss"
    )
    assert found["optimizer"].tolist() == ["sgd", "sgd", "adam"]
    assert found["runs"].tolist() == [2, 1, 2]
    assert found["failed"].tolist() == [0, 1, 0]
    np.testing.assert_allclose(found["val_loss"], [2.0, 0.8, 0.6])
    np.testing.assert_allclose(found["val_loss sd"], [np.sqrt(2), np.nan, np.sqrt(0.02)])
    assert found["chosen"].tolist() == [False, False, True]
    one = sweeps.summarise(table, "optimizer", "val_accuracy", choose="val_accuracy")
    np.testing.assert_allclose(one["val_accuracy"], [0.6, 0.85])
    assert one["chosen"].tolist() == [False, True]


def test_a_combination_that_always_failed_stays_in_the_summary(table):
    table.loc[2, ["val_loss", "error"]] = [np.nan, "TrainingError: nan"]
    found = sweeps.summarise(table, ["optimizer", "rate"], "val_loss")
    assert found["runs"].tolist() == [2, 0, 2]
    assert np.isnan(found["val_loss"][1])


def test_differences_are_taken_within_a_seed(table):
    found = sweeps.paired(table[table["rate"] == 0.1], "optimizer", "sgd", "val_accuracy")
    row = found.iloc[0]
    assert (row["optimizer"], row["pairs"]) == ("adam", 2)
    np.testing.assert_allclose(row["difference"], 0.25)
    np.testing.assert_allclose(row["difference sd"], np.std([0.3, 0.2], ddof=1))


def test_a_pair_with_a_failed_run_is_left_out(table):
    found = sweeps.paired(table[:4], "rate", 0.1, "val_loss")
    assert found["pairs"].tolist() == [1]
    np.testing.assert_allclose(found["difference"], -0.2)
    assert found["difference sd"].isna().all()


def test_names_that_are_not_there_are_named(table):
    with pytest.raises(SweepError, match=r"no column 'optimiser'\. Did you mean 'optimizer'"):
        sweeps.summarise(table, "optimiser", "val_loss")
    with pytest.raises(SweepError, match=r"No run with optimizer='Adam'\. Did you mean 'adam'"):
        sweeps.paired(table, "optimizer", "Adam", "val_loss")
