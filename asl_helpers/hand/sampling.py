"""Many hands at once: people, ways of signing, cameras; joints, landmarks, flesh radii."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand import body, scene
from asl_helpers.hand.body import LEFT_HANDED, People, form, sample_people
from asl_helpers.hand.poses import POSES, SHOWN, Pose, PoseError, variants

SIGNS_PER_PERSON = 12
"""How many samples share one person."""

# Standard deviations in degrees.
WRIST_SPREAD = np.array([8.0, 8.0, 10.0], np.float32)  # point, tilt, palm
VIEW_SPREAD = np.array([14.0, 10.0, 5.0], np.float32)  # azimuth, elevation, roll
DISTANCE = (4.0, 25.0)  # camera to wrist, palm lengths
FILL = (0.45, 0.9)  # share of the picture that the hand fills


@dataclass
class HandBatch:
    """Hands in a picture, one row each.

    Attributes
    ----------
    label:
        (n,) int64, index into the letters that were asked for.
    joints:
        (n, 21, 3) float32, camera coordinates in palm lengths: x right, y down, z away from the
        camera, the wrist at the origin.
    image:
        (n, 21, 3) float32: x and y in 0..1 of a square picture; z in the same unit, 0 at the
        wrist, negative nearer the camera.
    radius:
        (n, 21) float32, flesh radius at each joint, in the same unit, perspective included.
    side:
        (n,) str, ``"left"`` or ``"right"``.
    person:
        (n,) int64, who signs.
    skin:
        (n,) int64, index into the Monk Skin Tone scale, 0 lightest to 9 darkest.
    """

    label: np.ndarray
    joints: np.ndarray
    image: np.ndarray
    radius: np.ndarray
    side: np.ndarray
    person: np.ndarray
    skin: np.ndarray

    def __len__(self) -> int:
        """Return the number of hands."""
        return len(self.label)

    def __getitem__(self, rows) -> "HandBatch":
        """Return the chosen rows (a slice or an index array) as a batch."""
        return HandBatch(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def sample_hands(
    letters: Sequence[str],
    n: int,
    seed: int = 0,
    *,
    people: bool = True,
    ways: bool = True,
    jitter: bool = True,
    views: bool = True,
    perspective: bool = True,
    left_share: float = LEFT_HANDED,
    signers: int | None = None,
) -> HandBatch:
    """Draw ``n`` hands that sign ``letters``, each letter equally often.

    Parameters
    ----------
    letters:
        Class names with a pose: ``"A"`` ... ``"Z"``, ``"space"``, ``"del"``.
    n:
        Number of hands.
    seed:
        The same seed gives the same hands.
    people, ways, jitter, views, perspective:
        What is randomised: proportions, variants of a letter, angles, the camera's place, its
        distance. Each can be switched off to see what it is worth.
    left_share:
        Share of left-handed people.
    signers:
        How many people sign; by default a new one for every SIGNS_PER_PERSON hands.

    Raises
    ------
    PoseError
        For a class without a pose.
    """
    letters = list(letters)
    if n < 0 or not letters:
        raise PoseError(f"Asked for {n} hands of {len(letters)} letters; expected some of each.")
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n) % len(letters))
    base, wrist = choose_variants(letters, label, rng, ways)
    crowd = sample_people(
        signers or max(1, -(-n // SIGNS_PER_PERSON)), rng, vary=people, left_share=left_share
    )
    return photograph(
        label, base, wrist, crowd, rng, jitter=jitter, views=views, perspective=perspective
    )


def photograph(
    label: np.ndarray,
    angles: np.ndarray,
    wrist: np.ndarray,
    crowd: People,
    rng: np.random.Generator,
    *,
    jitter: bool = True,
    views: bool = True,
    perspective: bool = True,
) -> HandBatch:
    """Let people in turn form ``angles`` (n, 21), turn the ``wrist`` (n, 3) and be photographed.

    Angles and wrist turns are degrees, as in the pose table; ``label`` (n,) is passed on.
    """
    n = len(label)
    person = np.arange(n) % len(crowd)
    if jitter:
        wrist = wrist + WRIST_SPREAD * rng.standard_normal((n, 3), np.float32)
    joints = form(angles, crowd, person, rng, jitter=jitter)
    view = np.zeros((n, 3), np.float32)
    if views:
        view = VIEW_SPREAD * rng.standard_normal((n, 3), np.float32)
    distance = np.full(n, 1e3, np.float32)
    if perspective:
        distance = np.exp(rng.uniform(*np.log(DISTANCE), n)).astype(np.float32)
    return _place(label, joints, wrist, view, distance, crowd, person, rng)


def sample_landmarks(
    letters: Sequence[str], n: int, seed: int = 0, **switches
) -> tuple[np.ndarray, np.ndarray]:
    """Draw landmarks as a perfect tracker would give them.

    Takes what `sample_hands` takes. Returns landmarks (n, 21, 3) float32 in image coordinates and
    labels (n,) int64.
    """
    batch = sample_hands(letters, n, seed, **switches)
    return batch.image, batch.label


def pose(
    letter: str,
    *,
    side: str = "right",
    view: str = "viewer",
    variant: str | None = None,
    skin: int = 5,
) -> HandBatch:
    """Return one typical hand that forms ``letter``, for figures.

    Parameters
    ----------
    letter:
        A class with a pose.
    side:
        ``"right"`` or ``"left"`` hand.
    view:
        ``"viewer"`` (who faces the signer) or ``"signer"`` (who looks at their own hand).
    variant:
        Name of a variant; the textbook one by default.
    skin:
        Index into the Monk Skin Tone scale.
    """
    found = variants(letter)
    shown = variant or SHOWN.get(found[0].name, found[0].variant)
    chosen = [row for row in found if row.variant == shown]
    if not chosen or side not in ("left", "right") or view not in ("viewer", "signer"):
        raise PoseError(
            f"No pose {letter!r}, variant {variant!r}, side {side!r}, view {view!r}. Variants: "
            f"{', '.join(row.variant for row in found)}; sides: left, right; views: viewer, signer."
        )
    row = chosen[0]
    rng = np.random.default_rng(0)
    typical = sample_people(1, rng, vary=False, left_share=float(side == "left"))
    typical.skin[:] = skin
    # The signer looks from behind the hand, and down on it.
    camera_view = np.array([[0, 0, 0] if view == "viewer" else [180, 0, 0]], np.float32)
    zero = np.zeros(1, np.int64)
    return _place(
        zero,
        body.forward(row.angles[None]),
        row.wrist.mean(axis=1)[None],
        camera_view,
        np.full(1, 12.0, np.float32),
        typical,
        zero,
        rng=None,
    )


def choose_variants(
    letters: list[str], label: np.ndarray, rng: np.random.Generator, ways: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a variant and its wrist for each label: angles (n, 21) and wrist turns (n, 3)."""
    rows: list[Pose] = []
    starts, cumulative = [], []
    for letter in letters:
        found = variants(letter) if ways else variants(letter)[:1]
        starts.append(len(rows))
        weights = np.array([row.weight for row in found])
        cumulative.append(np.cumsum(weights) / weights.sum())
        rows.extend(found)
    widest = max(map(len, cumulative))
    table = np.ones((len(letters), widest))
    for place, shares in enumerate(cumulative):
        table[place, : len(shares)] = shares
    chosen = (rng.random((len(label), 1)) > table[label]).sum(axis=1)
    chosen = np.minimum(chosen, np.array([len(s) for s in cumulative])[label] - 1)
    chosen += np.array(starts)[label]
    angles = np.stack([row.angles for row in rows])[chosen]
    ranges = np.stack([row.wrist for row in rows])[chosen]
    share = rng.random((len(label), 3), np.float32) if ways else np.float32(0.5)
    return angles, ranges[..., 0] + share * (ranges[..., 1] - ranges[..., 0])


