"""Count the package: lines, import order, circles, and the lines that each chapter reaches.

    python scripts/lines.py            print the tables
    python scripts/lines.py ch05       also name each definition that chapter 5 reaches

A chapter reaches the top-level definitions that its code names, and those that they name in turn.
The code is read, never run.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "asl_helpers"
MOST_LINES = {PACKAGE: 15_000, "tests": 9_500, "benchmarks": 2_800, "scripts": 1_300}
MOST_REACHED = 1_500
ORDER = [
    "errors",
    "alphabet",
    "files",
    "records",
    "hand",
    "datasets",
    "scratch",
    "layers",
    "networks",
    "transfer",
    "counting",
    "augmentation",
    "training",
    "evaluation",
    "explain",
    "latency",
    "sweeps",
    "landmarks",
    "tracking",
    "classifier",
    "strokes",
    "judge",
    "realtime",
    "figures",
    "widgets",
    "checks",
    "labs",
    "cli",
]
"""The package's modules from the lowest to the highest: each imports only those before it."""

Definition = tuple[str, str]
"""The module and the name of something defined at its top level."""


class Module:
    """What one file defines, and where each name that it uses comes from."""

    def __init__(self, name: str, path: Path) -> None:
        """Parse the file."""
        self.name = name
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.lines = len(path.read_text(encoding="utf-8").splitlines())
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        self.nodes: dict[str, ast.AST] = {}
        self.imports: dict[str, str] = {}
        for node in tree.body:
            for name in _defined(node):
                self.nodes[name] = node
        for node in ast.walk(tree):
            self.imports |= dict(_imported(node, self.package))

    def imported(self) -> set[str]:
        """Return the full names of what it imports, those inside functions included."""
        return set(self.imports.values())


class Code:
    """Every module of the package."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read the package under ``root``."""
        paths = sorted((root / PACKAGE).rglob("*.py"))
        named = {_module_name(path, root): path for path in paths}
        self.modules = {name: Module(name, path) for name, path in named.items()}

    def owner(self, full_name: str) -> str | None:
        """Return the module that a full name lies in, the longest that fits."""
        while full_name:
            if full_name in self.modules:
                return full_name
            full_name = full_name.rpartition(".")[0]
        return None

    def resolve(self, full_name: str) -> Definition | None:
        """Return the definition behind a full name, through packages that pass names on."""
        module = self.owner(full_name)
        if module is None or module == full_name:
            return None
        name = full_name[len(module) + 1 :].split(".")[0]
        here = self.modules[module]
        if name in here.nodes:
            return module, name
        if name in here.imports:
            return self.resolve(here.imports[name])
        return self.resolve(f"{_lazy(here)[name]}.{name}") if name in _lazy(here) else None

    def used(self, node: ast.AST, imports: dict[str, str], module: str = "") -> set[Definition]:
        """Return the definitions that a piece of code names."""
        local = self.modules[module].nodes if module else {}
        imports = imports | {
            name: full for part in ast.walk(node) for name, full in _imported(part, PACKAGE)
        }
        found: set[Definition] = set()
        for part in ast.walk(node):
            path = _dotted(part)
            if not path:
                continue
            first, *rest = path
            if first in local:
                found.add((module, first))
            elif first in imports and (target := self.resolve(".".join([imports[first], *rest]))):
                found.add(target)
        return found

    def reached(self, notebook: Path) -> set[Definition]:
        """Return every definition of the package that a chapter's code reaches."""
        tree = ast.parse(_code(notebook))
        imports = {name: full for node in ast.walk(tree) for name, full in _imported(node, "")}
        todo, done = list(self.used(tree, imports)), set()
        while todo:
            module, name = definition = todo.pop()
            if definition not in done:
                done.add(definition)
                here = self.modules[module]
                todo += self.used(here.nodes[name], here.imports, module)
        return done

    def length(self, definitions: set[Definition]) -> int:
        """Return the number of lines of some definitions, each statement counted once."""
        nodes = {id(node): node for node in (self.modules[m].nodes[n] for m, n in definitions)}
        return sum(_length(node) for node in nodes.values())

    def links(self) -> dict[str, set[str]]:
        """Return the modules that each module imports."""
        links = {}
        for name, module in self.modules.items():
            owners = {self.owner(full) for full in module.imported()}
            links[name] = {each for each in owners if each} - {name, PACKAGE}
        return links

    def circles(self) -> list[list[str]]:
        """Return the circles of imports, each as the modules on its way."""
        links, state, found = self.links(), {}, []

        def visit(name: str, way: list[str]) -> None:
            state[name] = "open"
            for other in sorted(links[name]):
                if state.get(other) == "open":
                    found.append([*way[way.index(other) :], other])
                elif other not in state:
                    visit(other, [*way, other])
            state[name] = "done"

        for name in sorted(links):
            if name not in state:
                visit(name, [name])
        return found

    def against_the_order(self) -> list[str]:
        """Return the imports that go against `ORDER`, and the modules that it does not name."""
        wrong = []
        for name, others in self.links().items():
            if name == PACKAGE:
                continue
            here = _part(name)
            if here not in ORDER:
                wrong.append(f"{name} has no place in the order")
                continue
            for other in sorted(others):
                if _part(other) in ORDER and ORDER.index(_part(other)) > ORDER.index(here):
                    wrong.append(f"{name} imports {other}")
        return wrong


