"""Checkers of chapter 13: MobileNetV2, frozen and fine-tuned."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from asl_helpers.checks.core import Check, checker, kind, run
from asl_helpers.evaluation import softmax

Function = Callable[..., Any]
BLOCKS = 16
_PARTS = ("expand", "depthwise", "project")


@checker(points=4)
def head_step(check: Check, head_step: Function) -> None:
    """Check ``head_step(features, labels, weights, rate)``: the weights after one step."""
    rng = np.random.default_rng(13)
    cases = [
        ("the first step, from zeros", 6, 4, 3, 0.0, 0.5),
        ("a later step", 5, 3, 4, 1.0, 0.1),
        ("one picture", 1, 3, 3, 1.0, 2.0),
        ("logits in the thousands", 4, 3, 3, 900.0, 1.0),
    ]
    for label, n, channels, classes, size, rate in cases:
        features = rng.uniform(0, 2, (n, channels))
        labels = rng.permutation(np.arange(n) % classes)
        weights = size * rng.normal(size=(channels, classes))
        check.call(
            label,
            head_step,
            features,
            labels,
            weights,
            rate,
            expected=_step(features, labels, weights, rate),
            mistakes=_step_mistakes(features, labels, weights, rate),
        )


@checker(points=3)
def moving(check: Check, moving: Function) -> None:
    """Check ``moving(layers, last_blocks)``: names of the layers that are trained, in order."""
    cases = [
        ("the last block and what lies above", 1),
        ("three blocks", 3),
        ("from block 9 on", 8),
        ("all blocks with a number", 16),
    ]
    for label, last_blocks in cases:
        check.record(label, _moving_message(moving, _layers(), last_blocks))


@checker(points=3)
def rate_of(check: Check, rate_of: Function) -> None:
    """Check ``rate_of(depth, step, steps, rate, decay)``: layer-wise decay times a cosine."""
    cases = [
        ("the head's first step", (0, 0, 100, 0.5, 0.8)),
        ("the first step, three layers down", (3, 0, 100, 0.5, 0.8)),
        ("the head in the middle", (0, 50, 100, 0.5, 0.8)),
        ("a quarter of the way, five layers down", (5, 10, 40, 2.0, 0.5)),
        ("the end", (2, 60, 60, 3.0, 0.7)),
    ]
    for label, (depth, step, steps, rate, decay) in cases:
        share = step / steps
        half = (1 + np.cos(np.pi * share)) / 2
        factor = decay**depth
        mistakes = [
            (rate * half, "Every layer at one rate: each layer down costs a factor `decay`."),
            (rate * factor, "The same rate at every step: the cosine is missing."),
            (rate * factor * (1 + np.cos(np.pi * share)), "Twice too much: half of 1 + cos."),
            (rate * factor * np.cos(np.pi * share), "A bare cosine falls below 0: (1 + cos) / 2."),
            (rate * factor * (1 + np.cos(2 * np.pi * share)) / 2, "A whole wave: half a wave."),
            (rate * factor * (1 - share), "This falls on a straight line, not on a cosine."),
            (rate * factor * (1 - half), "It rises: the wave begins at its top."),
            (rate * half / factor, "Deeper layers move more here: they should move less."),
            (rate * half * decay * depth, "`decay * depth` grows with the depth: use `**`."),
            (rate * half * (1 - decay) ** depth, "Not `1 - decay`: the factor is `decay`."),
            (rate * half * decay ** (depth + 1), "One layer too deep: the head has depth 0."),
            (rate * half ** (depth + 1), "The factor between two layers is `decay`."),
        ]  # fmt: skip
        check.call(
            label, rate_of, depth, step, steps, rate, decay,
            expected=rate * factor * half, mistakes=mistakes,
        )  # fmt: skip


@checker(points=2)
def middle_square(check: Check, middle_square: Function) -> None:
    """Check ``middle_square(picture)``: the largest square from the middle, (side, side, 3)."""
    rng = np.random.default_rng(23)
    for label, height, width in (
        ("a picture that is wide", 6, 10),
        ("one that is tall", 9, 5),
        ("an odd number of columns goes", 4, 9),
        ("a square stays whole", 5, 5),
    ):
        picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        late, right = height - side - top, width - side - left
        large = max(height, width)
        rows, columns = np.arange(side) * height // side, np.arange(side) * width // side
        mistakes = [
            (picture[:side, :side], "This is the corner at the top left: leave out on both sides."),
            (picture[height - side :, width - side :], "This is the corner at the bottom right."),
            (picture[left : left + side, top : top + side], "Rows and columns are exchanged."),
            (picture[late : late + side, right : right + side], "The one more goes at the end."),
            (picture[rows][:, columns], "This squeezes the picture: cut, so that shapes stay."),
            (
                np.pad(picture, ((0, large - height), (0, large - width), (0, 0))),
                "This pads it to a larger square: cut the longer side.",
            ),
            (picture, "Nothing is cut off yet."),
        ]
        check.call(
            label,
            middle_square,
            picture,
            expected=picture[top : top + side, left : left + side],
            mistakes=mistakes,
        )


def _step(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, rate: float) -> np.ndarray:
    return weights - rate * features.T @ _errors(features, labels, weights) / len(labels)


def _errors(features: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    errors = softmax(features @ weights).astype(np.float64)
    errors[np.arange(len(labels)), labels] -= 1
    return errors


def _step_mistakes(
    features: np.ndarray, labels: np.ndarray, weights: np.ndarray, rate: float
) -> list[tuple[Any, str]]:
    """Return the weights that usual slips give, and what to say to each."""
    n, errors = len(labels), _errors(features, labels, weights)
    slope = features.T @ errors / n
    probs = softmax(features @ weights)
    across = softmax((features @ weights).T).T.astype(np.float64)
    across[np.arange(n), labels] -= 1
    with np.errstate(all="ignore"):
        powers = np.exp(features @ weights)
        naive = powers / powers.sum(axis=1, keepdims=True)
    naive[np.arange(n), labels] -= 1
    return [
        (weights + rate * slope, "This climbs: the step goes against the slope, with a minus."),
        (weights - rate * n * slope, "The slope of the *mean* loss is needed: divide by n."),
        (weights - slope, "The rate is missing."),
        (slope, "This is the slope: take the step, weights - rate · slope."),
        (rate * slope, "This is the step: subtract it from the weights."),
        (
            weights - rate * features.T @ probs / n,
            "The labels are missing: take 1 off the probability of each true class.",
        ),
        (
            weights - rate * features.T @ across / n,
            "The softmax runs over the pictures: each *row* of probabilities has the sum 1.",
        ),
        (
            weights - rate * slope / weights.shape[1],
            "Divided by the classes too: the mean runs over the pictures alone.",
        ),
        (weights - rate * features.T @ naive / n, "The exponential of a large logit overflows. "
         "Take each row's largest logit off first."),
    ]  # fmt: skip


def _layers() -> list[tuple[str, str]]:
    """Return name and kind of the layers of a MobileNetV2 with a head, in order."""
    found = [("pictures", "InputLayer"), ("preprocess", "Rescaling"), ("Conv1", "Conv2D"),
             ("bn_Conv1", "BatchNormalization"), ("expanded_conv_depthwise", "DepthwiseConv2D"),
             ("expanded_conv_depthwise_BN", "BatchNormalization"),
             ("expanded_conv_project", "Conv2D"),
             ("expanded_conv_project_BN", "BatchNormalization")]  # fmt: skip
    for block in range(1, BLOCKS + 1):
        for part in _PARTS:
            layer = "DepthwiseConv2D" if part == "depthwise" else "Conv2D"
            found.append((f"block_{block}_{part}", layer))
            found.append((f"block_{block}_{part}_BN", "BatchNormalization"))
    return [
        *found,
        ("Conv_1", "Conv2D"),
        ("Conv_1_bn", "BatchNormalization"),
        ("out_relu", "ReLU"),
        ("mean", "GlobalAveragePooling2D"),
        ("dropout", "Dropout"),
        ("logits", "Dense"),
    ]


def _block(name: str) -> int:
    """Return the number in a block's name; 0 before the first and 17 above the last."""
    found = re.match(r"block_(\d+)_", name)
    if found:
        return int(found[1])
    before = ("pictures", "preprocess", "Conv1", "bn_Conv1")
    return 0 if name in before or name.startswith("expanded_conv") else BLOCKS + 1


