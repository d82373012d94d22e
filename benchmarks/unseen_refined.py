"""The best that was found for a signer who is left out, and what the landmarks allow at most.

The rows of `unseen_runs` differ in their hands alone. Here the training itself is chosen for the
task: hands are normalised first, so that the network reads one side of one hand; it learns letters
alone; most hands are drawn, and some of these depart from their pose as real hands do from what
their signer does usually; a few are real. Recipes were compared on these very folds.

How high can such a score be? A model that has met the signer tells: it learns from the earlier half
of each letter's frames too, and is judged on the later one.
"""

import functools
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.files import atomic_path
from benchmarks.unseen_data import SIGNERS, Hands
from benchmarks.unseen_runs import (
    DRAWING,
    JUDGING,
    READING,
    Draw,
    digest,
    drawn,
    hashed,
    judged_one_sided,
    real,
)
from tools import train_landmarks

LOST = 0.6
"""Palm lengths, root mean square: a real hand that departs by more was not tracked."""

KINDS = ("drawn", "left_out_both", "own_half")
"""Drawn hands alone; with the other signers'; and with half of the judged signer's own."""


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


def letters(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw normalised hands (count, 21, 3) that spell letters, and their labels."""
    points, labels = drawn(count + count // 8, seed)
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


def mixed(from_drawn: Draw, hands: list[Hands], share: float, mix: Mix) -> Draw:
    """Return a draw of drawn hands, some of which depart, and a share of real ones."""
    table, from_real = departures(hands), real(hands)

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, 4])
        few = round(share * count)
        points, labels = (part[: count - few] for part in from_drawn(count, seed))
        points = depart(points, labels, table, mix, rng)
        of_people, names = from_real(few, seed)
        order = rng.permutation(count)
        points = np.concatenate([points, landmarks.normalise(of_people)])[order]
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
    return tuple(
        replace(
            hands,
            labels=hands.labels[half],
            found=hands.found[half],
            points=hands.points[half],
            normalised=hands.normalised[half],
            about=hands.about | {"half": which},
        )
        for which, half in (("earlier", early), ("later", ~early))
    )


class Refined:
    """Trains and judges, or finds rows from an earlier time."""

    def __init__(self, hands: dict[str, Hands], folder: Path, cache: Path, mix: Mix) -> None:
        self.hands, self.folder, self.cache, self.mix = hands, folder, cache, mix
        # All trainings of a seed follow each other and share what is drawn.
        self._letters = functools.lru_cache(maxsize=mix.epochs)(letters)

    def rows(self, seeds: list[int], strangers: tuple[str, ...]) -> dict[str, list[dict]]:
        """Return the rows of each of `KINDS`; what the landmarks allow is asked with one seed."""
        found: dict[str, list[dict]] = {kind: [] for kind in KINDS}
        for seed in seeds:
            judged_on = list(self.hands.items())
            found["drawn"].append(self._row("drawn", seed, [], 0.0, dict(judged_on)))
            for left in strangers:
                others = [one for name, one in self.hands.items() if name != left]
                early, late = halves(self.hands[left], self.folder / SIGNERS[left])
                known = [*others, *[early] * self.mix.copies]
                for kind, learnt, share, stranger in (
                    ("left_out_both", others, self.mix.real, self.hands[left]),
                    ("own_half", known, self.mix.known, late),
                ):
                    if kind != "own_half" or seed == seeds[0]:
                        row = self._row(kind, seed, learnt, share, {left: stranger})
                        found[kind].append(row)
        return found

    def _row(
        self, kind: str, seed: int, learnt: list[Hands], share: float, judged_on: dict[str, Hands]
    ) -> dict[str, Any]:
        abouts = [[one.about for one in some] for some in (learnt, judged_on.values())]
        code = [READING, DRAWING, JUDGING, _MIXING]
        key = hashed([kind, seed, share, asdict(self.mix), abouts, code])
        path = self.cache / f"refined_{kind}_{seed}_{key}.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        start = time.perf_counter()
        draw: Callable = mixed(self._letters, learnt, share, self.mix) if learnt else self._letters
        core = train_landmarks.train(seed, self.mix.epochs, self.mix.hands, draw=draw)
        # Hands are judged as they were learnt: normalised, one side alone.
        turned = {n: replace(one, points=one.normalised) for n, one in judged_on.items()}
        row = {
            "kind": kind,
            "seed": seed,
            "temperature": 1.0,
            "sets": {name: judged_one_sided(core, one) for name, one in turned.items()},
        }
        with atomic_path(path) as made:
            made.write_text(json.dumps(row), encoding="utf-8")
        means = {name: round(found["accuracy"], 3) for name, found in row["sets"].items()}
        print(path.stem, f"{time.perf_counter() - start:.0f} s", means, flush=True)
        return row


_MIXING = digest(letters, departures, depart, mixed, real, halves)
