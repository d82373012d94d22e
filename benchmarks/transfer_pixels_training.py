"""One training of `transfer_pixels`: batches from several sources, varied hard, one network.

The network is MobileNetV2 at alpha 0.35 from ImageNet's weights. Beside the letter it tells the
shape of the hand, its 21 joints without place and size, wherever those are known: a room cannot
help with that.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from asl_helpers.augmentation import Variation, vary
from asl_helpers.hand.scene import recolour
from asl_helpers.transfer import imagenet_weights
from benchmarks.transfer_pixels_data import CLASSES, MASK, SIZE, Pictures

BATCH = 64
BACKDROPS = 0.6
"""Share of the cut-out hands that get another scene."""

LIGHT = Variation(brightness=0.12, contrast=0.4, shade=0.2, blur=0.9, cutout=0.16)

_GRAIN = tf.random.stateless_uniform([BATCH, SIZE, SIZE, 1], [1, 2])


def batches(
    sources: list[tuple[Pictures, int]], behind: np.ndarray, steps: int, seed: int
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield batches with a fixed number of pictures of each source, every source in its own turn.

    Each is (images, masks, points, labels, backdrops, seed); a source begins anew, in a new order,
    when all its pictures were seen.
    """
    rng = np.random.default_rng(seed)
    turns = [_turn(len(pictures), rng) for pictures, _ in sources]
    for _ in range(steps):
        parts = []
        for (pictures, count), turn in zip(sources, turns, strict=True):
            parts.append(pictures[np.array([next(turn) for _ in range(count)], np.int64)])
        yield (
            np.concatenate([part.images for part in parts]),
            np.concatenate([part.masks for part in parts]),
            np.concatenate([part.points for part in parts]),
            np.concatenate([part.labels for part in parts]),
            behind[rng.integers(0, len(behind), sum(count for _, count in sources))],
            rng.integers(0, 2**31, 2).astype(np.int32),
        )


