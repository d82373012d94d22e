"""Checkers of chapter 8: the baseline CNN on Sign Language MNIST."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, compare, kind


@checker(points=3)
def normalise(check: Check, normalise: Callable[[np.ndarray], np.ndarray]) -> None:
    """Check ``normalise(images)``: uint8 (n, 28, 28) -> float32 (n, 28, 28, 1) in 0-1."""
    rng = np.random.default_rng(8)
    cases = [
        ("grey levels from 0 to 255", rng.integers(0, 256, (4, 28, 28), dtype=np.uint8), None),
        ("dark images stay dark", rng.integers(0, 60, (3, 28, 28), dtype=np.uint8), None),
        ("the numbers are float32", np.full((2, 28, 28), 51, dtype=np.uint8), np.float32),
    ]
    for label, images, dtype in cases:
        right = images[..., None] / 255
        mistakes = [
            (
                images / 255,
                "The channel axis is missing: Keras wants (n, height, width, channels).",
            ),
            (right[:, None, :, :, 0], "The channel axis is the last one in Keras, not the second."),
            (images[..., None] // 255, "`//` drops the fraction: divide with `/`."),
            (images[..., None].astype(float), "The values still reach 255: divide them by 255."),
            (images[..., None] / 256, "Divided by 256: the largest of the 256 grey levels is 255."),
            (
                images[..., None] / images.max(),
                "Divided by the largest value present: a dark image would turn bright, and each "
                "set would be scaled in its own way. Divide by 255.",
            ),
            (right * 2 - 1, "This is the range from -1 to 1; from 0 to 1 is asked for."),
            (
                (images[..., None] - images.mean()) / images.std(),
                "This is standardised (mean 0, deviation 1); from 0 to 1 is asked for.",
            ),
        ]
        check.call(label, normalise, images, expected=right, mistakes=mistakes, dtype=dtype)


@checker(points=3)
def counts(check: Check, counts: dict[str, int], model: Any) -> None:
    """Check ``counts``, weights and biases of each layer by name, against ``model``'s layers."""
    layers = [layer for layer in model.layers if layer.weights]
    if not isinstance(counts, dict):
        message = f"A dict of layer name and count was expected, this is {kind(counts)}."
        check.record("a count for each layer", message)
        return
    for layer in layers:
        shapes = [tuple(weight.shape) for weight in layer.weights]
        total = sum(math.prod(shape) for shape in shapes)
        label = f"layer {layer.name!r}"
        if layer.name not in counts:
            check.record(label, "It is missing from your dict: look at the names in the summary.")
            continue
        mistakes = _parameter_mistakes(shapes[0], bias=len(shapes) > 1)
        check.record(label, compare(counts[layer.name], total, mistakes))
    extra = sorted(set(map(str, counts)) - {layer.name for layer in layers})
    message = f"{', '.join(extra)}: no layer with weights has this name." if extra else None
    check.record("no layer without weights is counted", message)


@checker(points=3)
def most_confused(
    check: Check, most_confused: Callable[[np.ndarray, list[str]], tuple[str, str]]
) -> None:
    """Check ``most_confused(matrix, class_names) -> (true, predicted)`` of a confusion matrix.

    Rows of ``matrix`` are true classes, columns predicted ones, both in ``class_names``' order.
    """
    cases = [
        ("three letters", [[8, 1, 0], [4, 5, 3], [0, 3, 9]], ["A", "E", "S"]),
        ("the largest is below the diagonal", [[9, 2, 1], [0, 7, 1], [1, 6, 4]], ["M", "N", "T"]),
        (
            "a class that is never right",
            [[0, 5, 1, 0], [1, 9, 0, 1], [0, 0, 9, 3], [1, 0, 4, 8]],
            list("UVRK"),
        ),
    ]
    for label, rows, names in cases:
        matrix = np.array(rows)
        off = matrix - np.diag(np.diag(matrix))
        row, column = (int(place) for place in np.unravel_index(off.argmax(), off.shape))
        whole = np.unravel_index(matrix.argmax(), matrix.shape)
        both = off + off.T
        pair = np.unravel_index(both.argmax(), both.shape)
        mistakes: list[tuple[Any, str]] = [
            (
                tuple(names[place] for place in whole),
                "These are right answers: the diagonal counts them, so leave it out.",
            ),
            (
                (names[column], names[row]),
                "True and predicted are exchanged: rows are the true ones.",
            ),
            ((row, column), "These are places in the matrix: return the class names."),
            ((column, row), "These are places, and exchanged: return names, the true one first."),
            (
                tuple(names[place] for place in pair),
                "Both directions are added up: A read as E and E read as A are two mistakes.",
            ),
        ]
        answer = (names[row], names[column])
        check.call(
            label, _as_pair(most_confused), matrix, names, expected=answer, mistakes=mistakes
        )


