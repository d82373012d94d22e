"""What every checker shares: running an answer safely, comparing it, and turning it into points.

A misconception is written as the value that it would give. An answer equal to that value has the
misconception, and is told so; a generic message is the last resort.
"""

import contextlib
import copy
import functools
import io
import math
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

TOLERANCE = 1e-5

# What a student's code may raise without ending the check. A KeyboardInterrupt passes: it is how
# a learner, or nbgrader's time limit, stops an endless loop.
CAUGHT = (Exception, SystemExit)

Mistakes = Iterable[tuple[Any, str]]


class Points(float):
    """Points earned: a float that remembers how many there were.

    As the last value of a cell it shows as a plain number such as ``2.0``; nbgrader reads that
    number as partial credit.
    """

    out_of: float

    def __new__(cls, earned: float, out_of: float) -> "Points":
        """Hold ``earned`` points, limited to 0-``out_of``; anything that is no number is 0."""
        earned = float(earned) if math.isfinite(earned) else 0.0
        self = super().__new__(cls, min(max(earned, 0.0), out_of))
        self.out_of = float(out_of)
        return self


class Check:
    """The tests of one answer, each with its share of the points."""

    def __init__(self, points: float) -> None:
        """Start with no test done, worth ``points`` in all."""
        self.points = points
        self.earned = 0.0
        self.shares = 0.0

    def result(self) -> Points:
        """Print the sum and return it, rounded to hundredths."""
        share = self.earned / self.shares if self.shares else 0.0
        points = Points(round(self.points * share, 2), self.points)
        print(f"{points:g} of {points.out_of:g} points")
        return points

    def record(self, label: str, message: str | None = None, share: float = 1) -> bool:
        """Count one test: passed when there is no ``message``; say so in one line."""
        self.shares += share
        if message is None:
            self.earned += share
        print(f"passed: {label}" if message is None else f"not yet: {label}. {message}")
        return message is None

    def call(
        self,
        label: str,
        function: Any,
        *arguments: Any,
        expected: Any,
        mistakes: Mistakes = (),
        named: dict[str, Any] | None = None,
        share: float = 1,
        dtype: Any = None,
    ) -> bool:
        """Test ``function(*arguments, **named)``.

        The answer passes when it has the shape of ``expected``, its values within 1e-5 and, where
        given, its ``dtype``, and when the arguments are unchanged. ``mistakes`` are pairs of a
        wrong value and what to say to it.
        """
        answer, message = run(function, *arguments, **(named or {}))
        if message is None:
            message = compare(answer, expected, mistakes, dtype)
        return self.record(label, message, share)


def checker(points: float) -> Callable:
    """Turn ``f(check, answer, ...)`` into a checker worth ``points`` that returns Points.

    The points are an attribute of the checker, so that the form tests can hold the cell's own
    number against them.
    """

    def decorate(tests: Callable) -> Callable:
        @functools.wraps(tests)
        def check_answer(*answer: Any) -> Points:
            check = Check(points)
            # nbgrader takes any line on stderr for a failed cell, a mere warning included.
            noise = io.StringIO()
            with (
                contextlib.redirect_stderr(noise),
                warnings.catch_warnings(),
                np.errstate(all="ignore"),
            ):
                warnings.simplefilter("ignore")
                tests(check, *answer)
            return check.result()

        check_answer.points = float(points)
        return check_answer

    return decorate


def run(function: Any, *arguments: Any, **named: Any) -> tuple[Any, str | None]:
    """Call a student's function on copies; return its value and, if it failed, what to say."""
    if not callable(function):
        return None, f"A function was expected here, this is {kind(function)}."
    given, given_named = copy.deepcopy(arguments), copy.deepcopy(named)
    try:
        answer = function(*given, **given_named)
    except NotImplementedError:
        return None, "Nothing is written yet: replace `raise NotImplementedError` by your code."
    except CAUGHT as error:
        return None, f"Your function raised {type(error).__name__}: {_short(error)}."
    if not all(_same(old, new) for old, new in zip(arguments, given, strict=True)):
        return None, "Your function changes the array it is given: work on a copy of it."
    if answer is None:
        return None, "Your function returned None: a `return` is missing."
    return answer, None


def compare(answer: Any, expected: Any, mistakes: Mistakes = (), dtype: Any = None) -> str | None:
    """Return None when ``answer`` equals ``expected``, else the best message there is."""
    if isinstance(expected, (str, tuple)):
        return None if _same(answer, expected) else _known(answer, mistakes, expected)
    array = numbers(answer)
    if array is None:
        return f"A number or an array of numbers was expected, this is {kind(answer)}."
    if np.shape(array) == np.shape(expected) and np.allclose(array, expected, atol=TOLERANCE):
        if dtype is not None and array.dtype != np.dtype(dtype):
            return f"The values are right, but of type {array.dtype}; {np.dtype(dtype)} is needed."
        return None
    return _known(array, mistakes, expected)


def numbers(answer: Any) -> np.ndarray | None:
    """Return ``answer`` as an array of numbers, or None where that cannot be."""
    try:
        array = np.asarray(answer)
    except CAUGHT:
        return None
    return array if array.dtype.kind in "iufb" else None


def kind(value: Any) -> str:
    """Name what a value is, for a message: ``None``, ``a str``, ``an ndarray``."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _known(answer: Any, mistakes: Mistakes, expected: Any) -> str:
    """Return the message of the first mistake that gives this answer, else a generic one."""
    for wrong, message in mistakes:
        # A mistake that happens to give the right value tells nothing.
        if _same(answer, wrong) and not _same(wrong, expected):
            return message
    if isinstance(expected, (str, tuple)):
        return f"Expected {expected!r}, got {_short(repr(answer))}."
    shape, wanted = np.shape(answer), np.shape(expected)
    if shape != wanted:
        return f"The shape is {shape}, expected {wanted}."
    if not wanted:
        return f"Expected {np.asarray(expected).item():g}, got {np.asarray(answer).item():g}."
    off = ~np.isclose(answer, expected, atol=TOLERANCE)
    place = tuple(int(index) for index in np.argwhere(off)[0])
    return (
        f"{int(off.sum())} of {off.size} values differ; the first at {place}: expected "
        f"{np.asarray(expected)[place]:g}, got {np.asarray(answer)[place]:g}."
    )


def _same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal: arrays by shape and value, others by ``==``."""
    try:
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            left, right = np.asarray(left), np.asarray(right)
            if left.shape != right.shape:
                return False
            if left.dtype.kind in "iufb" and right.dtype.kind in "iufb":
                return bool(np.allclose(left, right, atol=TOLERANCE, equal_nan=True))
            return bool((left == right).all())
        return bool(left == right)
    except CAUGHT:
        return False


def _short(text: Any) -> str:
    """Return the first line of a text, at most 120 characters of it."""
    line = str(text).strip().splitlines()[0] if str(text).strip() else "no message"
    return line if len(line) <= 120 else line[:119] + "…"
