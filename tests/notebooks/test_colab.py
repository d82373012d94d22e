"""The notebooks for Colab: current, plain Markdown, and code that needs nothing but Colab."""

import ast
import builtins
import re
import sys

import notebooks
import pytest
from notebooks import source

DERIVED = notebooks.colab_notebooks()
LINES = (notebooks.ROOT / "tests" / "colab_versions.txt").read_text(encoding="utf-8").splitlines()
NAMES = {"scikit-learn": "sklearn", "pillow": "PIL", "tensorflow-datasets": "tensorflow_datasets"}
HAS = {NAMES.get(line.split("==")[0], line.split("==")[0]) for line in LINES if "==" in line}
RESIDUE = re.compile(
    r":::|`{3,}\{|\{[\w:+-]+\}`|^\([\w-]+\)=|^\+\+\+|<!--|[\])`]\{[.#]|^\{[.#]"
    r"|\$\$ *\([\w-]+\)|\bch\d\d[_-]\w+`|colab-badge",
    re.MULTILINE,
)


def code(notebook: dict) -> list[tuple[str, ast.Module]]:
    """Return the id and the syntax tree of each code cell."""
    return [
        (cell["id"], ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source(cell), flags=re.M)))
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.fixture(params=DERIVED, ids=lambda place: place.split("/")[-1].split("_")[0])
def notebook(request):
    return DERIVED[request.param]


@pytest.mark.parametrize("place", DERIVED)
def test_what_is_committed_is_what_the_source_gives(place):
    path = notebooks.ROOT / place
    committed = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert committed == notebooks.dump(DERIVED[place]), "run `make notebooks`"


def test_there_is_no_other_notebook():
    found = (notebooks.ROOT / "notebooks").rglob("*.*")
    assert {path.relative_to(notebooks.ROOT).as_posix() for path in found} == set(DERIVED)


def test_text_is_plain_markdown_without_plumbing(notebook):
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        text = source(cell)
        assert "glue" not in text and "BEGIN SOLUTION" not in text and "HIDDEN" not in text
        if cell["cell_type"] == "markdown":
            prose = notebooks.FENCE.sub("", text)
            assert RESIDUE.findall(prose) == [], prose
            assert re.findall(r"\]\((?!https?:|mailto:)[^)]*\)", prose) == [], prose
            assert prose.count("<details>") == prose.count("</details>")


def test_no_solution_runs_by_itself_and_each_is_folded(notebook):
    texts = [source(cell) for cell in notebook["cells"]]
    stubs = [text for text in texts if "# YOUR CODE HERE" in text]
    checks = [text for text in texts if ".or_reference(" in text]
    folded = [text for text in texts if "<summary>Solution</summary>" in text]
    assert len(stubs) == len(checks) == len(folded) > 1
    assert all("raise NotImplementedError" in stub or stub.endswith("...") for stub in stubs)


def test_it_imports_only_what_colab_has(notebook):
    brought = {"asl_helpers", "mediapipe", "IPython", "cv2", "google"}
    for name, tree in code(notebook):
        for node in ast.walk(tree):
            modules = [alias.name for alias in getattr(node, "names", ()) if hasattr(alias, "name")]
            modules = [node.module] if isinstance(node, ast.ImportFrom) else modules
            if isinstance(node, ast.Import | ast.ImportFrom):
                tops = {module.split(".")[0] for module in modules}
                assert tops <= HAS | brought | sys.stdlib_module_names, (name, tops)


def test_no_cell_needs_a_checkout(notebook):
    for name, tree in code(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                there = re.search(r"^(\.\.|book|data|tests|benchmarks)/|\.ipynb$", node.value)
                assert not there, (name, node.value)


def test_no_cell_needs_a_name_that_only_plumbing_defined(notebook):
    known = {*dir(builtins), "display", "__name__"}
    trees = code(notebook)
    later = {name for _, tree in trees for name in _defined(tree)}
    for name, tree in trees:
        inside = {part for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)
                  for part in ast.walk(node)}  # fmt: skip
        known |= _defined(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                assert node.id in (later if node in inside else known) | known, (name, node.id)


def _defined(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def test_every_value_of_the_text_is_recorded():
    """Where one is missing, the text says "some"; a build and `benchmarks.builds values` give it."""
    from asl_helpers.records import recorded

    values = recorded("values")["values"]
    for path in notebooks.chapters():
        text = path.read_text(encoding="utf-8")
        quoted = set(re.findall(r"\{glue:text\}`([\w.-]+)", text))
        missing = quoted - set(values[path.stem.split("_")[0]])
        assert not missing, f"{path.stem}: {missing}"
