"""Right and plausibly wrong answers to the exercises of chapter 10."""

import numpy as np

from asl_helpers.checks import ch10


def best_rates(table):
    best = table.loc[table.groupby("optimizer")["val_loss"].idxmin()]
    return dict(zip(best["optimizer"], best["rate"], strict=True))


def paired_difference(scores, others):
    gaps = [scores[seed] - others[seed] for seed in scores if seed in others]
    return np.mean(gaps), np.std(gaps, ddof=1)


def mirror(images):
    return images[:, :, ::-1]


REFERENCES = {
    ch10.best_rates: (best_rates,),
    ch10.paired_difference: (paired_difference,),
    ch10.mirror: (mirror,),
}


def by(score, lowest):
    def answer(table):
        ordered = table.dropna(subset=[score]).sort_values(score, ascending=lowest)
        return dict(ordered.drop_duplicates("optimizer")[["optimizer", "rate"]].values.tolist())

    return answer


def by_argmin(table):
    return {
        name: group["rate"].iloc[np.argmin(group["val_loss"].to_numpy())]
        for name, group in table.groupby("optimizer")
    }


def one_rate(table):
    rate = table["rate"][table["val_loss"].idxmin()]
    return dict.fromkeys(table["optimizer"], rate)


def losses(table):
    return table.groupby("optimizer")["val_loss"].min().to_dict()


def series(table):
    return table.groupby("optimizer")["val_loss"].min()


def unpaired(scores, others):
    one, two = list(scores.values()), list(others.values())
    spread = np.sqrt(np.var(one, ddof=1) + np.var(two, ddof=1))
    return np.mean(one) - np.mean(two), spread


def by_place(scores, others):
    gaps = np.array(list(scores.values())) - np.array(list(others.values()))
    return gaps.mean(), gaps.std(ddof=1)


def every_seed(scores, others):
    return paired_difference(scores, {seed: others[seed] for seed in scores})


def in_place(images):
    images[:] = images[:, :, ::-1].copy()
    return images


WRONG = [
    (ch10.best_rates, by("test_accuracy", lowest=False), 1, "chooses by the test part"),
    (ch10.best_rates, by("train_loss", lowest=True), 1, "learned by heart"),
    (ch10.best_rates, by("val_loss", lowest=False), 0, "takes the highest loss"),
    (ch10.best_rates, by_argmin, 2, "A failed run has won"),
    (ch10.best_rates, one_rate, 1, "One rate for all"),
    (ch10.best_rates, losses, 0, "These are the losses"),
    (ch10.best_rates, series, 0, "These are the losses"),
    (ch10.best_rates, lambda table: best_rates(table).keys(), 0, "Expected (("),
    (ch10.paired_difference, lambda a, b: paired_difference(b, a), 0, "The sign is reversed"),
    (ch10.paired_difference, lambda a, b: (paired_difference(a, b)[0],), 0, "The shape is"),
    (ch10.paired_difference, unpaired, 0, "Subtract within each seed first"),
    (ch10.paired_difference, by_place, 2, "look each seed up by its number"),
    (ch10.paired_difference, every_seed, 3, "raised KeyError"),
    (ch10.mirror, lambda images: images[:, ::-1], 0, "stand on their heads"),
    (ch10.mirror, lambda images: images[:, ::-1, ::-1], 0, "turned by half a circle"),
    (ch10.mirror, lambda images: images[::-1], 0, "in the opposite order"),
    (ch10.mirror, lambda images: images[..., ::-1], 0, "exchanges the channels"),
    (ch10.mirror, lambda images: images.transpose(0, 2, 1, 3), 0, "rows with columns"),
    (ch10.mirror, in_place, 0, "work on a copy"),
    (ch10.mirror, lambda images: images, 0, "Nothing has changed"),
]
