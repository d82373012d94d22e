"""Right and plausibly wrong answers to the exercises of chapter 9."""

import numpy as np

from asl_helpers import checks


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
    checks.ch09_load_npz: (load_npz,),
    checks.ch09_early_stop: (early_stop,),
    checks.ch09_optimism: (optimism,),
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
    (checks.ch09_load_npz, only_reads, 1, "It was accepted: check their shape"),
    (checks.ch09_load_npz, lambda path: load_npz(path, allow_pickle=True), 2.5, "ran code"),
    (checks.ch09_load_npz, lambda path: load_npz(path, types=False), 2, "check their type"),
    (checks.ch09_load_npz, lambda path: load_npz(path, counts=False), 2.5, "as many of both"),
    (checks.ch09_load_npz, lambda path: load_npz(path, error=AssertionError), 1, "python -O"),
    (checks.ch09_load_npz, lambda path: load_npz(path, error=KeyError), 1, "got KeyError"),
    (checks.ch09_load_npz, normalises, 2.5, "The images are changed"),
    (checks.ch09_load_npz, lambda path: load_npz(path)[::-1], 2.5, "images first"),
    (checks.ch09_load_npz, lambda path: dict(np.load(path)), 0, "Return two arrays"),
    (checks.ch09_early_stop, lambda losses, patience: tuple(
        epoch - 1 for epoch in early_stop(losses, patience)), 0, "counted from 1"),
    (checks.ch09_early_stop, lambda *given: early_stop(*given)[::-1], 0, "order is (kept, last)"),
    (checks.ch09_early_stop, lambda *given: (early_stop(*given)[1],) * 2, 0, "last epoch are kept"),
    (checks.ch09_early_stop, lambda losses, patience: early_stop(losses, patience + 1), 0.5,
     "too late"),
    (checks.ch09_early_stop, compares_neighbours, 2, "lowest so far"),
    (checks.ch09_early_stop, forgives_equals, 2.5, "only a lower one"),
    (checks.ch09_early_stop, lambda losses, patience: (
        int(np.argmin(losses)) + 1, early_stop(losses, patience)[1]), 2, "behind the stop"),
    (checks.ch09_optimism, lambda v, t: -optimism(v, t), 1, "sign"),
    (checks.ch09_optimism, lambda v, t: 100 * optimism(v, t), 1, "in points"),
    (checks.ch09_optimism, lambda v, t: np.mean(t.max(axis=1) - t[:, -1]), 1, "last epoch"),
    (checks.ch09_optimism, lambda v, t: np.mean(v.max(axis=1) - t[np.arange(len(t)), v.argmax(1)]),
     0, "validation with test"),
    (checks.ch09_optimism, optimism_of_means, 2, "averaged first"),
    (checks.ch09_optimism, lambda v, t: t.max(axis=1).mean(), 0, "picked score alone"),
]  # fmt: skip