@checker(points=2)
def leaked_share(check: Check, leaked_share: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """Check ``leaked_share(train_scenes, test_scenes)``, the share of leaked test pictures."""
    cases = [
        ("some scenes on both sides", [0, 0, 1, 2, 9], [0, 0, 0, 0, 2, 5, 5, 6, 7, 7, 8, 8]),
        ("no scene on both sides", [3, 3, 1], [2, 2, 4]),
        ("every test picture has a near-copy", [4, 5, 6, 6, 7], [6, 5, 5]),
        ("one scene, many pictures", [1, 2], [1] * 9 + [3]),
    ]
    for label, train, test in cases:
        seen, asked = np.array(train), np.array(test)
        copies = np.isin(asked, seen)
        scenes = np.isin(np.unique(asked), seen)
        mistakes = [
            (int(copies.sum()), "This is a number of pictures: divide it by the test pictures."),
            (100 * copies.mean(), "This is in percent: a share from 0 to 1 is asked for."),
            (1 - copies.mean(), "These are the pictures without a near-copy in training."),
            (
                scenes.mean(),
                "This is a share of scenes: a scene with more test pictures counts more.",
            ),
            (
                np.isin(seen, asked).mean(),
                "This is the share of training pictures: the test pictures are asked for.",
            ),
            (
                copies.sum() / len(seen),
                "Divided by the number of training pictures: divide by that of the test.",
            ),
        ]
        check.call(label, leaked_share, seen, asked, expected=copies.mean(), mistakes=mistakes)


def _as_pair(function: Any) -> Any:
    """Let an answer be a list or an array of two as well: the pair is what is asked for."""
    if not callable(function):
        return function

    def answer(matrix: np.ndarray, names: list[str]) -> Any:
        value = function(matrix, names)
        is_pair = isinstance(value, (list, tuple, np.ndarray)) and len(value) == 2
        return (
            tuple(part.item() if hasattr(part, "item") else part for part in value)
            if is_pair
            else value
        )

    return answer


def _parameter_mistakes(kernel: tuple[int, ...], bias: bool) -> list[tuple[Any, str]]:
    """Return what usual slips give for a layer with this kernel shape, and what to say to them."""
    weights, outputs = math.prod(kernel), kernel[-1]
    mistakes: list[tuple[Any, str]] = [
        (weights, "You forgot the biases: one for each output."),
        (weights + 1, "One bias is counted; there is one for each output."),
        (weights + weights, "A bias for each weight is counted; there is one for each output."),
    ]
    if not bias:
        mistakes = [(weights + outputs, "Biases are counted, but this layer has none.")]
    if len(kernel) == 4:
        height, width, _, _ = kernel
        mistakes += [
            (
                height * width * outputs + outputs,
                "The input channels are missing: each filter has a plane of weights for each one.",
            ),
            (height * width + outputs, "That is one plane of one filter: multiply by both."),
            (
                height * kernel[2] * outputs + outputs,
                "A kernel has a height and a width: multiply by both.",
            ),
        ]
    return mistakes
