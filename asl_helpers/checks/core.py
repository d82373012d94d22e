"""What every checker shares: running an answer safely, comparing it, and turning it into points.

A checker is an ``Exercise``. It is made of a reference, cases and mistakes::

    @exercise(points=2)
    def relu_backward(x, upstream):
        return upstream * (x > 0)


    relu_backward.cases = {
        "four numbers, by hand": case(np.array([-2.0, -1, 1, 2]), np.array([5.0, -5, 5, -5])),
        "exactly 0 counts as off": case(np.array([0.0, 3.0]), np.array([1.0, 4.0])),
    }
    relu_backward.wrong = {
        "At exactly 0 the gradient is 0: compare with `>`.": (">", ">="),
        "This is the ReLU itself, the forward pass.": lambda x, upstream: np.maximum(x, 0),
    }

Each case is a share of the points. An answer that differs from the reference on a case is compared
with what each mistake gives on that case, and gets the message of the first that agrees. A mistake
is an edit of the reference, (old text, new text); a function; or ``Changed``, what the reference
returns and a function that spoils it. A list holds several mistakes that deserve one message.

A notebook calls a checker in one of two ways. ``check.corr2d(corr2d)`` returns the points, which
nbgrader reads as the value of the cell. ``corr2d = check.corr2d.or_reference(corr2d)`` returns the
function to go on with, so that later cells run before the exercise is solved. Neither raises an
exception for an answer that is still a stub: it prints one line and gives no points.
"""

import contextlib
import copy
import functools
import inspect
import io
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 1e-5

# What a student's code may raise without ending the check. A KeyboardInterrupt passes: it is how
# a learner, or nbgrader's time limit, stops an endless loop.
CAUGHT = (Exception, SystemExit)

NOT_YET = "Not yet: replace the stub with your own code, then run this cell again."


def _percent(right: Any) -> Any:
    if np.max(np.abs(right)) > 1:
        raise ValueError("no share")
    return 100 * np.asarray(right)


USUAL = {
    "The sign is reversed.": np.negative,
    "These are percent: a share from 0 to 1 is asked for.": _percent,
    "The axes are exchanged: transpose the result.": np.transpose,
    "The values are right, their order is reversed.": lambda right: right[::-1],
}
"""Message -> what it does to a right value. Every exercise knows these mistakes."""


class Failed(Exception):
    """An answer that cannot be tested any further; the text is what to say to it."""


class Case(NamedTuple):
    """The arguments of one test, and the dtype that its answer must have, if any."""

    arguments: tuple
    named: dict[str, Any]
    dtype: Any = None


@dataclass(frozen=True)
class Changed:
    """A mistake: what the reference returns, changed by a function."""

    change: Callable


def case(*arguments: Any, dtype: Any = None, **named: Any) -> Case:
    """Return the case of a call with these arguments."""
    return Case(arguments, named, dtype)


def exercise(points: float, **options: Callable) -> Callable[[Any], "Exercise"]:
    """Return a decorator that makes an Exercise of its reference."""
    return functools.partial(Exercise, points=points, **options)


