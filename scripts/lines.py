"""Count the package: lines, import order, circles, and the lines that each chapter reaches.

    python scripts/lines.py            print the tables
    python scripts/lines.py ch05       also name each definition that chapter 5 reaches

A chapter reaches the top-level definitions that its code names, and those that they name in turn.
The code is read, never run.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "asl_helpers"
AIMS = {PACKAGE: 15_000, "tests": 9_500, "benchmarks": 2_800, "scripts": 1_300}
AIM_REACHED = 1_500
MOST_LINES = {PACKAGE: 21_300, "tests": 14_400, "benchmarks": 4_450, "scripts": 2_300}
MOST_REACHED = 5_100
"""What a test allows until the aims are reached: lower these with each change that cuts."""
ORDER = re.findall(
    r"[\w.]+",
    "errors alphabet files records hand landmarks hand.tracker_noise hand.film datasets scratch "
    "counting layers transfer networks augmentation training evaluation explain latency sweeps "
    "tracking classifier strokes judge figures widgets realtime checks labs train_command cli",
)
"""The package's modules from the lowest to the highest: each imports only those before it."""

Definition = tuple[str, str]
"""A module, and the name of something defined at its top level."""


class Module:
    """What one file defines (name to statement) and imports (local name to full name)."""

    def __init__(self, path: Path) -> None:
        """Parse the file."""
        tree = ast.parse(_read(path), str(path))
        self.lines = len(_read(path).splitlines())
        self.nodes = {name: node for node in tree.body for name in _defined(node)}
        self.imports = dict(pair for node in ast.walk(tree) for pair in _imported(node))
        lazy = self.nodes.get("_LAZY")  # names that a package looks up at their first use
        self.lazy = ast.literal_eval(lazy.value) if lazy is not None else {}


