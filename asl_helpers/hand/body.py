"""The kinematic hand: 21 joints in MediaPipe's order, hinges with limits, people, contact.

Hand frame of a right hand, origin at the wrist, lengths in *palm lengths* (wrist to the knuckle
of the middle finger): x towards the thumb, y from the fingers towards the wrist, z from the palm
towards the back of the hand. Seen with x right and y down, as on a screen, it is an upright right
hand that shows its palm.

Each finger has four hinges: ``mcp`` (flexion at the knuckle), ``spread`` (sideways at the knuckle,
positive towards the thumb), ``pip`` and ``dip``. The thumb has five: ``spread`` (away from the
index finger, in the plane of the palm), ``lift`` (out of that plane, palm side), ``turn`` (about
its own bone, opposition), ``mcp`` and ``ip``. All angles are degrees; flexion is positive.

Sources
-------
Joint names and order: MediaPipe Hands (Zhang et al., 2020, arXiv:2006.10214). Ranges of motion:
American Academy of Orthopaedic Surgeons, *Joint Motion: Method of Measuring and Recording* (1965),
widened to the passive extremes that fingerspelling uses. Bone lengths: Buryanov and Kotiuk,
"Proportions of Hand Segments", International Journal of Morphology 28(3), 2010.
"""

from dataclasses import dataclass, fields, replace
from itertools import combinations, pairwise

import numpy as np

FINGERS = ("thumb", "index", "middle", "ring", "pinky")  # the five chains, thumb outwards
JOINTS = (
    "WRIST",
    *(f"THUMB_{part}" for part in ("CMC", "MCP", "IP", "TIP")),
    *(
        f"{finger}_{part}"
        for finger in ("INDEX_FINGER", "MIDDLE_FINGER", "RING_FINGER", "PINKY")
        for part in ("MCP", "PIP", "DIP", "TIP")
    ),
)
"""MediaPipe's 21 names, in its order: WRIST, THUMB_CMC ... PINKY_TIP."""

# The four joints of each finger, from the palm to the tip; and the 20 bones as pairs (nearer the
# wrist, nearer the tip), of which five cross the palm.
CHAINS = tuple(tuple(range(first, first + 4)) for first in range(1, 21, 4))
BONES = tuple(bone for chain in CHAINS for bone in pairwise((0, *chain)))

_THUMB = {
    "spread": (-10, 80),
    "lift": (-15, 75),
    "turn": (-25, 80),
    "mcp": (-15, 70),
    "ip": (-25, 90),
}
_FINGER = {"mcp": (-30, 100), "spread": (-25, 25), "pip": (-8, 115), "dip": (-10, 90)}
LIMITS = {f"thumb_{hinge}": limits for hinge, limits in _THUMB.items()} | {
    f"{finger}_{hinge}": limits for finger in FINGERS[1:] for hinge, limits in _FINGER.items()
}
"""Smallest and largest angle of each hinge, in degrees."""

ANGLES = tuple(LIMITS)  # in the order of every angle array: thumb (5), then four to a finger
LOW, HIGH = np.array(list(LIMITS.values()), np.float32).T

# Where the chains leave the palm. Knuckles of a typical adult on a slightly domed palm: the outer
# metacarpals lie a little towards the palm side of the middle one.
BASES = np.array(
    [
        [0.33, -0.21, -0.12],  # THUMB_CMC
        [0.31, -1.01, -0.03],  # INDEX_FINGER_MCP
        [0.0, -1.0, 0.0],  # MIDDLE_FINGER_MCP
        [-0.26, -0.90, 0.0],  # RING_FINGER_MCP
        [-0.50, -0.76, -0.045],  # PINKY_MCP
    ],
    np.float32,
)
"""First joint of each chain in the hand frame, palm lengths, shape (5, 3)."""

LENGTHS = np.array(
    [
        [0.48, 0.38, 0.31],
        [0.46, 0.30, 0.23],
        [0.49, 0.33, 0.24],
        [0.47, 0.33, 0.23],
        [0.39, 0.26, 0.19],
    ],
    np.float32,
)
"""Lengths of the three bones beyond the first joint of each chain, palm lengths, shape (5, 3)."""

