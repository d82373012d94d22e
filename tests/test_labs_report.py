"""The table of grades from run to run, rosters, an LMS's columns, and feedback."""

import csv
import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from asl_helpers.errors import AslError
from asl_helpers.labs.editions import Exercise
from asl_helpers.labs.report import Table, matches, read_roster, write_feedback, write_lms
from asl_helpers.labs.submissions import Submission

ASKED = [
    Exercise("ch01-a", "The first", {"ch01-a-check": 4.0}, "a"),
    Exercise("ch01-why", "Why?", {"ch01-why": 3.0}, None),
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "grades_ch01.csv"


def opened(path) -> Table:
    return Table.open(path, "ch01", ASKED, manual=["ch01-why"])


def rows(path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def edit(path, student: str, **changes: str) -> None:
    """Change a row as an instructor does in a spreadsheet, which saves semicolons and a mark."""
    table = rows(path)
    table[student] |= changes
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(table[student]), delimiter=";")
        writer.writeheader()
        writer.writerows(table.values())


def graded(path, student: str, points: float | None = 3, version: str = "v1", **more) -> Table:
    """Open the table, put one submission into it and write it."""
    table = opened(path)
    table.put(
        Submission(student, **more), {} if points is None else {"ch01-a-check": points}, version
    )
    table.write()
    return table


def test_overrides_comments_and_points_by_hand_survive_a_new_grading(path):
    graded(path, "anna")
    edit(path, "anna", **{"override": "6.5", "comment": "Well argued.", "ch01-why": "2"})
    graded(path, "anna", 4, "v2")
    row = rows(path)["anna"]
    assert (row["ch01-a"], row["ch01-why"], row["total"], row["final"]) == ("4", "2", "6", "6.5")
    assert row["comment"] == "Well argued."


def test_points_by_hand_count_and_their_lack_is_said(path):
    graded(path, "anna")
    table = graded(path, "bob")
    assert rows(path)["anna"]["total"] == "3"
    assert "points by hand are missing in 2 rows" in table.summary()
    edit(path, "anna", **{"ch01-why": "2.5"})
    table = graded(path, "bob")
    assert rows(path)["anna"]["total"] == rows(path)["anna"]["final"] == "5.5"
    assert "points by hand are missing in 1 rows" in table.summary()


def test_a_late_submission_is_merged_and_other_rows_stay(path):
    graded(path, "anna")
    graded(path, "bob", 1)
    assert {name: row["total"] for name, row in rows(path).items()} == {"anna": "3", "bob": "1"}


def test_what_was_graded_is_known_again_until_it_changes(path):
    graded(path, "anna", version="v1")
    assert opened(path).version(Submission("anna")) == "v1"
    assert opened(path).version(Submission("bob")) == ""


def test_earlier_points_stay_where_a_newer_file_cannot_be_graded(path):
    graded(path, "anna")
    table = graded(path, "anna", None, "", notes=["not graded: torn"])
    row = rows(path)["anna"]
    assert row["total"] == "3"
    assert row["note"] == "not graded: torn | the points are those of an earlier file"
    assert table.failed == {"anna"}
    assert row["version"] == ""  # so that the next run tries again


def test_the_table_of_another_chapter_or_person_is_never_overwritten(path):
    path.write_text("student,total,ch02-a\nanna,3,3\n", encoding="utf-8")
    with pytest.raises(AslError, match="not a table of ch01"):
        opened(path)
    assert "ch02-a" in path.read_text(encoding="utf-8")


def test_no_cell_is_a_formula_and_names_come_back_as_they_were(path):
    graded(path, "=HYPERLINK(1)", notes=["+1"])
    assert rows(path).popitem()[1]["student"] == "'=HYPERLINK(1)"
    assert list(opened(path).rows) == ["=HYPERLINK(1)"]


def test_only_the_owner_may_read_grades(path):
    graded(path, "anna")
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("handed_in", "mark", "late", "final"),
    [
        ("2026-11-05 23:59", False, "", "4"),
        ("2026-11-06 00:10", False, "1", "3.6"),
        ("2026-11-08 00:00", False, "3", "2.8"),
        ("2026-12-31 00:00", False, "56", "0"),
        ("2026-11-01 00:00", True, "1", "3.6"),
        ("", True, "1", "3.6"),  # Canvas's zip has no dates
    ],
)
def test_each_day_after_the_deadline_costs_its_percent(path, handed_in, mark, late, final):
    table = opened(path)
    when = datetime.fromisoformat(handed_in) if handed_in else None
    each = Submission("anna", handed_in=when, is_marked_late=mark)
    table.put(each, {"ch01-a-check": 4}, "v")
    table.write(datetime(2026, 11, 5, 23, 59), late_penalty=10)
    row = rows(path)["anna"]
    assert (row["late"], row["total"], row["final"]) == (late, "4", final)
    table = opened(path)
    table.write()  # a run without a deadline leaves what was decided
    assert rows(path)["anna"]["final"] == final


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Old (1)\n"
    "    Points Possible,,,,,10\n"
    '"Miller, Anna María",4711,S1,amm,A,9\n"Lee, Bob",4712,S2,bl,A,\n"Novak, Eva",4713,S3,en,B,\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    "Participant 4711,Anna María Miller,anna@x.edu,Submitted,,100\n"
    "Participant 4713,Eva Novak,eva@x.edu,,,100\n"
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (CANVAS, ["Miller, Anna María", "Lee, Bob", "Novak, Eva"]),
        (MOODLE, ["Anna María Miller", "Eva Novak"]),
        ("First name;Last name;Email\nEva;Novak;e@x\n", ["Eva Novak"]),
    ],
)
def test_rosters_of_canvas_moodle_and_your_own_are_read(tmp_path, text, names):
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    assert [person["name"] for person in read_roster(path)] == names


