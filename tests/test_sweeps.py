"""A sweep's promises: nothing finished is lost or repeated, whatever ends the process."""

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from asl_helpers import sweeps
from asl_helpers.sweeps import SweepError, journal
from asl_helpers.sweeps.fingerprint import code_fingerprint

DATA = {"source": "drawn hands", "sha256": "7f49"}


def train(rate, seed=0):
    return {"val_loss": rate + seed, "val_accuracy": 0.5}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.jsonl"


def sweep(path, runs=None, function=train, **options):
    runs = sweeps.grid(rate=[0.1, 0.2], seed=[0, 1]) if runs is None else runs
    return sweeps.run_sweep(runs, function, path, DATA, **{"verbose": False, **options})


def rows_on_disk(path):
    return [json.loads(line) for line in path.read_text().splitlines()][1:]


# --- grids and tables ------------------------------------------------------------------------


def test_a_grid_is_every_combination_and_the_last_name_varies_fastest():
    runs = sweeps.grid(rate=[0.1, 0.2], seed=range(2))
    assert runs == [
        {"rate": 0.1, "seed": 0},
        {"rate": 0.1, "seed": 1},
        {"rate": 0.2, "seed": 0},
        {"rate": 0.2, "seed": 1},
    ]


@pytest.mark.parametrize("value", ["adam", 0.1])
def test_a_grid_wants_lists(value):
    with pytest.raises(SweepError, match=r"is one value, a list is needed: rate=\[...\]"):
        sweeps.grid(rate=value)


def test_the_table_has_a_row_a_run_in_the_order_asked_for(path):
    table = sweep(path)
    assert list(table.columns) == [
        "rate", "seed", "val_loss", "val_accuracy", "error", "seconds",
    ]  # fmt: skip
    assert table["val_loss"].tolist() == [0.1, 1.1, 0.2, 1.2]
    assert (table["error"] == "").all()
    assert table.attrs["data"] == DATA
    backwards = sweep(path, sweeps.grid(rate=[0.2, 0.1], seed=[1]))
    assert backwards["val_loss"].tolist() == [1.2, 1.1]
    assert len(rows_on_disk(path)) == 4


def test_numpy_numbers_are_written_and_what_is_not_finite_is_missing(path):
    def odd(rate):
        return {"val_loss": np.float32(rate), "test": np.nan, "n": np.int64(3), "top": np.inf}

    table = sweep(path, sweeps.grid(rate=[0.5, np.float64(0.25)]), odd)
    assert table["val_loss"].tolist() == [0.5, 0.25]
    assert table["n"].tolist() == [3, 3]
    assert table[["test", "top"]].isna().all().all()
    assert table["test"].dtype == float
    assert sweeps.read_table(path).equals(table)