FLESH = np.array(
    [
        *(0.22,),
        *(0.17, 0.13, 0.11, 0.085),
        *(0.125, 0.097, 0.085, 0.072),
        *(0.125, 0.100, 0.087, 0.073),
        *(0.120, 0.093, 0.081, 0.069),
        *(0.110, 0.082, 0.071, 0.061),
    ],
    np.float32,
)
"""Flesh radius at each of the 21 joints of a typical adult, palm lengths."""

# A finger at rest continues its metacarpal only in part; the little finger also rolls inwards, so
# that bent fingers point to one place at the base of the thumb (the scaphoid).
_FAN = np.array([-10.0, -7.0, -6.0, -5.0], np.float32)
_ROLL = np.array([5.0, -4.0, -8.0, -17.0], np.float32)

# Share of left-handed people (Papadatou-Pastou et al., Psychological Bulletin 146(6), 2020).
LEFT_HANDED = 0.1
# Share of two touching radii by which flesh may overlap; past it a finger has gone through.
GIVE = 0.35

# Standard deviations in degrees. A person's habit is the same in every sign; the rest is drawn
# anew. Fingers bend together more than apart, and sideways less than they bend.
_HABIT, _TOGETHER, _APART, _SPREAD_SHARE = 3.0, 5.0, 4.0, 0.35
CALM = (1.0, 0.9, 0.7, 0.5)  # sizes of deviation, tried until no finger passes another
# Then single hinges give way: those of the thumb, the knuckles of index and middle finger.
_NUDGE = 6 * np.eye(21, dtype=np.float32)[[0, 1, 2, 3, 4, 5, 9]]
_NUDGE = np.concatenate([-_NUDGE, _NUDGE])
_NUDGES = 6
_IS_SPREAD = np.array([name.endswith("spread") for name in ANGLES])
_IS_THUMB = np.array([name.startswith("thumb") for name in ANGLES])


def eased(share):
    """Return shares 0 to 1 as shares of a movement that starts and ends slowly."""
    return share * share * (3 - 2 * share)


def clamp(angles: np.ndarray) -> np.ndarray:
    """Return angles of shape (..., 21), degrees, moved inside the joint limits."""
    return np.clip(angles, LOW, HIGH)


def forward(
    angles: np.ndarray, lengths: np.ndarray = LENGTHS, bases: np.ndarray = BASES
) -> np.ndarray:
    """Place the 21 joints of right hands: (n, 21, 3) float32 in the hand frame, palm lengths.

    ``angles`` (n, 21), degrees in the order of `ANGLES`, are used as given, see `clamp`;
    ``lengths`` and ``bases`` are (5, 3) or (n, 5, 3), palm lengths.
    """
    angles = np.asarray(angles, np.float32)
    n = len(angles)
    lengths, bases = np.broadcast_to(lengths, (n, 5, 3)), np.broadcast_to(bases, (n, 5, 3))
    thumb, fingers = angles[:, :5], angles[:, 5:].reshape(n, 4, 4)
    zero = np.zeros((n, 1), np.float32)
    # (n, 5) per chain: heading of the first bone, then the flexion added at each hinge.
    turn = np.concatenate([90 - thumb[:, 2:3], np.broadcast_to(_ROLL, (n, 4))], axis=1)
    heading = np.concatenate([thumb[:, :1], _FAN + fingers[..., 1]], axis=1)
    tilt = np.concatenate([thumb[:, 1:2], zero.repeat(4, axis=1)], axis=1)
    first = np.concatenate([zero, fingers[..., 0]], axis=1)
    bends = np.concatenate([thumb[:, None, 3:], fingers[:, :, 2:]], axis=1)
    flexion = np.deg2rad(np.cumsum(np.concatenate([first[..., None], bends], axis=2), axis=2))

    # All three bones of a chain lie in one plane, spanned by `out` (straight on) and `inward` (the
    # way it bends): minus y and minus z after Rz(heading) Rx(tilt) Ry(turn).
    (ch, ct, cr), (sh, st, sr) = (
        [function(np.deg2rad(a)) for a in (heading, tilt, turn)] for function in (np.cos, np.sin)
    )
    out = -np.stack([-sh * ct, ch * ct, st], axis=-1)
    inward = -np.stack([ch * sr + sh * st * cr, sh * sr - ch * st * cr, ct * cr], axis=-1)
    steps = np.cos(flexion)[..., None] * out[:, :, None]
    steps += np.sin(flexion)[..., None] * inward[:, :, None]
    steps *= lengths[..., None]
    joints = np.zeros((n, 21, 3), np.float32)
    joints[:, 1::4] = bases
    joints[:, 1:].reshape(n, 5, 4, 3)[:, :, 1:] = bases[:, :, None] + np.cumsum(steps, axis=2)
    return joints