def _place(
    label: np.ndarray,
    joints: np.ndarray,
    wrist: np.ndarray,
    view: np.ndarray,
    distance: np.ndarray,
    crowd: People,
    person: np.ndarray,
    rng: np.random.Generator | None,
) -> HandBatch:
    """Put hands in front of the camera; without ``rng`` they fill the middle of the picture."""
    n = len(label)
    turn = scene.view_rotation(view) @ scene.wrist_rotation(wrist)
    joints = scene.rotate(turn, joints)
    left = crowd.left[person]
    joints[left, :, 0] *= -1.0
    # Frame by the hand's own extent, flesh included.
    flesh = crowd.flesh[person]
    unit = np.ones(n, np.float32)
    flat, magnification = scene.project(joints, distance, unit, np.zeros((n, 2), np.float32))
    grown = (flesh * magnification)[..., None]
    low = (flat[..., :2] - grown).min(axis=1)
    high = (flat[..., :2] + grown).max(axis=1)
    extent = (high - low).max(axis=1)
    fill = np.full(n, 0.84, np.float32)
    slack = np.zeros((n, 2), np.float32)
    if rng is not None:
        fill = rng.uniform(*FILL, n).astype(np.float32)
        slack = (rng.random((n, 2), np.float32) - 0.5) * (1 - fill)[:, None]
    scale = fill / extent
    image, _ = scene.project(
        joints, distance, scale, 0.5 + slack - scale[:, None] * (low + high) / 2
    )
    return HandBatch(
        label=label.astype(np.int64),
        joints=joints,
        image=image,
        radius=flesh * magnification * scale[:, None],
        side=np.where(left, "left", "right"),
        person=person.astype(np.int64),
        skin=crowd.skin[person].astype(np.int64),
    )


