"""Record what every checker says to every answer that the tests know: checks.json.

The answers stand in three places: REFERENCES, WRONG and NONSENSE of tests/test_checks.py, the
modules tests/answers_chNN.py, and WRONG of tests/test_labs_chapters.py (with the solution cells of
the notebooks). Each is stored as source text that needs nothing else: running it makes `answer`,
the tuple of the checker's arguments. Run from the root of the repository:
python tests/nets/record_checks.py
"""

import ast
import json
import symtable
import sys
from pathlib import Path

NETS = Path(__file__).resolve().parent
TESTS = NETS.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(ROOT)]

from nets import keeping  # noqa: E402

# The labs' answers to ch08 are checked with the notebook's model: here its layers and shapes.
LAB_MODEL = """from collections import namedtuple

Weight = namedtuple("Weight", "shape")
Layer = namedtuple("Layer", "name weights")
model = namedtuple("Model", "layers")(
    [
        Layer("conv1", [Weight((3, 3, 1, 32)), Weight((32,))]),
        Layer("pool1", []),
        Layer("conv2", [Weight((3, 3, 32, 64)), Weight((64,))]),
        Layer("pool2", []),
        Layer("flatten", []),
        Layer("dense", [Weight((1600, 128)), Weight((128,))]),
        Layer("logits", [Weight((128, 24)), Weight((24,))]),
    ]
)
"""


