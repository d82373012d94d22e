"""What surrounds a drawn hand: camera, light, room; and backdrops for other images."""

from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.hand.body import rotation


def wrist_rotation(turns: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of wrist turns (n, 3): ``point``, ``tilt``, ``palm`` in degrees."""
    point, tilt, palm = np.asarray(turns, np.float32).T
    # In the hand frame the fingers lie along -y: first roll about it, then lean, then point.
    return rotation("z", point) @ rotation("x", tilt) @ rotation("y", palm)


def view_rotation(views: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of camera views (n, 3): azimuth, elevation, roll in degrees.

    A positive azimuth moves the camera to its right, a positive elevation moves it up.
    """
    azimuth, elevation, roll = np.asarray(views, np.float32).T
    return rotation("z", roll) @ rotation("x", elevation) @ rotation("y", azimuth)


def rotate(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Turn points (n, k, 3) by matrices (n, 3, 3); returns (n, k, 3)."""
    return points @ matrices.transpose(0, 2, 1)


def project(
    joints: np.ndarray, distance: np.ndarray, scale: np.ndarray, wrist_at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Project joints (n, k, 3) into a square picture.

    Parameters
    ----------
    joints:
        Camera-facing coordinates in palm lengths, the wrist at the origin.
    distance:
        (n,) camera to wrist, palm lengths; small values exaggerate perspective.
    scale:
        (n,) one palm length at the wrist's depth, in widths of the picture.
    wrist_at:
        (n, 2) where the wrist appears, in widths of the picture.

    Returns
    -------
    image:
        (n, k, 3) float32: x and y in 0..1 inside the picture; z in the same unit, 0 at the wrist,
        negative nearer the camera (MediaPipe's convention).
    magnification:
        (n, k) float32: picture widths per palm length at each joint.
    """
    depth = np.maximum(distance[:, None] + joints[..., 2], 0.5)
    magnification = scale[:, None] * distance[:, None] / depth
    image = np.empty_like(joints)
    image[..., :2] = joints[..., :2] * magnification[..., None] + wrist_at[:, None]
    image[..., 2] = joints[..., 2] * scale[:, None]
    return image, magnification


SKIN_TONES = (
    "#f6ede4",
    "#f3e7db",
    "#f7ead0",
    "#eadaba",
    "#d7bd96",
    "#a07e56",
    "#825c43",
    "#604134",
    "#3a312a",
    "#292420",
)
"""The ten tones of the Monk Skin Tone Scale, light to dark.

Ellis Monk, *The Monk Skin Tone Scale* (2019; published with Google in 2022), CC BY 4.0.
"""

BACKGROUNDS = ("paper", "plain", "gradient", "noise", "room")
"""The kinds of background that :mod:`asl_helpers.hand.scene` draws."""


class LookError(AslError):
    """A look names something that the renderer does not have."""


@dataclass(frozen=True)
class Look:
    """Everything but the hand itself. Colours are linear RGB, 1.0 = white paper in full light.

    Attributes
    ----------
    skin:
        Index into SKIN_TONES.
    tint:
        (3,) factor on the skin tone, for the differences between people of one tone.
    light:
        (3,) unit vector towards the main light (x right, y down, z away: -z is the camera).
    light_colour, fill_colour:
        (3,) main light, and the light from everywhere else.
    gloss:
        Strength of the highlight on the skin, 0 to 1.
    shadow:
        Depth of cast shadows and of the dark between touching fingers, 0 to 1.
    elbow:
        (3,) unit vector from the wrist along the forearm; None lets the hand decide.
    cuff:
        Where the sleeve begins, palm lengths from the wrist; None for a bare arm.
    cloth:
        (3,) colour of the sleeve.
    fade:
        Where the arm begins and ends to melt into the background, palm lengths from the wrist;
        None draws it to the edge of the picture.
    background:
        One of BACKGROUNDS.
    palette:
        (4, 3) colours of the background; "paper" and "plain" take the first, "gradient" two.
    scene:
        Seed of the background's own shapes: pictures of one clip share it.
    exposure:
        Factor on all light.
    white:
        (3,) white balance.
    blur:
        (x, y) length of the motion blur, in parts of the picture's side.
    defocus:
        Radius of the camera's blur, in parts of the picture's side.
    noise:
        Standard deviation of the sensor's noise, in grey levels of 0-255.
    """

    skin: int = 4
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: tuple[float, float, float] = (-0.45, -0.62, -0.64)
    light_colour: tuple[float, float, float] = (0.80, 0.77, 0.72)
    fill_colour: tuple[float, float, float] = (0.36, 0.37, 0.40)
    gloss: float = 0.35
    shadow: float = 0.8
    elbow: tuple[float, float, float] | None = None
    cuff: float | None = None
    cloth: tuple[float, float, float] = (0.08, 0.12, 0.22)
    fade: tuple[float, float] | None = None
    background: str = "plain"
    palette: tuple = ((0.80, 0.74, 0.66),) * 4
    scene: int = 0
    exposure: float = 1.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: tuple[float, float] = (0.0, 0.0)
    defocus: float = 0.0
    noise: float = 0.0

    def __post_init__(self):
        """Refuse a skin index or a background that does not exist."""
        if not 0 <= self.skin < len(SKIN_TONES):
            raise LookError(f"skin={self.skin} is not one of 0-{len(SKIN_TONES) - 1} (SKIN_TONES).")
        if self.background not in BACKGROUNDS:
            raise LookError(f"No background {self.background!r}. Known: {', '.join(BACKGROUNDS)}.")


def to_linear(hexadecimal: str) -> np.ndarray:
    """Return the linear RGB, float64 of shape (3,), of a colour such as ``"#a07e56"``."""
    digits = hexadecimal.lstrip("#")
    try:
        value = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
    except ValueError:
        raise LookError(f"{hexadecimal!r} is not a colour such as '#a07e56'.") from None
    # IEC 61966-2-1 (sRGB); rounded, so that every machine's power function gives the same.
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.round(linear, 6)


def studio(skin: int = 4, background: str = "#f3ead9") -> Look:
    """Return the clean look of the figures: soft light from the upper left, plain paper."""
    colour = tuple(to_linear(background))
    return Look(skin=skin, background="paper", palette=(colour,) * 4)


def _uniform(rng, low, high):
    return low + (high - low) * rng.random()


def sample_look(rng: np.random.Generator, skin: int, setting: str = "room") -> Look:
    """Draw one look for a skin tone: a room, a light, a sleeve or none, a camera with faults.

    ``setting="wall"`` puts a light wall behind the hand instead of anything at all. Only
    ``rng.random()`` is used, whose stream is the same on every machine.
    """
    u = rng.random
    # Main light: anywhere in the camera's half, mostly from above; sometimes behind the hand.
    x, y = _uniform(rng, -1, 1), _uniform(rng, -1, 0.35)
    z = _uniform(rng, -1.1, -0.25) if u() < 0.9 else _uniform(rng, -0.1, 0.5)
    length = (x * x + y * y + z * z) ** 0.5
    warm = _uniform(rng, -0.12, 0.12)
    strength = _uniform(rng, 0.35, 1.0)
    fill = _uniform(rng, 0.18, 0.55)
    noise = _uniform(rng, 0.5, 7.0)
    palette = tuple(_wall(rng) for _ in range(4))
    kind = ("plain", "gradient", "gradient", "noise", "room", "room", "room")[int(u() * 7)]
    if setting == "wall":
        strength, fill, noise = strength + 0.1, 0.6 * fill, 0.4 * noise
        light_grey, shade = _uniform(rng, 0.35, 0.75), _uniform(rng, 0.5, 1.0)
        palette = ((light_grey,) * 3, (light_grey * shade,) * 3, *palette[2:])
        kind = ("gradient", "gradient", "gradient", "plain", "room")[int(u() * 5)]
    return Look(
        skin=int(skin),
        tint=_complexion(rng),
        light=(x / length, y / length, z / length),
        light_colour=(strength * (1 + warm), strength, strength * (1 - warm)),
        fill_colour=(fill * (1 - warm / 2), fill, fill * (1 + warm / 2)),
        gloss=_uniform(rng, 0.15, 0.7),
        shadow=_uniform(rng, 0.45, 1.0),
        cuff=_uniform(rng, 0.35, 1.5) if u() < 0.45 else None,
        cloth=_cloth(rng),
        background=kind,
        palette=palette,
        scene=int(u() * 2**31),
        exposure=_metered(rng, skin, palette, strength, fill),
        white=(_uniform(rng, 0.94, 1.10), 1.0, _uniform(rng, 0.90, 1.08)),
        blur=(_uniform(rng, -0.025, 0.025), _uniform(rng, -0.025, 0.025)) if u() < 0.25 else (0, 0),
        defocus=_uniform(rng, 0.002, 0.010) if u() < 0.3 else 0.0,
        noise=noise,
    )


def _metered(rng, skin, palette, strength, fill):
    """Expose as a camera does, mostly for the hand, a little too dark or too bright."""
    hand = to_linear(SKIN_TONES[skin]).mean() * (fill + 0.5 * strength)
    wall = np.mean(palette[:2]) * (fill + 0.8 * strength)
    return float(np.clip(_uniform(rng, 0.16, 0.36) / (0.65 * hand + 0.35 * wall), 0.6, 3.0))


def _complexion(rng):
    """People of one tone differ: lighter or darker, rosier or more golden, never greenish."""
    value = _uniform(rng, 0.88, 1.10)
    rose = _uniform(rng, -1.0, 1.0)
    return (value * (1.02 + 0.04 * rose), value * (1.0 - 0.03 * rose), value * (0.97 + 0.05 * rose))


def _wall(rng):
    """A wall or furniture colour: mostly greyish, from dark to white."""
    value = _uniform(rng, 0.05, 0.95) ** 1.5
    strong = 0.10 if rng.random() < 0.75 else 0.5
    return tuple(value * (1 + strong * _uniform(rng, -1, 1)) for _ in range(3))


def _cloth(rng):
    value = _uniform(rng, 0.02, 0.6)
    return tuple(value * _uniform(rng, 0.5, 1.2) for _ in range(3))


def nudge(look: Look, rng: np.random.Generator, amount: float = 1.0) -> Look:
    """Return the look of the next frame of a clip: the same scene, camera and light breathing."""
    wave = [amount * _uniform(rng, -1, 1) for _ in range(5)]
    return replace(
        look,
        exposure=look.exposure * (1 + 0.03 * wave[0]),
        light=tuple(np.array(look.light) + 0.03 * np.array(wave[1:4])),
        blur=(look.blur[0] * (1 + 0.5 * wave[4]), look.blur[1] * (1 - 0.5 * wave[4])),
    )


def draw_background(look: Look, size: int) -> np.ndarray:
    """Return the look's background, (size, size, 3) float32 linear RGB, lit but not exposed."""
    palette = np.array(look.palette, np.float32)
    rng = np.random.default_rng(look.scene)
    if look.background == "paper":
        return np.broadcast_to(palette[0], (size, size, 3))
    if look.background == "plain":
        return _vignette(np.broadcast_to(palette[0], (size, size, 3)), size, 0.10)
    if look.background == "gradient":
        angle_x, angle_y = rng.random() * 2 - 1, rng.random() * 2 - 1
        return _gradient(palette[0], palette[1], angle_x, angle_y, size)
    if look.background == "noise":
        return _noise(palette, rng, size)
    return _room(palette, rng, size)


def _grid(size):
    return (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)


def _vignette(picture, size, depth):
    g = _grid(size) - np.float32(0.5)
    fall = 1 - np.float32(2 * depth) * (g[:, None] ** 2 + g[None, :] ** 2)
    return picture * fall[..., None]


def _gradient(one, two, slope_x, slope_y, size):
    g = _grid(size) - np.float32(0.5)
    mix = np.clip(0.5 + np.float32(slope_y) * g[:, None] + np.float32(slope_x) * g[None, :], 0, 1)
    return one + (two - one) * mix[..., None].astype(np.float32)


def stretch(coarse: np.ndarray, size: int) -> np.ndarray:
    """Return a coarse (k, k, ...) float32 picture enlarged bilinearly to (size, size, ...)."""
    k = len(coarse)
    at = _grid(size) * np.float32(k - 1)
    low = np.minimum(at.astype(np.int64), k - 2)
    part = at - low.astype(np.float32)
    shape = (size,) + (1,) * (coarse.ndim - 1)
    rows = coarse[low] + (coarse[low + 1] - coarse[low]) * part.reshape(shape)
    part = part.reshape((1, size) + (1,) * (coarse.ndim - 2))
    return rows[:, low] + (rows[:, low + 1] - rows[:, low]) * part


def _noise(palette, rng, size):
    """Sum coarse and finer noise: foliage, posters, a shelf out of focus."""
    k = 3 + int(rng.random() * 5)
    pick = (rng.random((k, k)) * 4).astype(np.int64)
    picture = stretch(palette[pick], size)
    fine = stretch((rng.random((2 * k + 3, 2 * k + 3, 1)) - 0.5).astype(np.float32), size)
    return picture * (1 + np.float32(0.5 * rng.random()) * fine)


def _room(palette, rng, size):
    """A wall with a gradient, and soft-edged rectangles: window, picture, shelf, table."""
    picture = _gradient(palette[0], palette[0] * np.float32(0.6), rng.random() - 0.5, 1.0, size)
    g = _grid(size)
    if rng.random() < 0.6:  # a table or a bed below, a beam above
        level = 0.65 + 0.3 * rng.random() if rng.random() < 0.7 else 0.1 * rng.random()
        below = np.clip((g - np.float32(level)) * np.float32(25 + 60 * rng.random()), 0, 1)
        picture = picture + (palette[1] - picture) * below[:, None, None]
    for _ in range(1 + int(rng.random() * 4)):
        middle, half = rng.random(2), 0.05 + 0.3 * rng.random(2) ** 2
        soft = np.float32(12 + 80 * rng.random())
        lean = np.float32(0.25 * (rng.random() - 0.5))
        x = g[None, :] - np.float32(middle[0]) + lean * g[:, None]
        y = g[:, None] - np.float32(middle[1])
        inside_x = np.clip((np.float32(half[0]) - np.abs(x)) * soft, 0, 1)
        inside_y = np.clip((np.float32(half[1]) - np.abs(y)) * soft, 0, 1)
        colour = palette[int(rng.random() * 4)] * np.float32(0.5 + rng.random())
        picture = picture + (colour - picture) * (inside_x * inside_y)[..., None]
    return picture


_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601


class BackdropError(AslError):
    """A backdrop is asked for in a size, or put behind pictures of a shape, that cannot be."""


def clutter(n: int, size: int, seed: int = 0) -> np.ndarray:
    """Draw scenes without a hand: cloudy surfaces, boards and blinds, boxes and balls.

    Parameters
    ----------
    n, size:
        How many, and pixels a side, at least 8.
    seed:
        The same seed gives the same scenes.

    Returns
    -------
    (n, size, size, 3) uint8.
    """
    if n < 0 or size < 8:
        raise BackdropError(f"Asked for {n} backdrops of {size} pixels; expected 8 pixels or more.")
    scenes = np.empty((n, size, size, 3), np.uint8)
    for place in range(n):
        scenes[place] = _cluttered(np.random.default_rng([seed, place]), size)
    return scenes


def composite(images, masks, backdrops):
    """Return each picture's hand before a backdrop.

    Parameters
    ----------
    images, backdrops:
        float32 (batch, height, width, channels), 0 to 1, of one shape.
    masks:
        float32 (batch, height, width, 1): 1 where the hand is, 0 elsewhere. A soft edge hides the
        seam; a mask of ones leaves the picture as it is.
    """
    if images.shape[1:] != backdrops.shape[1:] or masks.shape[1:3] != images.shape[1:3]:
        raise BackdropError(
            f"Pictures of shape {images.shape[1:]}, backdrops {backdrops.shape[1:]} and masks "
            f"{masks.shape[1:]} do not lie on each other. Resize them to one height and width."
        )
    return masks * images + (1 - masks) * backdrops


def recolour(
    images,
    seed,
    exposure: float = 0.7,
    tint: float = 0.12,
    saturation: float = 0.5,
    grey: float = 0.1,
):
    """Return each picture in another light: a new exposure, white balance and strength of colour.

    Parameters
    ----------
    images:
        float32 (batch, height, width, 3), 0 to 1.
    seed:
        Two integers; the same seed gives the same light.
    exposure:
        The picture is raised to a power between 1 / (1 + exposure) and 1 + exposure: darker or
        lighter, black and white stay.
    tint:
        Each channel is multiplied by 1 - tint to 1 + tint.
    saturation:
        Colours are weakened or strengthened by at most this share.
    grey:
        Share of the pictures that lose all colour, 0 to 1.

    Returns
    -------
    float32 of the same shape, 0 to 1.
    """
    import tensorflow as tf

    if images.shape.rank != 4 or images.shape[-1] != 3 or not images.dtype.is_floating:
        raise BackdropError(
            f"Expected float colour pictures (batch, height, width, 3), got {images.dtype.name} of "
            f"shape {images.shape}. Batch them and divide by 255 first."
        )
    drawn = tf.random.stateless_uniform([6, tf.shape(images)[0], 1, 1, 1], seed, -1.0, 1.0)
    power = (1 + exposure) ** drawn[0]
    gains = 1 + tint * tf.concat([drawn[1], drawn[2], drawn[3]], axis=-1)
    colour = tf.where(drawn[4] < 2 * grey - 1, 0.0, 1 + saturation * drawn[5])
    images = tf.clip_by_value(images, 1e-4, 1.0) ** power * gains
    luma = tf.reduce_sum(images * tf.constant(_GREY), axis=-1, keepdims=True)
    return tf.clip_by_value(luma + (images - luma) * colour, 0.0, 1.0)


def _cluttered(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw one scene, (size, size, 3) uint8: a surface, maybe stripes, things, light."""
    picture = _surface(rng, size)
    x, y = np.meshgrid(*[(np.arange(size, dtype=np.float32) + 0.5) / size] * 2)
    if rng.random() < 0.45:
        picture = picture * _stripes(rng, x, y)[..., None]
    for _ in range(int(rng.integers(0, 12)) if rng.random() < 0.7 else 0):
        inside = _thing(rng, x, y)[..., None]
        own = (
            _colour(rng) * (0.7 + 0.6 * _surface(rng, size)) if rng.random() < 0.3 else _colour(rng)
        )
        picture = picture + (own - picture) * inside
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5)
    light = 1 + slope * (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))
    picture = picture * light[..., None] + rng.normal(0, rng.uniform(0, 0.04), (size, size, 1))
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _colour(rng: np.random.Generator) -> np.ndarray:
    """Draw a colour as things in rooms have it: mostly greyish, (3,) float32."""
    strength = 0.5 if rng.random() < 0.25 else 0.12
    colour = rng.uniform(0.03, 0.97) * (1 + strength * rng.uniform(-1, 1, 3))
    return colour.astype(np.float32)


def _surface(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw a cloudy surface, (size, size, 3) float32: coarse and fine noise about one colour."""
    picture = np.broadcast_to(_colour(rng), (size, size, 3)).astype(np.float32)
    strength = rng.uniform(0.02, 0.35)
    for cells in (3, 7, 17, 41):
        if cells < size:
            coarse = rng.uniform(-1, 1, (cells, cells, 1 if rng.random() < 0.8 else 3))
            picture = picture + strength * stretch(coarse.astype(np.float32), size)
        strength *= rng.uniform(0.3, 1.0)
    return picture


def _stripes(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Draw stripes as factors on the light, (size, size): boards, blinds, a keyboard."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.03, 0.4)
    along = (np.cos(angle) * x + np.sin(angle) * y) / period
    wave = np.abs(2 * (along % 1) - 1)
    edge = rng.uniform(2, 20)
    lines = np.clip((wave - rng.uniform(0.1, 0.9)) * edge, 0, 1)
    return 1 - rng.uniform(0.1, 0.7) * lines


def _thing(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Draw where one thing is, (size, size), 0 to 1: a turned box or an ellipse."""
    angle = rng.uniform(0, np.pi)
    left, up = x - rng.uniform(-0.1, 1.1), y - rng.uniform(-0.1, 1.1)
    wide = (np.cos(angle) * left + np.sin(angle) * up) / rng.uniform(0.02, 0.35)
    high = (np.cos(angle) * up - np.sin(angle) * left) / rng.uniform(0.02, 0.35)
    box = np.maximum(np.abs(wide), np.abs(high))
    distance = np.sqrt(wide**2 + high**2) if rng.random() < 0.35 else box
    return np.clip((1 - distance) * rng.uniform(2, 30), 0, 1)
