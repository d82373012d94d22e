"""One submission's run: its limits, what it can see, and a machine that is slow."""

import json
import os
import subprocess
import sys
import time

import pytest

from asl_helpers.labs import run as running
from asl_helpers.labs.run import Cell, Sandbox, Stop, run, sandbox

SEEN = """
import os
print("ASL_OFFLINE" in os.environ, "SECRET" in os.environ, sorted(os.listdir(".")))
"""
GREEDY = """
import os, socket, resource
for name, what in {
    "memory": lambda: bytearray(10**11),
    "disk": lambda: open("big", "wb").write(bytes(300_000_000)),
    "network": lambda: socket.create_connection(("127.0.0.1", 9), 2),
    "others": lambda: os.kill(os.getppid(), 0),
}.items():
    try:
        what()
        print(name, "free")
    except BaseException as error:
        print(name, type(error).__name__)
"""


@pytest.fixture(scope="module")
def apart(tmp_path_factory) -> Sandbox:
    hidden = tmp_path_factory.mktemp("hidden")
    (hidden / "solutions").write_text("4711", encoding="utf-8")
    return sandbox([hidden])


def texts(result: running.Result, name: str) -> str:
    return "".join(str(out.get("text", "")) for out in result.outputs[name])


def test_two_gradings_at_once_never_share_a_user():
    """At its end a run kills all processes of its user, so nobody else may have it."""
    with running._user_of_its_own() as one:
        code = "from asl_helpers.labs import run\nwith run._user_of_its_own() as user: print(user)"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert int(other.stdout) != one
    with running._user_of_its_own() as again:
        assert again == one


def test_a_submission_has_limits_and_an_empty_place(apart, monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    cells = [
        Cell("import os\nos.mkfifo", is_own=True),
        Cell(SEEN, "a"),
        Cell(GREEDY, "b"),
        Cell("print('y' * 10**6)\nfor _ in range(10**4): print('x' * 100)", "c"),
        Cell("answer = 'token 4711'", "d-hidden"),
        Cell("print(sum('token' in text for text in In), answer)", "e"),
    ]
    result = run(cells, timeout=60, limit=300, kept_apart=apart)
    assert result.is_complete
    assert result.notes == []
    said = texts(result, "a")
    assert said.startswith("True False")
    assert ".ipynb" not in said
    said = texts(result, "b")
    assert "memory MemoryError" in said
    assert "disk OSError" in said
    if apart.has_view:
        assert "network OSError" in said
        assert "others PermissionError" in said
    assert len(texts(result, "c")) <= running.MOST_OUTPUT
    assert texts(result, "e") == "1 token 4711\n"  # only this cell's own line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide a folder")
def test_the_launcher_hides_folders_and_is_nobody(apart, tmp_path):
    if not apart.has_view:
        pytest.skip("this root may not")
    orders = {"hide": apart.hidden}
    code = "import os, sys; print(os.getuid(), os.access(sys.argv[1] + '/solutions', os.R_OK))"
    with running._user_of_its_own() as user:
        command = running._launcher(orders | {"user": user})
        command += [running.sys.executable, "-c", code, apart.hidden[0]]
        done = running.subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(user), "False"]


def test_no_grading_ends_what_another_one_tries_out(monkeypatch):
    users = []
    launcher = lambda orders: users.append(orders["user"]) or ["true"]  # noqa: E731
    monkeypatch.setattr(running.os, "geteuid", lambda: 0)
    monkeypatch.setattr(running, "_launcher", launcher)
    with running._user_of_its_own() as taken:
        assert sandbox([]).has_user
    assert taken not in users


def test_without_rights_a_person_is_told():
    assert Sandbox(True, True).warning() == ""
    assert "use the container" in Sandbox().warning()
    assert "what everybody may" in Sandbox(has_user=True).warning()


@pytest.fixture
def attempts(monkeypatch):
    """Replace the kernel: each attempt takes the next outcome and notes what was replaced."""
    made: list[dict] = []
    outcomes: list = []

    def attempt(self, result):
        made.append(self.replaced)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Stop):
            raise outcome
        result.outputs["a"] = []

    monkeypatch.setattr(running.Attempt, "run", attempt)
    return made, outcomes


CELLS = [Cell("1"), Cell("2", is_own=True), Cell("3", "a")]


def limited(limit: float = 100):
    return run(CELLS, timeout=9, limit=limit, kept_apart=Sandbox())


def test_a_slow_machine_gets_a_second_try(attempts):
    made, outcomes = attempts
    outcomes += [Stop(running.SLOW, 0), None]
    assert limited().is_complete
    assert len(made) == 2


def test_twice_slow_is_not_graded_and_says_so(attempts):
    _, outcomes = attempts
    outcomes += [Stop(running.SLOW, 0), Stop(running.SLOW, 0)]
    result = limited()
    assert not result.is_complete
    assert result.notes == ["not graded: the machine was slow; run the same command again"]


def test_a_cell_that_ends_the_process_costs_only_itself(attempts):
    made, outcomes = attempts
    outcomes += [Stop(running.ENDED, 1), None]
    result = limited()
    assert result.is_complete
    assert made[1] == {1: f"RuntimeError({running.ENDED!r})"}
    assert "graded without it" in result.notes[0]


def test_after_its_time_nothing_is_tried_again(attempts):
    made, outcomes = attempts
    outcomes += [Stop(running.STUCK, 1)]
    result = limited(limit=0)
    assert len(made) == 1
    assert result.is_complete  # so that it is no mistake of the machine
    assert result.notes == [running.STUCK]


def test_all_loops_together_cost_no_more_than_the_limit(apart):
    cells = [Cell("1 + 1"), *[Cell("while True: pass", is_own=True)] * 9, Cell("1.0", "a")]
    start = time.monotonic()
    result = run(cells, timeout=3, limit=8, kept_apart=apart)
    assert time.monotonic() - start < 25  # with the kernel's start and end
    assert result.notes == ["stopped: all its time was used; not run: a"]
    assert result.outputs == {}  # and a check that did not run gives no points


def test_a_folder_that_fills_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "MOST_DISK", 10)
    (tmp_path / "big").write_text("x" * 11, encoding="utf-8")
    attempt = running.Attempt(CELLS, {}, 9, time.monotonic() + 9, Sandbox())
    with pytest.raises(Stop, match="it wrote more than"):
        attempt.before(1, tmp_path)


def test_the_launcher_passes_its_orders_as_they_are():
    command = running._launcher({"user": 1, "hide": ["/a b"]})
    assert json.loads(command[-1]) == {"user": 1, "hide": ["/a b"]}
