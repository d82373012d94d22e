"""Every checker on the reference, on plausible wrong answers and on nonsense.

The answers of chapters 1 and 8 stand here; each later chapter has a module ``answers_chNN.py``.
"""

import importlib
import math
import sys
import warnings
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from IPython.core.formatters import PlainTextFormatter

from asl_helpers.checks import ch01, ch08
from asl_helpers.checks.core import Points, checker

# --- answers: the reference of each exercise -------------------------------------------------


def output_size(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride + 1


def corr2d(image, kernel, stride=1, padding=0):
    image = np.pad(image, padding)
    rows = output_size(image.shape[0], kernel.shape[0], stride)
    columns = output_size(image.shape[1], kernel.shape[1], stride)
    out = np.zeros((rows, columns))
    for m in range(rows):
        for n in range(columns):
            top, left = m * stride, n * stride
            window = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            out[m, n] = (window * kernel).sum()
    return out


SOBEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])


def conv2d(images, kernel, bias):
    maps = [
        [
            sum(corr2d(image[..., c], kernel[..., c, f]) for c in range(image.shape[-1])) + bias[f]
            for f in range(kernel.shape[-1])
        ]
        for image in images
    ]
    return np.moveaxis(np.array(maps), 1, -1)


def normalise(images):
    return images[..., np.newaxis].astype(np.float32) / 255


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


def most_confused(matrix, class_names):
    off = matrix.copy()
    np.fill_diagonal(off, 0)
    row, column = np.unravel_index(off.argmax(), off.shape)
    return class_names[row], class_names[column]


def leaked_share(train_scenes, test_scenes):
    return np.isin(test_scenes, train_scenes).mean()


REFERENCES = {
    ch01.output_size: (output_size,),
    ch01.corr2d: (corr2d,),
    ch01.horizontal: (SOBEL,),
    ch01.conv2d: (conv2d,),
    ch08.normalise: (normalise,),
    ch08.counts: (COUNTS, MODEL),
    ch08.most_confused: (most_confused,),
    ch08.leaked_share: (leaked_share,),
}

LATER = [
    importlib.import_module(path.stem)
    for path in sorted(Path(__file__).parent.glob("answers_ch*.py"))
]
"""Modules with REFERENCES (checker -> its arguments) and WRONG (as below)."""

for module in LATER:
    REFERENCES |= module.REFERENCES


def name(value):
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("check", "answer"), REFERENCES.items(), ids=name)
def test_the_reference_gets_every_point(check, answer, capsys):
    points = check(*answer)
    printed = capsys.readouterr()
    assert points == points.out_of == check.points > 0
    assert "not yet" not in printed.out
    assert printed.out.count("passed: ") >= 3
    assert printed.err == ""


def test_every_public_checker_has_a_reference_here():
    modules = [importlib.import_module(f"asl_helpers.checks.ch{n:02}") for n in range(1, 20)]
    public = {
        each for module in modules for each in vars(module).values() if hasattr(each, "points")
    }
    assert public == set(REFERENCES)


# --- plausible wrong answers: (checker, answer, points, part of the message) -----------------


def flipped(image, kernel, stride=1, padding=0):
    return corr2d(image, kernel[::-1, ::-1], stride, padding)


def dilated(image, kernel, stride=1, padding=0):
    spread = np.zeros([(side - 1) * stride + 1 for side in kernel.shape])
    spread[::stride, ::stride] = kernel
    return corr2d(image, spread, 1, padding)


def full(image, kernel, stride=1, padding=0):
    rows, columns = (side - 1 for side in kernel.shape)
    return corr2d(np.pad(image, ((rows, rows), (columns, columns))), kernel, stride)


def one_sided(image, kernel, stride=1, padding=0):
    return corr2d(np.pad(image, ((0, padding), (0, padding))), kernel, stride)


def one_number(image, kernel, stride=1, padding=0):
    return corr2d(image, kernel, stride, padding).sum()


def one_short(image, kernel, stride=1, padding=0):
    return corr2d(image, kernel, stride, padding)[:-1, :-1]


def rows_only(image, kernel, stride=1, padding=0):
    return corr2d(image, kernel, 1, padding)[::stride]


