# ruff: noqa: E501 (a row of the table stays one line)
"""Every letter as one row of joint angles: the table that the whole hand model rests on.

A row is one accepted way to form a letter. Angles are degrees, as `skeleton` defines them; a
letter with several rows has variants, drawn in proportion to their weight. The wrist has three
turns, each a value or a range ``low:high`` from which one is drawn:

``point``  where the fingers of the straight hand would point, on screen: 0 up, 90 to the right
           (the side of the thumb when the palm shows), -90 to the left, 180 down;
``tilt``   how far the fingertips lean towards the camera: 90 points at it, -90 away;
``palm``   the turn about the forearm's line: 0 shows the palm, 90 its thumb side,
           180 its back, -90 the little finger's edge.
"""

from dataclasses import dataclass

import numpy as np

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.hand.skeleton import ANGLES

# class variant weight | thumb: spread lift turn mcp ip | index: mcp spread pip dip | middle | ring
# | pinky | wrist: point tilt palm
_TABLE = """
A     side      1.0 | 30 15  20   5  10 | 80  0 100 60 | 85  0 100 60 | 85  0 100 60 | 82  0  95 60 | 0 0 0
B     flat      1.0 | 25 45  10  45  45 |  0 -2   3  2 |  0  0   3  2 |  0  2   3  2 |  0  4   5  3 | 0 0 0
C     side      1.0 | 40 60  30  10  15 | 35  0  45 25 | 35  0  45 25 | 35  0  45 25 | 35  2  45 25 | 0 0 70
C     front     1.0 | 40 60  30  10  15 | 35  0  45 25 | 35  0  45 25 | 35  0  45 25 | 35  2  45 25 | 0 0 10:40
D     ring      1.0 | 25 60  35  15  25 |  0  0   3  2 | 55  0  65 35 | 60  0  65 35 | 65  3  65 35 | 0 0 0:40
E     closed    1.0 | 25 45  15  50  55 | 40  0 105 60 | 42  0 105 60 | 45  0 105 60 | 45  2 100 60 | 0 0 0
E     open      0.6 | 25 45  15  45  50 | 15  0 100 65 | 15  0 100 65 | 15  0 100 65 | 15  2  95 65 | 0 0 0
F     ring      1.0 | 35 50  30  10  25 | 55  0  60 30 | 10  2  10  5 |  0 -4   8  5 | -5 -9   8  5 | 0 0 0
G     side      1.0 | 30 25   0   5   5 | 45  0   5  3 | 80  0 100 60 | 82  0 100 60 | 82  0  95 60 | -90 0 90
G     palm_in   1.0 | 30 25   0   5   5 |  5  0   5  3 | 80  0 100 60 | 82  0 100 60 | 82  0  95 60 | -90 0 180
H     palm_in   1.0 | 25 40  15  40  40 |  5  0   5  3 |  5  2   5  3 | 82  0 100 60 | 82  0  95 60 | -90 0 180
I     upright   1.0 | 25 45  15  45  40 | 80  0 100 60 | 82  0 100 60 | 80  0  95 60 |  0 -3   3  2 | 0 0 0
J     held      1.0 | 25 45  15  45  40 | 80  0 100 60 | 82  0 100 60 | 80  0  95 60 |  0 -3   3  2 | 0 0 0
K     upright   1.0 | 25 45  20   5  10 |  0  3   5  3 | 50  0   8  5 | 82  0 100 60 | 82  0  95 60 | 0 0 0:30
L     upright   1.0 | 70  5   0   0   0 |  0  0   3  2 | 82  0 100 60 | 84  0 100 60 | 82  0  95 60 | 0 0 0
M     tucked    1.0 | 25 40  20  45  35 | 75  0  80 40 | 75  0  80 40 | 75  0  80 40 | 82  0  95 60 | 0 0 0
N     tucked    1.0 | 25 40  20  35  30 | 75  0  80 40 | 75  0  80 40 | 84  0 100 60 | 82  0  95 60 | 0 0 0
O     side      1.0 | 30 60  40  20  25 | 50  0  55 35 | 52  0  55 35 | 54  0  55 35 | 56  2  55 35 | 0 0 60
O     front     1.0 | 30 60  40  20  25 | 50  0  55 35 | 52  0  55 35 | 54  0  55 35 | 56  2  55 35 | 0 0 0:30
P     down      1.0 | 25 45  20   5  10 |  0  3   5  3 | 60  0   8  5 | 82  0 100 60 | 82  0  95 60 | -120 20 150
Q     down      1.0 | 30 30   0   5   5 | 20  0   5  3 | 80  0 100 60 | 82  0 100 60 | 82  0  95 60 | 180 0 150
R     crossed   1.0 | 25 45  15  45  40 |  5 -9   5  3 |  0 10   5  3 | 80  0 100 60 | 82  0  95 60 | 0 0 0
S     front     1.0 | 25 50  15  45  40 | 80  0 100 60 | 85  0 100 60 | 85  0 100 60 | 82  0  95 60 | 0 0 0
T     tucked    1.0 | 25 30  20  15  25 | 65  0  95 50 | 80  0 100 60 | 85  0 100 60 | 82  0  95 60 | 0 0 0
U     upright   1.0 | 25 45  15  45  40 |  0 -3   3  2 |  0  2   3  2 | 80  0 100 60 | 82  0  95 60 | 0 0 0
V     upright   1.0 | 25 45  15  45  40 |  0  8   3  2 |  0 -8   3  2 | 80  0 100 60 | 82  0  95 60 | 0 0 0
W     upright   1.0 | 25 50  20  45  40 |  0 10   3  2 |  0  0   3  2 |  0 -8   3  2 | 70  5  85 50 | 0 0 0
X     hook      1.0 | 25 45  15  40  35 | 15  0  85 45 | 82  0 100 60 | 84  0 100 60 | 82  0  95 60 | 0 0 0:50
Y     spread    1.0 | 65 10   0  -5  -5 | 82  0 100 60 | 84  0 100 60 | 82  0 100 60 |  0 -10  3  2 | 0 0 0
Z     held      1.0 | 25 45  15  40  35 |  5  0   3  2 | 82  0 100 60 | 84  0 100 60 | 82  0  95 60 | 0 0 0
space palm_in   1.0 | 35 15  10   5   5 |  0  0   3  2 |  0  0   3  2 |  0  0   3  2 |  0  2   5  3 | 0 0 180
del   flat      1.0 | 35 15  10   5   5 |  0  0   3  2 |  0  0   3  2 |  0  0   3  2 |  0  2   5  3 | -90 0 0
"""


