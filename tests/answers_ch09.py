"""Right and plausibly wrong answers to the exercises of chapter 9."""

import numpy as np

from asl_helpers.checks import ch09


def load_npz(path, allow_pickle=False, rank=4, types=True, counts=True, error=ValueError):
    with np.load(path, allow_pickle=allow_pickle) as file:
        images, labels = file["images"], file["labels"]
    if types and (images.dtype != np.uint8 or not np.issubdtype(labels.dtype, np.integer)):
        raise error("types")
    if rank and (images.ndim != rank or images.shape[1:] != (28, 28, 1)):
        raise error("shape")
    if counts and len(images) != len(labels):
        raise error("counts")
    return images, labels


def early_stop(losses, patience):
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best]:
            best = place
        if place - best == patience:
            break
    return best + 1, place + 1


def optimism(validation, test):
    chosen = np.take_along_axis(test, validation.argmax(axis=1)[:, None], axis=1)
    return np.mean(test.max(axis=1) - chosen[:, 0])


REFERENCES = {
    ch09.load_npz: (load_npz,),
    ch09.early_stop: (early_stop,),
    ch09.optimism: (optimism,),
}


def only_reads(path):
    with np.load(path) as file:
        return file["images"], file["labels"]


def normalises(path):
    images, labels = load_npz(path)
    return images / 255, labels


def compares_neighbours(losses, patience):
    best, waited = 0, 0
    for place in range(1, len(losses)):
        waited = 0 if losses[place] < losses[place - 1] else waited + 1
        best = place if losses[place] < losses[best] else best
        if waited == patience:
            return best + 1, place + 1
    return best + 1, len(losses)


def forgives_equals(losses, patience):
    best = 0
    for place, loss in enumerate(losses):
        if loss <= losses[best]:
            best = place
        if place - best == patience:
            break
    return best + 1, place + 1


def optimism_of_means(validation, test):
    return test.mean(axis=0).max() - test.mean(axis=0)[validation.mean(axis=0).argmax()]


WRONG = [
    (ch09.load_npz, only_reads, 1, "It was accepted: check their shape"),
    (ch09.load_npz, lambda path: load_npz(path, allow_pickle=True), 2.5, "ran code"),
    (ch09.load_npz, lambda path: load_npz(path, types=False), 2, "check their type"),
    (ch09.load_npz, lambda path: load_npz(path, counts=False), 2.5, "as many of both"),
    (ch09.load_npz, lambda path: load_npz(path, error=AssertionError), 1, "python -O"),
    (ch09.load_npz, lambda path: load_npz(path, error=KeyError), 1, "got KeyError"),
    (ch09.load_npz, normalises, 2.5, "The images are changed"),
    (ch09.load_npz, lambda path: load_npz(path)[::-1], 2.5, "images first"),
    (ch09.load_npz, lambda path: dict(np.load(path)), 0, "Return two arrays"),
    (ch09.early_stop, lambda losses, patience: tuple(
        epoch - 1 for epoch in early_stop(losses, patience)), 0, "counted from 1"),
    (ch09.early_stop, lambda *given: early_stop(*given)[::-1], 0, "order is (kept, last)"),
    (ch09.early_stop, lambda *given: (early_stop(*given)[1],) * 2, 0, "last epoch are kept"),
    (ch09.early_stop, lambda losses, patience: early_stop(losses, patience + 1), 0.5,
     "too late"),
    (ch09.early_stop, compares_neighbours, 2, "lowest so far"),
    (ch09.early_stop, forgives_equals, 2.5, "only a lower one"),
    (ch09.early_stop, lambda losses, patience: (
        int(np.argmin(losses)) + 1, early_stop(losses, patience)[1]), 2, "behind the stop"),
    (ch09.optimism, lambda v, t: -optimism(v, t), 1, "sign"),
    (ch09.optimism, lambda v, t: 100 * optimism(v, t), 1, "in points"),
    (ch09.optimism, lambda v, t: np.mean(t.max(axis=1) - t[:, -1]), 1, "last epoch"),
    (ch09.optimism, lambda v, t: np.mean(v.max(axis=1) - t[np.arange(len(t)), v.argmax(1)]),
     0, "validation with test"),
    (ch09.optimism, optimism_of_means, 2, "averaged first"),
    (ch09.optimism, lambda v, t: t.max(axis=1).mean(), 0, "picked score alone"),
]  # fmt: skip
