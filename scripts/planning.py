"""What the instructors' planning page shows: chapters, schedules, their graph, links to share.

Minutes come from scripts/minutes.py, prerequisites from the chapters, what to cut from the
instructor pages, and the weeks from book/instructors/schedules.yml.
"""

import re
import textwrap
from dataclasses import dataclass
from html import escape
from statistics import fmean
from urllib.parse import quote

import minutes
import notebooks
import yaml
from notebooks import ROOT, source
from status import table

from asl_helpers.labs import editions

SCHEDULES = ROOT / "book" / "instructors" / "schedules.yml"
EXPLAINED = f"""All times are in minutes. They are computed from the contents of each chapter:

- **In class**, you read or explain the text ({minutes.WORDS_PER_MINUTE} words per minute), run each
  code cell and discuss its output ({minutes.MINUTES_PER_CELL} minute), and let the students solve
  the exercises ({minutes.MINUTES_PER_POINT} minutes per point). Each chapter states this time under
  its prerequisites.
- **Lesson** is the time in class if the exercises are homework.
- **At home**, students read the chapter before class and take its quiz afterwards
  ({minutes.MINUTES_PER_QUESTION} minutes per question). Exercises that you assign as homework come
  on top.
"""
SHORT_OF_TIME = re.compile(r"If time is short, (.+?)\.(?=\s)", re.DOTALL)
WIDTH, HEIGHT, GAP_X, GAP_Y = 134, 46, 28, 12
"""Of a chapter's box in the graph, and between two of them, in pixels."""
ARROW = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0 L8 4 L0 8 Z"/></marker>'
)


@dataclass(frozen=True)
class Chapter:
    """What planning needs to know of a chapter."""

    name: str
    page: str
    title: str
    minutes: minutes.Minutes
    necessary: list[str]
    helpful: list[str]
    needs: list[str]
    cut: str

    @property
    def number(self) -> int:
        """Return its number."""
        return int(self.name.removeprefix("ch"))

    @property
    def link(self) -> str:
        """Return a link to its page, as its number."""
        return f"{{doc}}`{self.number} </{self.page}>`"


def chapters() -> dict[str, Chapter]:
    """Return the chapters in reading order, by names such as ``ch01``."""
    made = {}
    for path in notebooks.chapters():
        notebook, name = notebooks.read(path), path.stem.split("_")[0]
        written = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        prose = "\n\n".join(map(source, written))
        page = path.relative_to(ROOT).with_suffix("").as_posix()
        rows = re.search(r"## Prerequisites\n(.*?)\*\*Time", prose, re.DOTALL)[1]
        notes = notebooks.instructor_page(path).read_text(encoding="utf-8")
        made[name] = Chapter(
            name=name,
            page=page,
            title=re.search(r"^# (.+)$", prose, re.MULTILINE)[1],
            minutes=minutes.measure(notebook),
            necessary=_named(rows, "necessary"),
            helpful=_named(rows, "helpful"),
            needs=editions.needs(editions.Chapter(path, ROOT)),
            cut=" ".join(SHORT_OF_TIME.search(notes)[1].split()),
        )
    return made


def _named(rows: str, importance: str) -> list[str]:
    """Return the chapters that the prerequisites of one importance link to."""
    lines = [line for line in rows.splitlines() if f"| {importance}" in line]
    return sorted(set(re.findall(r"\b(ch\d\d)_", "\n".join(lines))))


def overview(every: dict[str, Chapter]) -> str:
    """Return the table of all chapters."""
    rows = []
    for one in every.values():
        title = f"{{doc}}`{one.number} · {one.title} </{one.page}>`"
        before = ", ".join(every[name].link for name in one.necessary)
        cut = f"{one.cut[0].upper()}{one.cut[1:]}."
        time = one.minutes
        counted = time.in_class, time.lesson, time.at_home, time.points
        rows.append((title, *counted, before or "–", "; ".join(one.needs) or "–", cut))
    sums = [sum(column) for column in zip(*(row[1:5] for row in rows), strict=True)]
    rows.append(("**All**", *sums, "", "", ""))
    header = "Chapter | In class | Lesson | At home | Points | Builds on | Needs | If time is short"
    return table(header, rows, EXPLAINED, align="lrrrrlll")


def schedules(every: dict[str, Chapter]) -> list[dict]:
    """Return the schedules; each row gets its minutes ``in_class`` and ``at_home``."""
    made = yaml.safe_load(SCHEDULES.read_text(encoding="utf-8"))
    for row in (row for schedule in made for row in schedule["rows"]):
        whole = [every[name].minutes for name in row.get("whole", [])]
        lesson = [every[name].minutes for name in row.get("lesson", [])]
        row["in_class"] = sum(m.in_class for m in whole) + sum(m.lesson for m in lesson)
        row["at_home"] = sum(m.at_home for m in whole) + sum(m.postponed for m in lesson)
    return made


def schedule_tables(every: dict[str, Chapter]) -> str:
    """Return each schedule under a heading of its own, with its sums."""
    parts = []
    for schedule in schedules(every):
        rows = []
        for number, row in enumerate(schedule["rows"], start=1):
            links = [every[name].link for name in row.get("whole", [])]
            links += [f"{every[name].link} (lesson)" for name in row.get("lesson", [])]
            rows.append((number, ", ".join(links), row["in_class"], row["at_home"], row["do"]))
        sums = [sum(row[column] for row in rows) for column in (2, 3)]
        rows.append(("**All**", "", *sums, ""))
        header = f"{schedule['row']} | Chapters | In class | At home | What to do in class"
        parts += [f"### {schedule['title']}", schedule["about"]]
        parts += [table(header, rows, align="llrrl")]
    return "\n\n".join(parts)