def _moving_message(moving: Any, layers: list[tuple[str, str]], last_blocks: int) -> str | None:
    """Return what is wrong with the names that move, or None."""
    answer, message = run(moving, layers, last_blocks)
    if message:
        return message
    if not isinstance(answer, list | tuple | set) or not all(isinstance(n, str) for n in answer):
        return f"A list of names was expected, this is {kind(answer)}."
    names, kinds = [name for name, _ in layers], dict(layers)
    first = BLOCKS + 1 - last_blocks
    wanted = [n for n in names if _block(n) >= first and kinds[n] != "BatchNormalization"]
    if list(answer) == wanted:
        return None
    unknown = [name for name in answer if name not in kinds]
    if unknown:
        return f"{unknown[0]!r} is the name of no layer."
    extra = [name for name in names if name in answer and name not in wanted]
    norms = [name for name in extra if kinds[name] == "BatchNormalization"]
    if norms:
        return f"{norms[0]} is a batch normalisation: it stays frozen, wherever it is."
    missing = [name for name in wanted if name not in answer]
    if "logits" in missing:
        return "The head does not move: it lies above the last block, like Conv_1."
    if "Conv_1" in missing:
        return "Conv_1 does not move: it lies above the last block, and is trained with it."
    if missing and _block(missing[0]) >= 10 > first:
        return (
            f"{missing[0]} does not move: compare the numbers of the blocks, not their text (as "
            "text, '9' is more than '16')."
        )
    if extra:
        return (
            f"{extra[0]} moves too: the last {last_blocks} of {BLOCKS} blocks begin with block "
            f"{first}. (Beware: block_10 begins with the text block_1.)"
        )
    if missing:
        return (
            f"{missing[0]} does not move: the last {last_blocks} blocks begin with block {first}."
        )
    return "The names are right, their order is not: keep the order of the layers."
