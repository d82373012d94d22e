"""Checkers of chapter 14: MobileNetV2, frozen and fine-tuned."""

import re

import numpy as np

from asl_helpers.checks.core import Changed, as_tuple, case, exercise

BLOCKS = 16


@exercise(points=4)
def head_step(features, labels, weights, rate):
    logits = features @ weights
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    probs[np.arange(len(labels)), labels] -= 1
    return weights - rate * features.T @ probs / len(labels)


def _head_case(n, channels, classes, size, rate):
    features = _RNG.uniform(0, 2, (n, channels))
    labels = _RNG.permutation(np.arange(n) % classes)
    return case(features, labels, size * _RNG.normal(size=(channels, classes)), rate)


_RNG = np.random.default_rng(13)

head_step.cases = {
    "the first step, from zeros": _head_case(6, 4, 3, 0.0, 0.5),
    "a later step": _head_case(5, 3, 4, 1.0, 0.1),
    "one image": _head_case(1, 3, 3, 1.0, 2.0),
    "logits in the thousands": _head_case(4, 3, 3, 900.0, 1.0),
}
head_step.wrong = {
    "This climbs: the step has a minus.": ("weights - rate", "weights + rate"),
    "The slope of the *mean* is asked for: divide by n.": (" / len(labels)", ""),
    "The rate is missing.": ("rate * ", ""),
    "This is the slope: take the step.": ("weights - rate * ", ""),
    "This is the step: subtract it from the weights.": ("return weights - ", "return "),
    "The labels are missing: subtract 1 at each true class.": ("-= 1", "-= 0"),
    "The softmax runs over the images, but each *row* has the sum 1.": ("axis=1", "axis=0"),
    "This is divided by the classes, too.": ("/ len(labels)", "/ probs.size"),
    "A large logit overflows: subtract the row's largest first.":
        (" - logits.max(axis=1, keepdims=True)", ""),
}  # fmt: skip


def _layers() -> list[tuple[str, str]]:
    """Return name and kind of the layers of a MobileNetV2 with a head, in order."""
    names = ["Conv1", "expanded_conv_depthwise", "expanded_conv_project"]
    for block in range(1, BLOCKS + 1):
        names += [f"block_{block}_{part}" for part in ("expand", "depthwise", "project")]
    norms = {"Conv1": "bn_Conv1", "Conv_1": "Conv_1_bn"}
    layers = [("pictures", "InputLayer"), ("preprocess", "Rescaling")]
    for name in [*names, "Conv_1"]:
        layers.append((name, "DepthwiseConv2D" if "depthwise" in name else "Conv2D"))
        layers.append((norms.get(name, f"{name}_BN"), "BatchNormalization"))
    head = [("out_relu", "ReLU"), ("mean", "GlobalAveragePooling2D"), ("dropout", "Dropout")]
    return [*layers, *head, ("logits", "Dense")]


def _block(name: str) -> int:
    """Return the number in a block's name; 0 before the first and 17 above the last."""
    if found := re.match(r"block_(\d+)_", name):
        return int(found[1])
    before = ("pictures", "preprocess", "Conv1", "bn_Conv1", "expanded_conv")
    return 0 if name.startswith(before) else BLOCKS + 1


@exercise(points=3, read=as_tuple)
def moving(layers, last_blocks):
    above = [each for each in layers if _block(each[0]) > BLOCKS - last_blocks]
    return [name for name, kind in above if kind != "BatchNormalization"]


moving.cases = {
    "the last block and what lies above": case(_layers(), 1),
    "three blocks": case(_layers(), 3),
    "from block 9 on": case(_layers(), 8),
    "all blocks with a number": case(_layers(), 16),
}
moving.wrong = {
    "Every batch normalization stays frozen.": (' if kind != "BatchNormalization"', ""),
    "The head does not move, but it lies above the last block, like Conv_1.":
        Changed(lambda names: [name for name in names if name.startswith("block_")]),
    "Conv_1 does not move, but it lies above the last block and is trained with it.":
        Changed(lambda names: [name for name in names if name != "Conv_1"]),
    "Compare the numbers of the blocks: as text, '9' is more than '16'.":
        ("_block(each[0]) > BLOCKS - last_blocks",
         "_block(each[0]) > BLOCKS or _block(each[0]) and "
         "str(_block(each[0])) > str(BLOCKS - last_blocks)"),
    "One block more moves than was asked for.": ("last_blocks", "last_blocks - 1"),
    "One block less moves than was asked for.": ("last_blocks", "last_blocks + 1"),
    "The names are right, their order is not.": Changed(lambda names: names[::-1]),
    "A list of names was expected.": Changed(len),
}  # fmt: skip


@exercise(points=3)
def rate_of(depth, step, steps, rate, decay):
    wave = (1 + np.cos(np.pi * step / steps)) / 2
    return rate * decay**depth * wave


rate_of.cases = {
    "the head's first step": case(0, 0, 100, 0.5, 0.8),
    "the first step, three layers down": case(3, 0, 100, 0.5, 0.8),
    "the head in the middle": case(0, 50, 100, 0.5, 0.8),
    "a quarter of the way, five layers down": case(5, 10, 40, 2.0, 0.5),
    "the end": case(2, 60, 60, 3.0, 0.7),
}
rate_of.wrong = {
    "Every layer has the same rate: use `decay`.": (" * decay**depth", ""),
    "The rate is the same at every step: the cosine is missing.": (" * wave", ""),
    "This is twice too much: take half of 1 + cos.": (" / 2", ""),
    "A bare cosine falls below 0.": ("(1 + ", "(", " / 2", ""),
    "This is a whole wave: take half a wave.": ("np.pi", "2 * np.pi"),
    "This is a straight line, not a cosine.": ("* wave", "* (1 - step / steps)"),
    "It rises: begin at the top.": ("1 + ", "1 - "),
    "Deeper layers move more here, not less.": ("**depth", "**-depth"),
    "The rate grows with the depth: use `**`.": ("**", " * "),
    "The factor is `decay`, not 1 - decay.": ("decay**", "(1 - decay)**"),
    "This is one layer too deep: the head has depth 0.": ("**depth", "**(depth + 1)"),
}


@exercise(points=2)
def middle_square(picture):
    side = min(picture.shape[:2])
    row, column = (np.array(picture.shape[:2]) - side) // 2
    return picture[row : row + side, column : column + side]


def _squeezed(picture):
    side = min(picture.shape[:2])
    rows, columns = (np.arange(side) * length // side for length in picture.shape[:2])
    return picture[rows][:, columns]


_RNG = np.random.default_rng(23)

middle_square.cases = {
    "an image that is wide": case(_RNG.integers(256, size=(6, 10, 3), dtype=np.uint8)),
    "one that is tall": case(_RNG.integers(256, size=(9, 5, 3), dtype=np.uint8)),
    "an odd number of columns goes": case(_RNG.integers(256, size=(4, 9, 3), dtype=np.uint8)),
    "a square stays whole": case(_RNG.integers(256, size=(5, 5, 3), dtype=np.uint8)),
}
middle_square.wrong = {
    "This is the corner at the top left: cut on both sides.": (" // 2", " * 0"),
    "This is the corner at the bottom right.": (" // 2", ""),
    "An odd one goes at the end.": ("- side)", "- side + 1)"),
    "This squeezes the image: cut it, so that shapes stay.": _squeezed,
}
