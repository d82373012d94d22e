# ruff: noqa: E501 (a row of the table stays one line)
"""Every letter as one row of joint angles: the table that the whole hand model rests on.

A row is one accepted way to form a letter. Angles are degrees, as `body` defines them; a
letter with several rows has variants, the textbook one first, drawn in proportion to their weight.
Most rows are rounded medians of angles fitted to real signers' landmarks (benchmarks/fit_poses.py),
moved where a finger would have passed through another. The wrist has three turns, each a value or
a range ``low:high`` from which one is drawn:

``point``  where the fingers of the straight hand would point, on screen: 0 up, 90 to the right
           (the side of the thumb when the palm shows), -90 to the left, 180 down;
``tilt``   how far the fingertips lean towards the camera: 90 points at it, -90 away;
``palm``   the turn about the forearm's line: 0 shows the palm, 90 its thumb side,
           180 its back, -90 the little finger's edge.
"""

from dataclasses import dataclass

import numpy as np

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.hand.body import ANGLES

# class variant weight | thumb: spread lift turn mcp ip | index: mcp spread pip dip | middle | ring
# | pinky | wrist: point tilt palm
_TABLE = """
A     side         2   | 34 14  16 30  22 | 73   3  95 48 |  84  -4  94 44 |  89  -8  92 42 |  84  -8  88 48 |   -16:26  -12:4    -30:10
A     leaning      1   | 25 17  16 22  20 | 66   3 104 50 |  75  -3  96 50 |  80  -5  92 46 |  77  -6  86 48 |    15:50   -8:4     -50:0
A     hooked       1   | 36 22  14 32  42 | 86   5 104 72 |  94  -3 102 75 |  92  -7 103 75 |  82  -8  98 72 |   -16:16  -14:0    -25:10
B     flat         3   | 16 22   0 54  40 | 10  -4   5  0 |   8  -1   0  0 |   7  -1   5  0 |   0   1   8  3 |    -7:40   2:15    -38:15
B     thumb_beside 1   | 22 22   2 38  26 | 12  -4   3  0 |   8   0   0  0 |   2   2   3  0 |  -6   2  12  6 |     0:40   4:15     -40:0
B     towards      0.3 | 11 10  14 32  18 |  0  -4   0  0 |   0  -1   0  0 |  -4  -1   0  0 |  -8  -1   4  0 |    -5:25  20:47    -40:10
C     side         2   | 12 52  29 22   8 | 30  -2  33 13 |  32  -1  35 15 |  26   1  35 17 |  22   0  24 16 |     0:43  -16:5   -90:-40
C     front        2   | 38 46  38 20   8 | 19   3  38 12 |  28  -1  37  9 |  27  -3  34  8 |  24  -7  22  7 |     8:33  -8:15    -25:22
C     round        1   | 42 52  32 22  12 | 22   3  46 30 |  24  -3  46 30 |  28  -6  43 26 |  32  -9  28 16 |     5:33  -5:20    -40:16
C     narrow       1   | 29 42  31 42  12 | 22   2  62 21 |  26  -3  62 28 |  26  -6  60 25 |  34  -9  42 20 |    -5:14  -12:6   -82:-50
C     bent         1   | 14 26  30 40   8 | 52  -1  28  9 |  56  -1  30  8 |  54   0  28  8 |  48  -6  28  8 |    10:30   8:30  -112:-66
D     ring         2   | 18 42  15 36  32 | 16  -1   6  0 |  40  -7  80 36 |  38 -10  80 39 |  36 -10  72 31 |    -5:20   2:14    -35:16
D     open         1   | 14 34  10 20  24 |  4  -2   2 -4 |  30  -3  71 33 |  33  -5  72 31 |  36  -2  58 25 |     8:25   0:24   -55:-20
D     side         1   | 21 55  11 43  20 | 18  -3   1 -2 |  53   1  66 30 |  53   0  66 31 |  42   2  52 32 |   -15:10 -11:10   -90:-50
E     closed       2   | 19 34  12 66  54 | 36   3 100 63 |  39  -4 111 64 |  37  -9 113 62 |  34  -8 103 56 |     2:20  -10:2    -25:14
E     open         2   | 28 32  14 54  62 |  7  -2  90 48 |   2  -4  98 54 |  -3  -4 102 60 |  -5  -1  92 55 |     5:22   -6:5    -40:-4
E     halfway      1   | 20 40   8 62  55 | 26  -1 100 58 |  27  -5 110 56 |  22  -9 112 56 |  18  -6  99 53 |   -12:10   -6:4    -30:10
F     ring         3   | 31 32  23 25  34 | 46  -1  57 24 |  17   1  13  0 |  10  -7  13  1 |   5 -13   9  3 |    -8:20  -6:16     -30:8
F     spread       1   | 32 45  21 26  34 | 54   5  57 23 |  16   0  13  0 |   6 -16   9  0 |  -4 -25   0  1 |     -6:8   5:22    -20:14
F     fan          0.7 | 20 36  19 20  34 | 36  -1  70 32 |  12   8   8  1 |   3  -2  10  3 | -30 -12   8  7 |    15:31   4:15   -35:-15
F     side         1   | 29 59  12 31  16 | 74  -2  32 14 |  42   0  33 10 |  16  -7  33 20 | -18 -13  35 33 |   -28:-5 -16:-5   -55:-25
G     across       3   | 19 26  16 42  23 | 35  -4   5  3 |  69  -6  87 82 |  74  -7  79 80 |  76  -7  79 60 |    45:92  20:44 -190:-130
G     slanted      1   | 20 25  14 39  26 | 42   3   8  4 |  68  -7  88 75 |  72 -10  85 77 |  73  -9  86 60 |    25:46  33:50 -138:-110
G     palm_out     1   | 40  5   0 38  15 |  6  -1   9  6 |  67  -2  93 37 |  74  -4  94 38 |  68  -7  96 42 |  -95:-30   3:28    -10:20
G     level        1.5 | 14 42  20 22  11 | 58   4  14  5 |  82  -9  78 50 |  92  -9  72 58 |  90  -8  70 52 |  -45:-10  -15:8     45:80
H     across       3   | 16 25   6 48  26 | 30  -5   9  3 |  36  -8   6  1 |  67 -10  86 80 |  76  -9  77 50 |    50:92  22:44 -190:-135
H     slanted      1   | 20 26  18 54  21 | 41   1   9  6 |  50   0  10  1 |  74 -13  87 88 |  75 -15  86 62 |    20:45  34:50 -140:-100
H     palm_out     1   |  4 16 -10 42  21 |  2  -2   0  0 |   4  -2   1  0 |  65 -12  91 50 |  79 -11  75 40 |  -95:-33   5:22    -18:12
H     level        1   |  8 22   0 44  22 | 48   0   8  3 |  54  -4   8  2 |  72 -11  90 55 |  78 -11  80 48 |  -50:-12 -10:15     45:85
I     fist         2   | 32 27  21 33  46 | 62   2  98 49 |  74  -4  93 40 |  69 -11  87 39 |   1 -10  10  4 |    -5:25   -9:6    -26:10
I     thumb_across 1   | 20 36  12 43  42 | 63   7 109 61 |  71  -1  97 65 |  68 -10  98 51 |  14  -6   6  1 |     3:18  -12:2    -14:17
J     held         1   | 28 30  17 34  45 | 64   3 104 52 |  72  -3  94 48 |  69 -10  90 43 |   4  -9   8  3 |   -10:25 -10:10    -26:15
J     tilted       1   | 22 36  14 42  42 | 60   6 106 58 |  64  -4 101 50 |  67 -12  98 38 |  12 -16   6  0 |  -45:-20   -9:2      -8:5
K     upright      2   | -1 17   7 29  11 | 10  16  10  4 |  30  -4   3  2 |  76 -13  90 50 |  88 -12  79 47 |   -13:10   -8:6    -35:16
K     forward      2   |  5 19  11 29  12 | 36   7   5  1 |  54  -6  21  7 |  85  -6  74 32 |  83  -5  74 42 |    -8:15  -6:10    -60:-8
K     side         2   |  6 13  10 24   8 | 22   3   4  3 |  63  -8   8  0 |  83  -5  83 86 |  87  -6  82 88 |     5:50  18:34  -134:-95
L     upright      3   | 47 14   0  6  -6 | 13   0  10  0 |  70  -4  95 46 |  77  -9  92 52 |  74 -10  87 54 |     0:25  -3:18    -36:18
L     loose        1   | 45 23  -2  1 -11 | 11   0  10  0 |  46  -4  89 52 |  46  -7  88 57 |  44  -7  84 53 |     5:25  -3:16     -36:5
M     tucked       4   |  9 20  -2 57  20 | 62   2  83 44 |  59  -1  85 43 |  54  -5  89 39 |  85  -8  70 40 |   -10:18  -10:4    -32:-4
M     down         1   | 15 32  35 17  21 | 88   7  43 17 |  88   1  44 14 |  88  -3  52 14 |  81  -5  65 24 |   -15:40  15:73    -29:12
N     tucked       3   | 17 17   1 43  31 | 52   3  78 43 |  50  -5  84 43 |  87 -10  82 37 |  93 -10  70 45 |   -18:15   -8:4    -35:-4
N     deep         1   |  9 22  -2 48  26 | 68   3  76 32 |  62  -6  76 38 |  88 -10  84 36 |  96 -10  72 44 |    -8:14   -8:4     -32:4
N     down         1   | 28 20  32 34  23 | 89   9  46 17 | 100   5  45 18 | 100  -2  68 27 |  91  -6  87 31 |   -20:14  28:74     -5:22
O     side         2   | 19 48  14 33  21 | 38  -2  64 29 |  40  -1  66 32 |  38  -2  66 34 |  30  -1  53 35 |   -25:35  -25:0   -90:-38
O     front        2   | 24 39  23 34  32 | 38   5  57 37 |  39  -3  62 38 |  38  -9  64 38 |  27 -12  56 30 |     8:20  -12:8    -25:12
O     closed       1   | 13 50  16 22  21 | 37   4  76 37 |  39  -3  80 35 |  41  -7  80 34 |  40  -7  70 30 |    15:32   0:20     -45:0
O     flat         0.7 | 22 36  18 42  18 | 54   3  34 15 |  55  -3  36 15 |  55  -7  36 16 |  50  -8  38 17 |   -10:32 -10:22  -100:-40
P     down         1   |  8 18  12 26  12 | 20   8   6  4 |  60  -5   8  2 |  84  -9  90 48 |  88  -8  84 50 |  100:180  10:60 -190:-110
P     side         2   |  8 16  19 24  12 | 38   1   5  6 |  76  -2   9  2 |  86  -9  94 50 |  85  -8  96 72 |    55:95  15:40  -115:-75
P     towards      3   | 26 19  18 30  30 | 44  -8   8  7 |  93  -4  20  9 | 100 -15  56 26 |  93 -12  82 32 |     5:50  20:60    -66:-8
P     palm_left    1   | 26 40  13 14  16 | 21   3   6  2 |  52   1  64 34 |  53   0  68 44 |  48  -1  62 50 | -110:-48  12:60    60:100
P     thumb_side   0.5 | 24 20 -16 36  11 | 20   4  14  5 |  57  -5  12  2 |  79 -11  82 36 |  88 -10  86 44 |  -42:-20  -8:20     48:80
Q     floor        1   | 22 28   6 30  14 | 36  -2  14  6 |  66  -4  86 56 |  72  -6  84 60 |  70  -5  80 56 |  100:180  10:60 -190:-110
Q     down         2   |  8 36  14 24  12 | 66   2  28 11 |  76 -10  98 40 |  87 -13  94 48 |  86 -12  91 58 |    40:90  10:45   -95:-55
Q     towards      1.5 | 20 34  40 29  33 | 76   2  22  6 |  89 -10  84 30 |  98 -13  85 39 |  97 -12  86 44 |    15:58  32:70    -62:-8
Q     palm_left    1   | 36 39   2  8   6 | 43   2  20  8 |  50   2  76 40 |  50   2  88 52 |  46  -1  76 62 | -110:-50  20:60    70:115
Q     thumb_side   1   | 28 42  14 30  12 | 50   2  16  6 |  58 -10  92 36 |  68 -12  86 42 |  66 -10  72 42 | -105:-70  -8:30     45:80
R     crossed      2   |  6 31  -2 42  22 | 22 -11   4 -4 |  13   6  14  5 |  61 -10  96 43 |  70 -11  75 42 |   -14:16  -3:11    -34:14
R     touching     2   |  3 30   0 42  22 | 20  -7   6  2 |  15   5  10  3 |  64 -11  97 46 |  74 -12  77 45 |   -10:16  -4:11    -34:12
R     bent         1   | 12 35  -1 41  31 | 20 -13   6  0 |   7   1  25  6 |  44  -6  83 34 |  49  -3  75 37 |    -4:14   -3:6   -58:-22
R     twisted      1   |  6 31  -2 42  22 | 18 -16  -1 -1 |   5  11  18  3 |  62 -11  96 43 |  70 -11  75 42 |   -10:12  -3:10    -34:10
S     fist         2   | 23 36  15 52  47 | 63   2 105 68 |  70  -5 104 69 |  70 -11 102 64 |  68 -11  91 60 |     0:20 -14:-2    -16:14
S     loose        2   | 11 34   9 41  49 | 55   5 104 70 |  57  -4 109 71 |  66  -9 101 68 |  63  -8  87 60 |     8:22  -13:0     -30:2
T     tucked       3   | 18 26   9 38  26 | 57   7  64 46 |  85  -5  83 41 |  92  -8  81 44 |  88  -6  78 51 |   -14:18 -10:10     -45:4
T     tip_shows    1.5 |  7 30  10 16  20 | 42   5 105 65 |  66  -6  96 50 |  75  -9  93 51 |  70  -8  92 52 |   -10:20  -12:2     -35:4
T     thumb_out    1   | 48 14  18 27  18 | 53   3  54 18 |  82  -3  96 48 |  85  -6 103 46 |  84  -7  99 49 |     4:25  -13:0     -8:18
U     upright      2   |  3 32  -3 40  23 | 24   0  -2 -4 |  18   4   7 -2 |  62  -9  95 42 |  68  -8  75 44 |   -10:12   2:13     -36:0
U     folded       1.5 | -1 26  13 43  21 | 14   4   8  2 |  16   6   6  2 |  69 -11 100 52 |  78 -10  76 48 |    -12:8   -4:8     -15:8
V     upright      2   |  3 32  -4 40  24 | 22  17   0 -3 |   8  -6   5 -2 |  61 -11  95 41 |  70  -8  69 44 |   -18:12   2:20     -45:4
V     folded       1.5 |  1 30  11 50  27 |  6  20   7  3 |  11  -3   4  1 |  69 -12 104 51 |  76 -11  78 56 |   -12:12   0:14    -26:10
W     upright      3   |  4 35 -13 54  28 |  8  18   1  0 |   4   0   4  1 |  10 -16  15 -1 |  44  -3  66 32 |   -10:30   3:22    -34:20
X     hook         3   | 27 52   4 39  41 | 12   0  63 30 |  78  -7  86 46 |  94 -11  84 51 |  96  -8  73 57 |   -33:14   4:26    -48:-5
X     clenched     1   | 24 31  18 53  39 | -5   8  78 16 |  70  -5 106 48 |  79 -10  96 45 |  79 -11  87 46 |    -4:12   -8:8    -14:10
Y     spread       3   | 44  8   0  6  -8 | 78   4  91 42 |  81  -3  90 41 |  75  -9  90 41 |  -2 -20   1  2 |   -17:10  -6:12    -22:14
Y     towards      0.7 | 47  4  -1  3 -14 | 88   4  78 33 |  90  -3  78 35 |  75 -10  90 32 |  18 -25   0 -6 |    -10:8  25:48    -36:10
Z     held         1   | 14 36  12 43  32 | 16  11   9  2 |  68  -7 101 47 |  81 -14  93 37 |  90 -19  81 38 |     0:50 -10:10    -30:16
Z     pointing     1   | 24 42  12 36  32 | 10   0   6  0 |  70  -6  92 44 |  78  -9  90 46 |  78  -9  84 46 |   -20:30  10:45    -50:20
space level        3   | 64 50  12 17   7 | -9  -7  40 22 |  -7  -5  50 28 | -10   0  48 30 | -10   8  32 24 |  -78:-52  -14:0   -85:-62
space loose        1   | 15 22  23 25  13 | 42   0  16  7 |  46   2  18  5 |  46   3  22  6 |  38   2  24  6 |  -88:-20   0:40  -105:-40
del   level        3   | 26 12  14 28  15 | 56   0  32  5 |  66  -1  26  6 |  62   0  24  6 |  50   6  24  3 |  -90:-66   0:30     44:76
del   flat         1   | 34  5  12 14   9 | 40   0   8  0 |  42   0   6  0 |  40   0   6  0 |  30   1   8  1 | -115:-80   5:25     55:85
"""


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
OPEN, RELAXED = RESTING[:2]

SHOWN = {"G": "level", "Q": "palm_left"}
"""Variants that figures show where the first row turns the thumb away from the viewer."""


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
    if len(angles) != len(ANGLES) or len(wrist) != 3:
        raise AslError(
            f"The row of {name!r}, {variant!r} has {len(angles)} angles and {len(wrist)} wrist "
            f"turns, expected {len(ANGLES)} and 3. Mend the row in hand/poses.py."
        )
    ranges = [[float(value) for value in (turn.split(":") * 2)[:2]] for turn in wrist]
    return Pose(name, variant, float(weight), angles, np.array(ranges, np.float32))


POSES = tuple(_parse(line) for line in _TABLE.strip().splitlines())
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
