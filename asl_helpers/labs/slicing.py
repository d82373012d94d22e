"""Which cells a check needs: grading runs those, and not an hour of training for a class.

Only unchanged cells of the lesson are ever left out; whatever a student wrote or changed runs. In
doubt a cell stays: a name that is stored, or handed to a call that could alter it, counts as made
there.
"""

import ast
import builtins
import re
from typing import Any

MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
ALTERING = {"setattr", "delattr", "exec", "eval", "next", "vars", "globals", "locals"}


def needed(cells: list[dict[str, Any]], lesson: set[str]) -> list[dict[str, Any]]:
    """Return the code cells that the graded cells depend on, in their order.

    ``lesson`` holds the sources of the cells that may be left out. A cell is kept if its source
    is not among them, if nbgrader knows it, if Python cannot read it, or if it makes or may alter
    a name that a kept cell behind it reads.
    """
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    parsed = [_parse(cell["source"]) for cell in code]
    # An imported module is not altered by a call of one of its functions.
    imported = set().union(*(names.imported for names in parsed if names))
    wanted: set[str] = set()
    kept = []
    for cell, names in zip(reversed(code), reversed(parsed), strict=True):
        own = cell["source"] not in lesson or "nbgrader" in cell["metadata"]
        if names is None:
            kept.append(cell)
        elif own or wanted & (names.imported | (names.made - imported)):
            kept.append(cell)
            wanted |= names.read
    return kept[::-1]


class _Names(ast.NodeVisitor):
    """The names that a piece of code reads, those it makes or may alter, those it imports."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.made: set[str] = set()
        self.imported: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        (self.read if isinstance(node.ctx, ast.Load) else self.made).add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.read |= _inside(node.target)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        self.made |= {node.name} - {None}
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = visit_ExceptHandler

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.imported |= {(each.asname or each.name).split(".")[0] for each in node.names}

    visit_ImportFrom = visit_Import

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.made |= _inside(node.value)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node: ast.Call) -> None:
        names = _inside(node.func)
        # Figures alter nothing that they are given (a rule of the package), nor do most built-ins.
        built_in = isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id)
        if names != {"plots"} and not (built_in and node.func.id not in ALTERING):
            # `f(x)` may alter x but not f; `x.append(1)` may alter x.
            self.made |= set() if isinstance(node.func, ast.Name) else names
            for part in (*node.args, *(word.value for word in node.keywords)):
                self.made |= _inside(part)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.made.add(node.name)
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self._scope(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._scope(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.made.add(node.name)
        self.generic_visit(node)

    def _scope(self, given: ast.arguments, body: list[Any]) -> None:
        """Take from a function what reaches outside: its arguments and own names do not."""
        inner = _Names()
        for node in body:
            inner.visit(node)
        every = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        own = {each.arg for each in every if each is not None}
        stored = {
            part.id
            for node in body
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        outer = {
            name
            for node in body
            for part in ast.walk(node)
            if isinstance(part, (ast.Global, ast.Nonlocal))
            for name in part.names
        }
        self.read |= inner.read - (own | stored | inner.imported) | outer
        self.made |= inner.made - (own | stored) | outer


def _parse(source: str) -> _Names | None:
    """Return the names of a cell, or None where no one can tell them."""
    names = _Names()
    try:
        names.visit(ast.parse(MAGIC.sub(r"\1pass", source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if "*" in names.imported else names


def _inside(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