def changes_the_input(image, kernel, stride=1, padding=0):
    image *= 2
    return corr2d(image / 2, kernel, stride, padding)


def in_place_confusions(matrix, class_names):
    np.fill_diagonal(matrix, 0)
    return most_confused(matrix, class_names)


def with_diagonal(matrix, class_names):
    row, column = np.unravel_index(matrix.argmax(), matrix.shape)
    return class_names[row], class_names[column]


def places(matrix, class_names):
    return tuple(class_names.index(name) for name in most_confused(matrix, class_names))


def added_up(matrix, class_names):
    return most_confused(matrix + matrix.T, class_names)


WRONG = [
    (ch01.output_size, lambda n, k, stride=1, padding=0: (n + 2 * padding - k) // stride,
     0.4, "add 1"),
    (ch01.output_size, lambda n, k, stride=1, padding=0: (n + padding - k) // stride + 1,
     1.6, "both ends"),
    (ch01.output_size,
     lambda n, k, stride=1, padding=0: math.ceil((n + 2 * padding - k) / stride) + 1, 1.6,
     "round down"),
    (ch01.output_size, lambda n, k, stride=1, padding=0: (n + 2 * padding - k) / stride + 1,
     1.2, "//"),
    (ch01.output_size, lambda n, k, stride=1, padding=0: n - k + 1 + 2 * padding, 1.2,
     "stride is ignored"),
    (ch01.corr2d, flipped, 0, "convolution as mathematics"),
    (ch01.corr2d, dilated, 2.4, "stride is applied to the kernel"),
    (ch01.corr2d, full, 0, "'full' padding"),
    (ch01.corr2d, one_sided, 2.4, "all four sides"),
    (ch01.corr2d, one_number, 0, "each place"),
    (ch01.corr2d, one_short, 0, "last row and column"),
    (ch01.corr2d, rows_only, 2.4, "rows only"),
    (ch01.corr2d, changes_the_input, 0, "work on a copy"),
    (ch01.corr2d, lambda image, kernel: corr2d(image, kernel), 1.6, "TypeError"),
    (ch01.corr2d,
     lambda image, kernel, stride=1, padding=0: corr2d(image, kernel, stride), 2.4,
     "padding is ignored"),
    (ch01.horizontal, SOBEL.T, 0.5, "Transpose"),
    (ch01.horizontal, np.zeros((3, 3)), 0.5, "says nothing"),
    (ch01.horizontal, np.ones((3, 3)) / 9, 0.5, "no peak"),
    (ch01.horizontal, SOBEL + np.diag([0, 1, 0]), 1.5, "add up to 0"),
    (ch01.horizontal, SOBEL + SOBEL.T, 1.5, "left to right"),
    (ch01.horizontal, SOBEL[:2], 0, "(2, 3)"),
    (ch01.conv2d, lambda i, k, b: conv2d(i, k, 0 * b), 2.67, "forgot the bias"),
    (ch01.conv2d, lambda i, k, b: conv2d(i, k[::-1, ::-1], b), 0, "flipped"),
    (ch01.conv2d, lambda i, k, b: conv2d(i[..., :1], k[:, :, :1], b), 1.33,
     "first channel"),
    (ch01.conv2d, lambda i, k, b: conv2d(i, k / k.shape[2], b), 1.33, "mean"),
    (ch01.conv2d, lambda i, k, b: conv2d(i, k, b * k.shape[2]), 2.67, "once a channel"),
    (ch08.normalise, lambda x: x / 255, 0, "channel axis is missing"),
    (ch08.normalise, lambda x: x[:, None].astype("float32") / 255, 0, "last one"),
    (ch08.normalise, lambda x: x[..., None] / 255, 2, "float64"),
    (ch08.normalise, lambda x: x[..., None] / x.max(), 1, "largest value present"),
    (ch08.normalise, lambda x: x[..., None].astype("float32") / 256, 0, "Divided by 256"),
    (ch08.normalise, lambda x: x[..., None] // 255, 0, "drops the fraction"),
    (ch08.most_confused, with_diagonal, 0, "leave it out"),
    (ch08.most_confused, lambda m, n: most_confused(m, n)[::-1], 0, "exchanged"),
    (ch08.most_confused, places, 0, "return the class names"),
    (ch08.most_confused, added_up, 0, "two mistakes"),
    (ch08.most_confused, in_place_confusions, 0, "work on a copy"),
    (ch08.leaked_share, lambda train, test: np.isin(test, train).sum(), 0.5, "divide it by"),
    (ch08.leaked_share, lambda train, test: 100 * leaked_share(train, test), 0.5, "percent"),
    (ch08.leaked_share, lambda train, test: 1 - leaked_share(train, test), 0, "a near-copy"),
    (ch08.leaked_share, lambda train, test: leaked_share(test, train), 0.5, "training pictures"),
    (ch08.leaked_share, lambda train, test: np.isin(np.unique(test), train).mean(), 1, "of scenes"),
]  # fmt: skip

for module in LATER:
    WRONG += module.WRONG


@pytest.mark.parametrize(("check", "answer", "points", "message"), WRONG)
def test_a_wrong_answer_gets_its_points_and_is_told_why(check, answer, points, message, capsys):
    assert check(answer) == pytest.approx(points)
    printed = capsys.readouterr()
    assert message in printed.out
    assert "not yet: " in printed.out
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
        (None, 0, "None"),
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


NONSENSE = [
    None, "a string", 7, object(), [], {}, not_written, raises, leaves,
    lambda *_, **__: None,
    lambda *_, **__: "text",
    lambda *_, **__: float("nan"),
    lambda *_, **__: [[1], [1, 2]],
    lambda *_, **__: object(),
]  # fmt: skip


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))  # no addresses in names
@pytest.mark.parametrize("check", REFERENCES, ids=name)
def test_nonsense_gets_nothing_and_no_traceback(check, answer, capsys):
    points = check(answer, *REFERENCES[check][1:])
    # An empty dict counts no layer that has no weights: the one test that it meets.
    assert points == (0.75 if answer == {} and check is ch08.counts else 0)
    printed = capsys.readouterr()
    assert "not yet: " in printed.out
    assert "Traceback" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "A function was expected here, this is None."),
        (not_written, "Nothing is written yet"),
        (raises, "raised ValueError: odd kernel."),
        (leaves, "raised SystemExit: bye."),
        (lambda *_, **__: None, "a `return` is missing"),
        (lambda *_, **__: "text", "this is a str"),
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


