"""The planning page's numbers add up, its schedules fit, and its graph is the prerequisites'."""

import re
from urllib.parse import parse_qs, urlsplit

import notebooks
import planning
import pytest

SCHEDULES = planning.schedules(planning.chapters())


@pytest.fixture(scope="module")
def every():
    return planning.chapters()


def test_the_table_holds_each_chapter_and_its_sums(every):
    rows = [line for line in planning.overview(every).splitlines() if line.startswith("| {doc}")]
    assert len(rows) == len(every)
    numbers = [[int(cell) for cell in row.split(" | ")[1:5]] for row in rows]
    total = " | ".join(str(sum(column)) for column in zip(*numbers, strict=True))
    assert f"| **All** | {total} |" in planning.overview(every)
    assert all(len(row.split(" | ")[-1]) > 20 for row in rows), "nothing to cut"


def test_needs_are_those_of_the_code(every):
    assert "camera or drawn signer" in every["ch20"].needs
    assert "MediaPipe" in every["ch19"].needs
    assert every["ch05"].needs == []


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule["title"])
def test_a_schedule_fits_into_its_sessions(every, schedule):
    rows = schedule["rows"]
    for row in rows:
        assert row["in_class"] == sum(
            every[name].minutes.in_class for name in row.get("whole", [])
        ) + sum(every[name].minutes.lesson for name in row.get("lesson", []))
        assert row["in_class"] <= schedule["most"], row
        assert len(row["do"]) > 20
    assert sum(row["in_class"] for row in rows) <= schedule["total"]
    text = planning.schedule_tables(every)
    assert f"| **All** |  | {sum(row['in_class'] for row in rows)} |" in text


def test_schedules_have_the_lengths_that_were_promised_and_the_long_one_has_every_chapter(every):
    day, six, twelve = SCHEDULES
    assert (day["row"], len(six["rows"]), len(twelve["rows"])) == ("Block", 6, 12)
    taught = [n for row in twelve["rows"] for n in row.get("whole", []) + row.get("lesson", [])]
    assert sorted(taught) == sorted(every)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule["title"])
def test_no_chapter_is_taught_before_what_it_builds_on(every, schedule):
    taught, needed = set(), set()
    for row in schedule["rows"]:
        now = set(row.get("whole", [])) | set(row.get("lesson", []))
        needed |= {before for name in now for before in every[name].necessary} - taught - now
        assert not needed & now, row
        taught |= now


def test_the_graph_shows_every_chapter_and_every_arrow_once(every):
    picture = planning.graph(every)
    assert picture.count("<rect") == len(every)
    assert picture.count('<path d="M') == len(planning.arrows(every)) + 1  # and the arrow's head
    assert picture.count("- Chapter ") == len(every)
    links = planning.arrows(every)
    columns = planning.columns(every, links)
    level = {name: column for column, names in enumerate(columns) for name in names}
    assert level.keys() == every.keys()
    assert all(level[start] < level[end] for start, end in links)
    assert ("ch01", "ch02") in links


def test_links_to_share_name_this_repository_and_the_notebook(every):
    one = every["ch01"]
    asked = parse_qs(urlsplit(planning.nbgitpuller(one)).query)
    url, branch = planning.notebooks.repository()
    assert asked["repo"] == [url] and asked["branch"] == [branch]
    assert asked["urlpath"] == [
        f"lab/tree/{url.split('/')[-1]}/{notebooks.for_colab(f'{one.page}.ipynb')}"
    ]
    assert (planning.ROOT / notebooks.for_colab(f"{one.page}.ipynb")).is_file()
    slides = re.findall(r'href="../../slides/(ch\d\d)\.html"', planning.share(every))
    assert slides == list(every)
