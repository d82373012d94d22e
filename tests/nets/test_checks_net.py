"""Every checker still gives every recorded answer its points and its message.

checks.json was made at commit 2394021, before checkers were declared as they are now. It holds
{chapter: {checker: [{answer, points, message}]}}, where the answer is source text that needs no
other file of the tests. Where a message is to change, record what is said now, and read the
difference: python tests/nets/test_checks_net.py. Points that change stop it.
"""

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nets import keeping

TABLE = keeping.read("checks.json")
EXERCISES = [
    (chapter, exercise, entries)
    for chapter, exercises in TABLE.items()
    for exercise, entries in exercises.items()
]
IDS = [f"{chapter}-{exercise}" for chapter, exercise, _ in EXERCISES]


@pytest.mark.parametrize(("chapter", "exercise", "entries"), EXERCISES, ids=IDS)
def test_every_answer_gets_its_points_and_its_message(chapter, exercise, entries):
    wrong = []
    for entry in entries:
        points, message = keeping.checked(chapter, exercise, entry["answer"])
        if abs(points - entry["points"]) > 0.005 or not keeping.same_text(
            message, entry["message"]
        ):
            wrong.append(
                f"{entry['answer']}\n--- recorded: {entry['points']} points\n{entry['message']}"
                f"--- now: {points} points\n{message}"
            )
    assert not wrong, f"{len(wrong)} of {len(entries)} answers:\n\n" + "\n\n".join(wrong)


def test_every_checker_that_is_held_is_there():
    """A newer exercise is held by the mistakes that it declares (tests/test_checks.py)."""
    for chapter, exercises in TABLE.items():
        module = importlib.import_module(f"asl_helpers.checks.{chapter}")
        public = {name for name, each in vars(module).items() if hasattr(each, "points")}
        assert set(exercises) <= public, chapter


def test_every_exercise_has_right_and_wrong_answers():
    for chapter, exercise, entries in EXERCISES:
        kinds = {entry["kind"] for entry in entries}
        kept = {"right", "wrong", "lab right", "lab wrong", "nonsense"}
        assert kept <= kinds, f"{chapter} {exercise}"


if __name__ == "__main__":
    for chapter, exercise, entries in EXERCISES:
        for entry in entries:
            points, message = keeping.checked(chapter, exercise, entry["answer"])
            assert abs(points - entry["points"]) <= 0.005, (chapter, exercise, entry, points)
            if not keeping.same_text(message, entry["message"]):
                entry["message"] = message
    keeping.write("checks.json", TABLE)
