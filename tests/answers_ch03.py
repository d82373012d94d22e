"""Right and plausibly wrong answers to the exercises of chapter 3."""

import numpy as np

from asl_helpers.checks import ch03


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
    ch03.dropout: (dropout,),
    ch03.batch_norm: (batch_norm,),
    ch03.moving_average: (moving_average,),
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
    (ch03.dropout, lambda z, p, rng, training=True: dropout(z, p, rng), 3,
     "although `training` is False"),
    (ch03.dropout, old_form, 2, "or the mean sinks"),
    (ch03.dropout, old_form, 2, "done in training already"),
    (ch03.dropout, lambda z, p, rng, training=True: dropout(z, 1 - p, rng, training), 2,
     "probability to keep"),
    (ch03.dropout, multiplied, 3, "multiplied by `keep`"),
    (ch03.dropout, one_mask, 3, "same mask"),
    (ch03.dropout, per_example, 3, "Whole examples"),
    (ch03.dropout, lambda z, p, rng, training=True: z, 1, "All values are treated alike"),
    (ch03.batch_norm, over(None), 1, "each channel has its own"),
    (ch03.batch_norm, over(0), 1, "average over the places"),
    (ch03.batch_norm, over((1, 2)), 0, "average over the batch"),
    (ch03.batch_norm, over(-1), 0, "layer normalisation"),
    (ch03.batch_norm, eps_outside, 0, "under it"),
    (ch03.batch_norm, lambda x, g, b, eps=1e-3: batch_norm(x, 1, 0, eps), 3,
     "`gamma` and `beta` are missing"),
    (ch03.batch_norm, lambda x, g, b, eps=1e-3: batch_norm(x, g, b, 0), 0, "eps is missing"),
    (ch03.moving_average, lambda b, m=0.99: moving_average(b, 1 - m), 0, "exchanged"),
    (ch03.moving_average, lambda b, m=0.99: b.mean(axis=0), 0, "plain mean"),
    (ch03.moving_average, lambda b, m=0.99: b[-1], 0, "last batch alone"),
    (ch03.moving_average, from_first, 0, "not from the first batch"),
]  # fmt: skip