def test_points_show_as_a_plain_number_for_nbgrader():
    assert PlainTextFormatter()(Points(2, 4)) == "2.0"
    assert float(PlainTextFormatter()(Points(1.33, 4))) == 1.33


@pytest.mark.parametrize(("earned", "held"), [(math.nan, 0), (-1, 0), (9, 4), (math.inf, 0)])
def test_points_never_leave_their_range(earned, held):
    assert Points(earned, 4) == held


def test_nothing_reaches_stderr_which_nbgrader_takes_for_a_failure(capfd):
    @checker(points=1)
    def noisy(check, function):
        check.call("noisy", function, expected=1.0)

    def answer():
        warnings.warn("look here", stacklevel=1)
        print("and here", file=sys.stderr)
        np.array([1.0]) / 0
        return 1.0

    assert noisy(answer) == 1
    assert capfd.readouterr().err == ""


def test_a_checker_without_a_test_gives_no_point():
    @checker(points=3)
    def empty(check, answer):
        pass

    assert empty(None) == 0


def test_a_mistake_that_gives_the_right_value_is_not_blamed(capsys):
    @checker(points=1)
    def symmetric(check, answer):
        check.call("one", answer, expected=1.0, mistakes=[(1.0, "never said"), (2.0, "said")])

    assert symmetric(lambda: 1.0) == 1
    assert symmetric(lambda: 2.0) == 0
    printed = capsys.readouterr().out
    assert "never said" not in printed
    assert "not yet: one. said" in printed


def test_the_message_of_last_resort_names_the_first_place(capsys):
    wrong = corr2d(np.ones((2, 2)), np.ones((1, 1)))

    @checker(points=1)
    def plain(check, answer):
        check.call("plain", answer, expected=np.array([[1.0, 1], [1, 5]]))

    assert plain(lambda: wrong) == 0
    assert (
        "1 of 4 values differ; the first at (1, 1): expected 5, got 1." in capsys.readouterr().out
    )