def test_progress_names_run_score_and_time_left(path, capsys):
    sweep(path, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "runs.jsonl: 0 of 4 runs are there already"
    assert lines[2].startswith("2/4 rate 0.1, seed 1: val_loss 1.100 (0 s)")
    sweep(path, verbose=True)
    assert capsys.readouterr().out == "runs.jsonl: 4 of 4 runs are there already\n"


def test_the_time_left_is_the_mean_run_times_the_runs_left(path, capsys, monkeypatch):
    clock = iter([0, 50, 100, 130, 200, 201, 300, 301])
    monkeypatch.setattr("asl_helpers.sweeps.running.perf_counter", lambda: next(clock))
    sweep(path, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("(50 s), 2 min 30 s left")
    assert lines[2].endswith("(30 s), 1 min 20 s left")
    assert lines[4].endswith("(1 s)")


# --- resuming --------------------------------------------------------------------------------


def counting(path, stop_at=None):
    """Return a train function that counts its calls in a file, and may stop as a user does."""
    calls = path.with_suffix(".calls")

    def train(rate, seed):
        with calls.open("a") as file:
            file.write(f"{rate} {seed}\n")
        if stop_at is not None and len(calls.read_text().splitlines()) == stop_at:
            raise KeyboardInterrupt
        return {"val_loss": rate + seed}

    return train, calls


def test_an_interrupted_sweep_goes_on_where_it_stopped(path):
    stopped, calls = counting(path, stop_at=3)
    with pytest.raises(KeyboardInterrupt):
        sweep(path, function=stopped)
    assert len(rows_on_disk(path)) == 2
    table = sweep(path, function=stopped)
    assert calls.read_text().splitlines() == ["0.1 0", "0.1 1", "0.2 0", "0.2 0", "0.2 1"]
    assert len(table) == len(rows_on_disk(path)) == 4


def test_more_runs_add_to_the_table(path):
    function, calls = counting(path)
    sweep(path, function=function)
    table = sweep(path, sweeps.grid(rate=[0.1, 0.2, 0.4], seed=[0, 1]), function)
    assert len(table) == 6
    assert calls.read_text().splitlines()[4:] == ["0.4 0", "0.4 1"]


def test_settings_are_the_same_whatever_their_order_and_type_of_number(path):
    function, calls = counting(path)
    sweep(path, [{"rate": 1, "seed": 0}], function)
    sweep(path, [{"seed": 0.0, "rate": np.float32(1)}], function)
    assert len(calls.read_text().splitlines()) == 1


KILLED = """
    import sys, time
    from pathlib import Path
    from asl_helpers import sweeps

    folder = Path(sys.argv[1])

    def train(rate, seed):
        with (folder / "begun").open("a") as file:
            file.write(f"{rate} {seed}\\n")
        time.sleep(0.15)
        return {"val_loss": rate + seed}

    runs = sweeps.grid(rate=[1, 2, 3], seed=[0, 1])
    table = sweeps.run_sweep(runs, train, folder / "runs.jsonl", {"source": "none"}, verbose=False)
    print(len(table), table["val_loss"].sum())
"""


def test_a_killed_process_loses_no_finished_run_and_repeats_none(tmp_path):
    script = tmp_path / "sweep.py"
    script.write_text(textwrap.dedent(KILLED))
    command = [sys.executable, str(script), str(tmp_path)]
    path, begun = tmp_path / "runs.jsonl", tmp_path / "begun"
    process = subprocess.Popen(command)
    while not (path.exists() and len(path.read_text().splitlines()) > 3):
        assert process.poll() is None, "the sweep ended by itself"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = [tuple(row["settings"].values()) for row in rows_on_disk(path)]
    assert 3 <= len(finished) < 6
    first = begun.read_text().splitlines()

    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["6", "15.0"] or told.stdout.split() == ["6", "15"]
    again = [tuple(map(int, line.split())) for line in begun.read_text().splitlines()[len(first) :]]
    assert not set(again) & set(finished), "a finished run was repeated"
    assert len(again) + len(finished) == 6, "a run is lost"
    assert len(rows_on_disk(path)) == 6


@pytest.mark.parametrize("cut", [1, 25, -2])
def test_a_half_written_last_line_is_set_aside_and_done_again(path, cut, capsys):
    function, calls = counting(path)
    sweep(path, function=function)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:cut])
    assert len(sweeps.read_table(path)) == 3
    table = sweep(path, function=function)
    assert table["val_loss"].tolist() == [0.1, 1.1, 0.2, 1.2]
    assert len(calls.read_text().splitlines()) == 5
    assert "set aside in runs.jsonl.torn" in capsys.readouterr().out
    assert path.with_name("runs.jsonl.torn").read_bytes() == lines[-1][:cut] + b"\n"
    assert [json.loads(line) for line in path.read_text().splitlines()]


def test_a_last_line_that_lacks_only_its_end_counts(path):
    function, calls = counting(path)
    sweep(path, function=function)
    whole = path.read_bytes()
    path.write_bytes(whole.rstrip(b"\n"))
    sweep(path, function=function)
    assert path.read_bytes() == whole
    assert len(calls.read_text().splitlines()) == 4


def test_a_table_cut_in_its_first_line_is_begun_anew(path):
    path.write_bytes(b'{"data": {"sour')
    assert len(sweep(path)) == 4
    assert len(sweeps.read_table(path)) == 4


def test_a_full_disk_leaves_whole_lines(path, monkeypatch):
    sweep(path, sweeps.grid(rate=[0.1], seed=[0]))
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "fsync", full)
        with pytest.raises(SweepError, match="No space left on device"):
            sweep(path)
    assert path.read_bytes() == before
    assert len(sweep(path)) == 4


# --- what is refused -------------------------------------------------------------------------


def test_other_data_are_refused_and_the_table_stays(path):
    sweep(path)
    before = path.read_bytes()
    with pytest.raises(SweepError, match=r"other data \(sha256 '7f49' there, '11aa' here\)"):
        sweeps.run_sweep(sweeps.grid(rate=[1]), train, path, {**DATA, "sha256": "11aa"})
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["rate,loss\n0.1,2\n", "hello", '{"a": 1}\n', '["x"]\n'])
def test_a_file_that_is_no_table_is_left_alone(path, text):
    path.write_text(text)
    with pytest.raises(SweepError, match="is not the table of a sweep"):
        sweep(path)
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


def test_damage_in_the_midst_is_named_by_its_line(path):
    sweep(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "zzz\n", *lines[3:]]))
    for read in (sweeps.read_table, sweep):
        with pytest.raises(SweepError, match="line 3 of 5 cannot be read"):
            read(path)


HOLDER = """
    import sys
    from asl_helpers.sweeps.journal import Journal

    with Journal(sys.argv[1], {"source": "drawn hands", "sha256": "7f49"}):
        print("open", flush=True)
        sys.stdin.readline()
"""


