"""What surrounds a drawn hand: camera, light, room; and backdrops for other images.

A network trained on one signer in one room learns the room as well. `clutter` draws scenes that
were never filmed, to put cut-out hands before them; `recolour` changes the light.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import ImageColor

from asl_helpers.errors import AslError

SKIN_TONES = (
    *("#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96"),
    *("#a07e56", "#825c43", "#604134", "#3a312a", "#292420"),
)
"""The ten tones of the Monk Skin Tone Scale, light to dark.

Ellis Monk, *The Monk Skin Tone Scale* (2019; published with Google in 2022), CC BY 4.0.
"""


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


def wrist_rotation(turns: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of wrist turns (n, 3): ``point``, ``tilt``, ``palm`` in degrees."""
    point, tilt, palm = np.asarray(turns, np.float32).T
    # In the hand frame the fingers lie along -y: first roll about it, then lean, then point.
    return rotation("z", point) @ rotation("x", tilt) @ rotation("y", palm)


def view_rotation(views: np.ndarray) -> np.ndarray:
    """Return (n, 3, 3) matrices of camera views (n, 3): azimuth, elevation, roll in degrees.

    A positive azimuth moves the camera to its right, a positive elevation moves it up.
    """
    return wrist_rotation(np.asarray(views)[:, ::-1])


