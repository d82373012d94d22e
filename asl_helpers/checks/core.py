"""What every checker shares: running an answer safely, comparing it, and turning it into points.

A checker is an ``Exercise``: a reference, cases, and misconceptions, each of them the message that
it deserves and an implementation that makes the mistake. An answer that differs from the reference
on a case is compared with what each misconception gives on that case.

A notebook can call a checker in two ways. ``check.corr2d(corr2d)`` returns the points, which
nbgrader reads as the value of the cell. ``corr2d = check.corr2d.or_reference(corr2d)`` returns the
function to go on with, so that later cells run before the exercise is solved. Neither of them
raises an exception for an answer that is still a stub: it prints one line and gives no points.
"""

import contextlib
import copy
import inspect
import io
import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 1e-5

# What a student's code may raise without ending the check. A KeyboardInterrupt passes: it is how
# a learner, or nbgrader's time limit, stops an endless loop.
CAUGHT = (Exception, SystemExit)

NOT_YET = "Not yet: replace the stub with your own code, then run this cell again."


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

    def __init__(self) -> None:
        """Start with no test done."""
        self.earned = 0.0
        self.shares = 0.0
        self.lines: list[str] = []

    def record(self, label: str, message: str | None = None, share: float = 1) -> bool:
        """Count one test, passed when there is no ``message``, and return whether it passed."""
        self.shares += share
        self.earned += 0 if message else share
        self.lines.append(f"not yet: {label}. {message}" if message else f"passed: {label}")
        return not message

    @property
    def is_stub(self) -> bool:
        """Whether there is no answer yet: the first test found none, and no other test passed."""
        return not self.earned and bool(self.lines) and self.lines[0].endswith(NOT_YET)


class Case(NamedTuple):
    """The arguments of one test, and the dtype that its answer must have, if any."""

    arguments: tuple
    named: dict[str, Any]
    dtype: Any = None


def case(*arguments: Any, dtype: Any = None, **named: Any) -> Case:
    """Return the case of a call with these arguments."""
    return Case(arguments, named, dtype)


