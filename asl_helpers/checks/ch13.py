"""Checkers of chapter 13: MobileNetV2, frozen and fine-tuned."""

import re

import numpy as np

from asl_helpers.checks.core import Exercise, as_tuple, case

BLOCKS = 16


def _softmax(logits, axis=1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _step(features, labels, weights, rate, softmax=_softmax, truth=1):
    return weights - rate * _slope(features, labels, weights, softmax, truth)


def _slope(features, labels, weights, softmax=_softmax, truth=1):
    errors = softmax(features @ weights) - truth * np.eye(weights.shape[1])[labels]
    return features.T @ errors / len(labels)


def _head_case(n, channels, classes, size, rate):
    features = _RNG.uniform(0, 2, (n, channels))
    labels = _RNG.permutation(np.arange(n) % classes)
    return case(features, labels, size * _RNG.normal(size=(channels, classes)), rate)


_RNG = np.random.default_rng(13)

head_step = Exercise(
    points=4,
    reference=lambda features, labels, weights, rate: _step(features, labels, weights, rate),
    cases={
        "the first step, from zeros": _head_case(6, 4, 3, 0.0, 0.5),
        "a later step": _head_case(5, 3, 4, 1.0, 0.1),
        "one picture": _head_case(1, 3, 3, 1.0, 2.0),
        "logits in the thousands": _head_case(4, 3, 3, 900.0, 1.0),
    },
    misconceptions={
        "This climbs: the step has a minus.": lambda x, y, w, r: _step(x, y, w, -r),
        "The slope of the *mean*: divide by n.": lambda x, y, w, r: _step(x, y, w, len(y) * r),
        "The rate is missing.": lambda x, y, w, r: _step(x, y, w, 1),
        "This is the slope: take the step.": lambda x, y, w, r: _slope(x, y, w),
        "This is the step: subtract it.": lambda x, y, w, r: r * _slope(x, y, w),
        "The labels are missing: take 1 off at each true class.": lambda *a: _step(*a, truth=0),
        "The softmax runs over the pictures: each *row* has the sum 1.":
            lambda *a: _step(*a, lambda logits: _softmax(logits, axis=0)),
        "Divided by the classes too.": lambda x, y, w, r: _step(x, y, w, r / w.shape[1]),
        "A large logit overflows: take the row's largest off.":
            lambda *a: _step(*a, lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)),
    },
)  # fmt: skip


def _layers() -> list[tuple[str, str]]:
    """Return name and kind of the layers of a MobileNetV2 with a head, in order."""
    parts = {"expand": "Conv2D", "depthwise": "DepthwiseConv2D", "project": "Conv2D"}
    convolutions = [("Conv1", "Conv2D")]
    convolutions += [(f"expanded_conv_{part}", parts[part]) for part in ("depthwise", "project")]
    for block in range(1, BLOCKS + 1):
        convolutions += [(f"block_{block}_{part}", kind) for part, kind in parts.items()]
    convolutions += [("Conv_1", "Conv2D")]
    norm_names = {"Conv1": "bn_Conv1", "Conv_1": "Conv_1_bn"}
    layers = [("pictures", "InputLayer"), ("preprocess", "Rescaling")]
    for name, layer in convolutions:
        layers += [(name, layer), (norm_names.get(name, f"{name}_BN"), "BatchNormalization")]
    head = [("out_relu", "ReLU"), ("mean", "GlobalAveragePooling2D"), ("dropout", "Dropout")]
    return [*layers, *head, ("logits", "Dense")]


def _block(name: str) -> int:
    """Return the number in a block's name; 0 before the first and 17 above the last."""
    if found := re.match(r"block_(\d+)_", name):
        return int(found[1])
    before = ("pictures", "preprocess", "Conv1", "bn_Conv1", "expanded_conv")
    return 0 if name.startswith(before) else BLOCKS + 1


def _above(layers, last_blocks):
    return [(name, kind) for name, kind in layers if _block(name) > BLOCKS - last_blocks]


def _moving(layers, last_blocks):
    return [name for name, kind in _above(layers, last_blocks) if kind != "BatchNormalization"]


def _compared_as_text(layers, last_blocks):
    first = str(BLOCKS + 1 - last_blocks)
    return [
        name
        for name in _moving(layers, BLOCKS)
        if not name.startswith("block_") or str(_block(name)) >= first
    ]


