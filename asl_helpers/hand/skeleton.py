"""The kinematic hand: 21 joints in MediaPipe's order, hinges with limits, forward kinematics.

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

import numpy as np

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
"""The five chains, from the thumb outwards."""

JOINTS = (
    "WRIST",
    *(f"THUMB_{part}" for part in ("CMC", "MCP", "IP", "TIP")),
    *(
        f"{finger}_FINGER_{part}" if finger != "PINKY" else f"PINKY_{part}"
        for finger in ("INDEX", "MIDDLE", "RING", "PINKY")
        for part in ("MCP", "PIP", "DIP", "TIP")
    ),
)
"""MediaPipe's 21 names, in its order: WRIST, THUMB_CMC ... PINKY_TIP."""

CHAINS = {finger: tuple(range(1 + 4 * i, 5 + 4 * i)) for i, finger in enumerate(FINGERS)}
"""The four joints of each finger, from the palm to the tip."""

BONES = tuple(
    bone
    for first, *rest in CHAINS.values()
    for bone in ((0, first), *zip((first, *rest), rest, strict=False))
)
"""The 20 bones as pairs (nearer the wrist, nearer the tip); five of them cross the palm."""

LIMITS = {
    **{
        f"thumb_{name}": limits
        for name, limits in {
            "spread": (-10, 80),
            "lift": (-15, 75),
            "turn": (-25, 80),
            "mcp": (-15, 70),
            "ip": (-25, 90),
        }.items()
    },
    **{
        f"{finger}_{name}": limits
        for finger in FINGERS[1:]
        for name, limits in {
            "mcp": (-30, 100),
            "spread": (-25, 25),
            "pip": (-8, 115),
            "dip": (-10, 90),
        }.items()
    },
}
"""Smallest and largest angle of each hinge, in degrees."""

ANGLES = tuple(LIMITS)
"""The 21 hinges in the order of every angle array: thumb (5), then four to a finger."""

_LOW = np.array([low for low, _ in LIMITS.values()], np.float32)
_HIGH = np.array([high for _, high in LIMITS.values()], np.float32)

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

# A finger at rest continues its metacarpal only in part; the little finger also rolls inwards, so
# that bent fingers point to one place at the base of the thumb (the scaphoid).
_FAN = np.array([-10.0, -7.0, -6.0, -5.0], np.float32)
_ROLL = np.array([5.0, -4.0, -8.0, -17.0], np.float32)


def clamp(angles: np.ndarray) -> np.ndarray:
    """Return angles of shape (..., 21), degrees, moved inside the joint limits."""
    return np.clip(angles, _LOW, _HIGH)


def rotation(axis: str, degrees: np.ndarray) -> np.ndarray:
    """Return matrices (..., 3, 3) that turn by ``degrees`` (...) about x, y or z."""
    radians = np.deg2rad(np.asarray(degrees, np.float32))
    cos, sin = np.cos(radians), np.sin(radians)
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.zeros((*radians.shape, 3, 3), np.float32)
    matrix[..., range(3), range(3)] = 1.0
    matrix[..., first, first] = matrix[..., second, second] = cos
    matrix[..., second, first] = sin
    matrix[..., first, second] = -sin
    return matrix


def forward(
    angles: np.ndarray, lengths: np.ndarray = LENGTHS, bases: np.ndarray = BASES
) -> np.ndarray:
    """Place the 21 joints of right hands.

    Parameters
    ----------
    angles:
        (n, 21) degrees in the order of `ANGLES`; used as given, see `clamp`.
    lengths:
        (5, 3) or (n, 5, 3), palm lengths.
    bases:
        (5, 3) or (n, 5, 3), palm lengths.

    Returns
    -------
    joints:
        (n, 21, 3) float32 in the hand frame, palm lengths, the wrist at the origin.
    """
    angles = np.asarray(angles, np.float32)
    n = len(angles)
    lengths = np.broadcast_to(lengths, (n, 5, 3))
    bases = np.broadcast_to(bases, (n, 5, 3))
    joints = np.zeros((n, 21, 3), np.float32)
    joints[:, 1::4] = bases

    thumb, fingers = angles[:, :5], angles[:, 5:].reshape(n, 4, 4)
    # (n, 5) per chain: heading of the first bone, then the flexion added at each hinge.
    turn = np.concatenate([90 - thumb[:, 2:3], np.broadcast_to(_ROLL, (n, 4))], axis=1)
    heading = np.concatenate([thumb[:, :1], _FAN + fingers[..., 1]], axis=1)
    tilt = np.concatenate([thumb[:, 1:2], np.zeros((n, 4), np.float32)], axis=1)
    bends = np.concatenate([thumb[:, None, 3:], fingers[:, :, 2:]], axis=1)
    first = np.concatenate([np.zeros((n, 1), np.float32), fingers[..., 0]], axis=1)

    # All three bones of a chain lie in one plane, spanned by `out` (straight on) and `inward`
    # (the way it bends): a hinge only adds to one angle.
    frame = _chain_frames(heading, tilt, turn)
    out, inward = -frame[..., 1], -frame[..., 2]
    flexion = np.deg2rad(np.cumsum(np.concatenate([first[..., None], bends], axis=2), axis=2))
    steps = (
        np.cos(flexion)[..., None] * out[:, :, None]
        + np.sin(flexion)[..., None] * inward[:, :, None]
    ) * lengths[..., None]
    joints[:, 1:].reshape(n, 5, 4, 3)[:, :, 1:] = bases[:, :, None] + np.cumsum(steps, axis=2)
    return joints


def _chain_frames(heading: np.ndarray, tilt: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return Rz(heading) Rx(tilt) Ry(turn), (n, 5, 3, 3), of angles (n, 5) in degrees."""
    (ch, ct, cr), (sh, st, sr) = (
        [function(np.deg2rad(a)) for a in (heading, tilt, turn)] for function in (np.cos, np.sin)
    )
    frame = np.empty((*heading.shape, 3, 3), np.float32)
    frame[..., 0, 0] = ch * cr - sh * st * sr
    frame[..., 1, 0] = sh * cr + ch * st * sr
    frame[..., 2, 0] = -ct * sr
    frame[..., 0, 1] = -sh * ct
    frame[..., 1, 1] = ch * ct
    frame[..., 2, 1] = st
    frame[..., 0, 2] = ch * sr + sh * st * cr
    frame[..., 1, 2] = sh * sr - ch * st * cr
    frame[..., 2, 2] = ct * cr
    return frame
