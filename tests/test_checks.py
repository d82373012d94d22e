"""Every checker on its reference, on the wrong answers that it declares, and on nonsense."""

import importlib
import inspect
import itertools
import subprocess
import sys
import warnings
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from IPython.core.formatters import PlainTextFormatter

from asl_helpers import checks
from asl_helpers.checks import ch01, ch04, ch08
from asl_helpers.checks.core import NOT_YET, Changed, Exercise, case, numbers, same

Weight = namedtuple("Weight", "shape")
Layer = namedtuple("Layer", "name weights")
Model = namedtuple("Model", "layers")
MODEL = Model(
    [
        Layer("conv_1", [Weight((3, 3, 1, 32)), Weight((32,))]),
        Layer("pool_1", []),
        Layer("conv_2", [Weight((3, 3, 32, 64)), Weight((64,))]),
        Layer("dense", [Weight((1600, 24)), Weight((24,))]),
    ]
)
COUNTS = {"conv_1": 320, "conv_2": 18496, "dense": 38424}

EXERCISES = {
    f"{chapter}.{name}": each
    for chapter in sorted(path.stem for path in Path(checks.__file__).parent.glob("ch*.py"))
    for name, each in vars(importlib.import_module(f"asl_helpers.checks.{chapter}")).items()
    if isinstance(each, Exercise)
}
VALUES = [ch01.horizontal, ch08.counts]
every_exercise = pytest.mark.parametrize("asked", EXERCISES.values(), ids=EXERCISES)


def more(asked):
    """Return what a checker takes beside the answer: one of them needs a model."""
    return [MODEL] if asked is ch08.counts else []


def reference(asked):
    return COUNTS if asked is ch08.counts else asked.reference


@every_exercise
def test_the_reference_gets_every_point(asked, capsys):
    assert asked(reference(asked), *more(asked)) == asked.points > 0
    printed = capsys.readouterr()
    assert "not yet" not in printed.out
    assert printed.out.count("passed: ") >= 3
    assert printed.err == ""


@every_exercise
def test_a_wrong_answer_is_told_why_and_loses_points(asked, capsys):
    mistakes = list(asked.mistakes())
    assert len(mistakes) >= 4 or asked is ch08.counts
    for message, answer in mistakes:
        points = asked(answer, *more(asked))
        assert points < asked.points, message
        printed = capsys.readouterr()
        assert message in printed.out
        assert printed.err == ""
        assert asked.or_reference(answer, *more(asked)) is not answer


@every_exercise
def test_every_edit_finds_what_it_replaces(asked):
    groups = (each if isinstance(each, list) else [each] for each in asked.wrong.values())
    for edit in (each for each in itertools.chain(*groups) if isinstance(each, tuple)):
        body = inspect.getsource(asked.reference).split(":\n", 1)[1]
        for old, new in zip(edit[::2], edit[1::2], strict=True):
            assert old in body
            body = body.replace(old, new)


@pytest.mark.parametrize(
    ("counts", "points", "message"),
    [
        ({"conv_1": 288, "conv_2": 18432, "dense": 38400}, 0.75, "forgot the biases"),
        ({**COUNTS, "conv_2": 3 * 3 * 64 + 64}, 2.25, "input channels"),
        ({**COUNTS, "dense": 38401}, 2.25, "One bias"),
        ({"conv_1": 320}, 1.5, "missing from your dict"),
        ({**COUNTS, "pool_1": 4}, 2.25, "pool_1"),
        ([320, 18496], 0, "a list"),
    ],
)
def test_wrong_parameter_counts(counts, points, message, capsys):
    assert ch08.counts(counts, MODEL) == pytest.approx(points)
    assert message in capsys.readouterr().out


# --- answers that are right in another form --------------------------------------------------


FORMS = {
    "Python": lambda value: np.asarray(value).tolist(),
    "tuple": lambda value: tuple(np.asarray(value).tolist()),
    "array": np.asarray,
    "float32": np.float32,
    "tensor": lambda value: tf.constant(value),
}
OTHER_MEANING = {
    # A type is asked for: float32, bool, uint8 or an int.
    "Python": ("ch04.round_through", "ch08.normalise", "ch13.preprocess", "ch10.load_npz"),
    "tuple": ("ch04.round_through", "ch08.normalise", "ch13.preprocess", "ch10.load_npz"),
    "array": ("ch04.round_through",),
    "float32": ("ch04.round_through", "ch01.output_size", "ch09.block_split", "ch10.load_npz"),
}