def arrows(every: dict[str, Chapter]) -> list[tuple[str, str]]:
    """Return who builds on whom, without what follows from the other arrows."""

    def before(name: str) -> set[str]:
        return set().union(*({each} | before(each) for each in every[name].necessary))

    return [
        (start, end)
        for end, one in every.items()
        for start in one.necessary
        if not any(start in before(other) for other in one.necessary)
    ]


def columns(every: dict[str, Chapter], links: list[tuple[str, str]]) -> list[list[str]]:
    """Return the columns of the graph: a chapter stands after what it builds on.

    A chapter on which others build stands right before the first of them, so that arrows are short.
    """
    level: dict[str, int] = {}
    for name, one in every.items():
        level[name] = 1 + max((level[before] for before in one.necessary), default=-1)
    for name in reversed(every):
        level[name] = min((level[end] - 1 for start, end in links if start == name),
                          default=level[name])  # fmt: skip
    made = [[name for name in every if level[name] == n] for n in range(max(level.values()) + 1)]
    for _ in range(8):  # each chapter moves to the middle of those that it is linked to
        y = {name: row - len(names) / 2 for names in made for row, name in enumerate(names)}
        for names in made:
            names.sort(key=lambda name: fmean(y[a] + y[b] - y[name]
                                              for a, b in links if name in (a, b)))  # fmt: skip
    return made


def graph(every: dict[str, Chapter]) -> str:
    """Return the graph of prerequisites as inline SVG in the page's colors, and in words."""
    links, at, shapes = arrows(every), {}, []
    made = columns(every, links)
    tallest = max(map(len, made))
    for column, names in enumerate(made):
        top = 1 + (tallest - len(names)) * (HEIGHT + GAP_Y) // 2
        for row, name in enumerate(names):
            at[name] = x, y = 1 + column * (WIDTH + GAP_X), top + row * (HEIGHT + GAP_Y)
            title = textwrap.wrap(f"{every[name].number} · {every[name].title}", 19)
            words = "".join(
                f'<tspan x="{x + 7}" y="{y + 19 + 16 * n}">{escape(line)}</tspan>'
                for n, line in enumerate(title)
            )
            box = f'x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"'
            shapes.append(f"<rect {box}/><text>{words}</text>")
    for start, end in links:
        (x0, y0), (x1, y1) = at[start], at[end]
        x0, y0, y1 = x0 + WIDTH, y0 + HEIGHT // 2, y1 + HEIGHT // 2
        bend = f"{x0 + GAP_X} {y0} {x1 - GAP_X} {y1}"
        shapes.insert(0, f'<path d="M{x0} {y0} C{bend} {x1} {y1}"/>')
    width, height = len(made) * (WIDTH + GAP_X) - GAP_X + 2, tallest * (HEIGHT + GAP_Y)
    label = "Which chapter builds on which; the list below says the same in words."
    sentences = [
        f"- Chapter {one.number} builds on {_listed(one.necessary) or 'no other chapter'}"
        + (f"; {_listed(one.helpful)} will help." if one.helpful else ".")
        for one in every.values()
    ]
    return "\n".join(
        [
            '<div class="prerequisites" tabindex="0" role="region" aria-label="Graph of chapters">',
            f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{label}">',
            *(ARROW, *shapes, "</svg></div>", ""),
            *(":::{dropdown} The graph in words", *sentences, ":::", ""),
        ]
    )


def _listed(names: list[str]) -> str:
    return ", ".join(str(int(name.removeprefix("ch"))) for name in names)


def share(every: dict[str, Chapter]) -> str:
    """Return each chapter's links for a class: slides, Colab, Google Classroom."""
    rows = []
    for one in every.values():
        colab = notebooks.colab_address(f"{one.page}.ipynb", *notebooks.repository())
        classroom = f"https://classroom.google.com/share?url={quote(colab, safe='')}"
        rows.append(
            (
                f"{one.number} · {one.title}",
                f'<a href="../../slides/{one.name}.html">slides of chapter {one.number}</a>',
                f"[open {one.number} in Colab]({colab})",
                f"[assign {one.number}]({classroom}&title={quote(one.title)})",
            )
        )
    return table("Chapter | Slides | Colab | Google Classroom", rows)


def nbgitpuller(one: Chapter, hub: str = "https://hub.example.edu") -> str:
    """Return the link that opens a chapter on a JupyterHub with nbgitpuller."""
    url, branch = notebooks.repository()
    path = notebooks.for_colab(f"{one.page}.ipynb")
    tree = quote(f"lab/tree/{url.rsplit('/', 1)[1]}/{path}", safe="")
    repository = quote(url, safe="")
    return f"{hub}/hub/user-redirect/git-pull?repo={repository}&urlpath={tree}&branch={branch}"


def texts() -> dict[str, str]:
    """Return the parts of the planning page by the name of their file."""
    every = chapters()
    return {
        "planning_chapters": overview(every),
        "planning_graph": graph(every),
        "planning_schedules": schedule_tables(every),
        "planning_share": share(every),
        "planning_hub": f"```text\n{nbgitpuller(every['ch01'])}\n```\n",
    }