def rotate(matrices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Turn points (n, k, 3) by matrices (n, 3, 3); returns (n, k, 3)."""
    return points @ matrices.transpose(0, 2, 1)


def project(joints: np.ndarray, distance, scale, wrist_at) -> tuple[np.ndarray, np.ndarray]:
    """Project joints (n, k, 3), palm lengths with the wrist at the origin, into a square image.

    ``distance`` is from the camera to the wrist in palm lengths: small values exaggerate
    perspective. ``scale`` is one palm length at the wrist's depth and ``wrist_at`` the wrist's
    place (x, y), in widths of the image. All three are one for all hands, or one for each.

    Returns image (n, k, 3) float32, with x and y in 0..1 and z in the same unit, 0 at the wrist,
    negative nearer the camera (MediaPipe's convention); and magnification (n, k) float32, image
    widths per palm length at each joint.
    """
    distance, scale = (np.asarray(each, np.float32)[..., None] for each in (distance, scale))
    wrist_at = np.asarray(wrist_at, np.float32)
    magnification = scale * distance / np.maximum(distance + joints[..., 2], 0.5)
    image = np.empty_like(joints)
    image[..., :2] = joints[..., :2] * magnification[..., None] + wrist_at[..., None, :]
    image[..., 2] = joints[..., 2] * scale
    return image, magnification


@dataclass(frozen=True)
class Look:
    """Everything but the hand itself. Colours are linear RGB, 1.0 = white paper in full light."""

    skin: int = 4  # index into SKIN_TONES
    tint: tuple = (1.0, 1.0, 1.0)  # factor on the tone, for the differences between people
    light: tuple = (-0.45, -0.62, -0.64)  # towards the main light: x right, y down, -z the camera
    light_colour: tuple = (0.80, 0.77, 0.72)
    fill_colour: tuple = (0.36, 0.37, 0.40)  # the light from everywhere else
    gloss: float = 0.35  # of the skin, 0 to 1
    shadow: float = 0.8  # depth of cast shadows and of the dark between touching fingers, 0 to 1
    cuff: float | None = None  # palm lengths from wrist to sleeve; None for a bare arm
    cloth: tuple = (0.08, 0.12, 0.22)  # colour of the sleeve
    fade: tuple | None = None  # palm lengths: where the arm begins and ends to melt away
    background: str = "plain"  # "paper", "plain", "gradient", "noise" or "room"
    palette: tuple = ((0.80, 0.74, 0.66),) * 4  # of the background, which may take fewer
    scene: int = 0  # seed of the background's shapes: images of one clip share it
    exposure: float = 1.0  # factor on all light
    white: tuple = (1.0, 1.0, 1.0)  # white balance
    blur: tuple = (0.0, 0.0)  # x and y length of the motion blur, shares of the image's side
    defocus: float = 0.0  # radius of the camera's blur, share of the image's side
    noise: float = 0.0  # standard deviation of the sensor's noise, grey levels of 0-255


def to_linear(color: str) -> np.ndarray:
    """Return the linear RGB, float64 (3,), of a colour such as ``"#a07e56"`` or ``"blue"``."""
    value = np.array(ImageColor.getrgb(color)) / 255
    # IEC 61966-2-1 (sRGB); rounded, so that every machine's power function gives the same.
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.round(linear, 6)


def skin_tone(skin: int) -> np.ndarray:
    """Return the linear RGB, float64 (3,), of a tone of the scale, 0 lightest to 9 darkest."""
    if not 0 <= skin < len(SKIN_TONES):
        raise AslError(f"skin={skin} is not one of 0-{len(SKIN_TONES) - 1} (scene.SKIN_TONES).")
    return to_linear(SKIN_TONES[skin])


def studio(skin: int = 4, background: str = "#f3ead9") -> Look:
    """Return the clean look of the figures: soft light from the upper left, plain paper."""
    return Look(skin=skin, background="paper", palette=(tuple(to_linear(background)),) * 4)


def sample_look(rng: np.random.Generator, skin: int, setting: str = "room") -> Look:
    """Draw one look for a skin tone: a room, a light, a sleeve or none, a camera with faults.

    ``setting="wall"`` puts a light wall behind the hand instead of anything at all.
    """
    between, chance = rng.uniform, rng.random
    # Main light: anywhere in the camera's half, mostly from above; sometimes behind the hand.
    x, y = between(-1, 1), between(-1, 0.35)
    z = between(-1.1, -0.25) if chance() < 0.9 else between(-0.1, 0.5)
    length = (x * x + y * y + z * z) ** 0.5
    warm = between(-0.12, 0.12)
    strength = between(0.35, 1.0)
    fill = between(0.18, 0.55)
    noise = between(0.5, 7.0)
    palette = tuple(_wall(rng) for _ in range(4))
    kind = ("plain", "gradient", "gradient", "noise", "room", "room", "room")[int(chance() * 7)]
    if setting == "wall":
        strength, fill, noise = strength + 0.1, 0.6 * fill, 0.4 * noise
        light_grey, shade = between(0.35, 0.75), between(0.5, 1.0)
        palette = ((light_grey,) * 3, (light_grey * shade,) * 3, *palette[2:])
        kind = ("gradient", "gradient", "gradient", "plain", "room")[int(chance() * 5)]
    # A camera exposes mostly for the hand, a little too dark or too bright.
    wall = np.mean(palette[:2]) * (fill + 0.8 * strength)
    seen = 0.65 * skin_tone(skin).mean() * (fill + 0.5 * strength) + 0.35 * wall
    return Look(
        skin=int(skin),
        tint=_complexion(rng),
        light=(x / length, y / length, z / length),
        light_colour=(strength * (1 + warm), strength, strength * (1 - warm)),
        fill_colour=(fill * (1 - warm / 2), fill, fill * (1 + warm / 2)),
        gloss=between(0.15, 0.7),
        shadow=between(0.45, 1.0),
        cuff=between(0.35, 1.5) if chance() < 0.45 else None,
        cloth=tuple(between(0.02, 0.6) * between(0.5, 1.2, 3)),
        background=kind,
        palette=palette,
        scene=int(chance() * 2**31),
        exposure=float(np.clip(between(0.16, 0.36) / seen, 0.6, 3.0)),
        white=(between(0.94, 1.10), 1.0, between(0.90, 1.08)),
        blur=(between(-0.025, 0.025), between(-0.025, 0.025)) if chance() < 0.25 else (0, 0),
        defocus=between(0.002, 0.010) if chance() < 0.3 else 0.0,
        noise=noise,
    )


def _complexion(rng):
    """People of one tone differ: lighter or darker, rosier or more golden, never greenish."""
    value, rose = rng.uniform(0.88, 1.10), rng.uniform(-1, 1)
    return (value * (1.02 + 0.04 * rose), value * (1.0 - 0.03 * rose), value * (0.97 + 0.05 * rose))


def _wall(rng):
    """A wall or furniture colour: mostly greyish, from dark to white."""
    value = rng.uniform(0.05, 0.95) ** 1.5
    strong = 0.10 if rng.random() < 0.75 else 0.5
    return tuple(value * (1 + strong * rng.uniform(-1, 1, 3)))


def nudge(look: Look, rng: np.random.Generator) -> Look:
    """Return the look of the next frame of a clip: the same scene, camera and light breathing."""
    wave = rng.uniform(-1, 1, 5)
    return replace(
        look,
        exposure=look.exposure * (1 + 0.03 * wave[0]),
        light=tuple(np.array(look.light) + 0.03 * wave[1:4]),
        blur=(look.blur[0] * (1 + 0.5 * wave[4]), look.blur[1] * (1 - 0.5 * wave[4])),
    )


def draw_background(look: Look, size: int) -> np.ndarray:
    """Return the look's background, (size, size, 3) float32 linear RGB, lit but not exposed."""
    palette = np.array(look.palette, np.float32)
    rng = np.random.default_rng(look.scene)
    if look.background == "paper":
        return np.broadcast_to(palette[0], (size, size, 3))
    if look.background == "plain":  # a little darker towards the corners
        g = _grid(size) - 0.5
        fall = 1 - 0.2 * (g[:, None] ** 2 + g[None, :] ** 2)
        return palette[0] * fall[..., None]
    if look.background == "gradient":
        return _gradient(*palette[:2], rng.uniform(-1, 1), rng.uniform(-1, 1), size)
    return _noise(palette, rng, size) if look.background == "noise" else _room(palette, rng, size)


def _grid(size):
    return (np.arange(size, dtype=np.float32) + 0.5) / size


def _gradient(one, two, slope_x, slope_y, size):
    g = _grid(size) - 0.5
    mix = np.clip(0.5 + slope_y * g[:, None] + slope_x * g, 0, 1)
    return one + (two - one) * mix[..., None]


def _stretch(coarse: np.ndarray, size: int) -> np.ndarray:
    """Return a coarse (k, k, ...) float32 image enlarged bilinearly to (size, size, ...)."""
    at = _grid(size) * (len(coarse) - 1)
    low = np.minimum(at.astype(np.int64), len(coarse) - 2)
    share = (at - low.astype(np.float32))[:, None, None]
    rows = coarse[low] + (coarse[low + 1] - coarse[low]) * share
    return rows[:, low] + (rows[:, low + 1] - rows[:, low]) * share.reshape(1, size, 1)


def _noise(palette, rng, size):
    """Sum coarse and finer noise: foliage, posters, a shelf out of focus."""
    k = 3 + int(rng.random() * 5)
    pick = (rng.random((k, k)) * 4).astype(np.int64)
    image = _stretch(palette[pick], size)
    fine = _stretch((rng.random((2 * k + 3, 2 * k + 3, 1)) - 0.5).astype(np.float32), size)
    return image * (1 + 0.5 * rng.random() * fine)


def _room(palette, rng, size):
    """A wall with a gradient, and soft-edged rectangles: window, picture, shelf, table."""
    image = _gradient(palette[0], palette[0] * 0.6, rng.random() - 0.5, 1.0, size)
    g = _grid(size)
    if rng.random() < 0.6:  # a table or a bed below, a beam above
        level = 0.65 + 0.3 * rng.random() if rng.random() < 0.7 else 0.1 * rng.random()
        below = np.clip((g - level) * (25 + 60 * rng.random()), 0, 1)
        image = image + (palette[1] - image) * below[:, None, None]
    for _ in range(1 + int(rng.random() * 4)):
        middle = rng.random(2).astype(np.float32)
        half = (0.05 + 0.3 * rng.random(2) ** 2).astype(np.float32)
        soft = 12 + 80 * rng.random()
        lean = 0.25 * (rng.random() - 0.5)
        x = g - middle[0] + lean * g[:, None]
        y = g[:, None] - middle[1]
        inside_x = np.clip((half[0] - np.abs(x)) * soft, 0, 1)
        inside_y = np.clip((half[1] - np.abs(y)) * soft, 0, 1)
        colour = palette[int(rng.random() * 4)] * (0.5 + rng.random())
        image = image + (colour - image) * (inside_x * inside_y)[..., None]
    return image


def clutter(n: int, size: int, seed: int = 0) -> np.ndarray:
    """Draw scenes without a hand: cloudy surfaces, boards and blinds, boxes and balls.

    Returns uint8 (n, size, size, 3); a scene does not depend on how many are drawn.
    """
    return np.stack([_cluttered(np.random.default_rng([seed, row]), size) for row in range(n)])


def recolour(images, seed):
    """Return images, float32 (batch, height, width, 3) of 0 to 1, each in another light.

    ``seed`` is two integers. The image is raised to a power between 1 / 1.7 and 1.7, so that black
    and white stay; each channel is multiplied by 0.88 to 1.12; colours change in strength by at
    most a half; one image in ten loses them.
    """
    import tensorflow as tf

    drawn = tf.random.stateless_uniform([6, tf.shape(images)[0], 1, 1, 1], seed, -1.0, 1.0)
    power = 1.7 ** drawn[0]
    gains = 1 + 0.12 * tf.concat([drawn[1], drawn[2], drawn[3]], axis=-1)
    colour = tf.where(drawn[4] < 2 * 0.1 - 1, 0.0, 1 + 0.5 * drawn[5])
    images = tf.clip_by_value(images, 1e-4, 1.0) ** power * gains
    luma = tf.reduce_sum(images * tf.constant([0.299, 0.587, 0.114]), axis=-1, keepdims=True)
    return tf.clip_by_value(luma + (images - luma) * colour, 0.0, 1.0)


def _cluttered(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw one scene, (size, size, 3) uint8: a surface, maybe stripes, things, light."""
    image = _surface(rng, size)
    x, y = np.meshgrid(_grid(size), _grid(size))
    if rng.random() < 0.45:
        image = image * _stripes(rng, x, y)[..., None]
    for _ in range(int(rng.integers(0, 12)) if rng.random() < 0.7 else 0):
        inside = _thing(rng, x, y)[..., None]
        textured = rng.random() < 0.3
        own = _colour(rng) * (0.7 + 0.6 * _surface(rng, size) if textured else 1)
        image = image + (own - image) * inside
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5)
    light = 1 + slope * (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))
    image = image * light[..., None] + rng.normal(0, rng.uniform(0, 0.04), (size, size, 1))
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _colour(rng):
    """Draw a colour as things in rooms have it: mostly greyish, (3,) float32."""
    strength = 0.5 if rng.random() < 0.25 else 0.12
    return (rng.uniform(0.03, 0.97) * (1 + strength * rng.uniform(-1, 1, 3))).astype(np.float32)


def _surface(rng, size):
    """Draw a cloudy surface, (size, size, 3) float32: coarse and fine noise about one colour."""
    image = np.broadcast_to(_colour(rng), (size, size, 3)).astype(np.float32)
    strength = rng.uniform(0.02, 0.35)
    for cells in (3, 7, 17, 41):
        if cells < size:
            coarse = rng.uniform(-1, 1, (cells, cells, 1 if rng.random() < 0.8 else 3))
            image = image + strength * _stretch(coarse.astype(np.float32), size)
        strength *= rng.uniform(0.3, 1.0)
    return image


def _stripes(rng, x, y):
    """Draw stripes as factors on the light, (size, size): boards, blinds, a keyboard."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.03, 0.4)
    wave = np.abs(2 * ((np.cos(angle) * x + np.sin(angle) * y) / period % 1) - 1)
    edge = rng.uniform(2, 20)
    lines = np.clip((wave - rng.uniform(0.1, 0.9)) * edge, 0, 1)
    return 1 - rng.uniform(0.1, 0.7) * lines


def _thing(rng, x, y):
    """Draw where one thing is, (size, size), 0 to 1: a turned box or an ellipse."""
    angle = rng.uniform(0, np.pi)
    left, up = x - rng.uniform(-0.1, 1.1), y - rng.uniform(-0.1, 1.1)
    wide = (np.cos(angle) * left + np.sin(angle) * up) / rng.uniform(0.02, 0.35)
    high = (np.cos(angle) * up - np.sin(angle) * left) / rng.uniform(0.02, 0.35)
    box = np.maximum(np.abs(wide), np.abs(high))
    distance = np.sqrt(wide**2 + high**2) if rng.random() < 0.35 else box
    return np.clip((1 - distance) * rng.uniform(2, 30), 0, 1)
