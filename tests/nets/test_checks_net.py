"""Every checker still gives every recorded answer its points and its message.

checks.json was made by record_checks.py: {chapter: {checker: [{answer, points, message}]}}, where
the answer is source text that needs no other file of the tests.
"""

import holding
import pytest

TABLE = holding.read("checks.json")
EXERCISES = [
    (checker, entries) for chapter in TABLE.values() for checker, entries in chapter.items()
]


@pytest.mark.parametrize(("checker", "entries"), EXERCISES, ids=[name for name, _ in EXERCISES])
def test_every_answer_gets_its_points_and_its_message(checker, entries):
    wrong = []
    for entry in entries:
        points, message = holding.checked(checker, entry["answer"])
        if abs(points - entry["points"]) > 0.005 or not holding.same_text(
            message, entry["message"]
        ):
            wrong.append(
                f"{entry['answer']}\n--- recorded: {entry['points']} points\n{entry['message']}"
                f"--- now: {points} points\n{message}"
            )
    assert not wrong, f"{len(wrong)} of {len(entries)} answers:\n\n" + "\n\n".join(wrong)


def test_every_public_checker_is_held():
    from asl_helpers import checks

    public = {name for name in dir(checks) if name.startswith("ch") and name[2:4].isdigit()}
    assert {name for name in public if "_" in name} == {name for name, _ in EXERCISES}


def test_every_exercise_has_right_and_wrong_answers():
    for checker, entries in EXERCISES:
        kinds = {entry["kind"] for entry in entries}
        assert {"right", "wrong", "lab right", "lab wrong", "nonsense"} <= kinds, checker