def test_a_roster_without_names_is_one_clear_error(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(AslError, match="names no student"):
        read_roster(path)


@pytest.mark.parametrize(
    ("student", "number", "is_same"),
    [
        ("milleranna maria", "4711", True),
        ("somebody", "4711", True),
        ("Anna María Miller", "4712", False),
        ("milleranna maria", "", True),
        ("Anna_Maria Miller", "", True),
        ("amm", "", True),
        ("Anna Miller", "", False),
    ],
)
def test_a_submission_is_found_on_the_roster_by_id_name_or_login(student, number, is_same):
    person = {"name": "Miller, Anna María", "id": "4711", "login": "amm@x.edu"}
    assert matches(person, student, number) is is_same


def test_the_roster_shows_who_did_not_submit_and_who_is_unknown(path, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(CANVAS, encoding="utf-8")
    graded(path, "bl")  # an earlier run without the roster
    table = opened(path)
    received = [Submission("milleranna maria", "4711"), Submission("bl"), Submission("zoe")]
    table.call_roll(roster, received)
    for each in received:
        table.put(each, {"ch01-a-check": 4}, "v")
    table.write()
    held = rows(path)
    assert set(held) == {"Miller, Anna María", "Lee, Bob", "Novak, Eva", "zoe"}
    assert (held["Novak, Eva"]["note"], held["Novak, Eva"]["total"]) == ("did not submit", "")
    assert held["zoe"]["note"] == "not on the roster"
    assert "did not submit: Novak, Eva" in table.summary()
    table = opened(path)
    late = Submission("Novak Eva")
    table.call_roll(roster, [late])
    table.put(late, {"ch01-a-check": 2}, "v")
    table.write()
    assert len(rows(path)) == 4
    assert rows(path)["Novak, Eva"]["total"] == "2"


def test_canvas_and_moodle_get_the_columns_that_they_import(path, tmp_path):
    roster = tmp_path / "roster.csv"
    graded(path, "milleranna maria", id="4711")
    edit(path, "milleranna maria", override="3,5", comment="Good")
    roster.write_text(CANVAS, encoding="utf-8")
    made = write_lms(path, "canvas", tmp_path / "canvas.csv", roster, "Lab 1")
    lines = made.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1",
        "    Points Possible,,,,,7",
        '"Miller, Anna María",4711,S1,amm,A,3.5',
    ]
    assert lines[3].endswith("A,")  # no grade, not a zero
    roster.write_text(MOODLE, encoding="utf-8")
    made = write_lms(path, "moodle", tmp_path / "moodle.csv", roster)
    row = next(csv.DictReader(made.open(encoding="utf-8", newline="")))
    assert row["Identifier"] == "Participant 4711"
    assert (row["Grade"], row["Feedback comments"]) == ("3.5", "Good")
    with pytest.raises(AslError, match="Did you mean 'canvas'"):
        write_lms(path, "canva", tmp_path / "x.csv")


def test_the_summary_says_how_the_class_did(path):
    table = opened(path)
    flipped = "ch01-a-check: Your kernel is flipped."
    stub = "ch01-b-check: replace the stub with your own code, then run this cell again."
    for student, points, notes in (
        ("anna", 4, [stub]),
        ("bob", 1, [stub, flipped]),
        ("carl", 1, [stub, flipped, "late"]),
        ("dora", None, ["torn"]),
    ):
        given = {} if points is None else {"ch01-a-check": points}
        table.put(Submission(student, notes=notes), given, "v")
    table.alike = {"anna": "ch01-a: the reference's code"}
    table.write()
    text = table.summary()
    assert "ch01: 3 graded, 1 not graded" in text
    assert "\n  dora: torn\n" in text
    assert re.search(r"ch01-a +mean 2 of 4 +The first", text)
    assert f"said most often (2 of 3): {flipped}" in text
    assert "look and alike of: anna" in text


class Page(HTMLParser):
    """Collects a page's tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.words = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def test_a_feedback_page_is_complete_escaped_accessible_and_alone(path, tmp_path):
    table = opened(path)
    evil = "<script>alert(1)</script>"
    note = f"ch01-a-check: Your kernel is {evil}"
    table.put(Submission(f"../{evil}", notes=[note]), {"ch01-a-check": 2.5}, "v")
    table.write()
    code = "def a():\n    return '</code><img src=x>'"
    (made,) = write_feedback(table, {f"../{evil}": {"ch01-a": code}}, tmp_path / "feedback")
    assert made.parent == tmp_path / "feedback"
    page = Page()
    page.feed(made.read_text(encoding="utf-8"))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "iframe"} & set(names)
    assert not any({"src", "href"} & set(attributes) for _, attributes in page.tags)
    assert page.tags[0] == ("html", {"lang": "en"})
    assert names.count("h1") == 1
    assert names.count("h2") == len(ASKED)
    assert {"title", "main", "caption", "pre"} <= set(names)
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert all("tabindex" in attributes for tag, attributes in page.tags if tag == "pre")
    for text in ("The first", "2.5 of 4", f"Your kernel is {evil}", code, "No answer was found"):
        assert text in page.words