def totals(root: Path = ROOT) -> dict[str, tuple[int, int]]:
    """Return the number of Python files and of lines of each top folder that has a limit."""
    counts = {}
    for top in MOST_LINES:
        paths = list((root / top).rglob("*.py"))
        counts[top] = len(paths), sum(len(_read(path).splitlines()) for path in paths)
    return counts


def parts(code: Code) -> dict[str, tuple[int, int]]:
    """Return the number of files and of lines of each part of the package."""
    counts: dict[str, tuple[int, int]] = {}
    for name, module in code.modules.items():
        files, lines = counts.get(_part(name), (0, 0))
        counts[_part(name)] = files + 1, lines + module.lines
    return dict(sorted(counts.items()))


def chapters(code: Code, root: Path = ROOT) -> dict[str, int]:
    """Return the number of lines that each chapter reaches, by the notebook's name."""
    paths = sorted(root.glob("book/part*/ch*.ipynb"))
    return {path.stem: code.length(code.reached(path)) for path in paths}


def table(rows: dict[str, tuple], header: tuple[str, ...]) -> str:
    """Return rows as a Markdown table, numbers to the right."""
    lines = [f"| {' | '.join(header)} |", "|---" + "|---:" * (len(header) - 1) + "|"]
    lines += [f"| {name} | {' | '.join(f'{n:,}' for n in row)} |" for name, row in rows.items()]
    return "\n".join(lines)


def main() -> None:
    """Print every table, and the definitions of the chapters named on the command line."""
    code = Code()
    print(table(parts(code), ("Part of the package", "Files", "Lines")))
    limited = {name: (*row, MOST_LINES[name]) for name, row in totals().items()}
    print("\n" + table(limited, ("Folder", "Files", "Lines", "At most")))
    reached = {name: (lines,) for name, lines in chapters(code).items()}
    print("\n" + table(reached, ("Chapter", f"Lines reached (at most {MOST_REACHED:,})")))
    for circle in code.circles():
        print("circle:", " -> ".join(circle))
    for line in code.against_the_order():
        print("order:", line)
    for wanted in sys.argv[1:]:
        for path in sorted(ROOT.glob(f"book/part*/{wanted}*.ipynb")):
            rows = {f"{m}.{n}": (_length(code.modules[m].nodes[n]),) for m, n in code.reached(path)}
            rows = dict(sorted(rows.items(), key=lambda row: (-row[1][0], row[0])))
            print("\n" + table(rows, (path.stem, "Lines")))


def _defined(node: ast.AST) -> Iterator[str]:
    """Yield the names that a top-level statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
    elif isinstance(node, (ast.If, ast.Try, ast.With, ast.For)):
        for child in ast.iter_child_nodes(node):
            yield from _defined(child)


def _imported(node: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """Yield each local name that an import makes, with the full name behind it."""
    if isinstance(node, ast.Import):
        for each in node.names:
            yield (
                each.asname or each.name.split(".")[0],
                (each.name if each.asname else each.name.split(".")[0]),
            )
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([node.module] if node.module else [])])
        for each in node.names:
            yield each.asname or each.name, f"{base}.{each.name}"


def _dotted(node: ast.AST) -> list[str]:
    """Return the parts of a name such as ``charts.confusion_matrix``; empty for other nodes."""
    rest = []
    while isinstance(node, ast.Attribute):
        rest.insert(0, node.attr)
        node = node.value
    return [node.id, *rest] if isinstance(node, ast.Name) else []


def _lazy(module: Module) -> dict[str, str]:
    """Return the names that a package looks up at their first use, from its ``_LAZY`` table."""
    node = module.nodes.get("_LAZY")
    return ast.literal_eval(node.value) if node is not None else {}


def _length(node: ast.AST) -> int:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return node.end_lineno - first + 1


def _part(module: str) -> str:
    return module.split(".")[1] if "." in module else "(package)"


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _code(notebook: Path) -> str:
    """Return a notebook's code as one Python text; IPython's own commands become ``pass``."""
    cells = json.loads(_read(notebook))["cells"]
    lines = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code").splitlines()
    magic = ("%", "!")
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + "pass" if line.lstrip().startswith(magic) else line
        for line in lines
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