def in_form(value, form):
    """Return what a right answer gives with each number or array of it in another form."""
    if isinstance(value, tuple):
        return tuple(in_form(part, form) for part in value)
    if isinstance(value, dict):
        return {key: in_form(part, form) for key, part in value.items()}
    try:
        return value if numbers(value) is None else form(value)
    except TypeError:  # a tuple of a number
        return value


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", EXERCISES)
def test_an_answer_in_another_form_is_right(name, form, capsys):
    if name in OTHER_MEANING.get(form, ()):
        return
    asked = EXERCISES[name]
    answer = in_form(reference(asked), FORMS[form])
    if asked not in VALUES:

        def answer(*given, **named):
            return in_form(asked.reference(*given, **named), FORMS[form])

    assert asked(answer, *more(asked)) == asked.points, capsys.readouterr().out


# --- nonsense: never an exception, never a point for nothing ---------------------------------


def not_written(*_, **__):
    raise NotImplementedError


def raises(*_, **__):
    raise ValueError("odd kernel\nsecond line")


def leaves(*_, **__):
    sys.exit("bye")


def prints(*_, **__):
    print("not yet", file=sys.stderr)


NONSENSE = [
    None, "a string", 7, object(), [], {}, not_written, raises, leaves, prints,
    lambda *_, **__: "text",
    lambda *_, **__: float("nan"),
    lambda *_, **__: [[1], [1, 2]],
    lambda *_, **__: object(),
    lambda *_, **__: {"SGD": None},
]  # fmt: skip


@every_exercise
def test_nonsense_gets_nothing_and_no_traceback(asked, capsys):
    for answer in NONSENSE:
        # An empty dict counts no layer that has no weights: the one test that it meets.
        no_layer = answer == {} and asked is ch08.counts
        assert asked(answer, *more(asked)) == (0.75 if no_layer else 0)
        printed = capsys.readouterr()
        assert "not yet: " in printed.out.lower()
        assert "Traceback" not in printed.out + printed.err


@every_exercise
def test_a_stub_gets_one_line_and_the_reference_goes_on(asked, capsys):
    for stub in (None, ...) if asked in VALUES else (None, ..., not_written):
        assert asked(stub, *more(asked)) == 0
        assert capsys.readouterr().out == f"{NOT_YET}\n"
        course = asked.or_reference(stub, *more(asked))
        assert asked(course, *more(asked)) == asked.points
        assert asked.or_reference(course, *more(asked)) is course
        capsys.readouterr()


def test_an_answer_that_is_half_written_keeps_its_points(capsys):
    def half(n, k, stride=1, padding=0):
        if stride > 1:
            raise NotImplementedError
        return n + 2 * padding - k + 1

    assert ch01.output_size(half) == 1.2
    assert f"not yet: stride 2. {NOT_YET}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (7, "A function was expected here, this is an int."),
        (raises, "raised ValueError: odd kernel."),
        (leaves, "raised SystemExit: bye."),
        (prints, "a `return` is missing"),
        (lambda *_, **__: "text", "this is a str"),
        (lambda image, kernel: np.ones((2, 2)), "TypeError"),
    ],
)
def test_each_kind_of_nonsense_is_named(answer, message, capsys):
    ch01.corr2d(answer)
    assert message in capsys.readouterr().out


def test_an_endless_loop_can_still_be_stopped():
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ch01.corr2d(interrupted)


# --- the machinery ---------------------------------------------------------------------------


def made(reference=lambda: 1.0, cases=None, wrong=None, points=4):
    """Return an exercise whose cases have their numbers for labels."""
    asked = Exercise(reference, points)
    asked.cases = {f"case {number}": each for number, each in enumerate(cases or [case()])}
    asked.wrong = wrong or {}
    return asked


def test_points_show_as_a_plain_number_for_nbgrader(capsys):
    assert PlainTextFormatter()(made(points=2)(lambda: 1.0)) == "2.0"
    assert capsys.readouterr().out == "passed: case 0\n2 of 2 points\n"


def test_nothing_reaches_stderr_which_nbgrader_takes_for_a_failure(capfd):
    def answer():
        warnings.warn("look here", stacklevel=1)
        print("and here", file=sys.stderr)
        np.array([1.0]) / 0
        return 1.0

    assert made()(answer) == 4
    assert capfd.readouterr().err == ""


