"""Right and plausibly wrong answers to the exercises of chapter 7."""

import numpy as np

from asl_helpers.checks import ch07


def remap(labels):
    wrong = (labels < 0) | (labels > 24) | (labels == 9)
    if wrong.any():
        raise ValueError(f"label {labels[wrong][0]}")
    return labels - (labels > 9)


def standardise(train, images):
    return (images - train.mean()) / train.std()


def unit(pictures):
    rows = pictures.reshape(len(pictures), -1).astype(float)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nearest(queries, pictures):
    table = unit(queries) @ unit(pictures).T
    return table.argmax(axis=1), table.max(axis=1)


def block_split(labels, blocks, share, rng):
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mine = labels == label
        for block in rng.permutation(np.unique(blocks[mine])):
            if test[mine].mean() < share:
                test |= mine & (blocks == block)
    return test


REFERENCES = {
    ch07.remap: (remap,),
    ch07.standardise: (standardise,),
    ch07.nearest: (nearest,),
    ch07.block_split: (block_split,),
}


def checked(rule):
    """The labels are checked as asked, and then moved by another rule."""

    def moved(labels):
        remap(labels)
        return rule(labels)

    return moved


def asserted(labels):
    assert not np.isin(labels, [9, 25]).any()
    return labels - (labels > 9)


def own(train, images):
    return (images - images.mean()) / images.std()


def together(train, images):
    return standardise(np.concatenate([train, images]), images)


def each_alone(train, images):
    axes = (1, 2, 3)
    return (images - images.mean(axes, keepdims=True)) / images.std(axes, keepdims=True)


def by(prepare, choose=lambda table: table):
    """Nearest by the products of pictures prepared in another way."""

    def found(queries, pictures):
        rows = [prepare(each.reshape(len(each), -1).astype(float)) for each in (queries, pictures)]
        table = choose(rows[0] @ rows[1].T)
        return table.argmax(axis=1), table.max(axis=1)

    return found


def smallest_difference(queries, pictures):
    distance = ((queries[:, None].astype(float) - pictures) ** 2).sum(axis=(2, 3))
    return distance.argmin(axis=1), distance.min(axis=1)


def length_kept(rows):
    return rows - rows.mean(axis=1, keepdims=True)


def mean_kept(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def centred_unit(rows):
    return mean_kept(length_kept(rows))


def as_distance(queries, pictures):
    places, values = nearest(queries, pictures)
    return places, 1 - values


def picture_by_picture(labels, blocks, share, rng):
    return block_split(labels, np.arange(len(labels)), share, rng)


def not_by_letter(labels, blocks, share, rng):
    some = rng.permutation(48)[: round(48 * share)]
    return np.isin(blocks, some)


def in_order(labels, blocks, share, rng):
    return block_split(labels, blocks, share, np.random.default_rng(5))


WRONG = [
    (ch07.remap, lambda labels: labels, 0, "Nothing has moved"),
    (ch07.remap, checked(lambda labels: labels - 1), 1.5, "Every letter has moved"),
    (ch07.remap, checked(lambda labels: labels - (labels > 10)), 1.5, "gap is at 9"),
    (ch07.remap, checked(lambda labels: np.where(labels == 24, 9, labels)), 1.5,
     "put into the gap"),
    (ch07.remap, checked(lambda labels: np.minimum(labels, 23)), 1.5, "become one class"),
    (ch07.remap, checked(lambda labels: np.unique(labels, return_inverse=True)[1]), 2.25,
     "would call B 0"),
    (ch07.remap, lambda labels: labels - (labels > 9), 1.5, "came through"),
    (ch07.remap, asserted, 1.5, "a ValueError is asked for"),
    (ch07.standardise, own, 1, "use those of `train`"),
    (ch07.standardise, together, 1, "has a say"),
    (ch07.standardise, each_alone, 0, "Each picture by itself"),
    (ch07.standardise, lambda t, x: (x - t.mean(axis=0)) / t.std(axis=0), 0,
     "A mean for each pixel"),
    (ch07.standardise, lambda t, x: (x - t.mean()) / t.var(), 0, "take its root"),
    (ch07.standardise, lambda t, x: x - t.mean(), 0, "by the deviation, too"),
    (ch07.standardise, lambda t, x: x / t.std(), 0, "not taken off"),
    (ch07.standardise, lambda t, x: x / 255, 0, "0 to 1"),
    (ch07.standardise, lambda t, x: (x - t.mean()) / t.std(ddof=1), 0, "divides by n"),
    (ch07.nearest, smallest_difference, 0, "difference in grey levels"),
    (ch07.nearest, by(mean_kept), 0, "any two bright pictures"),
    (ch07.nearest, by(length_kept), 0, "most contrast"),
    (ch07.nearest, by(centred_unit, np.abs), 2, "absolute value"),
    (ch07.nearest, by(centred_unit, np.negative), 0, "least similar"),
    (ch07.nearest, as_distance, 0, "1 - r"),
    (ch07.nearest, lambda q, p: nearest(q, p)[0], 0, "Two arrays"),
    (ch07.nearest, lambda q, p: nearest(p, q), 0, "One place for each query"),
    (ch07.block_split, picture_by_picture, 3, "whole blocks, not pictures"),
    (ch07.block_split, not_by_letter, 3, "each letter by themselves"),
    (ch07.block_split, lambda *asked: ~block_split(*asked), 3, "not the training"),
    (ch07.block_split, in_order, 3, "random order first"),
    (ch07.block_split, lambda *asked: block_split(*asked).astype(int), 0, "bool is needed"),
    (ch07.block_split, lambda *asked: np.flatnonzero(block_split(*asked)), 0,
     "one True or False"),
]  # fmt: skip
