"""Right and plausibly wrong answers to the exercises of chapter 3."""

import numpy as np

from asl_helpers import checks


def dropout(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z / keep if training else z


def batch_norm(x, gamma, beta, eps=1e-3):
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


def moving_average(batches, momentum=0.99):
    kept = np.zeros(batches.shape[1])
    for new in batches:
        kept = momentum * kept + (1 - momentum) * new
    return kept


REFERENCES = {
    checks.ch03_dropout: (dropout,),
    checks.ch03_batch_norm: (batch_norm,),
    checks.ch03_moving_average: (moving_average,),
}


def per_example(z, keep, rng, training=True):
    return (rng.random((len(z), 1)) < keep) * z / keep if training else z


def one_mask(z, keep, rng, training=True):
    return (rng.random(z.shape[1]) < keep) * z / keep if training else z


def old_form(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z if training else z * keep


def multiplied(z, keep, rng, training=True):
    return (rng.random(z.shape) < keep) * z * keep if training else z


def over(axis):
    def normalised(x, gamma, beta, eps=1e-3):
        mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
        return gamma * (x - mean) / np.sqrt(variance + eps) + beta

    return normalised


def eps_outside(x, gamma, beta, eps=1e-3):
    return gamma * (x - x.mean(axis=(0, 1, 2))) / (x.std(axis=(0, 1, 2)) + eps) + beta


def from_first(batches, momentum=0.99):
    kept = batches[0]
    for new in batches[1:]:
        kept = momentum * kept + (1 - momentum) * new
    return kept


WRONG = [
    (checks.ch03_dropout, lambda z, p, rng, training=True: dropout(z, p, rng), 3,
     "although `training` is False"),
    (checks.ch03_dropout, old_form, 2, "or the mean sinks"),
    (checks.ch03_dropout, old_form, 2, "done in training already"),
    (checks.ch03_dropout, lambda z, p, rng, training=True: dropout(z, 1 - p, rng, training), 2,
     "probability to keep"),
    (checks.ch03_dropout, multiplied, 3, "multiplied by `keep`"),
    (checks.ch03_dropout, one_mask, 3, "same mask"),
    (checks.ch03_dropout, per_example, 3, "Whole examples"),
    (checks.ch03_dropout, lambda z, p, rng, training=True: z, 1, "All values are treated alike"),
    (checks.ch03_batch_norm, over(None), 1, "each channel has its own"),
    (checks.ch03_batch_norm, over(0), 1, "average over the places"),
    (checks.ch03_batch_norm, over((1, 2)), 0, "average over the batch"),
    (checks.ch03_batch_norm, over(-1), 0, "layer normalisation"),
    (checks.ch03_batch_norm, eps_outside, 0, "under it"),
    (checks.ch03_batch_norm, lambda x, g, b, eps=1e-3: batch_norm(x, 1, 0, eps), 3,
     "`gamma` and `beta` are missing"),
    (checks.ch03_batch_norm, lambda x, g, b, eps=1e-3: batch_norm(x, g, b, 0), 0, "eps is missing"),
    (checks.ch03_moving_average, lambda b, m=0.99: moving_average(b, 1 - m), 0, "exchanged"),
    (checks.ch03_moving_average, lambda b, m=0.99: b.mean(axis=0), 0, "plain mean"),
    (checks.ch03_moving_average, lambda b, m=0.99: b[-1], 0, "last batch alone"),
    (checks.ch03_moving_average, from_first, 0, "not from the first batch"),
]  # fmt: skip
