"""What stands behind a hand in training: drawn clutter, a cut-out hand before it, other light.

A network trained on one signer in one room learns the room as well. These three take it away:
`clutter` draws scenes that were never filmed, `composite` puts cut-out hands before them, and
`recolour` changes the light and the camera.
"""

import numpy as np
import tensorflow as tf

from asl_helpers.errors import AslError
from asl_helpers.hand.backgrounds import stretch

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
        scenes[place] = _scene(np.random.default_rng([seed, place]), size)
    return scenes


def composite(images: tf.Tensor, masks: tf.Tensor, backdrops: tf.Tensor) -> tf.Tensor:
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
    images: tf.Tensor,
    seed: tf.Tensor,
    exposure: float = 0.7,
    tint: float = 0.12,
    saturation: float = 0.5,
    grey: float = 0.1,
) -> tf.Tensor:
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


def _scene(rng: np.random.Generator, size: int) -> np.ndarray:
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
