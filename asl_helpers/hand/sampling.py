"""Many hands at once: people, ways of signing, cameras; joints, landmarks, flesh radii.

A classifier that only ever sees letters calls every hand a letter: `sample_negatives` draws
the counterexamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.errors import AslError
from asl_helpers.hand import body
from asl_helpers.hand.body import LEFT_HANDED, People, Rows, form, sample_people
from asl_helpers.hand.poses import POSES, RESTING, SHOWN, variants
from asl_helpers.hand.scene import project, rotate, view_rotation, wrist_rotation

SIGNS_PER_PERSON = 12  # samples that share one person

# Standard deviations in degrees.
WRIST_SPREAD = np.array([8.0, 8.0, 10.0], np.float32)  # point, tilt, palm
VIEW_SPREAD = np.array([14.0, 10.0, 5.0], np.float32)  # azimuth, elevation, roll

_DISTANCE = (4.0, 25.0)  # camera to wrist, palm lengths
_FILL = (0.45, 0.9)  # share of the image that the hand fills
# A shape nearer than this to a letter's (mean joint distance, palm lengths) may be that letter.
_NEAR = 0.26


@dataclass
class HandBatch(Rows):
    """Hands in a square image, one row each.

    ``joints`` are camera coordinates in palm lengths: x right, y down, z away from the camera, the
    wrist at the origin. In ``image``, x and y are 0..1; z has the same unit, 0 at the wrist,
    negative nearer the camera. ``radius`` is the flesh at each joint in that unit, perspective
    included.
    """

    label: np.ndarray  # (n,) int64, index into the letters that were asked for
    joints: np.ndarray  # (n, 21, 3) float32
    image: np.ndarray  # (n, 21, 3) float32
    radius: np.ndarray  # (n, 21) float32
    side: np.ndarray  # (n,) "left" or "right"
    person: np.ndarray  # (n,) int64, who signs
    skin: np.ndarray  # (n,) int64, index into `scene.SKIN_TONES`, 0 lightest to 9 darkest

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the upper left and the lower right corner of each hand's flesh, (n, 2)."""
        return _bounds(self.image, self.radius)

    def resized(self, scale: np.ndarray | float, offset: np.ndarray) -> "HandBatch":
        """Return the hands scaled by numbers (n,), then moved by (n, 2) within the image."""
        scale = np.reshape(scale, (-1, 1))
        image = self.image * scale[..., None]
        image[..., :2] += offset[:, None]
        radius = (self.radius * scale).astype(np.float32)
        return replace(self, image=image.astype(np.float32), radius=radius)


