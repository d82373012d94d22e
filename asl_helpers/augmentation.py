"""Augmentation: a new variation of each training image in every epoch, one batch at a time.

Keras's own layers (``RandomRotation`` and so on) do the same one step after another, each with its
own interpolation. At 28 pixels every interpolation blurs, and on a CPU each takes time; so here
rotation, shift, zoom, stretch, shear and mirroring are one matrix, and each image is sampled once.
"""

from dataclasses import dataclass

import tensorflow as tf

from asl_helpers.errors import AslError

_WARPS = ("turn", "shift", "zoom", "stretch", "shear", "mirror")
_DRAWS = 14  # random numbers per image; the code below shows what each is for


@dataclass(frozen=True)
class Variation:
    """How far images are varied. Every value is drawn anew for each image; 0 leaves it as it is.

    "At most so much" is either way. A zoom of 0.2 gives factors from 1/1.2 to 1.2; stretch and
    contrast are meant alike.
    """

    turn: float = 0.0  # rotation, at most so many degrees
    shift: float = 0.0  # at most so much in each direction, as a share of the side
    zoom: float = 0.0  # larger or smaller by at most this share
    stretch: float = 0.0  # the same for width against height
    shear: float = 0.0  # largest tangent of the angle by which vertical lines lean
    mirror: float = 0.0  # share of images whose left and right are exchanged, as for a left hand
    brightness: float = 0.0  # at most so much is added to all pixels; pixels are 0 to 1
    contrast: float = 0.0  # as zoom, for the distance of the pixels from their mean
    shade: float = 0.0  # a gradient of light, at most so much from the image's middle to its edge
    blur: float = 0.0  # largest share of the mean of 3 x 3 pixels mixed in; half are sharpened so
    noise: float = 0.0  # largest standard deviation of what is added to each pixel by itself
    cutout: float = 0.0  # side of a square, as a share of the image's, that one gray fills


def vary(images: tf.Tensor, seed: tf.Tensor, variation: Variation) -> tf.Tensor:
    """Return each image varied in its own way; the same seed gives the same variations.

    Images are float32 (batch, height, width, channels) with values 0 to 1, and so is the result;
    the seed is two integers. What a warp pulls in from outside repeats the edge.
    """
    if images.shape.rank != 4 or not images.dtype.is_floating:
        raise AslError(
            f"Expected float images (batch, height, width, channels), got {images.dtype.name} of "
            f"shape {images.shape}. Batch and normalize them first."
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
    # The seeds come with the data, so batches can be varied in parallel and still repeat.
    return both.map(
        lambda batch, pair: (vary(batch[0], pair, variation), batch[1]),
        num_parallel_calls=tf.data.AUTOTUNE,
    ).prefetch(tf.data.AUTOTUNE)


def _each(values: tf.Tensor) -> tf.Tensor:
    """Shape one value per image for arithmetic with a batch."""
    return values[:, None, None, None]


def _warp(images: tf.Tensor, variation: Variation, drawn: list[tf.Tensor]) -> tf.Tensor:
    """Sample every image through one affine map, from coordinates of the result to its own."""
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
    """Fill a square somewhere in each image with one gray; its middle may be near an edge."""
    height, width = images.shape[1:3]
    center = tf.random.stateless_uniform([3, tf.shape(images)[0]], seed)
    down = tf.abs(tf.range(height, dtype=tf.float32)[None] - center[0][:, None] * height)
    across = tf.abs(tf.range(width, dtype=tf.float32)[None] - center[1][:, None] * width)
    inside = (down < share * height / 2)[:, :, None] & (across < share * width / 2)[:, None, :]
    return tf.where(inside[..., None], _each(center[2]), images)