class Code:
    """Every module of the package under a folder."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read the package."""
        self.modules = {}
        for path in sorted((root / PACKAGE).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            self.modules[name.removesuffix(".__init__")] = Module(path)

    def resolve(self, full_name: str) -> Definition | None:
        """Return the definition behind a full name, through packages that pass names on."""
        owner = self.owner(full_name)
        if owner is None or owner == full_name:
            return None
        module, name = self.modules[owner], full_name[len(owner) + 1 :].split(".")[0]
        if name in module.nodes:
            return owner, name
        if name in module.imports:
            return self.resolve(module.imports[name])
        if name in module.lazy:
            return self.resolve(f"{module.lazy[name]}.{name}")
        inside = (each for each in self.modules if each.startswith(f"{owner}."))
        return next(((each, name) for each in inside if name in self.modules[each].nodes), None)

    def owner(self, full_name: str) -> str | None:
        """Return the module that a full name lies in, the longest that fits."""
        while full_name and full_name not in self.modules:
            full_name = full_name.rpartition(".")[0]
        return full_name or None

    def used(self, node: ast.AST, imports: dict[str, str], module: str = "") -> set[Definition]:
        """Return the definitions that a piece of code names."""
        local = self.modules[module].nodes if module else {}
        found = set()
        for first, *rest in filter(None, map(_dotted, ast.walk(node))):
            if first in local:
                found.add((module, first))
            elif first in imports:
                found.add(self.resolve(".".join([imports[first], *rest])))
        return found - {None}

    def reached(self, notebook: Path) -> set[Definition]:
        """Return every definition of the package that a chapter's code reaches."""
        cells = [c for c in json.loads(_read(notebook))["cells"] if c["cell_type"] == "code"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        tree = ast.parse(re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", text))  # IPython's own commands
        imports = dict(pair for node in ast.walk(tree) for pair in _imported(node))
        todo, done = self.used(tree, imports), set()
        while todo:
            done.add(definition := todo.pop())
            module = self.modules[definition[0]]
            names = self.used(module.nodes[definition[1]], module.imports, definition[0])
            todo |= names - done
        return done

    def length(self, definitions: set[Definition]) -> int:
        """Return the number of lines of some definitions, each statement counted once."""
        nodes = {id(node): node for node in (self.modules[m].nodes[n] for m, n in definitions)}
        return sum(map(_length, nodes.values()))

    def links(self) -> dict[str, set[str]]:
        """Return the modules that each module imports, inside functions too."""
        return {
            name: set(map(self.owner, module.imports.values())) - {None, PACKAGE, name}
            for name, module in self.modules.items()
        }

    def circle(self) -> list[str]:
        """Return the modules on a circle of imports, the first one twice; empty without one."""
        try:
            TopologicalSorter(self.links()).prepare()
        except CycleError as error:
            return error.args[1]
        return []

    def against_the_order(self) -> list[str]:
        """Return the imports that go against `ORDER`, and the modules that it does not name."""
        ranks = {name: _rank(name) for name in self.modules if name != PACKAGE}
        wrong = [f"{name} has no place in the order" for name in ranks if ranks[name] is None]
        for name, others in self.links().items():
            mine = ranks.get(name)
            higher = [other for other in sorted(others) if (ranks[other] or 0) > (mine or 0)]
            wrong += [f"{name} imports {other}" for other in higher if mine is not None]
        return wrong


def totals(root: Path = ROOT) -> dict[str, tuple[int, int]]:
    """Return the number of Python files and of lines of each folder that has a limit."""
    files = {top: [_read(path) for path in (root / top).rglob("*.py")] for top in MOST_LINES}
    return {top: (len(texts), sum(t.count("\n") for t in texts)) for top, texts in files.items()}


def chapters(code: Code, root: Path = ROOT) -> dict[str, int]:
    """Return the number of lines that each chapter reaches, by the notebook's name."""
    paths = sorted(root.glob("book/part*/ch*.ipynb"))
    return {path.stem: code.length(code.reached(path)) for path in paths}


def main() -> None:
    """Print every table, and the definitions of the chapters named on the command line."""
    code = Code()
    parts: dict[str, int] = {}
    for name, module in code.modules.items():
        parts[_part(name)] = parts.get(_part(name), 0) + module.lines
    _show("Part of the package", "lines", parts)
    for folder, (files, count) in totals().items():
        print(f"{folder}: {count:,} lines in {files} files (aim {AIMS[folder]:,})")
    _show("\nChapter", f"lines reached, aim {AIM_REACHED:,}", chapters(code))
    if circle := code.circle():
        print("circle:", " -> ".join(circle))
    for line in code.against_the_order():
        print("order:", line)
    for path in (path for each in sys.argv[1:] for path in ROOT.glob(f"book/part*/{each}*.ipynb")):
        rows = {f"{m}.{n}": _length(code.modules[m].nodes[n]) for m, n in code.reached(path)}
        _show(f"\n{path.stem}", "lines", dict(sorted(rows.items(), key=lambda row: -row[1])))


def _show(title: str, what: str, rows: dict[str, int]) -> None:
    print(f"{title} ({what})")
    for name, lines in rows.items():
        print(f"  {lines:>6,}  {name}")


def _defined(node: ast.AST) -> Iterator[str]:
    """Yield the names that a top-level statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each local name that an import makes, with the full name behind it."""
    if isinstance(node, ast.Import):
        for each in node.names:
            first = each.name.split(".")[0]
            yield (each.asname, each.name) if each.asname else (first, first)
    elif isinstance(node, ast.ImportFrom):
        yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)


def _dotted(node: ast.AST) -> list[str]:
    """Return the parts of a name such as ``charts.confusion_matrix``; empty for other nodes."""
    rest = []
    while isinstance(node, ast.Attribute):
        rest.insert(0, node.attr)
        node = node.value
    return [node.id, *rest] if isinstance(node, ast.Name) else []


def _length(node: ast.AST) -> int:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return node.end_lineno - first + 1


def _rank(module: str) -> int | None:
    """Return a module's index in `ORDER`, by the longest name there that it begins with."""
    parts = module.split(".")[1:]
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((ORDER.index(name) for name in names if name in ORDER), None)


def _part(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
