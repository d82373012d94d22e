"""Every checker on its reference, on the wrong answers that it declares, and on nonsense."""

import importlib
import math
import subprocess
import sys
import warnings
from collections import namedtuple

import numpy as np
import pytest
from IPython.core.formatters import PlainTextFormatter

from asl_helpers.checks import ch01, ch08
from asl_helpers.checks.core import NOT_YET, Exercise, Points, case, same

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
    for chapter in (f"ch{number:02}" for number in range(1, 20))
    for name, each in vars(importlib.import_module(f"asl_helpers.checks.{chapter}")).items()
    if isinstance(each, Exercise)
}
every_exercise = pytest.mark.parametrize("name", EXERCISES)


def more(name):
    """Return what a checker takes beside the answer: one of them needs a model."""
    return [MODEL] if EXERCISES[name] is ch08.counts else []


def check(name, answer):
    return EXERCISES[name](answer, *more(name))


@every_exercise
def test_the_reference_gets_every_point(name, capsys):
    exercise = EXERCISES[name]
    points = check(name, COUNTS if exercise is ch08.counts else exercise.reference)
    printed = capsys.readouterr()
    assert points == points.out_of == exercise.points > 0
    assert "not yet" not in printed.out
    assert printed.out.count("passed: ") >= 3
    assert printed.err == ""


@every_exercise
def test_a_wrong_answer_is_told_why_and_loses_points(name, capsys):
    mistakes = list(EXERCISES[name].mistakes())
    assert len(mistakes) >= 4 or EXERCISES[name] is ch08.counts
    for message, answer in mistakes:
        assert check(name, answer) < EXERCISES[name].points, message
        printed = capsys.readouterr()
        assert message in printed.out
        assert printed.err == ""


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
def test_nonsense_gets_nothing_and_no_traceback(name, capsys):
    for answer in NONSENSE:
        # An empty dict counts no layer that has no weights: the one test that it meets.
        no_layer = answer == {} and EXERCISES[name] is ch08.counts
        assert check(name, answer) == (0.75 if no_layer else 0)
        printed = capsys.readouterr()
        assert "not yet: " in printed.out.lower()
        assert "Traceback" not in printed.out + printed.err


@every_exercise
def test_a_stub_gets_one_line_and_the_reference_goes_on(name, capsys):
    is_value = EXERCISES[name] in (ch01.horizontal, ch08.counts)
    for stub in (None, ...) if is_value else (None, ..., not_written):
        assert check(name, stub) == 0
        assert capsys.readouterr().out == f"{NOT_YET}\n"
        course = EXERCISES[name].or_reference(stub, *more(name))
        assert check(name, course) == EXERCISES[name].points
        assert EXERCISES[name].or_reference(course, *more(name)) is course
        capsys.readouterr()


@every_exercise
def test_a_wrong_answer_is_replaced_by_the_reference(name):
    wrong = next(EXERCISES[name].mistakes(), (None, 7))[1]
    assert check(name, EXERCISES[name].or_reference(wrong, *more(name))) == EXERCISES[name].points


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
        (not_written, "replace the stub with your own code"),
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


def exercise(reference=lambda: 1.0, **options):
    return Exercise(4, reference, **{"cases": {"one": case()}, **options})


def test_points_show_as_a_plain_number_for_nbgrader():
    assert PlainTextFormatter()(Points(2, 4)) == "2.0"
    assert float(PlainTextFormatter()(Points(1.33, 4))) == 1.33


@pytest.mark.parametrize(("earned", "held"), [(math.nan, 0), (-1, 0), (9, 4), (math.inf, 0)])
def test_points_never_leave_their_range(earned, held):
    assert Points(earned, 4) == held


def test_nothing_reaches_stderr_which_nbgrader_takes_for_a_failure(capfd):
    def answer():
        warnings.warn("look here", stacklevel=1)
        print("and here", file=sys.stderr)
        np.array([1.0]) / 0
        return 1.0

    assert exercise()(answer) == 4
    assert capfd.readouterr().err == ""


def test_a_checker_without_a_test_gives_no_point():
    assert exercise(cases={})(None) == 0


def test_each_case_gives_its_share():
    asked = exercise(abs, cases={"below": case(-2), "above": case(2), "zero": case(0)})
    assert asked(lambda x: x) == 2.67
    assert asked(lambda x: x + 1e-6 if x >= 0 else -x) == 4  # the tolerance is 1e-5


def test_a_mistake_that_gives_the_right_value_is_not_blamed(capsys):
    symmetric = exercise(misconceptions={"never said": lambda: 1.0, "said": lambda: 2.0})
    assert symmetric(lambda: 1.0) == 4
    assert symmetric(lambda: 2.0) == 0
    printed = capsys.readouterr().out
    assert "never said" not in printed
    assert "not yet: one. said" in printed


def test_a_mistake_that_cannot_be_made_here_is_passed_over(capsys):
    shaped = exercise(misconceptions={"no": lambda: np.ones(2) @ np.ones(3), "yes": lambda: 2.0})
    shaped(lambda: 2.0)
    assert "not yet: one. yes" in capsys.readouterr().out


def test_misconceptions_get_their_arguments_by_position_and_answers_as_the_case_says():
    scaled = exercise(
        lambda x, by=2: x * by,
        cases={"as it is": case(3), "by name": case(3, by=5)},
        misconceptions={"added": lambda x, b: x + b},
    )
    assert scaled(lambda x, by=2: x * by) == 4
    assert [answer(3, by=5) for _, answer in scaled.mistakes()] == [8]
    assert scaled(lambda x, factor=2: x * factor) == 2


def test_the_rubric_names_the_cases_and_what_else_is_tested():
    assert ch01.corr2d.tested.startswith("one row and one column, by hand; a kernel without")
    assert ch01.output_size.tested.endswith("over; the size is an int")


def test_an_answer_that_changes_what_it_is_given_is_told_so(capsys):
    doubled = exercise(lambda x: 2 * x, cases={"an array": case(np.ones(3))})

    def in_place(x):
        x *= 2
        return x

    assert doubled(in_place) == 0
    assert "work on a copy" in capsys.readouterr().out
    assert doubled(lambda x: 2 * x) == 4


def test_a_type_can_be_asked_for(capsys):
    small = exercise(lambda: np.float32([1]), cases={"one": case(dtype=np.float32)})
    assert small(lambda: np.ones(1)) == 0
    assert "of type float64; float32 is needed" in capsys.readouterr().out


def test_the_message_of_last_resort_names_the_first_difference(capsys):
    assert exercise(lambda: np.array([[1.0, 1], [1, 5]]))(lambda: np.ones((2, 2))) == 0
    assert (
        "1 of 4 values differ; the first at (1, 1): expected 5, got 1." in capsys.readouterr().out
    )


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
        "import sys\nfrom asl_helpers.checks import ch03\n"
        "bad = {'tensorflow', 'keras', 'pandas', 'asl_helpers.checks.ch04'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