@dataclass(frozen=True, eq=False)
class Exercise:
    """The checker of one exercise: call it with the answer, and it returns the Points."""

    points: float
    reference: Any
    """A right answer: a function where there are cases."""
    cases: Mapping[str, Case] = field(default_factory=dict)
    misconceptions: Mapping[str, Any] = field(default_factory=dict)
    """Message -> a function that makes this mistake, or a tuple of several that do.

    Each gets all arguments of the reference by position, so that it may give them short names.
    """
    tests: Callable[..., None] | None = None
    """``tests(check, answer)`` records what no case can say, after the cases."""
    wrong_answers: Mapping[str, Any] = field(default_factory=dict)
    """Message, or a part of it -> an answer to which ``tests`` says it, for the course's tests."""
    read: Callable[[Any], Any] = lambda value: value
    """Turns a returned value into what is compared, where several forms are right."""

    def __call__(self, *answer: Any) -> Points:
        """Test an answer, print a line for each test, and return the points."""
        check = Check()
        if answer[0] is None or answer[0] is ...:
            check.record("an answer", NOT_YET)
        else:
            self._run_tests(check, answer)
        if check.is_stub:
            print(NOT_YET)
            return Points(0, self.points)
        share = check.earned / check.shares if check.shares else 0.0
        points = Points(round(self.points * share, 2), self.points)
        print(*check.lines, f"{points:g} of {points.out_of:g} points", sep="\n")
        return points

    def or_reference(self, *answer: Any) -> Any:
        """Test an answer and return it if it gets every point, else the course's own answer.

        The course's answer is the reference; where the answer is a value that depends on further
        arguments of the check, it is computed from them.
        """
        if self(*answer) == self.points:
            return answer[0]
        print("Until then, the cells below use the course's own answer.")
        return self.reference(*answer[1:]) if len(answer) > 1 else self.reference

    def _run_tests(self, check: Check, answer: tuple) -> None:
        # nbgrader takes any line on stderr for a failed cell, a mere warning included.
        with (
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            for label, each in self.cases.items():
                check.record(label, self.message(answer[0], each))
            if self.tests:
                self.tests(check, *answer)

    @property
    def tested(self) -> str:
        """Return what is tested, for the instructors' rubric."""
        more = inspect.getdoc(self.tests) if self.tests else None
        return "; ".join([*self.cases, *([more.removeprefix("Check that ")[:-1]] if more else [])])

    def message(self, answer: Any, given: Case) -> str | None:
        """Return what to say to an answer on one case; None when it is right.

        It is right when it has the reference's shape, its values within 1e-5 and, where given, the
        case's dtype, and when the arguments are unchanged.
        """
        value, message = run(answer, *given.arguments, **given.named)
        if message:
            return message
        try:
            value = self.read(value)
        except CAUGHT as error:
            return f"What your function returned cannot be read: {_short(error)}."
        expected = self.read(self.written(self.reference)(*given.arguments, **given.named))
        return compare(value, expected, self._mistaken(given), given.dtype)

    def written(self, wrong: Callable) -> Callable:
        """Return a misconception as a student would have written it, with the reference's names."""
        signature = inspect.signature(self.reference)

        def answer(*arguments: Any, **named: Any) -> Any:
            bound = signature.bind(*copy.deepcopy(arguments), **copy.deepcopy(named))
            bound.apply_defaults()
            return wrong(*bound.arguments.values())

        return answer

    def mistakes(self) -> Iterator[tuple[str, Any]]:
        """Yield each message with an answer to which it is said."""
        yield from self._misconceived()
        yield from self.wrong_answers.items()

    def _misconceived(self) -> Iterator[tuple[str, Callable]]:
        for message, wrongs in self.misconceptions.items():
            for wrong in wrongs if isinstance(wrongs, tuple) else (wrongs,):
                yield message, self.written(wrong)

    def _mistaken(self, given: Case) -> Iterator[tuple[str, Any]]:
        """Yield each misconception's message and what it gives on a case."""
        for message, wrong in self._misconceived():
            with contextlib.suppress(*CAUGHT):  # not every mistake can be made on every case
                yield message, self.read(wrong(*given.arguments, **given.named))


def run(function: Any, *arguments: Any, **named: Any) -> tuple[Any, str | None]:
    """Call a student's function on copies; return its value and, if it failed, what to say."""
    if not callable(function):
        return None, f"A function was expected here, this is {kind(function)}."
    given = copy.deepcopy(arguments)
    try:
        answer = function(*given, **copy.deepcopy(named))
    except NotImplementedError:
        return None, NOT_YET
    except CAUGHT as error:
        return None, f"Your function raised {type(error).__name__}: {_short(error)}."
    for old, new in zip(arguments, given, strict=True):
        if isinstance(old, np.ndarray | list | dict) and not same(old, new):
            return None, "Your function changes the array it is given: work on a copy of it."
    if answer is None:
        return None, "Your function returned None: a `return` is missing."
    return answer, None


def compare(
    answer: Any, expected: Any, known: Iterable[tuple[str, Any]] = (), dtype: Any = None
) -> str | None:
    """Return None when ``answer`` equals ``expected``, else the best message there is.

    ``known`` are pairs of a message and the wrong value to which it is said.
    """
    if isinstance(expected, str | tuple):
        if same(answer, expected):
            return None
        otherwise = _first_difference(answer, expected)
    elif (array := numbers(answer)) is None:
        return f"A number or an array of numbers was expected, this is {kind(answer)}."
    elif np.shape(array) == np.shape(expected) and np.allclose(array, expected, atol=TOLERANCE):
        if dtype is not None and array.dtype != np.dtype(dtype):
            return f"The values are right, but of type {array.dtype}; {np.dtype(dtype)} is needed."
        return None
    else:
        otherwise = _difference(array, np.asarray(expected))
    for message, wrong in known:
        # A mistake that happens to give the right value tells nothing.
        if same(answer, wrong) and not same(wrong, expected):
            return message
    return otherwise


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


def as_tuple(value: Any) -> Any:
    """Turn a list or an array into a tuple of Python's own values; leave anything else."""
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(part.item() if hasattr(part, "item") else part for part in value)
    return value


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal: numbers by shape and value, others by ``==``."""
    one, two = numbers(left), numbers(right)
    if one is not None and two is not None:
        return one.shape == two.shape and np.allclose(one, two, atol=TOLERANCE, equal_nan=True)
    with contextlib.suppress(*CAUGHT):
        return np.shape(left) == np.shape(right) and bool(np.all(left == right))
    return False


def _difference(answer: np.ndarray, expected: np.ndarray) -> str:
    """Describe how two arrays differ: by shape, or by their first values that do."""
    if answer.shape != expected.shape:
        return f"The shape is {answer.shape}, expected {expected.shape}."
    if not expected.shape:
        return f"Expected {expected.item():g}, got {answer.item():g}."
    off = ~np.isclose(answer, expected, atol=TOLERANCE)
    first = tuple(int(index) for index in np.argwhere(off)[0])
    return (
        f"{int(off.sum())} of {off.size} values differ; the first at {first}: expected "
        f"{expected[first]:g}, got {answer[first]:g}."
    )


def _first_difference(answer: Any, expected: Any) -> str:
    """Describe how a text or a tuple differs: a long one by its first parts that do."""
    if isinstance(expected, tuple) and len(expected) > 3:
        if not isinstance(answer, tuple):
            return f"Several values were expected, this is {kind(answer)}."
        pairs = enumerate(itertools.zip_longest(expected, answer))
        index, (expected, answer) = next(each for each in pairs if not same(*each[1]))
        return f"The first difference is at {index}: expected {expected!r}, got {answer!r}."
    return f"Expected {_short(repr(expected))}, got {_short(repr(answer))}."


def _short(text: Any) -> str:
    """Return the first line of a text, at most 120 characters of it."""
    line = str(text).strip().splitlines()[0] if str(text).strip() else "no message"
    return line if len(line) <= 120 else line[:119] + "…"
