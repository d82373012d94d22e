"""Grading: each submission runs in a process and a folder of its own, and becomes a row of points.

The released checks are put back before anything runs, and the hidden tests run last. Cells of the
lesson with the tag ``skip-when-grading``, such as a long training, are left out where they are
unchanged.
"""

import ast
import hashlib
import re
import symtable
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asl_helpers.errors import AslError
from asl_helpers.labs.compare import borrowed, plain_python, same_answers
from asl_helpers.labs.editions import (
    HIDDEN_HERE,
    Chapter,
    Exercise,
    exercises,
    find,
    without_glue,
)
from asl_helpers.labs.release import require_nbgrader, student_notebook
from asl_helpers.labs.report import Table, write_feedback
from asl_helpers.labs.run import Cell, Result, run, sandbox
from asl_helpers.labs.submissions import Submission, collect

SKIP = "skip-when-grading"
NOTE_LENGTH = 300
OF_HIDDEN = {  # what the bare errors of a hidden test mean; a visible check reports a stub itself
    "AssertionError": "wrong for other values than those of the visible check",
    "NotImplementedError": "",
}
DEFINED = r"^\s*(?:async\s+)?(?:def|class)\s+({0})\b|^({0})\s*(?::[^=\n]+)?=(?!=)"


@dataclass
class Lab:
    """A chapter as it was released, and what grading needs to know of it."""

    chapter: Chapter
    asked: list[Exercise]
    cells: dict[str, dict]  # of the released copy, by grade id
    tests: dict[str, dict]  # the same with solutions and hidden tests
    ids: dict[str, str]  # grade id by cell id
    stubs: dict[str, str]  # what the copy holds in place of each answer
    lesson: set[str]  # the sources of all released cells
    skipped: set[str]
    version: bytes

    @classmethod
    def of(cls, name: str) -> "Lab":
        """Return the lab of a chapter; AslError where it has no graded exercise."""
        found = find(name)
        source, released = found.read(), student_notebook(found)
        asked = exercises(source)
        if not asked:
            raise AslError(f"{found.number} has no graded exercise. Grade another chapter.")
        cells = _by_grade_id(released)
        checks = Path(__file__).parents[1] / "checks"
        files = [checks / "core.py", checks / f"{found.number}.py", found.path]
        return cls(
            chapter=found,
            asked=asked,
            cells=cells,
            tests=_by_grade_id(source),
            ids={cell["id"]: _grade_id(cell) for cell in released["cells"] if _grade_id(cell)},
            stubs={name: cell["source"] for name, cell in cells.items() if _is_solution(cell)},
            lesson={cell["source"].strip() for cell in released["cells"]},
            skipped={
                form
                for cell in source["cells"]
                if SKIP in cell["metadata"].get("tags", [])
                for form in (cell["source"], without_glue(cell["source"]))
            },
            version=b"".join(path.read_bytes() for path in files if path.is_file()),
        )

    @property
    def checks(self) -> list[str]:
        """Return the grade ids of the cells that give points by themselves."""
        return [name for name, cell in self.cells.items() if _is_check(cell)]

    @property
    def manual(self) -> list[str]:
        """Return the grade ids of the answers that a person gives points for."""
        return [name for name, cell in self.cells.items() if _is_manual(cell)]

    def references(self) -> dict[str, str]:
        """Return the reference's answer to each exercise."""
        return {name: self.tests[name]["source"] for name in self.stubs}

    def identify(self, cells: list[dict]) -> list[str]:
        """Return the grade id of each cell of a submission; empty for all others.

        A cell is known by its metadata, or else by its id, a check by its call, and an answer by
        the name that it defines. Of several with one grade id the last one counts.
        """
        names = [_grade_id(cell) for cell in cells]
        foreign = {name for name in names if re.match(r"ch\d\d-", name)} - set(self.cells)
        names = [name if name in self.cells else "" for name in names]
        imported = re.findall(r"^from asl_helpers\.checks import (ch\d\d)", _code(cells), re.M)
        if not any(names) and (foreign or (imported and self.chapter.number not in imported)):
            return names
        for index, cell in enumerate(cells):
            name = self.ids.get(cell["id"], "")
            if name and not names[index] and name not in names:
                names[index] = name
        free = [index for index, cell in enumerate(cells) if not names[index]]
        for name in self.checks:
            calls = _calls(self.cells[name]["source"])
            found = [i for i in free if calls & _calls(cells[i]["source"]) and not names[i]]
            if found and name not in names:
                names[found[-1]] = name
        for name in self.stubs:
            wanted = _defined(self.tests[name]["source"])
            checks = [i for i, other in enumerate(names) if other.startswith(f"{name}-")]
            last = checks[0] if checks else len(cells)
            pattern = re.compile(DEFINED.format("|".join(map(re.escape, wanted))), re.MULTILINE)
            found = [
                i for i in free
                if i < last and not names[i] and wanted and pattern.search(cells[i]["source"])
                and cells[i]["source"].strip() not in self.lesson - {self.stubs[name].strip()}
            ]  # fmt: skip
            if found and name not in names:
                names[found[-1]] = name
        return names

    def answered(self, notebook: dict) -> int | None:
        """Return how many answers a notebook holds; None for a notebook of another chapter."""
        names = self.identify(notebook["cells"])
        if not any(names):
            return None
        given = zip(names, notebook["cells"], strict=True)
        return sum(
            name in self.stubs and cell["source"].strip() != self.stubs[name].strip()
            for name, cell in given
        )


