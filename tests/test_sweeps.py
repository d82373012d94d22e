"""Sweeps that go on where they stopped, means over seeds, differences seed by seed."""

import numpy as np
import pandas as pd
import pytest

from asl_helpers import sweeps
from asl_helpers.errors import AslError

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


def test_a_choice_by_the_test_set_is_refused(table):
    with pytest.raises(AslError, match="Choose a run on the validation set"):
        sweeps.summarise(table, "optimizer", "val_loss", choose="test_accuracy")


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
    with pytest.raises(AslError, match=r"No run with optimizer='Adam'\. Did you mean 'adam'"):
        sweeps.paired(table, "optimizer", "Adam", "val_loss")


# Running


RUNS = sweeps.grid(rate=[0.1, 1.0], seed=[0, 1])


def test_an_interrupted_sweep_goes_on_and_nothing_runs_twice(tmp_path, capsys):
    trained, power = [], [2]

    def train(rate, seed):
        if len(trained) == power[0]:
            raise KeyboardInterrupt
        trained.append((rate, seed))
        return {"val_loss": rate + seed}

    with pytest.raises(KeyboardInterrupt):
        sweeps.run_sweep(RUNS, train, tmp_path)
    assert sweeps.finished(RUNS, train, tmp_path)["val_loss"].tolist() == [0.1, 1.1]
    power[0] = 9
    table = sweeps.run_sweep(RUNS, train, tmp_path)
    assert table["val_loss"].tolist() == [0.1, 1.1, 1.0, 2.0]
    assert trained == [tuple(run.values()) for run in RUNS]
    assert (table["error"] == "").all()
    said = capsys.readouterr().out
    assert "0 of 4 runs are finished already" in said and "2 of 4 runs are finished" in said
    assert "3/4 rate 1.0, seed 0: val_loss 1.000" in said


def test_a_failed_run_is_a_row_and_is_tried_again(tmp_path):
    broken = [True]

    def train(rate, seed):
        if broken[0] and rate == 1.0:
            raise ValueError("too fast\nfor this")
        return {"val_loss": rate}

    table = sweeps.run_sweep(RUNS, train, tmp_path)
    assert table["error"].tolist() == ["", "", *["ValueError: too fast"] * 2]
    assert table["val_loss"].isna().tolist() == [False, False, True, True]
    broken[0] = False
    assert (sweeps.run_sweep(RUNS, train, tmp_path)["error"] == "").all()


def test_other_data_and_other_code_do_not_count(tmp_path):
    def train(rate, seed):
        return {"val_loss": rate}

    sweeps.run_sweep(RUNS, train, tmp_path, {"sha256": "1"})
    assert len(sweeps.finished(RUNS, train, tmp_path, {"sha256": "1"})) == 4
    assert len(sweeps.finished(RUNS, train, tmp_path, {"sha256": "2"})) == 0

    def train(rate, seed):
        return {"val_loss": 2 * rate}

    table = sweeps.run_sweep(RUNS, train, tmp_path, {"sha256": "1"})
    assert table["val_loss"].tolist() == [0.2, 0.2, 2.0, 2.0]
