"""Checkers of chapter 8: the baseline CNN on Sign Language MNIST."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from asl_helpers.checks.core import Changed, as_tuple, case, compare, exercise, kind


@exercise(points=3)
def normalise(images):
    return (images[..., None] / 255).astype(np.float32)


_RNG = np.random.default_rng(8)

normalise.cases = {
    "gray levels from 0 to 255": case(_RNG.integers(0, 256, (4, 28, 28), dtype=np.uint8)),
    "dark images stay dark": case(_RNG.integers(0, 60, (3, 28, 28), dtype=np.uint8)),
    "the numbers are float32": case(np.full((2, 28, 28), 51, np.uint8), dtype=np.float32),
}
normalise.wrong = {
    "The channel axis is missing: Keras wants (n, height, width, channels).": ("[..., None]", ""),
    "The channel axis is the last one in Keras, not the second.": ("[..., None]", "[:, None]"),
    "`//` drops the fraction: divide with `/`.": ("/", "//"),
    "The values still reach 255: divide them by 255.": (" / 255", ""),
    "This divides by 256, but the largest gray level is 255.": ("255", "256"),
    "This divides by the largest value present, so a dark image turns bright. Divide by 255.":
        ("255", "images.max()"),
    "This is the range -1 to 1; 0 to 1 is asked for.": ("/ 255", "/ 127.5 - 1"),
    "This is standardized; the range 0 to 1 is asked for.":
        ("images[..., None] / 255", "(images[..., None] - images.mean()) / images.std()"),
}  # fmt: skip


@exercise(points=3)
def counts(model):
    layers = (layer for layer in model.layers if layer.weights)
    return {each.name: sum(math.prod(weight.shape) for weight in each.weights) for each in layers}


def _each_layer(answer: Any, model: Any) -> Iterator[tuple[str, str | None]]:
    """Check that the weights and biases of each layer are counted, and of no other."""
    if not isinstance(answer, dict):
        message = f"A dict of layer name and count was expected, this is {kind(answer)}."
        yield "a count for each layer", message
        return
    right = counts.reference(model)
    for layer in model.layers:
        if layer.name in right:
            message = "It is missing from your dict: look at the names in the summary."
            if layer.name in answer:
                known = _wrong_counts(*(tuple(weight.shape) for weight in layer.weights))
                message = compare(answer[layer.name], right[layer.name], known.items())
            yield f"layer {layer.name!r}", message
    extra = ", ".join(sorted(set(map(str, answer)) - set(right)))
    message = f"{extra}: no layer with weights has this name." if extra else None
    yield "no layer without weights is counted", message


def _wrong_counts(kernel: tuple[int, ...], bias: tuple[int, ...] = ()) -> dict[str, int]:
    """Return message -> the count that it is for, of a layer with weights of these shapes."""
    weights, outputs = math.prod(kernel), kernel[-1]
    if not bias:
        known = {"Biases are counted, but this layer has none.": weights + outputs}
    else:
        known = {
            "You forgot the biases: one for each output.": weights,
            "One bias is counted; there is one for each output.": weights + 1,
            "A bias for each weight is counted; there is one for each output.": 2 * weights,
        }
    if len(kernel) == 4:
        height, width, channels, _ = kernel
        known |= {
            "The input channels are missing: each filter has a plane of weights for each one.":
                height * width * outputs + outputs,
            "That is one plane of one filter: multiply by channels and filters.":
                height * width + outputs,
            "A kernel has a height and a width: multiply by both.":
                height * channels * outputs + outputs,
        }  # fmt: skip
    return known


counts.cases = _each_layer


@exercise(points=3, read=as_tuple)
def most_confused(matrix, class_names):
    mistakes = matrix - np.diag(matrix.diagonal())
    row, column = np.unravel_index(mistakes.argmax(), matrix.shape)
    return class_names[row], class_names[column]


_NEVER = np.array([[0, 5, 1, 0], [1, 9, 0, 1], [0, 0, 9, 3], [1, 0, 4, 8]])

most_confused.cases = {
    "three letters": case(np.array([[8, 1, 0], [4, 5, 3], [0, 3, 9]]), ["A", "E", "S"]),
    "the largest is below the diagonal":
        case(np.array([[9, 2, 1], [0, 7, 1], [1, 6, 4]]), ["M", "N", "T"]),
    "a class that is never right": case(_NEVER, list("UVRK")),
}  # fmt: skip
most_confused.wrong = {
    "These are right answers: leave out the diagonal.": (" - np.diag(matrix.diagonal())", ""),
    "True and predicted are exchanged: rows are true.": Changed(lambda pair: pair[::-1]),
    "These are indices: return the class names.":
        ("class_names[row], class_names[column]", "row, column"),
    "Both directions are added up, but they are two different mistakes.":
        lambda matrix, names: most_confused.reference(matrix + matrix.T, names),
}  # fmt: skip


@exercise(points=2)
def leaked_share(train_scenes, test_scenes):
    return np.isin(test_scenes, train_scenes).mean()


leaked_share.cases = {
    "some scenes on both sides":
        case(np.array([0, 0, 1, 2, 9]), np.array([0, 0, 0, 0, 2, 5, 5, 6, 7, 7, 8, 8])),
    "no scene on both sides": case(np.array([3, 3, 1]), np.array([2, 2, 4])),
    "every test image has a near-copy": case(np.array([4, 5, 6, 6, 7]), np.array([6, 5, 5])),
    "one scene, many images": case(np.array([1, 2]), np.array([1] * 9 + [3])),
}  # fmt: skip
leaked_share.wrong = {
    "This is a number of images: divide it by all test images.": ("mean", "sum"),
    "These are the images without a near-copy.": ("np.isin", "1 - np.isin"),
    "This is a share of scenes: count images.": ("(test_scenes", "(np.unique(test_scenes)"),
    "This is a share of the training images: test images are asked for.":
        ("test_scenes, train_scenes", "train_scenes, test_scenes"),
}  # fmt: skip