@dataclass
class Prepared:
    """A submission ready to run."""

    cells: list[Cell]
    answers: dict[str, str] = field(default_factory=dict)  # by the exercise's name
    version: str = ""


def grade(
    chapter: str,
    submissions: str | Path,
    out_csv: str | Path | None = None,
    *,
    timeout: int = 120,
    limit: int = 600,
    jobs: int = 1,
    roster: str | Path | None = None,
    deadline: datetime | None = None,
    late_penalty: float = 0,
    feedback: str | Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Table:
    """Grade submissions into a table, which is written after each of them; return it.

    Rows of the table that is there already are kept: what was graded and has not changed since is
    not graded again, and overrides, comments and points by hand stay.

    Parameters
    ----------
    submissions:
        A folder or zip; see ``asl_helpers.labs.submissions.collect``.
    out_csv:
        The table; by default ``grades_chNN.csv``.
    timeout, limit:
        The most seconds for a cell and for a whole submission.
    jobs:
        How many submissions run at once.
    roster:
        A CSV with the names of all students, to show who handed nothing in.
    deadline, late_penalty:
        Percent of the points to take off for each day, begun or whole, after the deadline.
    feedback:
        A folder for an HTML page per student.
    say:
        Receives a line per student as they are done.

    Errors
    ------
    AslError for an unknown chapter, no submissions, or, before anything is graded, a table that
    cannot be read or written.
    """
    require_nbgrader()
    lab = Lab.of(chapter)
    path = Path(out_csv or f"grades_{lab.chapter.number}.csv")
    table = Table.open(path, lab.chapter.number, lab.asked, lab.manual)
    place = Path(submissions)
    received = collect(place, lab.answered, lab.chapter.path.name)
    if roster:
        table.call_roll(Path(roster), received)
    prepared: dict[int, Prepared] = {}
    for index, each in enumerate(received):
        made = prepare(each, lab) if each.notebook else None
        if made:
            prepared[index] = made
        else:
            table.put(each, {}, "")
            say(f"{each.student}: {each.notes[-1]}")
    answers = {received[index].label: made.answers for index, made in prepared.items()}
    table.alike = dict.fromkeys(answers, "") | same_answers(answers, lab.references())
    table.write(deadline, late_penalty)
    waiting = [i for i, made in prepared.items() if table.version(received[i]) != made.version]
    if kept := len(prepared) - len(waiting):
        say(f"{kept} unchanged since they were graded")
    root = lab.chapter.root
    hidden = [root / name for name in ("book", "notebooks", "labs", "tests", "_build", ".git")]
    own = [Path(path) for path in (feedback, roster) if path]
    kept_apart = sandbox([*hidden, place, *own])
    if waiting and kept_apart.warning():
        say(kept_apart.warning())
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = {
            pool.submit(
                run,
                prepared[index].cells,
                timeout=timeout,
                limit=limit,
                kept_apart=kept_apart,
            ): index
            for index in waiting
        }
        try:
            for future in as_completed(futures):
                each, made = received[futures[future]], prepared[futures[future]]
                points = score(future.result(), lab, each, timeout)
                table.put(each, points, made.version if points else "")
                table.write(deadline, late_penalty)
                say(f"{each.student}: {table.row(each)['total'] or each.notes[-1]}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if feedback:
        write_feedback(table, answers, Path(feedback))
    return table


def prepare(submission: Submission, lab: Lab) -> Prepared | None:
    """Return the cells to run, with the released checks; None where nothing of the lab is there.

    A check that was deleted or renamed is put back after its answer, or at the end. Hidden tests
    run after everything else, unless a later cell gives another value to a name that they use.
    """
    cells = submission.notebook["cells"]
    names = lab.identify(cells)
    if not any(names):
        others = sorted({found[0] for cell in cells if (found := _of_chapter(cell))})
        hint = f" (it has cells of {', '.join(others)})" if others else ""
        submission.notes.append(
            f"not graded: no exercise cell of this chapter is in the notebook{hint}; ask for the "
            "released notebook, filled in"
        )
        return None
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        submission.notes.append(f"{name} is there {names.count(name)} times: the last one counts")
    missing = [name for name in lab.cells if name not in names and not _is_hidden(name)]
    if missing:
        submission.notes.append(
            f"deleted, renamed, or not in the notebook that was released: {', '.join(missing)}"
        )
    seen: set[str] = set()
    ran: list[tuple[str, Cell]] = []
    answers: dict[str, str] = {}
    for name, cell in reversed(list(zip(names, cells, strict=True))):
        counts = bool(name) and name not in seen
        seen.add(name)
        source, kind = cell["source"], cell["cell_type"]
        if counts and name in lab.stubs:
            kind = lab.cells[name]["cell_type"]
            if source.strip() != lab.stubs[name].strip():
                answers[name] = source
        if _is_hidden(name) or source.strip() == HIDDEN_HERE or kind != "code":
            continue
        if counts and name in lab.checks:
            ran.insert(0, (name, Cell(lab.tests[name]["source"], name)))
        elif source not in lab.skipped:
            is_own = source.strip() not in lab.lesson
            ran.insert(0, (name, Cell(source, name if name in answers else "", is_own)))
    for name in lab.checks:
        if name in names or _is_hidden(name):
            continue
        answer = re.sub(r"-check$", "", name)
        places = [index for index, (other, _) in enumerate(ran) if other == answer]
        place = places[-1] + 1 if places else len(ran)
        ran.insert(place, (name, Cell(lab.tests[name]["source"], name)))
    needed = [index for index, (name, _) in enumerate(ran) if name]
    ran = ran[: needed[-1] + 1]
    for name in filter(_is_hidden, lab.checks):
        test, exercise = lab.tests[name]["source"], re.sub(r"-hidden$", "", name)
        places = [i for i, (other, _) in enumerate(ran) if other in (exercise, f"{exercise}-check")]
        place = places[-1] + 1 if places else len(ran)
        later = set().union(*(_assigned(cell.source) for _, cell in ran[place:]))
        ran.insert(place if _used(test) & later else len(ran), (name, Cell(test, name)))
    made = Prepared([cell for _, cell in ran], answers)
    content = lab.version + repr(made.cells).encode("utf-8", "surrogatepass")
    made.version = hashlib.sha256(content + repr(answers).encode("utf-8", "replace")).hexdigest()[
        :12
    ]
    own = [cell.source for _, cell in ran if cell.is_own]
    submission.looks = borrowed(own, answers, lab.references())
    return made


def score(result: Result, lab: Lab, submission: Submission, timeout: int) -> dict[str, float]:
    """Return the points of each check; empty where the run was not completed. Note what it said.

    A check gives the number that it shows, and a test without a checker all its points if nothing
    is raised. Warnings and what is printed cost nothing.
    """
    submission.notes += result.notes
    if not result.is_complete:
        return {}
    points = {}
    for name in lab.stubs:  # an answer that does not run explains what its check says
        failed = [o for o in result.outputs.get(name, ()) if o["output_type"] == "error"]
        if remark := _remark(failed, timeout):
            submission.notes.append(f"{name}: {remark}")
    for name in lab.checks:
        most = float(lab.cells[name]["metadata"]["nbgrader"]["points"])
        outputs = result.outputs.get(name)
        failed = [out for out in outputs or () if out["output_type"] == "error"]
        shown = [out for out in outputs or () if out["output_type"] == "execute_result"]
        if outputs is None or failed:
            points[name] = 0.0
        elif re.search(r"\bcheck\.\w+\(", lab.tests[name]["source"]):
            points[name] = min(max(_float(shown), 0.0), most)
        else:
            points[name] = most
        remark = _remark(outputs or [], timeout)
        if remark := OF_HIDDEN.get(remark, remark) if _is_hidden(name) else remark:
            submission.notes.append(f"{name}: {remark}")
    return points


def _float(shown: list[dict]) -> float:
    """Return the number that a check showed last; 0 where it is none."""
    try:
        value = float(shown[-1]["data"]["text/plain"])
    except (IndexError, KeyError, ValueError, TypeError):
        return 0.0
    return value if value == value else 0.0


def _remark(outputs: list[dict], timeout: int) -> str:
    """Return the first thing that a check said about points that are lost."""
    for output in outputs:
        said = ""
        if output["output_type"] == "error":
            said = f"{output['ename']}: {output['evalue']}".strip(": ")
            if output["ename"] == "KeyboardInterrupt":
                said = f"stopped after {timeout} s: an endless loop, or far too slow"
        elif output["output_type"] == "stream":
            lines = "".join(output["text"]).splitlines()
            said = next((line for line in lines if line.lower().startswith("not yet: ")), "")
        if said:
            said = re.sub("^not yet: ", "", said, flags=re.IGNORECASE).split("\n")[0]
            return textwrap.shorten(said, NOTE_LENGTH, placeholder=" …")
    return ""


def _used(source: str) -> set[str]:
    """Return the names that a cell takes from the cells before it."""
    top = symtable.symtable(source, "test", "exec")
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)} - own


