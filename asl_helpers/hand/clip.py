"""A drawn signer before a camera: frames of any text, and the truth about each of them.

One person in one room and one light spells a text (`hand.signing`). Only the hand is drawn anew
for each frame, and laid over a background that stays: fast enough to be played.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from asl_helpers.errors import AslError
from asl_helpers.hand import body, scene
from asl_helpers.hand.body import LEFT_HANDED, People, sample_people
from asl_helpers.hand.rendering import backdrop, forearm, grey_levels, paint
from asl_helpers.hand.scene import SKIN_TONES, Look, sample_look
from asl_helpers.hand.signing import Timeline, idle, in_view, spell

_NEAREST, _FARTHEST = 6.0, 14.0  # camera to wrist, palm lengths: a laptop on a table
_DETAIL = 0.75  # surface samples a pixel, a side: about what a webcam's lens resolves
_NOISES = 4  # fields of sensor noise that frames take in turn, shifted


@dataclass(frozen=True)
class Signer:
    """Who signs, where: all that stays the same within a clip.

    Attributes
    ----------
    person:
        One person's proportions, habits, handedness and skin.
    look:
        Skin, light, sleeve, background and camera.
    view:
        (3,) degrees, where the camera stands: azimuth, elevation, roll.
    distance:
        Camera to wrist, palm lengths.
    palm:
        One palm length as a share of the picture's height. An open hand is twice as long.
    home:
        (2,) where the wrist is while spelling: shares of the picture's width and height.
    """

    person: People
    look: Look
    view: np.ndarray
    distance: float
    palm: float
    home: tuple[float, float]


def sample_signer(
    seed: int, *, left: bool | None = None, skin: int | None = None, palm: float | None = None
) -> Signer:
    """Draw a signer; ``left``, ``skin`` (0-9) and ``palm`` are drawn too unless given."""
    rng = np.random.default_rng([seed, 71])
    person = sample_people(1, rng, left_share=LEFT_HANDED if left is None else float(left))
    if skin is not None:
        if not 0 <= skin < len(SKIN_TONES):
            raise AslError(
                f"skin={skin} is not one of 0-{len(SKIN_TONES) - 1}, lightest to darkest."
            )
        person = replace(person, skin=np.array([skin]))
    look = sample_look(rng, int(person.skin[0]))
    # A webcam's picture is taken in a room that somebody has lit: no blur of the whole picture.
    look = replace(look, blur=(0.0, 0.0), defocus=0.0, noise=min(look.noise, 3.0))
    return Signer(
        person=person,
        look=look,
        view=(np.array([10.0, 6.0, 3.0]) * rng.standard_normal(3)).astype(np.float32),
        distance=float(rng.uniform(_NEAREST, _FARTHEST)),
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
        (k, 21, 3) float32: the true landmarks, x and y as shares of the picture's width and
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
        self._points, self._radii = _photographed(timeline, signer, width / height)
        self.landmarks = self._points.copy()
        self.landmarks[..., [0, 2]] *= height / width
        self.landmarks[..., 2] -= self.landmarks[:, :1, 2]
        self._scene: np.ndarray | None = None
        self._noise: list[np.ndarray] = []

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.times)

    def image(self, frame: int) -> np.ndarray:
        """Draw frame number ``frame``: RGB, uint8 (height, width, 3)."""
        if self._scene is None:
            self._prepare()
        picture = self._scene.copy()
        self.lay_over(picture, frame)
        rng = np.random.default_rng([self.seed, 72, frame])
        noise = self._noise[rng.integers(_NOISES)]
        grey = picture.astype(np.int16)
        grey += np.roll(noise, rng.integers(0, picture.shape[0]), axis=0)
        return np.clip(grey, 0, 255).astype(np.uint8)

    def lay_over(self, picture: np.ndarray, frame: int) -> None:
        """Draw this frame's hand into a picture (height, width, 3) uint8, in place.

        So a second hand, or a passer-by's, comes into another clip's picture.
        """
        points, radii, look = self._points[frame], self._radii[frame], self.signer.look
        height, width = picture.shape[:2]
        elbow = forearm(points)
        palm = np.sqrt(((points[9] - points[0]) ** 2).sum())
        arm = points[0] + 3.2 * palm * elbow
        corners = np.concatenate([points[:, :2], arm[None, :2]])
        reach = np.concatenate([1.3 * radii, [2.5 * radii[0]]])[:, None]
        low = np.maximum((corners - reach).min(axis=0), 0) * height
        high = np.minimum((corners + reach).max(axis=0) * height, [width, height])
        left, top = (int(edge) for edge in low)
        square = int(np.ceil((high - [left, top]).max()))
        if (high - low).min() < 1:
            return  # the hand is outside the picture
        placed = (points - np.array([left, top, 0], np.float32) / height) * (height / square)
        side = "left" if self.signer.person.left[0] else "right"
        fine = max(int(square * _DETAIL), 8)
        layer = paint(placed, radii * (height / square), side, elbow, look, fine)
        colour = np.dstack([grey_levels(layer[..., :3]), (255 * layer[..., 3]).astype(np.uint8)])
        hand = Image.fromarray(colour).resize((square, square), Image.Resampling.BILINEAR)
        below = Image.fromarray(picture)
        below.paste(hand, (left, top), hand)
        picture[:] = np.asarray(below)

    def images(self) -> Iterator[np.ndarray]:
        """Draw all frames, one after the other."""
        return (self.image(frame) for frame in range(len(self)))

    def _prepare(self) -> None:
        width, height = self.size
        square = max(width, height)
        top, edge = (square - height) // 2, (square - width) // 2
        room = backdrop(self.signer.look, square)[top : top + height, edge : edge + width]
        self._scene = grey_levels(room)
        rng = np.random.default_rng([self.seed, 73])
        self._noise = [
            np.round(
                self.signer.look.noise * rng.standard_normal((height, width, 3), np.float32)
            ).astype(np.int16)
            for _ in range(_NOISES)
        ]


def draw_clip(
    text: str,
    seed: int = 0,
    *,
    speed: float = 2.0,
    fps: float = 25.0,
    size: tuple[int, int] = (640, 480),
    double: str = "release",
    lead: float = 0.4,
    signer: Signer | None = None,
) -> Clip:
    """Return a clip of a signer who spells ``text``; the same seed gives the same frames.

    ``seed`` decides who signs where, unless a ``signer`` is given, and how. The other parameters
    are those of `signing.spell` and `Clip`.
    """
    signer = signer or sample_signer(seed)
    rng = np.random.default_rng([seed, 74])
    timeline = spell(text, signer.person, rng, speed=speed, fps=fps, double=double, lead=lead)
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


def _photographed(
    timeline: Timeline, signer: Signer, aspect: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return points (k, 21, 3) and flesh radii (k, 21), in heights of the image."""
    person, states = signer.person, timeline.states
    frames = len(states)
    joints = body.forward(body.clamp(states[:, :21]), person.lengths, person.bases)
    view = scene.view_rotation(np.tile(signer.view, (frames, 1)))
    joints = in_view(joints, states[:, 21:24], states[:, 24:], view)
    if person.left[0]:
        joints[..., 0] *= -1
    points, magnification = scene.project(
        joints,
        np.full(frames, signer.distance, np.float32),
        np.full(frames, signer.palm, np.float32),
        np.tile([signer.home[0] * aspect, signer.home[1]], (frames, 1)).astype(np.float32),
    )
    return points, person.flesh * magnification