class Exercise:
    """The checker of one exercise: call it with the answer, and it returns the points.

    ``cases`` maps a label to a case, or to a function that gets the answer, safe to call, and
    returns what is wrong or None. Where labels depend on the answer, ``cases`` is one function that
    gets all that the check is called with and yields pairs of a label and what is wrong.
    """

    def __init__(self, reference: Any, points: float, read: Callable = lambda value: value) -> None:
        """Hold a right answer and its points.

        ``read`` turns a returned value into what is compared, where several forms are right.
        """
        self.reference, self.points, self.read = reference, points, read
        self.cases: dict[str, Case | Callable] | Callable[..., Iterator] = {}
        self.wrong: dict[str, Any] = {}

    def __call__(self, *answer: Any) -> float:
        """Test an answer, print a line for each test, and return the points."""
        # A tf.function makes its variables only once: test the Python function that it wraps.
        answer = tuple(getattr(each, "python_function", each) for each in answer)
        # nbgrader takes any line on stderr for a failed cell, a mere warning included.
        with (
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            results = list(self._tests(*answer))
        passed = sum(not message for _, message in results)
        if not passed and results[0][1] == NOT_YET:
            print(NOT_YET)
            return 0.0
        for label, message in results:
            print(f"not yet: {label}. {message}" if message else f"passed: {label}")
        points = round(self.points * passed / len(results), 2)
        print(f"{points:g} of {self.points:g} points")
        return points

    def or_reference(self, *answer: Any) -> Any:
        """Test an answer and return it if it gets every point, else the course's own answer.

        The course's answer is the reference; where the answer is a value that depends on further
        arguments of the check, it is computed from them.
        """
        if self(*answer) == self.points:
            return answer[0]
        print("Until it gets every point, the cells below use the course's own answer.")
        return self.reference(*answer[1:]) if len(answer) > 1 else self.reference

    @property
    def tested(self) -> str:
        """Return what is tested, for the instructors' rubric."""
        if callable(self.cases):
            return inspect.getdoc(self.cases).removeprefix("Check that ").removesuffix(".")
        return "; ".join(self.cases)

    def mistakes(self) -> Iterator[tuple[str, Any]]:
        """Yield each message with an answer to which it is said."""
        for message, mistakes in self.wrong.items():
            for mistake in mistakes if isinstance(mistakes, list) else [mistakes]:
                yield message, self._answer(mistake)

    def _tests(self, answer: Any, *more: Any) -> Iterator[tuple[str, str | None]]:
        """Yield the label of each test and what is wrong, None where nothing is."""
        if answer is None or answer is ...:
            yield "an answer", NOT_YET
        elif callable(self.cases):
            try:
                yield from self.cases(answer, *more)
            except Failed as failed:
                yield "an answer", str(failed)
        else:
            call = functools.partial(run, answer)
            for label, test in self.cases.items():
                yield label, self._message(call, test)

    def _message(self, call: Callable, test: Case | Callable) -> str | None:
        try:
            if not isinstance(test, Case):
                return test(call)
            value = self.read(call(*test.arguments, **test.named))
            expected = self.read(self.reference(*test.arguments, **test.named))
            return compare(value, expected, self._known(test, expected), test.dtype)
        except Failed as failed:
            return str(failed)
        except CAUGHT as error:
            return f"What your function returned cannot be read: {_short(error)}."

    def _known(self, test: Case, expected: Any) -> Iterator[tuple[str, Any]]:
        """Yield each message with the wrong value to which it is said on a case."""
        for message, wrong in self.mistakes():
            with contextlib.suppress(*CAUGHT):  # not every mistake can be made on every case
                yield message, self.read(wrong(*copy.deepcopy(test.arguments), **test.named))
        for message, change in USUAL.items():
            with contextlib.suppress(*CAUGHT):
                yield message, change(expected)
        for given in test.arguments[:1]:
            yield "Nothing has changed: this is what your function was given.", given

    def _answer(self, mistake: Any) -> Any:
        """Return the answer of a student who makes a mistake."""
        if isinstance(mistake, Changed):
            return lambda *given, **named: mistake.change(self.reference(*given, **named))
        if isinstance(mistake, tuple):
            head, body = inspect.getsource(self.reference).split(":\n", 1)
            for old, new in zip(mistake[::2], mistake[1::2], strict=True):
                body = body.replace(old, new)
            space = dict(self.reference.__globals__)
            exec(head[head.index("def ") :] + ":\n" + body, space)
            return space[self.reference.__name__]
        if not (callable(mistake) and callable(self.reference)):
            return mistake
        signature = inspect.signature(self.reference)

        def answer(*given: Any, **named: Any) -> Any:
            bound = signature.bind(*given, **named)
            bound.apply_defaults()
            return mistake(*bound.arguments.values())

        return answer


def run(function: Any, *arguments: Any, **named: Any) -> Any:
    """Call a student's function on copies and return its value; raise Failed where it fails."""
    if not callable(function):
        raise Failed(f"A function was expected here, this is {kind(function)}.")
    given = copy.deepcopy(arguments)
    try:
        answer = function(*given, **copy.deepcopy(named))
    except NotImplementedError:
        raise Failed(NOT_YET) from None
    except CAUGHT as error:
        name = type(error).__name__
        raise Failed(f"Your function raised {name}: {_short(error)}.") from error
    for old, new in zip(arguments, given, strict=True):
        if isinstance(old, np.ndarray | list | dict) and not same(old, new):
            raise Failed("Your function changes the array it is given: work on a copy of it.")
    if answer is None:
        raise Failed("Your function returned None: a `return` is missing.")
    return answer


def refusal(call: Callable, *arguments: Any, accepted: str) -> str | None:
    """Return None where an answer meets bad arguments with a ValueError, else what to say."""
    try:
        call(*arguments)
    except Failed as failed:
        error = failed.__cause__
        if isinstance(error, ValueError):
            return None
        if isinstance(error, AssertionError):
            return "`python -O` switches `assert` off: raise a ValueError instead."
        if error:
            return f"{type(error).__name__} was raised; raise a ValueError that says what is wrong."
    return accepted


def compare(
    answer: Any, expected: Any, known: Iterable[tuple[str, Any]] = (), dtype: Any = None
) -> str | None:
    """Return None when ``answer`` equals ``expected``, else the best message there is.

    ``known`` are pairs of a message and the wrong value to which it is said.
    """
    if numbers(expected) is not None and (array := numbers(answer)) is None:
        return f"A number or an array of numbers was expected, this is {kind(answer)}."
    if same(answer, expected):
        if dtype is not None and array.dtype != np.dtype(dtype):
            return f"The values are right, but of type {array.dtype}; {np.dtype(dtype)} is needed."
        return None
    for message, wrong in known:
        # A mistake that happens to give the right value tells nothing.
        if same(answer, wrong) and not same(wrong, expected):
            return message
    return _difference(answer, expected)


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
    """Turn a list, array or tensor into a tuple of Python's own values; leave anything else."""
    value = np.asarray(value).tolist() if hasattr(value, "__array__") else value
    if isinstance(value, list | tuple):
        return tuple(as_tuple(part) if hasattr(part, "__array__") else part for part in value)
    return value


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal: numbers by shape and value, texts by ``==``."""
    one, two = numbers(left), numbers(right)
    if one is not None and two is not None:
        return one.shape == two.shape and np.allclose(one, two, atol=TOLERANCE, equal_nan=True)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    with contextlib.suppress(*CAUGHT):
        return np.shape(left) == np.shape(right) and bool(np.all(left == right))
    return False


def _difference(answer: Any, expected: Any) -> str:
    """Describe how two values differ: by shape, or by the first parts that do."""
    one, two = numbers(answer), numbers(expected)
    if one is None or two is None:
        if not isinstance(expected, tuple) or len(expected) <= 3:
            return f"Expected {_short(repr(expected))}, got {_short(repr(answer))}."
        if not isinstance(answer, tuple):
            return f"Several values were expected, this is {kind(answer)}."
        pairs = enumerate(itertools.zip_longest(expected, answer))
        index, (expected, answer) = next(each for each in pairs if not same(*each[1]))
        return f"The first difference is at {index}: expected {expected!r}, got {answer!r}."
    if one.shape != two.shape:
        return f"The shape is {one.shape}, expected {two.shape}."
    if not two.shape:
        return f"Expected {two.item():g}, got {one.item():g}."
    off = ~np.isclose(one, two, atol=TOLERANCE)
    first = tuple(int(index) for index in np.argwhere(off)[0])
    return (
        f"{int(off.sum())} of {off.size} values differ; the first at {first}: expected "
        f"{two[first]:g}, got {one[first]:g}."
    )


def _short(text: Any) -> str:
    """Return the first line of a text, at most 120 characters of it."""
    line = str(text).strip().splitlines()[0] if str(text).strip() else "no message"
    return line if len(line) <= 120 else line[:119] + "…"


def before_you_hand_in(*tests: tuple[str, float, Callable[[], float]]) -> None:
    """Print the points of each exercise in one line, with what is still missing.

    ``tests`` holds an exercise's name, its points, and a function that calls its checker.
    """
    earned = 0.0
    for name, most, test in tests:
        said, points, missing = io.StringIO(), 0.0, ""
        try:
            with contextlib.redirect_stdout(said):
                points = test()
        except CAUGHT as error:
            missing = f"Not yet: {type(error).__name__}: {_short(error)}"
        lines = said.getvalue().splitlines()
        missing = next((line for line in lines if line.lower().startswith("not yet")), missing)
        print(f"{name}: {points:g} of {most:g}. {missing}".rstrip())
        earned += points
    most = sum(points for _, points, _ in tests)
    print(f"{earned:g} of {most:g} points before the hidden tests. Save, then hand in this file.")