def test_each_case_gives_its_share():
    asked = made(abs, [case(-2), case(2), case(0)])
    assert asked(lambda x: x) == 2.67
    assert asked(lambda x: x + 1e-6 if x >= 0 else -x) == 4  # the tolerance is 1e-5


def double(x, by=2):
    total = x * by
    return total


def test_a_mistake_is_an_edit_a_function_or_a_changed_result():
    wrong = {"edit": ("* by", "+ by"), "function": lambda x, b: b, "changed": Changed(np.square)}
    mistakes = dict(made(double, wrong=wrong).mistakes())
    assert [mistakes[kind](3, by=5) for kind in wrong] == [8, 5, 225]
    assert mistakes["function"](3) == 2


def test_a_function_among_the_cases_says_what_is_wrong(capsys):
    asked = made(double, [lambda call: "It is no int." if call(1) != int(call(1)) else None])
    assert asked(lambda x: 2 * x) == 4
    assert asked(lambda x: 2.5 * x) == 0
    assert asked(lambda x: "text") == 0
    printed = capsys.readouterr().out
    assert "not yet: case 0. It is no int." in printed
    assert "cannot be read: invalid literal" in printed


def test_a_mistake_that_gives_the_right_value_is_not_blamed(capsys):
    asked = made(wrong={"never said": lambda: 1.0, "said": lambda: 2.0})
    assert asked(lambda: 1.0) == 4
    assert asked(lambda: 2.0) == 0
    printed = capsys.readouterr().out
    assert "never said" not in printed
    assert "not yet: case 0. said" in printed


def test_a_mistake_that_cannot_be_made_here_is_passed_over(capsys):
    made(wrong={"no": lambda: np.ones(2) @ np.ones(3), "yes": lambda: 2.0})(lambda: 2.0)
    assert "not yet: case 0. yes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: x, "Nothing has changed"),
        (lambda x: -2 * x, "The sign is reversed."),
        (lambda x: 200 * x, "These are percent"),
        (lambda x: 2 * x.T, "The axes are exchanged"),
        (lambda x: 2 * x[::-1], "their order is reversed"),
    ],
)
def test_every_exercise_knows_the_usual_mistakes(answer, message, capsys):
    assert made(double, [case(np.array([[0.1, 0.2], [0.3, 0.5]]))])(answer) == 0
    assert message in capsys.readouterr().out


def test_the_rubric_names_what_is_tested():
    assert ch01.corr2d.tested.startswith("one row and one column, by hand; a kernel without")
    assert ch01.output_size.tested.endswith("over; the size is an int")
    assert ch01.horizontal.tested == "the kernel responds to horizontal edges only"


def test_an_answer_that_changes_what_it_is_given_is_told_so(capsys):
    asked = made(double, [case(np.ones(3))])

    def in_place(x):
        x *= 2
        return x

    assert asked(in_place) == 0
    assert "work on a copy" in capsys.readouterr().out
    assert asked(lambda x: 2 * x) == 4


def test_a_type_can_be_asked_for(capsys):
    assert made(lambda: np.float32([1]), [case(dtype=np.float32)])(lambda: np.ones(1)) == 0
    assert "of type float64; float32 is needed" in capsys.readouterr().out


def test_the_message_of_last_resort_names_the_first_difference(capsys):
    assert made(lambda: np.array([[1.0, 1], [1, 5]]))(lambda: np.ones((2, 2))) == 0
    said = "1 of 4 values differ; the first at (1, 1): expected 5, got 1."
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (np.ones(2), np.ones((2, 1)), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array([]), None, False),
        (("A", "E"), ("A", "E"), True),
        ([[1], [1, 2]], 1, False),
    ],
)
def test_values_are_the_same_by_shape_and_number(left, right, equal):
    assert same(left, right) is equal


def test_one_chapters_checks_import_no_other_and_no_tensorflow():
    code = (
        "import sys\nfrom asl_helpers.checks import ch06\n"
        "bad = {'tensorflow', 'keras', 'pandas', 'asl_helpers.checks.ch03'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_training_step_may_be_compiled_by_tensorflow():
    import tensorflow as tf

    assert ch04.train_step(tf.function(ch04.train_step.reference)) == ch04.train_step.points
