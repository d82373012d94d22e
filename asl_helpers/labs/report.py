"""What comes out of grading: the table, a summary, feedback pages, and columns for an LMS."""

import csv
import hashlib
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.files import atomic_path, check_writable
from asl_helpers.labs.editions import Exercise
from asl_helpers.labs.submissions import Submission, label

HAND_MADE = ("override", "comment")  # columns that a person fills; no run touches them
ABSENT = "did not submit"
MARKED_LATE = "marked late by Canvas, which does not say by how much: one day is counted"
NAMES = ("student", "full name", "name", "display name")
IDS = ("id", "identifier", "user id", "participant", "id number")
LOGINS = ("sis login id", "email address", "email", "login id", "username", "login")
FEEDBACK = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ chapter }}: feedback for {{ row.student }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: auto; padding: 1rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid; padding: .3rem .6rem; text-align: left; }
pre { border: 1px solid; padding: .6rem; overflow: auto; }
</style>
</head>
<body>
<main>
<h1>{{ chapter }}: feedback for {{ row.student }}</h1>
{% if row.final %}<p>{{ row.final }} of {{ row.out_of }} points
{%- if row.override %} (set by your instructor){% endif %}
{%- if row.late %}; late by {{ row.late }} day(s), {{ row.deduction or 0 }} % taken off{% endif %}.
</p>{% endif %}
{% if row.comment %}<p>{{ row.comment }}</p>{% endif %}
{% for line in general %}<p>{{ line }}</p>
{% endfor %}
<table>
<caption>Points</caption>
<thead><tr><th scope="col">Exercise</th><th scope="col">Points</th></tr></thead>
<tbody>
{% for each in parts %}<tr><th scope="row">{{ each.title }}</th>
<td>{{ each.points or "–" }} of {{ each.most }}</td></tr>
{% endfor %}</tbody>
</table>
{% for each in parts %}
<h2>{{ each.title }}</h2>
<p>{{ each.points or "–" }} of {{ each.most }} points.</p>
{% if each.messages %}<ul>
{% for line in each.messages %}<li>{{ line }}</li>
{% endfor %}</ul>{% endif %}
{% if each.code %}<pre tabindex="0" aria-label="Your code for {{ each.title }}"><code>
{{- each.code }}</code></pre>
{% else %}<p>No answer was found.</p>{% endif %}
{% endfor %}
</main>
</body>
</html>
"""


@dataclass
class Table:
    """The grades of a chapter: a row per student, kept in a CSV from run to run."""

    path: Path
    chapter: str
    asked: list[Exercise]
    manual: list[str]
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    alike: dict[str, str] = field(default_factory=dict)  # by the submission's label
    failed: set[str] = field(default_factory=set)  # keys of what could not be graded in this run

    @classmethod
    def open(cls, path: Path, chapter: str, asked: list[Exercise], manual: list[str]) -> "Table":
        """Read the table at a path, if there is one; AslError if it is another's."""
        check_writable(path)
        table = cls(path, chapter, asked, manual)
        if path.exists():
            rows = read_csv(path)
            known = set(rows[0]) if rows else set()
            if rows and not {"student", "total"} | {asked[0].name} <= known:
                raise AslError(
                    f"{path} is not a table of {chapter}: it has no column {asked[0].name}. It was "
                    "left as it is; name another file with --out."
                )
            for row in rows:
                row = {key: re.sub(r"^'(?=[=+\-@\t\r])", "", text) for key, text in row.items()}
                table.rows[row.get("id") or row["student"]] = row
        return table

    @property
    def columns(self) -> list[str]:
        """Return the columns in order."""
        return [
            "student", "id", *(each.name for each in self.asked), "total", "out_of",
            "handed_in", "late", "deduction", "final", *HAND_MADE, "note", "look", "alike",
            "version",
        ]  # fmt: skip

    def row(self, submission: Submission) -> dict[str, str]:
        """Return a submission's row."""
        return self.rows[_key(submission)]

    def version(self, submission: Submission) -> str:
        """Return what a submission's row was graded from; empty where it has to be graded."""
        return self.rows.get(_key(submission), {}).get("version", "")

    def put(self, submission: Submission, points: dict[str, float], version: str) -> None:
        """Write a submission's points into its row; ``points`` is empty if it was not graded.

        What a person wrote stays, and so do earlier points where a newer file cannot be graded.
        """
        key = _key(submission)
        old = self.rows.get(key, {})
        row = {name: old.get(name, "") for name in (*HAND_MADE, *self.manual, "late", "deduction")}
        notes = list(submission.notes)
        if submission.is_marked_late:
            notes.append(MARKED_LATE)
        if points:
            for each in self.asked:
                if each.name not in self.manual:
                    row[each.name] = number(sum(points.get(name, 0) for name in each.points))
        else:
            self.failed.add(key)
            if old.get("total"):
                row |= {each.name: old.get(each.name, "") for each in self.asked}
                notes.append("the points are those of an earlier file")
        row |= {
            "student": submission.student,
            "id": submission.id,
            "handed_in": f"{submission.handed_in:%Y-%m-%d %H:%M}" if submission.handed_in else "",
            "note": " | ".join(notes),
            "look": " | ".join(submission.looks),
            "version": version,
        }
        self.rows[key] = row
        if submission.id and self.rows.get(submission.student, {}).get("note") == ABSENT:
            del self.rows[submission.student]

    def call_roll(self, path: Path, received: list[Submission]) -> None:
        """Give submissions the names and ids of a roster, and add rows for who did not submit."""
        people = read_roster(path)
        for each in received:
            found = [person for person in people if matches(person, each.student, each.id)]
            if len(found) != 1:
                each.notes.insert(
                    0, "on the roster more than once" if found else "not on the roster"
                )
                continue
            before = _key(each)
            each.student, each.id = found[0]["name"] or each.student, found[0]["id"] or each.id
            if before in self.rows and before != _key(each):
                self.rows[_key(each)] = self.rows.pop(before)
            people.remove(found[0])
        for person in people:
            key = person["id"] or person["name"]
            if not any(matches(person, row["student"], row["id"]) for row in self.rows.values()):
                self.rows[key] = {"student": person["name"], "id": person["id"], "note": ABSENT}

    def write(self, deadline: datetime | None = None, late_penalty: float = 0) -> None:
        """Write the table, with totals, late days and final points worked out anew."""
        for row in self.rows.values():
            name = label(row["student"], row.get("id", ""))
            row["alike"] = self.alike.get(name, row.get("alike", ""))
            row["out_of"] = number(sum(each.total for each in self.asked))
            is_marked = MARKED_LATE in row.get("note", "")
            if deadline and (row.get("handed_in") or is_marked):
                after = datetime.fromisoformat(row.get("handed_in") or str(deadline)) - deadline
                days = max(int(is_marked), math.ceil(after.total_seconds() / 86_400))
                row["late"] = str(days or "")
                row["deduction"] = number(min(100, days * late_penalty)) if days else ""
            _add_up(row)
        with atomic_path(self.path) as made:
            made.touch(mode=0o600)  # grades are nobody else's
            with made.open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, self.columns, restval="", extrasaction="ignore")
                table.writeheader()
                for row in sorted(self.rows.values(), key=lambda row: row["student"].casefold()):
                    table.writerow({key: _harmless(text) for key, text in row.items()})

    def summary(self) -> str:
        """Return how the class did, in a few lines."""
        rows = list(self.rows.values())
        graded = [row for row in rows if row.get("total")]
        absent = [row["student"] for row in rows if row["note"] == ABSENT]
        lines = [f"{self.chapter}: {len(graded)} graded, {len(self.failed)} not graded"]
        lines[0] += f", {len(absent)} did not submit" if absent else ""
        for key in sorted(self.failed):
            lines.append(f"  {self.rows[key]['student']}: {self.rows[key]['note']}")
        if absent:
            lines.append(f"  did not submit: {', '.join(absent)}")
        for each in self.asked if graded else ():
            values = [float(row[each.name]) for row in graded if row.get(each.name)]
            mean = number(sum(values) / len(values)) if values else "–"
            lines.append(f"  {each.name:<28} mean {mean} of {each.total:g}   {each.title}")
            waiting = len(graded) - len(values)
            if each.name in self.manual and waiting:
                lines.append(f"  {'':<28} points by hand are missing in {waiting} rows")
        notes = [note for row in graded for note in row["note"].split(" | ")]
        notes = [note for note in notes if "replace the stub" not in note]
        said = Counter(note for note in notes if re.match(r"ch\d\d-\S+: ", note))
        if said:
            note, times = said.most_common(1)[0]
            lines.append(f"  said most often ({times} of {len(graded)}): {note}")
        looks = [row["student"] for row in rows if row.get("look") or row.get("alike")]
        if looks:
            lines.append(f"  see the columns look and alike of: {', '.join(looks)}")
        return "\n".join(lines)