def _bounds(points: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners (n, 2) of the box around circles at ``points`` (n, k, 2 or 3)."""
    flat, flesh = points[..., :2], radius[..., None]
    return (flat - flesh).min(axis=1), (flat + flesh).max(axis=1)


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
    n, seed:
        Number of hands; the same seed gives the same hands.
    people, ways, jitter, views, perspective:
        What is randomised: proportions, variants of a letter, angles, the camera's place, its
        distance. Each can be switched off to see what it is worth.
    left_share:
        Share of left-handed people.
    signers:
        How many people sign; by default a new one for every SIGNS_PER_PERSON hands.
    """
    letters = list(letters)
    if n < 0 or not letters:
        raise AslError(f"Asked for {n} hands of {len(letters)} letters; expected some of each.")
    rng = np.random.default_rng(seed)
    signs = cast(letters, n, rng, ways=ways, signers=signers, vary=people, left_share=left_share)
    return photograph(*signs, rng, jitter=jitter, views=views, perspective=perspective)


def sample_landmarks(
    letters: Sequence[str], n: int, seed: int = 0, **switches
) -> tuple[np.ndarray, np.ndarray]:
    """Draw landmarks as a perfect tracker would give them.

    Takes what `sample_hands` takes. Returns landmarks (n, 21, 3) float32 in image coordinates and
    labels (n,) int64.
    """
    batch = sample_hands(letters, n, seed, **switches)
    return batch.image, batch.label


def cast(
    letters: list[str],
    n: int,
    rng: np.random.Generator,
    *,
    ways: bool = True,
    signers: int | None = None,
    **people,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, People]:
    """Draw who signs what: labels (n,), angles (n, 21), wrist turns (n, 3) and the people.

    Without ``ways``, all hands have the textbook variant and the middle of its wrist's ranges.
    """
    label = rng.permutation(np.arange(n) % len(letters))
    drawn = rng.random(n)
    angles = np.empty((n, 21), np.float32)
    ranges = np.empty((n, 3, 2), np.float32)
    for index, letter in enumerate(letters):
        rows = variants(letter) if ways else variants(letter)[:1]
        weights = np.array([row.weight for row in rows])
        mine = np.flatnonzero(label == index)
        chosen = np.searchsorted(np.cumsum(weights)[:-1] / weights.sum(), drawn[mine])
        angles[mine] = np.stack([row.angles for row in rows])[chosen]
        ranges[mine] = np.stack([row.wrist for row in rows])[chosen]
    wrist = _turned(ranges, rng) if ways else ranges.mean(axis=-1)
    return label, angles, wrist, _crowd(n, rng, signers, **people)


def _crowd(n: int, rng: np.random.Generator, signers: int | None = None, **options) -> People:
    """Draw the people who sign ``n`` samples."""
    return sample_people(signers or max(1, -(-n // SIGNS_PER_PERSON)), rng, **options)


def _turned(ranges: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw wrist turns (k, 3) from ranges (k, 3, 2)."""
    share = rng.random(ranges.shape[:-1], np.float32)
    return ranges[..., 0] + share * (ranges[..., 1] - ranges[..., 0])


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
    people = crowd[person]
    joints = form(angles, people, rng, jitter=jitter)
    view = np.zeros((n, 3), np.float32)
    if views:
        view = VIEW_SPREAD * rng.standard_normal((n, 3), np.float32)
    distance = distances(n, rng) if perspective else np.full(n, 1e3, np.float32)
    turn = view_rotation(view) @ wrist_rotation(wrist)
    return _hands(label, rotate(turn, joints), distance, *framing(n, rng), people, person)


def distances(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how far cameras are from the wrist, (n,) float32 palm lengths."""
    return np.exp(rng.uniform(*np.log(_DISTANCE), n)).astype(np.float32)


def framing(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the share (n,) of the image that hands fill, and how far (n, 2) off its middle."""
    fill = rng.uniform(*_FILL, n).astype(np.float32)
    return fill, (rng.random((n, 2), np.float32) - 0.5) * (1 - fill)[:, None]


def fit(
    joints: np.ndarray,
    distance: np.ndarray,
    fill: np.ndarray,
    slack: np.ndarray,
    flesh: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Project joints (n, k, 3) so that the hand, flesh included, is framed as `framing` says.

    Returns the image (n, k, 3) and the flesh's radii in it (n, k).
    """
    flat, magnification = project(joints, distance, 1, (0, 0))
    radius = flesh * magnification
    low, high = _bounds(flat, radius)
    scale = fill / (high - low).max(axis=1)
    middle = 0.5 + slack - scale[:, None] * (low + high) / 2
    return project(joints, distance, scale, middle)[0], radius * scale[:, None]


def pose(
    letter: str,
    *,
    side: str = "right",
    view: str = "viewer",
    variant: str | None = None,
    skin: int = 5,
) -> HandBatch:
    """Return one typical hand that forms ``letter``, for figures.

    ``side`` is ``"right"`` or ``"left"``; ``view`` is ``"viewer"`` (who faces the signer) or
    ``"signer"`` (who looks at their own hand); ``variant`` names one, the textbook one by default;
    ``skin`` is an index into `scene.SKIN_TONES`.
    """
    rows = {row.variant: row for row in variants(letter)}
    shown = variant or SHOWN.get(letter.upper(), next(iter(rows)))
    if shown not in rows or side not in ("left", "right") or view not in ("viewer", "signer"):
        raise AslError(
            f"No pose {letter!r}, variant {variant!r}, side {side!r}, view {view!r}. Variants: "
            f"{', '.join(rows)}; sides: left, right; views: viewer, signer."
        )
    left_share = float(side == "left")
    typical = sample_people(1, np.random.default_rng(0), vary=False, left_share=left_share)
    typical.skin[:] = skin
    # The signer looks from behind the hand, and down on it.
    camera = view_rotation([[0, 0, 0] if view == "viewer" else [180, 0, 0]])
    turn = camera @ wrist_rotation(rows[shown].turns(0.5)[None])
    joints = rotate(turn, body.forward(rows[shown].angles[None]))
    one, zero = np.ones(1, np.float32), np.zeros(1, np.int64)
    return _hands(zero, joints, 12 * one, 0.84 * one, 0 * one[:, None], typical, zero)


def _hands(label, joints, distance, fill, slack, people: People, person) -> HandBatch:
    """Photograph turned right hands, framed as `framing` says."""
    joints[people.left, :, 0] *= -1.0
    image, radius = fit(joints, distance, fill, slack, people.flesh)
    return HandBatch(
        label=label.astype(np.int64),
        joints=joints,
        image=image,
        radius=radius,
        side=np.where(people.left, "left", "right"),
        person=person.astype(np.int64),
        skin=people.skin.astype(np.int64),
    )


def sample_negatives(n: int, seed: int = 0, *, left_share: float = LEFT_HANDED) -> HandBatch:
    """Draw ``n`` hands that are none of the 24 static letters, labels all 0.

    A quarter are at rest or an interface class (space, del), a half between two letters, a quarter
    in a random shape; the last two only where the shape is far enough from every letter's.
    """
    rng = np.random.default_rng(seed)
    angles, wrist = (np.concatenate(parts) for parts in zip(*_kinds(n, rng), strict=True))
    order = rng.permutation(n)
    crowd = _crowd(n, rng, left_share=left_share)
    return photograph(np.zeros(n, np.int64), angles[order], wrist[order], crowd, rng)


def _kinds(n: int, rng: np.random.Generator):
    """Yield angles (k, 21) and wrist turns (k, 3) of each kind, n in all."""
    rest, random = n // 4, n // 4
    rows = [*variants("space"), *variants("del")]
    shapes = np.concatenate([RESTING, [row.angles for row in rows]])
    turns = [[[-60, 60], [-30, 40], [-180, 180]]] * len(RESTING) + [row.wrist for row in rows]
    chosen = rng.integers(0, len(shapes), rest)
    yield shapes[chosen], _turned(np.array(turns, np.float32)[chosen], rng)

    letters = [row for row in POSES if row.name in STATIC_LETTERS]
    shapes = np.stack([row.angles for row in letters])
    turns = np.stack([row.wrist for row in letters])
    anywhere = np.array([[-180, 180], [-40, 60], [-180, 180]], np.float32)

    def any_shape(k: int) -> tuple[np.ndarray, np.ndarray]:
        angles = rng.uniform(body.LOW, body.HIGH, (k, 21)).astype(np.float32)
        return angles, _turned(np.broadcast_to(anywhere, (k, 3, 2)), rng)

    def between(k: int) -> tuple[np.ndarray, np.ndarray]:
        one, other = rng.integers(0, len(letters), (2, k))
        share = rng.uniform(0.3, 0.7, (k, 1)).astype(np.float32)
        start, end = _turned(turns[one], rng), _turned(turns[other], rng)
        end = start + (end - start + 180) % 360 - 180  # the shorter way round
        return shapes[one] + share * (shapes[other] - shapes[one]), start + share * (end - start)

    yield _far(random, any_shape, shapes)
    yield _far(n - rest - random, between, shapes)


def _far(count: int, draw, letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Call ``draw(k)`` until ``count`` of its shapes lie far from every letter's (angles)."""
    letters = body.forward(letters).reshape(-1, 63)
    angles, wrist = draw(0)
    while len(angles) < count:
        more, turns = draw(2 * (count - len(angles)) + 8)
        shapes = body.forward(body.clamp(more)).reshape(-1, 63)
        # Squared distances by the binomial formula: no (k, letters, 63) array is made.
        square = (shapes**2).sum(1)[:, None] + (letters**2).sum(1) - 2 * shapes @ letters.T
        far = np.sqrt(square.min(axis=1).clip(0) / 21) > _NEAR
        angles, wrist = np.concatenate([angles, more[far]]), np.concatenate([wrist, turns[far]])
    return angles[:count], wrist[:count]
