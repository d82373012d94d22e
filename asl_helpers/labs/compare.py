"""What a person should look at: answers with the same code, and answers taken from the package.

Code is compared by its syntax tree, so layout, comments, docstrings, imports and the names of local
variables make no difference. It is reported, in columns of its own, and costs no point.
"""

import ast
import re
from collections import defaultdict

LEAST = 40  # nodes of a tree; shorter answers are often equal by chance
INSIDE = {"reference", "or_reference", "cases", "wrong", "mistakes"}
TIMED = re.compile(r"^[ \t]*%%?time(?:it)?\b[ \t]*", re.MULTILINE)
PACKAGES = r"(np|numpy|tf|keras|scratch|asl)\.(\w+|testing\.\w+)$"
REACHING = {"getattr", "setattr", "vars", "dir", "inspect.getsource"}


def plain_python(source: str) -> str:
    """Return a cell's code with IPython's own syntax replaced by calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(TIMED.sub("", source))


def parsed(source: str) -> ast.Module:
    """Return a cell's syntax tree; an empty one where it cannot be parsed."""
    try:
        return ast.parse(plain_python(source))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


class _Renamed(ast.NodeTransformer):
    """Numbers the names that the code itself binds, and drops imports and docstrings."""

    def __init__(self, tree: ast.Module) -> None:
        bound = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _stores(n)]
        bound += [n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)]
        self.bound, self.numbers = set(bound), {}

    def _number(self, name: str) -> str:
        return (
            f"v{self.numbers.setdefault(name, len(self.numbers))}" if name in self.bound else name
        )

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._number(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._number(node.arg))

    def visit_Import(self, node: ast.Import) -> None:
        return None

    visit_ImportFrom = visit_Import

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def _stores(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)


def canonical(source: str) -> str:
    """Return what is the same for two answers with the same code; empty for a short answer."""
    tree = parsed(source)
    tree = _Renamed(tree).visit(tree)
    return ast.dump(tree) if sum(1 for _ in ast.walk(tree)) >= LEAST else ""


def same_answers(answers: dict[str, dict[str, str]], reference: dict[str, str]) -> dict[str, str]:
    """Return, by student, which answers have the code of the reference or of other students."""
    said: dict[str, list[str]] = defaultdict(list)
    for name, solution in reference.items():
        groups: dict[str, list[str]] = defaultdict(list)
        for student, given in answers.items():
            if form := canonical(given.get(name, "")):
                groups[form].append(student)
        expected = canonical(solution)
        for form, students in groups.items():
            for student in students:
                others = [other for other in students if other != student]
                if form == expected:
                    said[student].append(f"{name}: the reference's code")
                elif others:
                    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
                    said[student].append(f"{name}: same code as {', '.join(others[:5])}{more}")
    return {student: " | ".join(lines) for student, lines in said.items()}


def borrowed(own: list[str], answers: dict[str, str], reference: dict[str, str]) -> list[str]:
    """Return what the student's cells take from the package's checks or its own solutions.

    ``own`` are all cells that the student wrote or changed; ``answers`` those among them that
    answer an exercise.
    """
    found = set()
    for source in own:
        for node in ast.walk(parsed(source)):
            if isinstance(node, ast.ImportFrom) and node.module:
                private = any(alias.name.startswith("_") for alias in node.names)
                if node.module.startswith("asl_helpers.checks.") or (
                    node.module == "asl_helpers.checks" and private
                ):
                    found.add(f"imports from {node.module}")
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
                found |= {f"imports {n}" for n in names if n.startswith("asl_helpers.checks.")}
            elif isinstance(node, ast.Attribute) and _of_check(node):
                if isinstance(node.ctx, ast.Store):
                    found.add("assigns to `check`")
                elif node.attr in INSIDE or node.attr.startswith("_"):
                    found.add(f"uses `{ast.unparse(node)}`")
            elif isinstance(node, ast.Attribute) and _stores(node):
                if re.match(PACKAGES, name := ast.unparse(node)):
                    found.add(f"assigns to `{name}`")
            elif isinstance(node, ast.FunctionDef) and node.name == "__eq__":
                found.add("defines `__eq__`")
            elif isinstance(node, ast.Call) and node.args:
                on = node.args[0]
                called = ast.unparse(node.func)
                if called in REACHING and (_of_check(on) or ast.unparse(on) == "check"):
                    found.add(f"uses `{called}` on `check`")
    if any("### BEGIN SOLUTION" in source for source in answers.values()):
        found.add("an answer has the marks of the book's own source")
    for name, source in answers.items():
        beyond = _scratch(source) - _scratch(reference.get(name, ""))
        found |= {f"{name}: the package's own `scratch.{each}`" for each in beyond}
    return sorted(found)


def _of_check(node: ast.AST) -> bool:
    """Tell whether an expression is an attribute of ``check``, at any depth."""
    while isinstance(node, ast.Attribute):
        node = node.value
        if isinstance(node, ast.Name) and node.id == "check":
            return True
    return False


def _scratch(source: str) -> set[str]:
    """Return which functions of ``asl_helpers.scratch`` a cell uses or imports."""
    names = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names |= {node.attr} if node.value.id == "scratch" else set()
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "asl_helpers.scratch"
        ):
            names |= {alias.name for alias in node.names}
    return names