class Rows:
    """A dataclass of arrays that have one row each: a slice, a mask or indices choose rows."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(getattr(self, fields(self)[0].name))

    def __getitem__(self, rows):
        """Return the chosen rows."""
        chosen = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        return replace(self, **chosen)


@dataclass
class People(Rows):
    """What stays the same from sign to sign, one row a person; lengths in palm lengths."""

    lengths: np.ndarray  # (p, 5, 3) float32, of the bones beyond the palm
    bases: np.ndarray  # (p, 5, 3) float32, first joint of each chain
    flesh: np.ndarray  # (p, 21) float32, flesh radii
    habit: np.ndarray  # (p, 21) float32, standard normal: how the angles differ from the table's
    left: np.ndarray  # (p,) bool, signs with the left hand
    skin: np.ndarray  # (p,) int64, index into `scene.SKIN_TONES`, 0 lightest to 9 darkest


def sample_people(
    count: int, rng: np.random.Generator, *, vary: bool = True, left_share: float = LEFT_HANDED
) -> People:
    """Draw ``count`` people; with ``vary=False`` all have the typical hand.

    Skin tones are uniform over the scale: every tone is as frequent as any other.
    """
    spread = 1.0 if vary else 0.0

    def factor(shape: tuple[int, ...], sd: float) -> np.ndarray:
        return np.exp(spread * sd * np.clip(rng.standard_normal(shape), -2.5, 2.5))

    # Long or short fingers as a whole, then each finger, then each bone.
    lengths = LENGTHS * factor((count, 1, 1), 0.07) * factor((count, 5, 1), 0.03)
    lengths = lengths * factor((count, 5, 3), 0.04)
    bases = np.broadcast_to(BASES, (count, 5, 3)).copy()
    bases[:, :, 0] *= factor((count, 1), 0.10)  # broad or narrow palm
    bases += spread * 0.015 * rng.standard_normal((count, 5, 3))
    bases[:, 2] /= np.linalg.norm(bases[:, 2], axis=-1, keepdims=True)  # the unit of length
    flesh = FLESH * factor((count, 1), 0.10) * factor((count, 21), 0.03)
    return People(
        lengths=lengths.astype(np.float32),
        bases=bases.astype(np.float32),
        flesh=flesh.astype(np.float32),
        habit=(spread * rng.standard_normal((count, 21))).astype(np.float32),
        left=rng.random(count) < left_share,
        skin=rng.integers(0, 10, count),
    )


_STARTS, _ENDS = np.array(BONES).T
# Pairs of bones that must stay apart. Bones of one finger cannot meet; bones inside the palm share
# its flesh, and so does the ball of the thumb.
_IN_PALM = {0, 1, 4, 8, 12, 16}
_FIRST, _SECOND = np.array(
    [(a, b) for a, b in combinations(range(20), 2) if a // 4 != b // 4 and not {a, b} <= _IN_PALM]
).T


def overlap(joints: np.ndarray, flesh: np.ndarray) -> np.ndarray:
    """Return how far bones run into each other, (n, pairs) float32, as shares of their radii.

    A bone is a capsule: all points nearer to it than its flesh. 0 or less: the two do not touch;
    1: the bones themselves cross. ``joints`` (n, 21, 3) and ``flesh`` (n, 21) have one unit.
    """
    # One row a coordinate and pair: long contiguous arrays are what NumPy is fast at.
    points = np.ascontiguousarray(joints.transpose(2, 1, 0))
    start, along = points[:, _STARTS], points[:, _ENDS] - points[:, _STARTS]
    square = np.maximum(_dot(along, along), 1e-9)
    radius = np.ascontiguousarray(flesh.T)
    narrow, taper = radius[_STARTS], radius[_ENDS] - radius[_STARTS]

    gap = start[:, _FIRST] - start[:, _SECOND]
    first, second = along[:, _FIRST], along[:, _SECOND]
    a, e = square[_FIRST], square[_SECOND]
    b, c, f = _dot(first, second), _dot(first, gap), _dot(second, gap)
    # Closest points of two segments (Ericson, Real-Time Collision Detection, 2005, 5.1.9).
    s = np.clip((b * f - c * e) / np.maximum(a * e - b * b, 1e-9), 0, 1)
    t = np.clip((b * s + f) / e, 0, 1)
    s = np.clip((b * t - c) / a, 0, 1)
    gap += s * first - t * second
    reach = narrow[_FIRST] + s * taper[_FIRST] + narrow[_SECOND] + t * taper[_SECOND]
    return (1 - np.sqrt(_dot(gap, gap)) / reach).T


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the scalar products over the first axis."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def worst_overlap(joints: np.ndarray, flesh: np.ndarray) -> np.ndarray:
    """Return the worst overlap of each hand, (n,), 200 hands at a time: they fit the cache."""
    worst = np.zeros(len(joints), np.float32)
    for start in range(0, len(joints), 200):
        rows = slice(start, start + 200)
        worst[rows] = overlap(joints[rows], flesh[rows]).max(axis=1)
    return worst


def angle_noise(habit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return deviations (n, 21) in degrees: habit, a common tightness, and each hinge's own."""
    n = len(habit)
    noise = _HABIT * habit + _APART * rng.standard_normal((n, 21), np.float32)
    together = _TOGETHER * rng.standard_normal((n, 1), np.float32)
    noise += np.where(_IS_THUMB | _IS_SPREAD, 0, together)
    return np.where(_IS_SPREAD & ~_IS_THUMB, _SPREAD_SHARE * noise, noise).astype(np.float32)