def _turn(n: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(n)


def varied(
    images: tf.Tensor,
    masks: tf.Tensor,
    points: tf.Tensor,
    labels: tf.Tensor,
    behind: tf.Tensor,
    seed: tf.Tensor,
    size: int,
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """Return a batch to learn from: images 0-255 of ``size`` pixels, letters and shapes."""
    images = tf.cast(images, tf.float32) / 255
    masks = tf.image.resize(tf.cast(masks[..., None], tf.float32), (SIZE, SIZE))
    images, masks, points = placed(images, masks, points, seed, size)
    chance = tf.random.stateless_uniform([3, BATCH, 1, 1, 1], seed + 6)
    images = before(images, masks, tf.cast(behind, tf.float32) / 255, chance, seed)
    images = vary(images, seed + 10, LIGHT)
    images += 0.08 * chance[2] ** 2 * (tf.random.shuffle(_GRAIN)[:, :size, :size] - 0.5)
    return images * 255, {"letter": tf.one_hot(labels, len(CLASSES)), "shape": shapes(points)}


def before(images, masks, behind, chance, seed) -> tf.Tensor:
    """Return some of the cut-out hands before another scene, each in a light of its own."""
    is_known = tf.reduce_max(masks, axis=(1, 2, 3), keepdims=True) > 0.5
    masks = tf.where(is_known & (chance[0] < BACKDROPS), masks, 1.0)
    behind = tf.minimum(behind * (0.3 + 1.5 * chance[1]), 1.0)
    masks = tf.nn.avg_pool2d(masks, 3, 1, "SAME")
    return masks * recolour(images, seed + 7) + (1 - masks) * behind


def shapes(points: tf.Tensor) -> tf.Tensor:
    """Return joints (n, 21, 2) without place and size, (n, 42); NaN stays NaN."""
    points = points - tf.reduce_mean(points, axis=1, keepdims=True)
    spread = tf.sqrt(tf.reduce_mean(points**2, axis=(1, 2), keepdims=True))
    return tf.reshape(points / (spread + 1e-6), (-1, 42))


def placed(images, masks, points, seed, size):
    """Turn each hand, and move it to another place at another size; edges are continued."""
    u = tf.unstack(tf.random.stateless_uniform([9, BATCH], seed, -1.0, 1.0), num=9)
    known = tf.math.is_finite(points[:, 0, 0])
    low, high = tf.reduce_min(points, axis=1), tf.reduce_max(points, axis=1)
    extent = tf.where(known, tf.reduce_max(high - low, axis=1), 0.6)
    middle = tf.where(known[:, None], (low + high) / 2, 0.5)
    wanted = 0.5 * 2.0 ** u[0]  # 0.25 to 1 of the picture, as often small as large
    zoom = tf.where(known, tf.clip_by_value(wanted / extent, 0.5, 2.2), 1.25 ** u[0])
    room = tf.maximum(0.06, 0.5 - 0.5 * tf.minimum(extent * zoom, 1.0))
    target = tf.where(
        known[:, None], 0.5 + room[:, None] * tf.stack(u[1:3], 1), 0.5 + 0.1 * tf.stack(u[1:3], 1)
    )
    angle = u[3] * (18 * np.pi / 180)
    wide, high_ = zoom * 1.1 ** u[5], zoom * 1.1 ** u[6]
    cos, sin, lean = tf.cos(angle), tf.sin(angle), 0.12 * u[7]
    # From places of the old picture to the new: stretch, lean, turn.
    a, b = cos * wide, (cos * lean - sin) * high_
    c, d = sin * wide, (sin * lean + cos) * high_
    forward = tf.stack([tf.stack([a, b], 1), tf.stack([c, d], 1)], 1)
    points = tf.einsum("nij,nkj->nki", forward, points - middle[:, None]) + target[:, None]
    back = tf.linalg.inv(forward)
    offset = middle - tf.einsum("nij,nj->ni", back, target)
    # Of the new picture's pixels to the old one's; centres lie half a pixel inside.
    scale = back * (SIZE / size)
    shift = SIZE * offset + 0.5 * tf.reduce_sum(scale, axis=2) - 0.5
    zero = tf.zeros_like(a)
    rows = [scale[:, 0, 0], scale[:, 0, 1], shift[:, 0]]
    rows += [scale[:, 1, 0], scale[:, 1, 1], shift[:, 1]]
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.concat([images, masks], axis=-1),
        transforms=tf.stack([*rows, zero, zero], axis=1),
        output_shape=tf.constant([size, size]),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
    return moved[..., :3], moved[..., 3:], points


def network(classes: int, dropout: float = 0.2) -> keras.Model:
    """Return MobileNetV2 0.35 with ImageNet's weights for images 0-255, with two outputs."""
    images = keras.Input((None, None, 3), name="images")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1, name="preprocess")(images)
    body = keras.applications.MobileNetV2(
        input_tensor=scaled,
        alpha=0.35,
        include_top=False,
        weights=str(imagenet_weights(0.35)[0]),
    )
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.98  # Keras's 0.999 is for runs of millions of steps
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(body.output)
    shape = keras.layers.Dense(42, name="shape")(pooled)
    dropped = keras.layers.Dropout(dropout)(pooled)
    letter = keras.layers.Dense(classes, name="letter")(dropped)
    return keras.Model(images, {"letter": letter, "shape": shape})


@keras.saving.register_keras_serializable("transfer_pixels")
def shape_loss(wanted: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    """Return the mean squared distance of the shapes that are known, 0 for the others."""
    known = tf.math.is_finite(wanted)
    return tf.reduce_mean(tf.where(known, tf.where(known, wanted, 0.0) - found, 0.0) ** 2, axis=-1)


def fit(
    model: keras.Model,
    sources: list[tuple[Pictures, int]],
    behind: np.ndarray,
    count: int,
    size: int,
    rate: float,
    seed: int,
    verbose: int = 2,
) -> None:
    """Train on so many images of ``size`` pixels, at a rate that rises briefly, then falls."""
    steps = count // BATCH
    if size != SIZE:
        behind = tf.image.resize(behind, (size, size), antialias=True).numpy().astype(np.uint8)

    def ready(*batch):
        return varied(*batch, size)

    shape = (BATCH, SIZE, SIZE, 3)
    data = tf.data.Dataset.from_generator(
        lambda: batches(sources, behind, steps, seed),
        output_signature=(
            tf.TensorSpec(shape, tf.uint8),
            tf.TensorSpec((BATCH, MASK, MASK), tf.bool),
            tf.TensorSpec((BATCH, 21, 2), tf.float32),
            tf.TensorSpec((BATCH,), tf.int64),
            tf.TensorSpec((BATCH, size, size, 3), tf.uint8),
            tf.TensorSpec((2,), tf.int32),
        ),
    )
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps, warmup_target=rate, warmup_steps=min(100, steps // 8), alpha=0.01
    )
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=1e-3, clipnorm=2.0),
        {
            "letter": keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
            "shape": shape_loss,
        },
        metrics={"letter": ["accuracy"]},
        jit_compile=False,
    )
    epochs = max(1, round(steps / 150))
    model.fit(
        data.map(ready).prefetch(2).repeat(),
        epochs=epochs,
        steps_per_epoch=steps // epochs,
        verbose=verbose,
    )


def accuracy(model: keras.Model, images: np.ndarray, labels: np.ndarray, size: int) -> float:
    """Return the accuracy on single images, as they are."""
    guesses = []
    for start in range(0, len(images), 256):
        part = tf.cast(images[start : start + 256], tf.float32)
        if size != images.shape[1]:
            part = tf.image.resize(part, (size, size), antialias=True)
        guesses.append(np.asarray(model(part, training=False)["letter"]).argmax(axis=1))
    return float((np.concatenate(guesses) == labels).mean())
