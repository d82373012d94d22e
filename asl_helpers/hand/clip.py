"""A drawn signer before a camera: frames of any text, and the truth about each of them.

One person in one room and one light spells a text (`hand.signing`). Only the hand is drawn anew
for each frame, and laid over a background that stays: fast enough to be played.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.hand.body import LEFT_HANDED, People, sample_people
from asl_helpers.hand.rendering import backdrop, forearm, grey_levels, paint
from asl_helpers.hand.scene import Look, sample_look
from asl_helpers.hand.signing import Timeline, idle, project_states, spell

_DISTANCE = (6.0, 14.0)  # camera to wrist, palm lengths: a laptop on a table
_DETAIL = 0.75  # surface samples a pixel, a side: about what a webcam's lens resolves
_NOISES = 4  # fields of sensor noise that frames take in turn, shifted


@dataclass(frozen=True)
class Signer:
    """Who signs, where: all that stays the same within a clip."""

    person: People  # one: proportions, habits, handedness and skin
    look: Look  # skin, light, sleeve, background and camera
    view: np.ndarray  # (3,) degrees, where the camera stands: azimuth, elevation, roll
    distance: float  # camera to wrist, palm lengths
    palm: float  # a palm length as a share of the image's height; an open hand is twice as long
    home: tuple[float, float]  # of the wrist while spelling: shares of the image's width and height


def sample_signer(
    seed: int, *, left: bool | None = None, skin: int | None = None, palm: float | None = None
) -> Signer:
    """Draw a signer; ``left``, ``skin`` (0-9) and ``palm`` are drawn too unless given."""
    rng = np.random.default_rng([seed, 71])
    person = sample_people(1, rng, left_share=LEFT_HANDED if left is None else float(left))
    if skin is not None:
        person = replace(person, skin=np.array([skin]))
    look = sample_look(rng, int(person.skin[0]))
    return Signer(
        person=person,
        # A webcam's room is lit by somebody: no blur of the whole image.
        look=replace(look, blur=(0.0, 0.0), defocus=0.0, noise=min(look.noise, 3.0)),
        view=(np.array([10.0, 6.0, 3.0]) * rng.standard_normal(3)).astype(np.float32),
        distance=float(rng.uniform(*_DISTANCE)),
        palm=float(rng.uniform(0.18, 0.24)) if palm is None else palm,
        home=(float(rng.uniform(0.42, 0.58)), float(rng.uniform(0.64, 0.70))),
    )


class Clip:
    """Frames of a drawn signer, each drawn when it is asked for.

    Attributes
    ----------
    times:
        (k,) float64 seconds from the start.
    spelled:
        What is signed when (`signing.Spelled`), in order.
    landmarks:
        (k, 21, 3) float32: the true landmarks, x and y as shares of the image's width and
        height, z in the unit of x, 0 at the wrist; outside 0-1 where the hand is down.
    size:
        (width, height) in pixels.
    """

    def __init__(
        self, timeline: Timeline, signer: Signer, size: tuple[int, int] = (640, 480), seed: int = 0
    ) -> None:
        """Place the hand for every frame; nothing is drawn yet."""
        width, height = size
        if not (32 <= width <= 4096 and 32 <= height <= 4096):
            raise AslError(f"size={size}: expected (width, height) of 32 to 4096 pixels.")
        self.times, self.spelled = timeline.times, timeline.spelled
        self.signer, self.size, self.seed = signer, (int(width), int(height)), seed
        rows = np.zeros(len(self.times), int)
        people, views = signer.person[rows], signer.view[None][rows]
        wrist_at = signer.home[0] * width / height, signer.home[1]
        # Points and radii are shares of the image's height.
        self._points, magnification = project_states(
            timeline.states, people, views, signer.distance, signer.palm, wrist_at
        )
        self._radii = people.flesh * magnification
        self.landmarks = self._points.copy()
        self.landmarks[..., [0, 2]] *= height / width
        self.landmarks[..., 2] -= self.landmarks[:, :1, 2]

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.times)

    def image(self, frame: int) -> np.ndarray:
        """Draw frame number ``frame``: RGB, uint8 (height, width, 3)."""
        image = self._room.copy()
        self.lay_over(image, frame)
        rng = np.random.default_rng([self.seed, 72, frame])
        noise = self._noise[rng.integers(_NOISES)]
        noisy = image + np.roll(noise, rng.integers(0, len(image)), axis=0)
        return np.clip(noisy, 0, 255).astype(np.uint8)

    def lay_over(self, image: np.ndarray, frame: int) -> None:
        """Draw this frame's hand into an image (height, width, 3) uint8, in place.

        So a second hand, or a passer-by's, comes into another clip's image.
        """
        points, radii = self._points[frame], self._radii[frame]
        height, width = image.shape[:2]
        elbow = forearm(points)
        arm = points[0] + 3.2 * np.sqrt(((points[9] - points[0]) ** 2).sum()) * elbow
        corners = np.concatenate([points[:, :2], arm[None, :2]])
        reach = np.concatenate([1.3 * radii, [2.5 * radii[0]]])[:, None]
        low = np.maximum((corners - reach).min(axis=0), 0) * height
        high = np.minimum((corners + reach).max(axis=0) * height, [width, height])
        if (high - low).min() < 1:
            return  # the hand is outside the image
        left, top = (int(edge) for edge in low)
        square = int(np.ceil((high - [left, top]).max()))
        placed = (points - np.array([left, top, 0], np.float32) / height) * (height / square)
        side = "left" if self.signer.person.left[0] else "right"
        fine = max(int(square * _DETAIL), 8)
        layer = paint(placed, radii * (height / square), side, elbow, self.signer.look, fine)
        rgba = np.dstack([grey_levels(layer[..., :3]), (255 * layer[..., 3]).astype(np.uint8)])
        hand = Image.fromarray(rgba).resize((square, square), Image.Resampling.BILINEAR)
        below = Image.fromarray(image)
        below.paste(hand, (left, top), hand)
        image[:] = np.asarray(below)

    def images(self) -> Iterator[np.ndarray]:
        """Draw all frames, one after the other."""
        return (self.image(frame) for frame in range(len(self)))

    @cached_property
    def _room(self) -> np.ndarray:
        """The background, uint8 (height, width, 3)."""
        width, height = self.size
        square = max(width, height)
        top, edge = (square - height) // 2, (square - width) // 2
        room = backdrop(self.signer.look, square)[top : top + height, edge : edge + width]
        return grey_levels(room)

    @cached_property
    def _noise(self) -> np.ndarray:
        """Fields of sensor noise in grey levels, int16 (_NOISES, height, width, 3)."""
        width, height = self.size
        rng = np.random.default_rng([self.seed, 73])
        noise = rng.standard_normal((_NOISES, height, width, 3), np.float32)
        return np.round(self.signer.look.noise * noise).astype(np.int16)


def draw_clip(
    text: str,
    seed: int = 0,
    *,
    size: tuple[int, int] = (640, 480),
    signer: Signer | None = None,
    **options,
) -> Clip:
    """Return a clip of a signer who spells ``text``; the same seed gives the same frames.

    ``seed`` decides who signs where, unless a ``signer`` is given, and how. ``size`` is (width,
    height) in pixels; the ``options`` are those of `signing.spell`: ``speed``, ``fps``,
    ``double`` and ``lead``.
    """
    signer = signer or sample_signer(seed)
    timeline = spell(text, signer.person, np.random.default_rng([seed, 74]), **options)
    return Clip(timeline, signer, size, seed)


def draw_idle(
    kind: str,
    seconds: float,
    seed: int = 0,
    fps: float = 25.0,
    size: tuple[int, int] = (640, 480),
) -> Clip:
    """Return a clip without signing: a hand at ``"rest"``, a ``"wave"``, or ``"nobody"``."""
    signer = sample_signer(seed)
    is_away = kind == "nobody"
    rng = np.random.default_rng([seed, 75])
    timeline = idle("rest" if is_away else kind, seconds, signer.person, rng, fps)
    if is_away:
        signer = replace(signer, home=(signer.home[0], 9.0))
    return Clip(timeline, signer, size, seed)