class Source:
    """The statements of a file, findable by the names that they make."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.body = ast.parse(text).body
        self.makers: dict[str, list[int]] = {}
        for place, node in enumerate(self.body):
            for name in self._made(node):
                self.makers.setdefault(name, []).append(place)

    @staticmethod
    def _made(node: ast.stmt) -> set[str]:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return {(each.asname or each.name).split(".")[0] for each in node.names}
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return {node.name}
        return {
            each.id
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }

    def segment(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.text, node)

    def needed(self, node: ast.AST, before: int | None = None, own: frozenset = frozenset()) -> str:
        """Return the statements that the names in ``node`` come from, in their order."""
        kept: set[int] = set()
        imports: set[tuple[int, str]] = set()
        waiting = [(node, len(self.body) if before is None else before)]
        while waiting:
            reader, limit = waiting.pop()
            for name in global_names(reader) & set(self.makers) - (
                own if reader is node else set()
            ):
                places = [place for place in self.makers[name] if place < limit]
                if not places and isinstance(reader, ast.FunctionDef):  # made further down
                    places = self.makers[name]
                for place in places[-1:]:
                    maker = self.body[place]
                    if isinstance(maker, (ast.Import, ast.ImportFrom)):
                        imports.add((place, name))
                    elif place not in kept:
                        kept.add(place)
                        waiting.append((maker, place))
        lines = []
        for place, name in sorted(imports):
            maker = self.body[place]
            alias = next(a for a in maker.names if (a.asname or a.name).split(".")[0] == name)
            if isinstance(maker, ast.Import):
                lines.append(ast.unparse(ast.Import([alias])))
            else:
                lines.append(ast.unparse(ast.ImportFrom(maker.module, [alias], 0)))
        parts = ["\n".join(lines)] if lines else []
        parts += [self.segment(self.body[place]) for place in sorted(kept)]
        return "\n\n\n".join(parts)

    def value(self, name: str) -> ast.expr:
        """Return what the file gives to ``name``."""
        return next(
            node.value
            for node in self.body
            if isinstance(node, ast.Assign) and node.targets[0].id == name
        )

    def whole(self, arguments: str, *nodes: ast.AST) -> str:
        """Return source that makes ``answer``, the tuple of ``arguments``."""
        needed = self.needed(ast.Tuple(list(nodes), ast.Load()))
        return f"{needed}\n\n\nanswer = {arguments}\n" if needed else f"answer = {arguments}\n"


def global_names(node: ast.AST) -> set[str]:
    """Return the names that code reads from outside of its functions and of itself."""
    found: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                found.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(ast.unparse(node), "an answer", "exec"))
    return found


def answers_of(path: Path):
    """Yield (chapter, checker, kind, source) of a file with REFERENCES and WRONG."""
    source = Source(path.read_text(encoding="utf-8"))
    given = source.value("REFERENCES")
    for key, value in zip(given.keys, given.values, strict=True):
        yield key.value.id, key.attr, "right", source.whole(source.segment(value), value)
    for entry in source.value("WRONG").elts:
        answer = entry.elts[1]
        yield (
            entry.elts[0].value.id,
            entry.elts[0].attr,
            "wrong",
            source.whole(f"({source.segment(answer)},)", answer),
        )


def wrong_counts():
    """Yield the answers of test_wrong_parameter_counts, which need a model too."""
    source = Source((TESTS / "test_checks.py").read_text(encoding="utf-8"))
    test = next(
        node for node in source.body if getattr(node, "name", "") == "test_wrong_parameter_counts"
    )
    for entry in test.decorator_list[0].args[1].elts:
        answer, model = entry.elts[0], ast.parse("MODEL", mode="eval").body
        text = source.whole(f"({source.segment(answer)}, MODEL)", answer, model)
        yield "ch08", "counts", "wrong", text


def nonsense():
    """Yield the sources of answers that are none, for every checker."""
    source = Source((TESTS / "test_checks.py").read_text(encoding="utf-8"))
    for answer in source.value("NONSENSE").elts:
        yield source.whole(f"({source.segment(answer)},)", answer)


def labs():
    """Yield the solutions and the wrong answers of the chapters' labs."""
    source = Source((TESTS / "test_labs_chapters.py").read_text(encoding="utf-8"))
    wrong = ast.literal_eval(source.value("WRONG"))
    for path in sorted(ROOT.glob("book/part*/ch*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [("".join(c["source"]), c["metadata"]) for c in cells if c["cell_type"] == "code"]
        before: list[str] = []
        solution = None
        for text, metadata in code:
            form = metadata.get("nbgrader", {})
            if form.get("solution"):
                solution = (form["grade_id"], text)
            elif form.get("grade") and "check." in text:
                call = ast.parse(text).body[-1].value
                checker = call.func.attr
                mine = wrong[path.stem.split("_")[0]][solution[0]][0]
                for kind, answer in (("lab right", solution[1]), ("lab wrong", mine)):
                    yield path.stem[:4], checker, kind, lab_source(before, answer, call)
                before.append(solution[1])  # later exercises build on it
            if not form:
                before.append(text)


def lab_source(before: list[str], answer: str, call: ast.Call) -> str:
    """Return source that makes ``answer`` as the notebook would, from the cells that it needs."""
    lesson = "\n".join(text for text in before if "%pip" not in text)
    if "model" in {each.id for each in call.args if isinstance(each, ast.Name)}:
        lesson = LAB_MODEL
    source = Source(f"{lesson}\n{answer}\n")
    arguments = ast.unparse(ast.Tuple(call.args, ast.Load()))
    own = len(ast.parse(answer).body)
    start = len(source.body) - own
    made = set().union(*(source._made(node) for node in source.body[start:]))
    inner = ast.Module([*source.body[start:], ast.Expr(ast.Tuple(call.args, ast.Load()))], [])
    needed = source.needed(inner, before=start, own=made)
    parts = [needed] if needed else []
    return "\n\n\n".join([*parts, answer, f"answer = {arguments}\n"])


def main() -> None:
    table: dict[str, dict[str, list[dict]]] = {}
    files = [TESTS / "test_checks.py", *sorted(TESTS.glob("answers_ch*.py"))]
    found = [each for path in files for each in answers_of(path)]
    found += [*wrong_counts(), *labs()]
    model = next(text for *name, kind, text in found if name == ["ch08", "counts"])
    for chapter, checker in sorted({(chapter, checker) for chapter, checker, _, _ in found}):
        for text in nonsense():
            if (chapter, checker) == ("ch08", "counts"):
                before, arguments = text.rsplit("answer = ", 1)
                layers = model.split("\n\n\nCOUNTS")[0]
                text = f"{layers}\n\n\n{before}answer = {arguments.rstrip()[:-1]} MODEL)\n"
            found.append((chapter, checker, "nonsense", text))
    for chapter, checker, kind, text in found:
        points, message = keeping.checked(chapter, checker, text)
        entry = {"kind": kind, "answer": text, "points": points, "message": message}
        entries = table.setdefault(chapter, {}).setdefault(checker, [])
        if entry not in entries:
            entries.append(entry)
    table = {chapter: dict(sorted(table[chapter].items())) for chapter in sorted(table)}
    keeping.write("checks.json", table)
    print(sum(len(e) for c in table.values() for e in c.values()), "answers recorded")


if __name__ == "__main__":
    main()
