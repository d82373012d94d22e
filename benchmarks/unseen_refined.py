"""The best that was found for a signer who is left out, and what the landmarks allow at most.

The protocols of `unseen_signers` differ in their hands alone. Here the training itself is chosen
for the task: hands are normalised first, so that the network reads one side of one hand; it learns
letters alone; most hands are drawn, and some of these depart from their pose as real hands do from
what their signer does usually; a few are real. Recipes were compared on these very folds.

How high can such a score be? A model that has met the signer tells: it learns from the earlier half
of each letter's frames too, and is judged on the later one.
"""

import functools
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand.tracker_noise import sample_tracked
from benchmarks.people import SIGNERS, Draw, Hands, balanced, core_of, judged_one_sided
from benchmarks.record import Row, memory
from tools import train_landmarks

LOST = 0.6
"""Palm lengths, root mean square: a real hand that departs by more was not tracked."""


@dataclass(frozen=True)
class Mix:
    """What a training is mixed from.

    Attributes
    ----------
    epochs, hands:
        How many epochs, of how many hands.
    real:
        Share of real hands beside drawn ones.
    known:
        The same when half of the judged signer's hands are among them.
    copies:
        How many signers the judged one counts for then.
    departing:
        Share of drawn hands that depart from their pose as real ones do.
    reach:
        How much of a real hand's departure they take, at most.
    """

    epochs: int = 6
    hands: int = 40_000
    real: float = 0.1
    known: float = 0.6
    copies: int = 4
    departing: float = 0.5
    reach: float = 0.7


@functools.lru_cache(maxsize=6)
def letters(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw normalised hands (count, 21, 3) that spell letters, and their labels.

    Trainings of one seed follow each other and share what is drawn.
    """
    points, labels = sample_tracked(count + count // 8, seed)
    spelt = np.flatnonzero(labels < len(STATIC_LETTERS))[:count]
    return landmarks.normalise(points[spelt]), labels[spelt]


def departures(hands: list[Hands]) -> list[list[np.ndarray]]:
    """Return by letter, and by signer, how far hands are from the signer's median, (m, 21, 3)."""
    table: list[list[np.ndarray]] = [[] for _ in STATIC_LETTERS]
    for one in hands:
        for letter, of_signers in enumerate(table):
            points = one.normalised[one.labels[one.found] == letter]
            if len(points):
                apart = points - np.median(points, axis=0)
                size = np.sqrt((apart[..., :2] ** 2).sum(axis=-1).mean(axis=1))
                of_signers.append(apart[size < LOST])
    return [[apart for apart in of_signers if len(apart)] for of_signers in table]


def depart(
    points: np.ndarray,
    labels: np.ndarray,
    table: list[list[np.ndarray]],
    mix: Mix,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return hands of which a share departs as a real hand of the same letter does."""
    points = points.copy()
    chosen = rng.permutation(np.flatnonzero(rng.random(len(points)) < mix.departing))
    for letter, of_signers in enumerate(table):
        rows = chosen[labels[chosen] == letter]
        for part, apart in zip(
            np.array_split(rows, len(of_signers) or 1), of_signers, strict=False
        ):
            reach = rng.uniform(0, mix.reach, (len(part), 1, 1)).astype(np.float32)
            points[part] += reach * apart[rng.integers(0, len(apart), len(part))]
    return points


def mixed(hands: list[Hands], share: float, mix: Mix) -> Draw:
    """Return a draw of drawn hands, some of which depart, and a share of real ones."""
    table, of_people = departures(hands), balanced(hands)

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 4])
        few = round(share * count)
        points, labels = (part[: count - few] for part in letters(count, seed))
        points = depart(points, labels, table, mix, rng)
        real, names = of_people(few, seed)
        order = rng.permutation(count)
        points = np.concatenate([points, landmarks.normalise(real)])[order]
        return points, np.concatenate([labels, names])[order]

    return draw


def halves(hands: Hands, path: Path) -> tuple[Hands, Hands]:
    """Return the earlier and the later half of each letter's frames.

    Neighbours in a video are near-copies: an even mix of frames would judge on what was learnt.
    """
    with np.load(path, allow_pickle=False) as file:
        named = np.char.upper(file["labels"])
        static = np.isin(named, STATIC_LETTERS) & landmarks.usable(file["landmarks"])
        names, named = file["names"][static], named[static]
    if not np.array_equal(named, np.array(STATIC_LETTERS)[hands.labels]):
        raise ValueError(f"{path.name}: its frames are not the hands that were read from it.")
    frames = np.array([int(re.findall(r"\d+", name)[-1]) for name in names])
    early = np.zeros(len(frames), bool)
    for letter in range(len(STATIC_LETTERS)):
        rows = np.flatnonzero(hands.labels == letter)
        early[rows[np.argsort(frames[rows])][: len(rows) // 2]] = True
    return hands.part(early), hands.part(~early)


def trained(people: list[Hands], share: float, seed: int, mix: Mix) -> list[np.ndarray]:
    """Return the weights of a core that learnt from a mix, or from drawn hands alone."""
    draw = mixed(people, share, mix) if people else letters
    return train_landmarks.train(seed, mix.epochs, mix.hands, draw=draw).get_weights()


def rows(
    people: dict[str, Hands], folder: Path, seeds: list[int], strangers: str, mix: Mix
) -> dict[str, list[Row]]:
    """Return the rows of drawn hands alone; with the other signers'; with half of one's own.

    What the landmarks allow is asked with one seed.
    """
    found: dict[str, list[Row]] = {"drawn": [], "left_out_both": [], "own_half": []}
    for seed in seeds:
        found["drawn"].append(_row(seed, [], 0.0, people, mix))
        for left in strangers:
            others = [one for name, one in people.items() if name != left]
            both = _row(seed, others, mix.real, {left: people[left]}, mix)
            found["left_out_both"].append(both)
            if seed == seeds[0]:
                early, late = halves(people[left], folder / SIGNERS[left])
                known = [*others, *[early] * mix.copies]
                found["own_half"].append(_row(seed, known, mix.known, {left: late}, mix))
    return found


def _row(
    seed: int, learnt: list[Hands], share: float, judged_on: dict[str, Hands], mix: Mix
) -> Row:
    core = core_of(memory("unseen_refined").cache(trained)(learnt, share, seed, mix))
    # Hands are judged as they were learnt: normalised, one side alone.
    turned = {name: replace(one, points=one.normalised) for name, one in judged_on.items()}
    sets = {name: judged_one_sided(core, one) for name, one in turned.items()}
    return {"seed": seed, "temperature": 1.0, "sets": sets}
