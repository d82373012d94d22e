"""Checkers of chapter 8: the baseline CNN on Sign Language MNIST."""

import math
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, Exercise, as_tuple, case, compare, kind

_RNG = np.random.default_rng(8)

normalise = Exercise(
    points=3,
    reference=lambda images: (images[..., None] / 255).astype(np.float32),
    cases={
        "grey levels from 0 to 255": case(_RNG.integers(0, 256, (4, 28, 28), dtype=np.uint8)),
        "dark images stay dark": case(_RNG.integers(0, 60, (3, 28, 28), dtype=np.uint8)),
        "the numbers are float32": case(np.full((2, 28, 28), 51, np.uint8), dtype=np.float32),
    },
    misconceptions={
        "The channel axis is missing: Keras wants (n, height, width, channels).": lambda x: x / 255,
        "The channel axis is the last one in Keras, not the second.": lambda x: x[:, None] / 255,
        "`//` drops the fraction: divide with `/`.": lambda x: x[..., None] // 255,
        "The values still reach 255: divide them by 255.": lambda x: x[..., None].astype(float),
        "Divided by 256: the largest of the 256 grey levels is 255.": lambda x: x[..., None] / 256,
        "Divided by the largest value present: a dark image would turn bright. Divide by 255.":
            lambda x: x[..., None] / x.max(),
        "This is the range -1 to 1; 0 to 1 is asked for.": lambda x: x[..., None] / 127.5 - 1,
        "Standardised; from 0 to 1 is asked for.": lambda x: (x[..., None] - x.mean()) / x.std(),
    },
)  # fmt: skip


def _each_layer(check: Check, answer: Any, model: Any) -> None:
    """Check that the weights and biases of each layer are counted, and of no other."""
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    if not isinstance(answer, dict):
        message = f"A dict of layer name and count was expected, this is {kind(answer)}."
        check.record("a count for each layer", message)
        return
    for name, layer in layers.items():
        shapes = [tuple(weight.shape) for weight in layer.weights]
        total = sum(math.prod(shape) for shape in shapes)
        message = "It is missing from your dict: look at the names in the summary."
        if name in answer:
            known = _wrong_counts(shapes[0], bias=len(shapes) > 1)
            message = compare(answer[name], total, known.items())
        check.record(f"layer {name!r}", message)
    extra = sorted(set(map(str, answer)) - set(layers))
    message = f"{', '.join(extra)}: no layer with weights has this name." if extra else None
    check.record("no layer without weights is counted", message)


def _wrong_counts(kernel: tuple[int, ...], bias: bool) -> dict[str, int]:
    """Return message -> the count that it is for, of a layer with this kernel shape."""
    weights, outputs = math.prod(kernel), kernel[-1]
    counts = {
        "You forgot the biases: one for each output.": weights,
        "One bias is counted; there is one for each output.": weights + 1,
        "A bias for each weight is counted; there is one for each output.": 2 * weights,
    }
    if not bias:
        counts = {"Biases are counted, but this layer has none.": weights + outputs}
    if len(kernel) == 4:
        height, width, channels, _ = kernel
        counts |= {
            "The input channels are missing: each filter has a plane of weights for each one.":
                height * width * outputs + outputs,
            "That is one plane of one filter: multiply by both.": height * width + outputs,
            "A kernel has a height and a width: multiply by both.":
                height * channels * outputs + outputs,
        }  # fmt: skip
    return counts


counts = Exercise(
    points=3,
    reference=lambda model: {
        layer.name: sum(math.prod(weight.shape) for weight in layer.weights)
        for layer in model.layers
        if layer.weights
    },
    tests=_each_layer,
)


def _largest(matrix, off_diagonal=True):
    matrix = matrix - np.diag(np.diag(matrix)) * off_diagonal
    return tuple(int(index) for index in np.unravel_index(matrix.argmax(), matrix.shape))


def _most_confused(matrix, class_names):
    return tuple(class_names[index] for index in _largest(matrix))


_UNREAD = np.array([[0, 5, 1, 0], [1, 9, 0, 1], [0, 0, 9, 3], [1, 0, 4, 8]])

most_confused = Exercise(
    points=3,
    reference=_most_confused,
    read=as_tuple,
    cases={
        "three letters": case(np.array([[8, 1, 0], [4, 5, 3], [0, 3, 9]]), ["A", "E", "S"]),
        "the largest is below the diagonal":
            case(np.array([[9, 2, 1], [0, 7, 1], [1, 6, 4]]), ["M", "N", "T"]),
        "a class that is never right": case(_UNREAD, list("UVRK")),
    },
    misconceptions={
        "These are right answers: leave out the diagonal.":
            lambda m, n: tuple(n[index] for index in _largest(m, off_diagonal=False)),
        "True and predicted are exchanged: rows are true.": lambda m, n: _most_confused(m, n)[::-1],
        "These are places: return the class names.": lambda m, n: _largest(m),
        "Both directions are added up: they are two mistakes.":
            lambda m, n: _most_confused(m + m.T, n),
    },
)  # fmt: skip


def _scenes(train, test):
    return case(np.array(train), np.array(test))


leaked_share = Exercise(
    points=2,
    reference=lambda train_scenes, test_scenes: np.isin(test_scenes, train_scenes).mean(),
    cases={
        "some scenes on both sides": _scenes([0, 0, 1, 2, 9], [0, 0, 0, 0, 2, 5, 5, 6, 7, 7, 8, 8]),
        "no scene on both sides": _scenes([3, 3, 1], [2, 2, 4]),
        "every test picture has a near-copy": _scenes([4, 5, 6, 6, 7], [6, 5, 5]),
        "one scene, many pictures": _scenes([1, 2], [1] * 9 + [3]),
    },
    misconceptions={
        "This is a number: divide it by the test pictures.": lambda t, e: np.isin(e, t).sum(),
        "In percent: a share from 0 to 1 is asked for.": lambda t, e: 100 * np.isin(e, t).mean(),
        "These are the pictures without a near-copy.": lambda t, e: 1 - np.isin(e, t).mean(),
        "This is a share of scenes: count pictures.": lambda t, e: np.isin(np.unique(e), t).mean(),
        "A share of training pictures: ask for test pictures.": lambda t, e: np.isin(t, e).mean(),
    },
)  # fmt: skip
