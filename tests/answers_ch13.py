"""Right and plausibly wrong answers to the exercises of chapter 13."""

import numpy as np

from asl_helpers.checks import ch13


def errors(features, labels, weights):
    logits = features @ weights
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = powers / powers.sum(axis=1, keepdims=True)
    probs[np.arange(len(labels)), labels] -= 1
    return probs


def head_step(features, labels, weights, rate):
    return weights - rate * features.T @ errors(features, labels, weights) / len(labels)


def number(name):
    if name.startswith("block_"):
        return int(name.split("_")[1])
    return 0 if name.startswith(("pictures", "pre", "Conv1", "bn_", "expanded")) else 17


def moving(layers, last_blocks):
    return [
        name
        for name, kind in layers
        if number(name) > 16 - last_blocks and kind != "BatchNormalization"
    ]


def rate_of(depth, step, steps, rate, decay):
    return rate * decay**depth * (1 + np.cos(np.pi * step / steps)) / 2


def middle_square(picture):
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


REFERENCES = {
    ch13.head_step: (head_step,),
    ch13.moving: (moving,),
    ch13.rate_of: (rate_of,),
    ch13.middle_square: (middle_square,),
}


def overflowing(features, labels, weights, rate):
    powers = np.exp(features @ weights)
    probs = powers / powers.sum(axis=1, keepdims=True)
    probs[np.arange(len(labels)), labels] -= 1
    return weights - rate * features.T @ probs / len(labels)


def without_labels(features, labels, weights, rate):
    probs = errors(features, labels, weights)
    probs[np.arange(len(labels)), labels] += 1
    return weights - rate * features.T @ probs / len(labels)


def over_pictures(features, labels, weights, rate):
    logits = features @ weights
    powers = np.exp(logits - logits.max(axis=0))
    probs = powers / powers.sum(axis=0)
    probs[np.arange(len(labels)), labels] -= 1
    return weights - rate * features.T @ probs / len(labels)


def in_place(features, labels, weights, rate):
    weights -= rate * features.T @ errors(features, labels, weights) / len(labels)
    return weights


def by_text(layers, last_blocks):
    first = 17 - last_blocks
    begin = next(i for i, (name, _) in enumerate(layers) if name.startswith(f"block_{first}"))
    above = {f"block_{k}_" for k in range(1, 17) if str(k) >= str(first)}
    return [
        name
        for i, (name, kind) in enumerate(layers)
        if kind != "BatchNormalization"
        and (name[: name.index("_", 6) + 1] in above if name.startswith("block_") else i > begin)
    ]


def blocks_only(layers, last_blocks):
    return [name for name in moving(layers, last_blocks) if name.startswith("block_")]


def with_norms(layers, last_blocks):
    return [name for name, _ in layers if number(name) > 16 - last_blocks]


def without_last(layers, last_blocks):
    return [name for name in moving(layers, last_blocks) if not name.startswith("Conv_1")]


def squeezed(picture):
    height, width = picture.shape[:2]
    side = min(height, width)
    return picture[np.arange(side) * height // side][:, np.arange(side) * width // side]


def rounded_up(picture):
    side = min(picture.shape[:2])
    top, left = (-(-(length - side) // 2) for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


WRONG = [
    (ch13.middle_square, lambda p: p[: min(p.shape[:2]), : min(p.shape[:2])], 0.5, "top left"),
    (ch13.middle_square, squeezed, 0.5, "This squeezes"),
    (ch13.middle_square, rounded_up, 1.5, "goes at the end"),
    (ch13.middle_square, lambda p: p, 0.5, "Nothing is cut"),
    (ch13.middle_square, lambda p: middle_square(p.swapaxes(0, 1)), 0, "values differ"),
    (ch13.head_step, lambda x, y, w, r: w + r * x.T @ errors(x, y, w) / len(y), 0,
     "This climbs"),
    (ch13.head_step, lambda x, y, w, r: w - r * x.T @ errors(x, y, w), 1, "divide by n"),
    (ch13.head_step, lambda x, y, w, r: w - x.T @ errors(x, y, w) / len(y), 1,
     "The rate is missing"),
    (ch13.head_step, lambda x, y, w, r: x.T @ errors(x, y, w) / len(y), 0,
     "This is the slope"),
    (ch13.head_step, without_labels, 0, "The labels are missing"),
    (ch13.head_step, over_pictures, 0, "runs over the pictures"),
    (ch13.head_step, overflowing, 3, "overflows"),
    (ch13.head_step, in_place, 0, "changes the array"),
    (ch13.moving, with_norms, 0, "it stays frozen"),
    (ch13.moving, blocks_only, 0, "The head does not move"),
    (ch13.moving, without_last, 0, "Conv_1 does not move"),
    (ch13.moving, by_text, 0.75, "as text, '9' is more than '16'"),
    (ch13.moving, lambda x, n: moving(x, n + 1), 0, "moves too"),
    (ch13.moving, lambda x, n: moving(x, n - 1), 0, "does not move"),
    (ch13.moving, lambda x, n: moving(x, n)[::-1], 0, "their order is not"),
    (ch13.moving, lambda x, n: len(moving(x, n)), 0, "A list of names"),
    (ch13.rate_of, lambda d, s, n, r, q: r * q**d, 1.2, "the cosine is missing"),
    (ch13.rate_of, lambda d, s, n, r, q: r * (1 + np.cos(np.pi * s / n)) / 2, 1.8,
     "Every layer at one rate"),
    (ch13.rate_of, lambda d, s, n, r, q: 2 * rate_of(d, s, n, r, q), 0.6,
     "Twice too much"),
    (ch13.rate_of, lambda d, s, n, r, q: r * q**d * np.cos(np.pi * s / n), 1.2,
     "falls below 0"),
    (ch13.rate_of, lambda d, s, n, r, q: r * q**d * (1 - s / n), 2.4, "straight line"),
    (ch13.rate_of, lambda d, s, n, r, q: rate_of(-d, s, n, r, q), 1.8,
     "Deeper layers move more"),
    (ch13.rate_of, lambda d, s, n, r, q: rate_of(d, s, n, r, 1 - q), 2.4,
     "Not `1 - decay`"),
    (ch13.rate_of, lambda d, s, n, r, q: rate_of(1, s, n, r, q * d), 0.6,
     "grows with the depth"),
]  # fmt: skip