# An open hand, a relaxed one, a flat one with the thumb along it, a loose grip, a hanging hand.
_REST = np.array(
    [
        [50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0],
        [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12],
        [20, 10, 10, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [40, 35, 25, 15, 20, 45, 3, 45, 20, 48, 0, 45, 20, 50, -3, 45, 20, 52, -6, 42, 20],
    ],
    np.float32,
)
_NEAR = 0.26
"""A shape nearer than this to a letter's (mean joint distance, palm lengths) may be that letter."""


def sample_negatives(n: int, seed: int = 0, *, left_share: float = LEFT_HANDED) -> HandBatch:
    """Draw ``n`` hands that are none of the 24 static letters, labels all 0.

    A quarter are at rest or an interface class (space, del), a half between two letters, a quarter
    in a random shape; the last two only where the shape is far enough from every letter's.
    """
    rng = np.random.default_rng(seed)
    angles, wrist = (np.concatenate(parts) for parts in zip(*_kinds(n, rng), strict=True))
    order = rng.permutation(n)
    crowd = sample_people(max(1, -(-n // SIGNS_PER_PERSON)), rng, left_share=left_share)
    return photograph(np.zeros(n, np.int64), angles[order], wrist[order], crowd, rng)


def _kinds(n: int, rng: np.random.Generator):
    """Yield angles (k, 21) and wrist turns (k, 3) of each kind, n in all."""
    rest, random = n // 4, n // 4
    rows = [*variants("space"), *variants("del")]
    shapes = np.concatenate([_REST, [row.angles for row in rows]])
    turns = [[[-60, 60], [-30, 40], [-180, 180]]] * len(_REST) + [row.wrist for row in rows]
    chosen = rng.integers(0, len(shapes), rest)
    yield shapes[chosen], _within(np.array(turns, np.float32)[chosen], rng)

    low, high = np.array(list(body.LIMITS.values()), np.float32).T
    anywhere = np.array([[-180, 180], [-40, 60], [-180, 180]], np.float32)

    def whatever(k: int) -> tuple[np.ndarray, np.ndarray]:
        angles = rng.uniform(low, high, (k, 21)).astype(np.float32)
        return angles, _within(np.broadcast_to(anywhere, (k, 3, 2)), rng)

    yield _far(random, whatever)

    letters = [row for row in POSES if row.name in STATIC_LETTERS]
    shapes = np.stack([row.angles for row in letters])
    turns = np.stack([row.wrist for row in letters])

    def between(k: int) -> tuple[np.ndarray, np.ndarray]:
        one, other = rng.integers(0, len(letters), (2, k))
        share = rng.uniform(0.3, 0.7, (k, 1)).astype(np.float32)
        start, end = _within(turns[one], rng), _within(turns[other], rng)
        end = start + (end - start + 180) % 360 - 180  # the shorter way round
        return shapes[one] + share * (shapes[other] - shapes[one]), start + share * (end - start)

    yield _far(n - rest - random, between)


def _within(ranges: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw wrist turns (k, 3) from ranges (k, 3, 2)."""
    share = rng.random(ranges.shape[:-1], np.float32)
    return (ranges[..., 0] + share * (ranges[..., 1] - ranges[..., 0])).astype(np.float32)


def _far(count: int, draw) -> tuple[np.ndarray, np.ndarray]:
    """Call ``draw(k)`` until ``count`` of its shapes lie far from every letter's."""
    letters = body.forward(
        np.stack([row.angles for row in POSES if row.name in STATIC_LETTERS])
    ).reshape(-1, 63)
    angles, wrist = draw(0)
    while len(angles) < count:
        more, turns = draw(2 * (count - len(angles)) + 8)
        shapes = body.forward(body.clamp(more)).reshape(-1, 63)
        # Squared distances by the binomial formula: no (k, letters, 63) array is made.
        square = (shapes**2).sum(1)[:, None] + (letters**2).sum(1) - 2 * shapes @ letters.T
        far = np.sqrt(square.min(axis=1).clip(0) / 21) > _NEAR
        angles, wrist = np.concatenate([angles, more[far]]), np.concatenate([wrist, turns[far]])
    return angles[:count], wrist[:count]
