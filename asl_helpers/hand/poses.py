"""Every letter as joint angles: the rows of `poses.txt`, where a letter's pose is changed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asl_helpers.errors import AslError, did_you_mean

# The rows follow `body.ANGLES`: an open hand, a relaxed one, a flat one with the thumb along it,
# and a loose grip.
RESTING = np.array(
    [
        [50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0],
        [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12],
        [20, 10, 10, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [40, 35, 25, 15, 20, 45, 3, 45, 20, 48, 0, 45, 20, 50, -3, 45, 20, 52, -6, 42, 20],
    ],
    np.float32,
)
"""Angles (4, 21) of hands that spell nothing, degrees."""
OPEN, LOOSE = RESTING[:2]
# Variants that figures show where the first row turns the thumb away from the viewer.
SHOWN = {"G": "level", "Q": "palm_left"}


@dataclass(frozen=True)
class Pose:
    """One accepted way to form a class: one row of the table."""

    name: str  # the class: "A", "space", "del"
    variant: str
    weight: float  # relative frequency among the variants of the class
    angles: np.ndarray  # (21,) float32, degrees, in the order of `body.ANGLES`
    wrist: np.ndarray  # (3, 2) float32, degrees: low and high of `point`, `tilt` and `palm`

    def turns(self, share: np.ndarray | float) -> np.ndarray:
        """Return the wrist turns (3,) at these shares of their ranges, 0 to 1."""
        low, high = self.wrist.T
        return low + share * (high - low)


def _parse(line: str) -> Pose:
    """Read one row of the table."""
    head, *chains, wrist = (cell.split() for cell in line.split("|"))
    name, variant, weight = head
    angles = np.array([float(value) for chain in chains for value in chain], np.float32)
    ranges = [[float(value) for value in (turn.split(":") * 2)[:2]] for turn in wrist]
    return Pose(name, variant, float(weight), angles, np.array(ranges, np.float32))


_TABLE = Path(__file__).with_name("poses.txt").read_text(encoding="utf-8").splitlines()
POSES = tuple(_parse(line) for line in _TABLE if not line.startswith("#"))
"""All rows of the table, in its order."""


def variants(name: str) -> tuple[Pose, ...]:
    """Return the poses of a class (``"A"``, ``"space"``, ``"del"``), the textbook one first."""
    rows = tuple(pose for pose in POSES if pose.name.lower() == name.lower())
    if not rows:
        names = dict.fromkeys(pose.name for pose in POSES)
        raise AslError(f"No pose for {name!r}.{did_you_mean(name, names)}")
    return rows


def choose_variant(name: str, rng: np.random.Generator) -> Pose:
    """Draw one way to form a class, by the weights of its variants."""
    rows = variants(name)
    weights = np.array([row.weight for row in rows])
    return rows[rng.choice(len(rows), p=weights / weights.sum())]
