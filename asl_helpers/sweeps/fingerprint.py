"""What a function's results depend on, as far as Python can tell: its code and plain values."""

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterator
from textwrap import dedent
from types import FunctionType
from typing import Any

from asl_helpers.sweeps.errors import SweepError


def code_fingerprint(function: Callable) -> str:
    """Return 12 hexadecimal digits that change with the code of ``function``.

    Counted are its source without comments, the functions of the same module (or notebook) that
    it calls, and the plain values that it uses from outside: numbers, texts, classes by name, and
    tuples, lists and dicts of them. Not counted are other modules, arrays and models: the sweep's
    ``data`` names what the data are.

    Raises
    ------
    SweepError
        If ``function`` is no plain function, so that its code cannot be read.
    """
    if not isinstance(function, FunctionType):
        raise SweepError(
            f"A function made by `def` was expected to train, this is a "
            f"{type(function).__name__}. Wrap it: def train(**settings): return ..."
        )
    text = "\n".join(_parts(function, set()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _parts(function: FunctionType, seen: set[int]) -> Iterator[str]:
    """Yield the source of a function and what it uses, each function once."""
    if id(function.__code__) in seen:
        return
    seen.add(id(function.__code__))
    yield f"{function.__name__}: {_source(function)}"
    yield f"defaults: {function.__defaults__!r} {function.__kwdefaults__!r}"
    for name, value in sorted(_used(function).items()):
        yield from _value(name, value, function.__module__, seen)


def _value(name: str, value: Any, module: str, seen: set[int]) -> Iterator[str]:
    """Yield what counts of one value that a function uses; nothing for arrays, modules, models."""
    if isinstance(value, FunctionType):
        yield f"{name} = {value.__module__}.{value.__qualname__}"
        if value.__module__ == module:
            yield from _parts(value, seen)
    elif isinstance(value, type):
        yield f"{name} = {value.__module__}.{value.__qualname__}"
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _value(f"{name}[{key!r}]", each, module, seen)
    elif isinstance(value, (list, tuple)):
        for place, each in enumerate(value):
            yield from _value(f"{name}[{place}]", each, module, seen)
    elif value is None or isinstance(value, (str, int, float)):
        yield f"{name} = {value!r}"


def _source(function: FunctionType) -> str:
    """Return the source without comments and layout, or the byte code where there is none."""
    try:
        return ast.unparse(ast.parse(dedent(inspect.getsource(function))))
    except (OSError, TypeError, SyntaxError):  # typed at a prompt, or a lambda within a line
        code = function.__code__
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"


def _used(function: FunctionType) -> dict[str, Any]:
    """Return the values from outside that the function names."""
    try:
        found = inspect.getclosurevars(function)
    except ValueError:  # a name that is not bound yet
        return {}
    return {**found.globals, **found.nonlocals}
