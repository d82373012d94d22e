"""Grading runs what a check depends on, and never leaves out a student's own code."""

import pytest

from asl_helpers.labs.slicing import needed


def run(*sources: str, changed: tuple[str, ...] = ()) -> list[str]:
    """Return the kept sources of a notebook whose last cell is the check."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    cells[-1]["metadata"]["nbgrader"] = {"grade": True}
    kept = needed(cells, set(sources) - set(changed))
    return [cell["source"] for cell in kept[:-1]]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "x, y = 1, 2",
        "x += 1",
        "x[0] = 1",
        "x.size = 1",
        "del x",
        "for x in range(3): pass",
        "with open('f') as x: pass",
        "if (x := 3): pass",
        "def x(): pass",
        "class x: pass",
        "import x",
        "import x.y",
        "from z import y as x",
        "x.append(1)",
        "shuffle(x)",
        "fit(1, model=x)",
        "fit([x])",
        "fit(keep(x))",
        "asl.fit(x)",
        "np.random.shuffle(x)",
        "np.fill_diagonal(x, 0)",
        "np.sort(x).fit(x)",
        "if y:\n    x = 1",
        "while y:\n    x = 1",
        "setattr(x, 'a', 1)",
        "def alter():\n    global x\n    x = 2",
        "try:\n    pass\nexcept E as e:\n    x = e",
        "match 3:\n    case int() as n:\n        x = n",
        "try:\n    pass\nexcept E as x:\n    pass",
        "match 3:\n    case [*x]:\n        pass",
        "from anything import *",
        "%magic x\nx = 2",
        "this is no Python",
    ],
)
def test_a_cell_that_makes_or_may_alter_the_name_is_kept(source):
    assert run(source, "check(x)") == [source]


@pytest.mark.parametrize(
    "source",
    [
        "y = x",
        "print(x)",
        "grids.images(x)",
        "len(x), sorted(x)",
        "table(x)",
        "asl.glue('x', x)",
        "np.mean(x), pd.Series(x)",
        "[x for x in range(3)], {x: 1 for x in y}",
        "def f(x):\n    x = x + 1\n    return x",
        "g = lambda x: x + 1",
        "x == 1",
        "import y",
    ],
)
def test_a_cell_that_only_reads_the_name_is_left_out(source):
    assert run("x = 1", source, "check(x)") == ["x = 1"]


def test_what_a_kept_cell_reads_is_kept_in_turn():
    chain = ("a = 1", "b = a", "unused = a", "def f():\n    return b")
    assert run(*chain, "check(f)") == ["a = 1", "b = a", "def f():\n    return b"]


def test_a_name_made_behind_its_use_is_left_out():
    assert run("x = 1", "y = x", "train(z)", "check(y)") == ["x = 1", "y = x"]


def test_what_was_made_anew_needs_no_earlier_maker():
    assert run("x = slow()", "x, y = 1, 2", "check(x)") == ["x, y = 1, 2"]
    assert run("row = slow()", "y = 0\nfor row in z:\n    y += row", "check(y)")[0][:5] == "y = 0"
    either = "if z:\n    x = 1\nelse:\n    x = 2"
    assert run("x = slow()", either, "check(x)") == [either]


@pytest.mark.parametrize(
    "second",
    [
        "x = x + 1",
        "y = x\nx = 1",
        "x += 1",
        "if z:\n    x = 1",
        "for x in z:\n    pass",
        "def f():\n    return x\nx = 1",
    ],
)
def test_what_may_still_be_read_keeps_its_earlier_maker(second):
    assert run("x = first()", second, "check(x)") == ["x = first()", second]


def test_a_students_own_value_does_not_drop_the_lessons():
    assert run("x = 1", "x = 2", "check(x)", changed=("x = 2",)) == ["x = 1", "x = 2"]


def test_functions_and_built_ins_that_are_called_are_not_altered():
    assert run("y = fit(f(1), len)", "check(f, len)") == []


def test_a_call_does_not_alter_an_imported_module():
    cells = ("import np", "t = np.train(1)", "y = np.array(2)")
    assert run(*cells, "check(np.sum(y))") == ["import np", "y = np.array(2)"]


def test_of_imports_only_the_names_that_are_read_stay():
    imports = "import numpy as np\nimport keras\nfrom a import checks, slow\nimport x.y"
    assert run(imports, "check(np.sum(x.y))") == ["import numpy as np\nimport x.y"]
    assert run(imports, "def f():\n    return slow.fit(checks)", "check(f)")[0] == (
        "from a import checks, slow"
    )
    assert run(imports, "z = np.pi", "check(z)", changed=(imports,))[0] == imports


def test_where_code_may_read_hidden_names_every_import_stays():
    imports = "import numpy as np\nimport keras"
    assert run(imports, "z = eval('keras.ops')", "check(np.sum(z))")[0] == imports
    assert run(imports, "from a import *\nz = keras.x", "check(np.sum(z))")[0] == imports


def test_a_hidden_test_runs_with_what_it_reads():
    check = {"grade": True, "grade_id": "a"}
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source}
        for source in ("import np\nimport tf", "x = np.zeros(2)", "y = 1")
    ]
    cells.append({"cell_type": "code", "metadata": {"nbgrader": check}, "source": ""})
    test = "y = f(1)\nfor tf in y:\n    assert f(x) == tf + y"
    kept = needed(cells, {cell["source"] for cell in cells}, {"a": test})
    assert [cell["source"] for cell in kept] == ["import np", "x = np.zeros(2)", ""]


def test_an_import_among_other_code_stays():
    cell = "import numpy as np\nimport keras\nkeras.utils.set_random_seed(1)"
    assert run(cell, "check(np.pi)") == [cell]


def test_a_students_own_cell_always_runs_with_what_it_reads():
    kept = run("slow = 1", "print(slow)", "x = 1", "check(x)", changed=("print(slow)",))
    assert kept == ["slow = 1", "print(slow)", "x = 1"]