moving = Exercise(
    points=3,
    reference=_moving,
    read=as_tuple,
    cases={
        "the last block and what lies above": case(_layers(), 1),
        "three blocks": case(_layers(), 3),
        "from block 9 on": case(_layers(), 8),
        "all blocks with a number": case(_layers(), 16),
    },
    misconceptions={
        "Every batch normalisation stays frozen.": lambda *a: [name for name, _ in _above(*a)],
        "The head does not move: it lies above the last block, like Conv_1.":
            lambda *a: [name for name in _moving(*a) if name.startswith("block_")],
        "Conv_1 does not move: it lies above the last block, and is trained with it.":
            lambda *a: [name for name in _moving(*a) if name != "Conv_1"],
        "Compare the numbers of the blocks: as text, '9' is more than '16'.": _compared_as_text,
        "One block more moves than was asked for.": lambda x, last: _moving(x, last + 1),
        "One block less moves than was asked for.": lambda x, last: _moving(x, last - 1),
        "The names are right, their order is not.": lambda *a: _moving(*a)[::-1],
        "A list of names was expected.": lambda *a: len(_moving(*a)),
    },
)  # fmt: skip


def _wave(share):
    return (1 + np.cos(np.pi * share)) / 2


def _rate_of(depth, step, steps, rate, decay):
    return rate * decay**depth * _wave(step / steps)


rate_of = Exercise(
    points=3,
    reference=_rate_of,
    cases={
        "the head's first step": case(0, 0, 100, 0.5, 0.8),
        "the first step, three layers down": case(3, 0, 100, 0.5, 0.8),
        "the head in the middle": case(0, 50, 100, 0.5, 0.8),
        "a quarter of the way, five layers down": case(5, 10, 40, 2.0, 0.5),
        "the end": case(2, 60, 60, 3.0, 0.7),
    },
    misconceptions={
        "Every layer at one rate: use `decay`.": lambda d, t, n, r, q: r * _wave(t / n),
        "The same rate at every step: the cosine is missing.": lambda d, t, n, r, q: r * q**d,
        "Twice too much: half of 1 + cos.": lambda *a: 2 * _rate_of(*a),
        "A bare cosine falls below 0.": lambda d, t, n, r, q: r * q**d * np.cos(np.pi * t / n),
        "A whole wave: half a wave.": lambda d, t, n, r, q: _rate_of(d, 2 * t, n, r, q),
        "A straight line, not a cosine.": lambda d, t, n, r, q: r * q**d * (1 - t / n),
        "It rises: begin at the top.": lambda d, t, n, r, q: _rate_of(d, n - t, n, r, q),
        "Deeper layers move more here, not less.": lambda d, t, n, r, q: _rate_of(-d, t, n, r, q),
        "It grows with the depth: use `**`.": lambda d, t, n, r, q: r * q * d * _wave(t / n),
        "The factor is `decay`, not 1 - decay.": lambda d, t, n, r, q: _rate_of(d, t, n, r, 1 - q),
        "One layer too deep: the head is 0.": lambda d, t, n, r, q: _rate_of(d + 1, t, n, r, q),
    },
)  # fmt: skip


def _square(picture, top=lambda spare: spare // 2):
    """Cut the largest square, leaving out ``top(spare)`` rows and columns before it."""
    side = min(picture.shape[:2])
    row, column = (top(length - side) for length in picture.shape[:2])
    return picture[row : row + side, column : column + side]


def _squeezed(picture):
    side = min(picture.shape[:2])
    rows, columns = (np.arange(side) * length // side for length in picture.shape[:2])
    return picture[rows][:, columns]


_RNG = np.random.default_rng(23)


def _picture(height, width):
    return case(_RNG.integers(0, 256, (height, width, 3), dtype=np.uint8))


middle_square = Exercise(
    points=2,
    reference=lambda picture: _square(picture),
    cases={
        "a picture that is wide": _picture(6, 10),
        "one that is tall": _picture(9, 5),
        "an odd number of columns goes": _picture(4, 9),
        "a square stays whole": _picture(5, 5),
    },
    misconceptions={
        "The corner at the top left: cut on both sides.": lambda p: _square(p, lambda spare: 0),
        "This is the corner at the bottom right.": lambda p: _square(p, lambda spare: spare),
        "The one more goes at the end.": lambda p: _square(p, lambda spare: spare - spare // 2),
        "This squeezes the picture: cut, so that shapes stay.": _squeezed,
        "Nothing is cut off yet.": lambda p: p,
    },
)  # fmt: skip
