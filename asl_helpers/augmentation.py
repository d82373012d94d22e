"""Training pictures varied anew in every epoch: one warp, one change of light, a batch at a time.

Keras's own layers (``RandomRotation`` and so on) do the same one step after another, each with its
own interpolation. At 28 pixels every interpolation blurs, and on a processor each costs time; so
here turn, shift, zoom, stretch, shear and mirror are one matrix, and the picture is read once.
"""

from dataclasses import dataclass, fields

import tensorflow as tf

from asl_helpers.errors import AslError

_WARPS = ("turn", "shift", "zoom", "stretch", "shear", "mirror")
_DRAWS = 14  # random numbers a picture; the code below names what each is for


class AugmentationError(AslError):
    """A variation is out of its range, or is asked of something that is no batch of pictures."""


@dataclass(frozen=True)
class Variation:
    """How far pictures are varied. Every value is drawn anew for each picture; 0 leaves it as is.

    Attributes
    ----------
    turn:
        Degrees, at most so many either way.
    shift:
        Share of the side, at most so much in each direction.
    zoom:
        Larger or smaller by at most this share: 0.2 gives a factor from 1/1.2 to 1.2.
    stretch:
        The same for width against height.
    shear:
        Tangent of the angle by which upright lines lean, at most.
    mirror:
        Share of pictures whose left and right are exchanged, 0 to 1: a left hand for a right one.
    brightness:
        Added to all pixels of a picture, at most so much either way; pixels are 0 to 1.
    contrast:
        As ``zoom``, for the distance of the pixels from their mean.
    shade:
        A ramp of light across the picture, at most so much from its middle to its edge.
    blur:
        How much of the mean of 3 x 3 pixels is mixed in, at most, 0 to 1; half the pictures are
        sharpened by as much instead.
    noise:
        Standard deviation of what is added to each pixel by itself, at most.
    cutout:
        Side of a square, a share of the picture's, that is filled with one grey.
    """

    turn: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    stretch: float = 0.0
    shear: float = 0.0
    mirror: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    shade: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    cutout: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no amount."""
        for field in fields(self):
            value = getattr(self, field.name)
            top = 180 if field.name == "turn" else 1
            if not 0 <= value <= top:
                raise AugmentationError(f"{field.name}={value} is not between 0 and {top}.")


def vary(images: tf.Tensor, seed: tf.Tensor, variation: Variation) -> tf.Tensor:
    """Return each picture varied in its own way; the same seed gives the same variations.

    Parameters
    ----------
    images:
        float32 (batch, height, width, channels), 0 to 1.
    seed:
        Two integers.
    variation:
        How far.

    Returns
    -------
    float32 of the same shape, 0 to 1. What a warp pulls in from outside repeats the edge.
    """
    if images.shape.rank != 4 or not images.dtype.is_floating:
        raise AugmentationError(
            f"Expected float pictures (batch, height, width, channels), got {images.dtype.name} of "
            f"shape {images.shape}. Batch and normalise them first."
        )
    count = tf.shape(images)[0]
    drawn = tf.unstack(tf.random.stateless_uniform([_DRAWS, count], seed, -1.0, 1.0), num=_DRAWS)
    if any(getattr(variation, name) for name in _WARPS):
        images = _warp(images, variation, drawn[:7])
    images = _light(images, variation, drawn[7:12])
    if variation.blur:
        images += _each(drawn[12] * variation.blur) * (
            tf.nn.avg_pool2d(images, 3, 1, "SAME") - images
        )
    if variation.noise:
        width = _each(tf.abs(drawn[13]) * variation.noise)
        images += width * tf.random.stateless_normal(tf.shape(images), seed + 1)
    if variation.cutout:
        images = _cut(images, variation.cutout, seed + 2)
    return tf.clip_by_value(images, 0.0, 1.0)


def varied(batches: tf.data.Dataset, variation: Variation, seed: int = 0) -> tf.data.Dataset:
    """Return a batched dataset of (images, labels) whose images are varied anew in every epoch."""
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    seeds = seeds.map(lambda number: tf.cast(number % 2**31, tf.int32))
    seeds = seeds.batch(2, drop_remainder=True)
    both = tf.data.Dataset.zip(batches, seeds)
    # The seeds come with the data, so batches can be varied side by side and still repeat.
    return both.map(
        lambda batch, pair: (vary(batch[0], pair, variation), batch[1]),
        num_parallel_calls=tf.data.AUTOTUNE,
    ).prefetch(tf.data.AUTOTUNE)


def _each(values: tf.Tensor) -> tf.Tensor:
    """Shape one value a picture for arithmetic with a batch."""
    return values[:, None, None, None]


def _warp(images: tf.Tensor, variation: Variation, drawn: list[tf.Tensor]) -> tf.Tensor:
    """Read every picture through one affine map, from places of the result to places of it."""
    height, width = images.shape[1:3]
    angle = drawn[0] * (variation.turn * 3.14159265 / 180)
    zoom = (1 + variation.zoom) ** drawn[1]
    stretch = (1 + variation.stretch) ** (drawn[2] / 2)
    lean = drawn[3] * variation.shear
    side = tf.where(drawn[6] < 2 * variation.mirror - 1, -1.0, 1.0)
    cos, sin = tf.cos(angle), tf.sin(angle)
    # Columns first: mirror and stretch, then shear, then turn, all about the middle.
    a, b = cos * side / (zoom * stretch), (cos * lean - sin) * stretch / zoom
    c, d = sin * side / (zoom * stretch), (sin * lean + cos) * stretch / zoom
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x = middle_x - a * middle_x - b * middle_y + drawn[4] * variation.shift * width
    y = middle_y - c * middle_x - d * middle_y + drawn[5] * variation.shift * height
    zero = tf.zeros_like(a)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, b, x, c, d, y, zero, zero], axis=1),
        output_shape=tf.constant([height, width]),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def _light(images: tf.Tensor, variation: Variation, drawn: list[tf.Tensor]) -> tf.Tensor:
    """Change contrast, brightness, and the light from one side to the other."""
    if variation.contrast:
        mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
        images = mean + (images - mean) * _each((1 + variation.contrast) ** drawn[0])
    if variation.brightness:
        images += _each(drawn[1] * variation.brightness)
    if variation.shade:
        across = tf.linspace(-1.0, 1.0, images.shape[2])[None, None, :, None]
        down = tf.linspace(-1.0, 1.0, images.shape[1])[None, :, None, None]
        images += variation.shade * (_each(drawn[2]) * across + _each(drawn[3]) * down)
    return images


def _cut(images: tf.Tensor, share: float, seed: tf.Tensor) -> tf.Tensor:
    """Fill a square somewhere in each picture with one grey; its middle may be near an edge."""
    height, width = images.shape[1:3]
    place = tf.random.stateless_uniform([3, tf.shape(images)[0]], seed)
    down = tf.abs(tf.range(height, dtype=tf.float32)[None] - place[0][:, None] * height)
    across = tf.abs(tf.range(width, dtype=tf.float32)[None] - place[1][:, None] * width)
    inside = (down < share * height / 2)[:, :, None] & (across < share * width / 2)[:, None, :]
    return tf.where(inside[..., None], _each(place[2]), images)