def number(value: float) -> str:
    """Return points as text: at most two decimals, no trailing zeros."""
    return f"{round(value, 2):g}"


def _add_up(row: dict[str, str]) -> None:
    """Write a row's total and final points anew, from its exercises, override and deduction."""
    given = [text for name, text in row.items() if re.match(r"ch\d\d-", name) and text.strip()]
    row["total"] = number(sum(map(_points, given))) if given else ""
    kept = 1 - _points(row.get("deduction") or "0") / 100
    final = number(_points(row["total"]) * kept) if given else ""
    override = row.get("override", "").strip()
    row["final"] = number(_points(override)) if override else final


def _points(text: str) -> float:
    """Return what a person or a run wrote, with a decimal point or comma."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError as error:
        raise AslError(f"{text!r} is no number of points. Mend it in the table.") from error


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; students choose some of them."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _key(submission: Submission) -> str:
    return submission.id or submission.student


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet may save it: with a mark, commas or semicolons."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AslError(f"{path} cannot be read ({error}). Save it as CSV in UTF-8.") from error
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=separator)
    return [{str(key): value or "" for key, value in row.items() if key} for row in rows]


def read_roster(path: Path) -> list[dict[str, Any]]:
    """Return a class's students: ``name``, ``id``, ``login`` and all of their ``columns``.

    Reads what Canvas (gradebook), Moodle (grading worksheet, participants) or Classroom export, or
    any CSV with a column of names. Raises AslError where there is none.
    """
    people = []
    for row in read_csv(path):
        low = {key.strip().lower(): value.strip() for key, value in row.items()}
        name = next((low[key] for key in NAMES if low.get(key)), "")
        last = low.get("last name") or low.get("surname") or ""
        name = name or f"{low.get('first name', '')} {last}".strip()
        id_ = next((low[key] for key in IDS if low.get(key)), "")
        login = next((low[key] for key in LOGINS if low.get(key)), "")
        if name and "points possible" not in name.lower():
            id_ = id_.removeprefix("Participant ").strip()
            people.append({"name": name, "id": id_, "login": login, "columns": row})
    if not people:
        raise AslError(f"{path} names no student: it needs a column Student, Name or Full name.")
    return people


def matches(person: dict[str, Any], student: str, number: str) -> bool:
    """Tell whether a name in a submission, or its id, is that of a student on the roster."""
    if number and person["id"]:
        return number == person["id"]
    words = re.findall(r"\w+", _bare(person["name"]))
    forms = {"".join(words), "".join(sorted(words))}
    # "Anna Maria Miller" is milleraannamaria in Canvas's file names
    forms |= {"".join(words[i:] + words[:i]) for i in range(len(words))}
    forms |= {_joined(person["login"]), _joined(person["login"].split("@")[0])}
    asked = re.findall(r"\w+", _bare(student))
    return bool({"".join(asked), "".join(sorted(asked)), _joined(student)} & (forms - {""}))


def _bare(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("_", " ")).casefold()
    return "".join(c for c in letters if not unicodedata.combining(c))


def _joined(name: str) -> str:
    return "".join(re.findall(r"\w+", _bare(name)))


def write_lms(
    table: Path, lms: str, out: Path, roster: Path | None = None, title: str = ""
) -> Path:
    """Write the final points as Canvas or Moodle imports them; return the path.

    Parameters
    ----------
    table:
        A table that ``asl labs grade`` wrote, with your overrides in it.
    lms:
        ``"canvas"``: the columns of its gradebook. ``"moodle"``: those of its grading worksheet.
    roster:
        That LMS's own export, whose columns are kept; without it names and ids are the table's.
    title:
        The assignment's name in Canvas; by default the table's file name.
    """
    if lms not in ("canvas", "moodle"):
        raise AslError(
            f"No columns are known for {lms!r}.{did_you_mean(lms, ('canvas', 'moodle'))}"
        )
    rows = read_csv(table)
    if not rows or "final" not in rows[0]:
        raise AslError(f"{table} is no table of grades. Name one that `asl labs grade` wrote.")
    people = read_roster(roster) if roster else [
        {"name": row["student"], "id": row["id"], "login": "", "columns": {}} for row in rows
    ]  # fmt: skip
    made = []
    for person in people:
        own = [row for row in rows if matches(person, row["student"], row["id"])]
        for row in own:
            _add_up(row)
        grade, note = (own[0]["final"], own[0].get("comment", "")) if len(own) == 1 else ("", "")
        columns = person["columns"]
        if lms == "canvas":
            line = {"Student": person["name"], "ID": person["id"]}
            for name in ("SIS User ID", "SIS Login ID", "Section"):
                line[name] = columns.get(name, "")
            line[title or table.stem] = grade
        else:
            line = {
                "Identifier": f"Participant {person['id']}" if person["id"] else "",
                "Full name": person["name"],
                "Email address": columns.get("Email address", ""),
                "Status": columns.get("Status", ""),
                "Grade": grade,
                "Maximum Grade": columns.get("Maximum Grade") or rows[0]["out_of"],
                "Grade can be changed": columns.get("Grade can be changed", "Yes"),
                "Feedback comments": note,
            }
        made.append(line)
    if lms == "canvas":
        head = dict.fromkeys(made[0], "") | {"Student": "    Points Possible"}
        made.insert(0, head | {title or table.stem: rows[0]["out_of"]})
    with atomic_path(out) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    return out


def write_feedback(table: Table, answers: dict[str, dict[str, str]], folder: Path) -> list[Path]:
    """Write a page per student: points, messages and their own code, or why there are no points.

    ``answers`` are the sources of the answer cells by student's label and exercise.
    """
    from jinja2 import Environment

    page = Environment(autoescape=True, trim_blocks=True).from_string(FEEDBACK)
    paths = []
    for key, row in table.rows.items():
        student = label(row["student"], row.get("id", ""))
        if student not in answers and key not in table.failed:
            continue
        given, notes = answers.get(student, {}), row["note"].split(" | ")
        parts = [
            {
                "title": each.title,
                "points": row.get(each.name, ""),
                "most": f"{each.total:g}",
                "code": given.get(each.name, "").strip(),
                "messages": [
                    note.split(": ", 1)[1]
                    for note in notes
                    if note.split(": ")[0] in (each.name, *each.points) and ": " in note
                ],
            }
            for each in table.asked
        ]
        of_checks = {name for each in table.asked for name in (each.name, *each.points)}
        general = [note for note in notes if note and note.split(": ")[0] not in of_checks]
        name = re.sub(r"[^\w-]+", "_", row["student"])[:60]
        mark = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:6]
        path = folder / f"{table.chapter}_{name}_{mark}.html"
        with atomic_path(path) as made:
            made.touch(mode=0o600)
            text = page.render(chapter=table.chapter, row=row, parts=parts, general=general)
            made.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