class PoseError(AslError):
    """A letter, variant or row of the pose table that does not exist or does not parse."""


@dataclass(frozen=True)
class Pose:
    """One accepted way to form a class.

    Attributes
    ----------
    name, variant:
        The class and the way of forming it.
    weight:
        Relative frequency among the variants of the class.
    angles:
        (21,) float32, degrees, in the order of `skeleton.ANGLES`.
    wrist:
        (3, 2) float32, degrees: low and high of ``point``, ``tilt`` and ``palm``.
    """

    name: str
    variant: str
    weight: float
    angles: np.ndarray
    wrist: np.ndarray


def _parse(line: str) -> Pose:
    """Read one row of the table."""
    head, *chains, wrist = (cell.split() for cell in line.split("|"))
    name, variant, weight = head
    angles = np.array([float(value) for chain in chains for value in chain], np.float32)
    if angles.shape != (len(ANGLES),) or len(wrist) != 3:
        raise PoseError(
            f"The row of {name!r}, {variant!r} has {len(angles)} angles and {len(wrist)} wrist "
            f"turns, expected {len(ANGLES)} and 3. Mend the row in hand/poses.py."
        )
    ranges = [[float(value) for value in (turn.split(":") * 2)[:2]] for turn in wrist]
    return Pose(name, variant, float(weight), angles, np.array(ranges, np.float32))


POSES = tuple(_parse(line) for line in _TABLE.strip().splitlines())
"""All rows of the table, in its order."""


def variants(name: str) -> tuple[Pose, ...]:
    """Return the poses of a class (``"A"``, ``"space"``, ``"del"``), likeliest first."""
    found = [pose for pose in POSES if pose.name.lower() == name.lower()]
    if not found:
        names = dict.fromkeys(pose.name for pose in POSES)
        raise PoseError(f"No pose for {name!r}.{did_you_mean(name, names)}")
    return tuple(sorted(found, key=lambda pose: -pose.weight))
