"""Which cells a check needs: grading runs those, and not an hour of training for a class.

Only unchanged cells of the lesson are ever left out; whatever a student wrote or changed runs. In
doubt a cell stays: a name that is stored, or handed to a call that could alter it, counts as made
there.
"""

import ast
import builtins
import re
from collections.abc import Mapping
from typing import Any

MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
BUILT_IN = set(dir(builtins))

HIDING = {"exec", "eval", "vars", "globals", "locals"}
"""Built-ins by which code reads names that do not stand in it."""

ALTERING = {"setattr", "delattr", "next"} | HIDING

SHOWING = {"glue", "table"}
"""What the lesson shows things by alters nothing: a rule of the package."""

COUNTING = {"np", "pd"}
IN_PLACE = {"at", "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "shuffle"}
"""NumPy and pandas work on what they are given and leave it as it was, but for these functions."""


def needed(
    cells: list[dict[str, Any]], lesson: set[str], tests: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return the code cells that the graded cells depend on, in their order.

    ``lesson`` holds the sources of the cells that may be left out, ``tests`` those of the checks by
    grade id as they will run, hidden ones included: students' copies lack these. A cell is kept if
    its source is not among the lesson's, if nbgrader knows it, if Python cannot read it, or if it
    makes or may alter a name that a kept cell behind it reads. Of a cell that does nothing but
    import, the names stay that are read: importing TensorFlow takes longer than most checks.
    """
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    sources = [(tests or {}).get(_test(cell), cell["source"]) for cell in code]
    parsed = [_parse(source) for source in sources]
    # An imported module is not altered by a call of one of its functions.
    imported = set().union(*(names.imported for names in parsed if names))
    wanted: set[str] = set()
    kept = []
    for cell, source, names in reversed(list(zip(code, sources, parsed, strict=True))):
        own = cell["source"] not in lesson or "nbgrader" in cell["metadata"]
        if names is None:
            kept.append(cell)
            wanted |= HIDING
        elif own or wanted & (names.imported | (names.made - imported)):
            kept.append(cell if own or wanted & HIDING else _imported(cell, wanted))
            read, made = _before(_body(source), set())
            if not own:  # a student's cell may stop before it makes what it should
                wanted -= made
            wanted |= names.read if own and _test(cell) is None else read
    return kept[::-1]


def _test(cell: dict[str, Any]) -> str | None:
    """Return the grade id of a check, None for other cells."""
    form = cell["metadata"].get("nbgrader", {})
    return form.get("grade_id") if form.get("grade") else None


def _body(source: str) -> list[ast.stmt]:
    return ast.parse(MAGIC.sub(r"\1pass", source)).body


def _before(body: list[ast.stmt], known: set[str]) -> tuple[set[str], set[str]]:
    """Return what statements read that was made before them, and what they make for certain.

    ``known`` are the names that are made already when they begin.
    """
    read: set[str] = set()
    known = set(known)
    for node in body:
        if isinstance(node, ast.For):
            read |= _names(node.iter, node.target).read - known
            for part, there in ((node.body, known | _stored(node.target)), (node.orelse, known)):
                read |= _before(part, there)[0]
        elif isinstance(node, ast.If):
            read |= _names(node.test).read - known
            ways = [_before(part, known) for part in (node.body, node.orelse)]
            read |= ways[0][0] | ways[1][0]
            known |= ways[0][1] & ways[1][1]
        else:
            names = _names(node)
            read |= names.read - known
            if isinstance(node, ast.Assign):
                known |= set().union(*map(_stored, node.targets))
            elif isinstance(node, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
                known |= {node.name} if isinstance(node, ast.FunctionDef) else names.imported
    return read, known


def _names(*nodes: ast.AST) -> "_Names":
    found = _Names()
    for node in nodes:
        found.visit(node)
    return found


def _stored(target: ast.AST) -> set[str]:
    """Return the names that an assignment to this target, or this loop, makes."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return set().union(*map(_stored, target.elts))
    return {target.id} if isinstance(target, ast.Name) else set()


def _imported(cell: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Return a cell of imports alone with those that are wanted; any other cell as it is."""
    body = _body(cell["source"])
    if not all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body):
        return cell
    for node in body:
        node.names = [each for each in node.names if _bound(each) in wanted]
    source = "\n".join(ast.unparse(node) for node in body if node.names)
    return {**cell, "source": source}


def _bound(name: ast.alias) -> str:
    """Return the name that an import makes."""
    return (name.asname or name.name).split(".")[0]


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
        self.imported |= {_bound(each) for each in node.names}

    visit_ImportFrom = visit_Import

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.made |= _inside(node.value)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node: ast.Call) -> None:
        names = _inside(node.func) - _called(node.func) - BUILT_IN
        if not _leaves_alone(node.func):
            # `f(x)` may alter x but not f; `x.append(1)` may alter x.
            self.made |= set() if isinstance(node.func, ast.Name) else names
            for part in (*node.args, *(word.value for word in node.keywords)):
                self.made |= _inside(part) - _called(part) - BUILT_IN
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> None:
        inner = _Names()
        inner.generic_visit(node)
        own = set().union(*(_stored(each.target) for each in node.generators))
        self.read |= inner.read - own
        self.made |= inner.made - own

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

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


def _leaves_alone(function: ast.expr) -> bool:
    """Tell whether a call of this function surely alters nothing that it is given."""
    path = []
    while isinstance(function, ast.Attribute):
        path.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        return False
    name = function.id
    if not path:
        return name in SHOWING or (name in BUILT_IN - ALTERING)
    if name in COUNTING:
        return not IN_PLACE & set(path)
    return name in ("charts", "grids", "part1", "part2", "part3", "part4") or (
        name == "asl" and path == ["glue"]
    )


def _parse(source: str) -> _Names | None:
    """Return the names of a cell, or None where no one can tell them."""
    names = _Names()
    try:
        names.visit(ast.parse(MAGIC.sub(r"\1pass", source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if "*" in names.imported else names


def _called(node: ast.AST) -> set[str]:
    """Return the functions that an expression calls by name: their results are handed on."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def _inside(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