def _assigned(source: str) -> set[str]:
    """Return the names that a cell binds; none where it cannot be read."""
    try:
        top = symtable.symtable(plain_python(source), "cell", "exec")
    except SyntaxError:
        return set()
    symbols = top.get_symbols()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


def _defined(source: str) -> list[str]:
    """Return the names that a solution defines, in order."""
    return sorted(_assigned(source), key=source.find)


def _calls(source: str) -> set[str]:
    """Return the lines that call a checker, without their spaces."""
    lines = {"".join(line.split()) for line in source.splitlines()}
    return {line for line in lines if line.startswith("check.")}


def _code(cells: list[dict]) -> str:
    return "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")


def _of_chapter(cell: dict) -> re.Match | None:
    return re.match(r"ch\d\d", _grade_id(cell))


def _by_grade_id(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cells that nbgrader knows, by grade id."""
    return {_grade_id(cell): cell for cell in notebook["cells"] if _grade_id(cell)}


def _grade_id(cell: dict[str, Any]) -> str:
    """Return a cell's grade id; empty for a cell that is neither a check nor a solution."""
    form = cell["metadata"].get("nbgrader")
    known = isinstance(form, dict) and (form.get("grade") or form.get("solution"))
    return str(form.get("grade_id", "")) if known else ""


def _is_hidden(name: str) -> bool:
    return name.endswith("-hidden")


def _is_check(cell: dict[str, Any]) -> bool:
    form = cell["metadata"]["nbgrader"]
    return bool(form.get("grade")) and not form.get("solution")


def _is_solution(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"]["nbgrader"].get("solution"))


def _is_manual(cell: dict[str, Any]) -> bool:
    form = cell["metadata"]["nbgrader"]
    return bool(form.get("grade") and form.get("solution"))