def form(
    base: np.ndarray, people: People, rng: np.random.Generator, *, jitter: bool = True
) -> np.ndarray:
    """Return joints (n, 21, 3) in the hand frame: n people form angles around ``base`` (n, 21).

    Where fingers would pass through each other the angles are drawn again, each time nearer to
    the table. Then single hinges give way.
    """
    angles = base.copy()
    joints = np.empty((len(base), 21, 3), np.float32)
    todo = np.arange(len(base))
    for size in CALM if jitter else (0.0,):
        who = people[todo]
        noise = size * angle_noise(who.habit, rng) if size else 0
        angles[todo] = clamp(base[todo] + noise)
        joints[todo] = forward(angles[todo], who.lengths, who.bases)
        todo = todo[worst_overlap(joints[todo], who.flesh) > GIVE]
    # What is left lies in the proportions: one hinge gives way, a few degrees at a time.
    for _ in range(_NUDGES):
        if not len(todo):
            break
        who = people[todo.repeat(len(_NUDGE))]
        tried = clamp((angles[todo, None] + _NUDGE).reshape(-1, 21))
        places = forward(tried, who.lengths, who.bases)
        through = worst_overlap(places, who.flesh).reshape(len(todo), -1)
        best = through.argmin(axis=1) + len(_NUDGE) * np.arange(len(todo))
        angles[todo], joints[todo] = tried[best], places[best]
        todo = todo[through.min(axis=1) > GIVE]
    return joints