def test_two_processes_do_not_write_to_one_table(path):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "open\n"
    with pytest.raises(SweepError, match=r"Another process is writing to runs\.jsonl"):
        sweep(path)
    assert sweeps.read_table(path).empty
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert len(sweep(path)) == 4, "the lock dies with its process"


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([{"rate": 1}, {"rate": 1.0}], "Two runs with the settings"),
        ([{"rate": [1, 2]}], "'rate' is a list; a setting is a number"),
    ],
)
def test_settings_that_cannot_be_told_apart_are_refused(path, runs, message):
    with pytest.raises(SweepError, match=message):
        sweep(path, runs)
    assert not path.exists()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (0.7, "train returned a float; expected a dict of scores"),
        ({"rate": 0.1}, "train returned 'rate', which the table has already"),
        ({"seconds": 3.0}, "'seconds', which the table has already"),
        ({"history": [1, 2]}, "'history' is a list; a score is a number"),
    ],
)
def test_scores_that_cannot_be_written_are_refused(path, scores, message):
    with pytest.raises(SweepError, match=message):
        sweep(path, [{"rate": 0.1}], lambda rate: scores)


def test_a_missing_table_is_named(path):
    with pytest.raises(SweepError, match="No table"):
        sweeps.read_table(path)
    path.mkdir()
    with pytest.raises(SweepError, match="Cannot open"):
        sweep(path)


# --- failing runs ----------------------------------------------------------------------------


def failing(path):
    calls = path.with_suffix(".calls")

    def train(rate):
        with calls.open("a") as file:
            file.write("x")
        if rate > 1 and len(calls.read_text()) < 5:
            raise ValueError("The loss became nan.\nSecond line")
        return {"val_loss": rate}

    return train


def test_a_failing_run_is_noted_and_the_sweep_goes_on(path, capsys):
    runs = sweeps.grid(rate=[0.1, 2, 0.2])
    function = failing(path)
    table = sweep(path, runs, function, verbose=True)
    assert table["error"].tolist() == ["", "ValueError: The loss became nan.", ""]
    assert table["val_loss"].isna().tolist() == [False, True, False]
    assert "rate 2: ValueError: The loss became nan. (0 s)" in capsys.readouterr().out
    sweep(path, runs, function)
    assert len(path.with_suffix(".calls").read_text()) == 3, "a failure is a result"
    for _ in range(2):
        again = sweep(path, runs, function, retry_failed=True)
    assert (again["error"] == "").all()
    assert len(path.with_suffix(".calls").read_text()) == 5


def test_a_sweep_in_which_all_fail_has_columns_of_numbers(path):
    def broken(rate):
        raise RuntimeError

    table = sweep(path, sweeps.grid(rate=[1, 2]), broken)
    assert table["error"].tolist() == ["RuntimeError: no message"] * 2
    assert sweep(path, sweeps.grid(rate=[3, 1])).isna()["val_loss"].tolist() == [False, False]


# --- the code counts -------------------------------------------------------------------------

EPOCHS = 3
KINDS = {"sgd": lambda rate: rate}


def helper(rate):
    return rate + 1


def uses_helper(rate):
    return {"val_loss": helper(rate)}


def uses_value(rate):
    return {"val_loss": rate * EPOCHS}


def uses_kinds(rate):
    return {"val_loss": KINDS["sgd"](rate)}


def test_other_code_runs_again_and_the_old_runs_stay(path, capsys):
    sweep(path)

    def train(rate, seed=0):
        return {"val_loss": rate - seed}

    table = sweep(path, function=train, verbose=True)
    assert table["val_loss"].tolist() == [0.1, -0.9, 0.2, -0.8]
    assert "4 made by other code do not count" in capsys.readouterr().out
    assert len(rows_on_disk(path)) == 8
    assert sweep(path)["val_loss"].tolist() == [0.1, 1.1, 0.2, 1.2]


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [
        (uses_helper, "helper", lambda rate: rate + 2),
        (uses_value, "EPOCHS", 4),
        (uses_kinds, "KINDS", {"sgd": lambda rate: rate + 0.5}),
        (uses_kinds, "KINDS", {"adam": KINDS["sgd"]}),
    ],
)
def test_the_fingerprint_changes_with_what_the_function_uses(function, name, value, monkeypatch):
    before = code_fingerprint(function)
    assert code_fingerprint(function) == before
    monkeypatch.setitem(globals(), name, value)
    assert code_fingerprint(function) != before


def test_comments_do_not_count_and_closures_do():
    def make(factor):
        def inner(rate):
            return {"val_loss": factor * rate}

        return inner

    def commented(factor):
        def inner(rate):
            # twice as much
            return {"val_loss": factor * rate}

        return inner

    assert code_fingerprint(make(2)) == code_fingerprint(commented(2))
    assert code_fingerprint(make(2)) != code_fingerprint(make(3))


def test_functions_without_a_source_are_told_apart_too():
    spaces = [{}, {}, {}]
    for space, text in zip(spaces, ("rate", "rate", "-rate"), strict=True):
        exec(f"def train(rate): return {text}", space)
    first, same, other = (code_fingerprint(space["train"]) for space in spaces)
    assert first == same != other


def test_what_is_no_function_cannot_train(path):
    with pytest.raises(SweepError, match="made by `def` was expected to train, this is a partial"):
        sweep(path, function=functools.partial(train, seed=1))
