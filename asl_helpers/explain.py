"""Where a model looks: Grad-CAM and occlusion, as maps of the image's size."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from asl_helpers.errors import AslError, did_you_mean
from asl_helpers.evaluation import softmax

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_BATCH = 128


def grad_cam(
    model: keras.Model, images: np.ndarray, layer: str | None = None, classes=None
) -> np.ndarray:
    """Return where a class finds its evidence in the last feature maps, one heatmap per image.

    Each channel of the feature maps is weighted with the mean, over the positions, of the gradient
    of the class's logit. The weighted sum, its negative part cut off, is stretched to the image's
    size and divided by its largest value (Selvaraju et al. 2017, "Grad-CAM", equations 1 and 2).

    Parameters
    ----------
    model:
        From images to logits. A softmax at its end is refused: through it the gradient of a class
        depends on all the others.
    images:
        float32 of shape (n, height, width, channels), preprocessed as for the model.
    layer:
        The name of a layer with outputs (batch, rows, columns, channels); None takes the last
        convolution.
    classes:
        The class to explain: one index for all images, or (n,) integers; None takes what the model
        predicts for each image.

    Returns
    -------
    float32 of shape (n, height, width), 0-1. A map without any evidence for its class is 0
    throughout; any other has a 1 somewhere, so maps show places and not amounts.

    Errors
    ------
    AslError for a model without a convolution or with a softmax at its end, an unknown layer, and
    images that are not preprocessed.
    """
    images, chosen = _checked(model, images, classes)
    inner = _with_maps(model, layer)
    heat = [np.zeros((0, *images.shape[1:3]), np.float32)]
    for part in _batches(len(images)):
        heat.append(_heat(inner, images[part], None if chosen is None else chosen[part]))
    return np.concatenate(heat)


def occlusion(
    model: keras.Model,
    images: np.ndarray,
    patch: int = 6,
    stride: int = 2,
    fill: float | None = None,
    classes=None,
    score: str = "probability",
) -> np.ndarray:
    """Return what the class loses when a patch covers each place, one map per image.

    A square of ``patch`` pixels is laid over every place, the model is asked again, and each pixel
    gets the mean loss over the squares that covered it (Zeiler and Fergus 2014, "Visualizing and
    Understanding Convolutional Networks", section 4.2). No gradient and no layer is needed.

    Parameters
    ----------
    model, images, classes:
        As for `grad_cam`.
    patch, stride:
        Side of the square and its steps, in pixels; 1 <= stride <= patch <= the image's sides, so
        that every pixel is covered.
    fill:
        The value of the square's pixels; None takes each image's own mean, channel by channel.
    score:
        ``"probability"`` or ``"logit"`` of the class.

    Returns
    -------
    float32 of shape (n, height, width): the score without the square less the score with it. It
    is negative where the square helped.
    """
    images, chosen = _checked(model, images, classes)
    height, width = images.shape[1:3]
    corners = [
        (row, column)
        for row in _starts(height, patch, stride)
        for column in _starts(width, patch, stride)
    ]
    maps = np.zeros((len(images), height, width), np.float32)
    for index, image in enumerate(images):
        value = image.mean(axis=(0, 1)) if fill is None else fill
        covered = np.repeat(image[None], len(corners) + 1, axis=0)  # the last one stays whole
        for copy, (row, column) in zip(covered, corners, strict=False):
            copy[row : row + patch, column : column + patch] = value
        parts = [model(covered[part], training=False) for part in _batches(len(covered))]
        logits = np.concatenate(parts)
        scores = softmax(logits) if score == "probability" else logits
        label = int(logits[-1].argmax()) if chosen is None else chosen[index]
        losses = scores[-1, label] - scores[:-1, label]
        total, count = np.zeros((height, width)), np.zeros((height, width))
        for loss, (row, column) in zip(losses, corners, strict=True):
            square = slice(row, row + patch), slice(column, column + patch)
            total[square] += loss
            count[square] += 1
        maps[index] = total / count
    return maps


def _starts(side: int, patch: int, stride: int) -> list[int]:
    """Return where squares begin along a side; the last one ends at the edge."""
    last = side - patch
    return sorted({*range(0, last + 1, stride), last})


def _batches(n: int) -> Iterator[slice]:
    return (slice(start, start + _BATCH) for start in range(0, n, _BATCH))


def _with_maps(model: keras.Model, layer: str | None) -> keras.Model:
    """Return a model with two outputs: the feature maps of the layer, and the logits."""
    names = [each.name for each in model.layers]
    convolutions = [each.name for each in model.layers if isinstance(each, _CONVOLUTIONS)]
    if layer is None and not convolutions:
        raise AslError(
            f"{model.name} has no convolution, so no feature maps. Name a layer whose output has "
            "rows and columns, or use occlusion, which needs none."
        )
    if layer is not None and layer not in names:
        raise AslError(f"{model.name} has no layer {layer!r}.{did_you_mean(layer, names)}")
    chosen = model.get_layer(layer or convolutions[-1])
    return keras.Model(model.inputs[0], [chosen.output, model.outputs[0]])


def _heat(inner: keras.Model, images: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    """Return Grad-CAM's heatmaps of a batch, in the images' size, the largest value of each 1."""
    with tf.GradientTape() as tape:
        inputs = tf.convert_to_tensor(images)
        tape.watch(inputs)  # a frozen model has nothing else that is watched
        maps, logits = inner(inputs, training=False)
        labels = tf.argmax(logits, axis=1) if classes is None else tf.constant(classes)
        # Images do not touch each other, so the gradient of the sum is the gradient of each.
        score = tf.reduce_sum(tf.gather(logits, labels, axis=1, batch_dims=1))
    weights = tape.gradient(score, maps).numpy().mean(axis=(1, 2), keepdims=True)
    small = np.maximum((weights * maps.numpy()).sum(axis=-1, keepdims=True), 0)
    heat = tf.image.resize(small, images.shape[1:3]).numpy()[..., 0]
    largest = heat.max(axis=(1, 2), keepdims=True)
    return (heat / np.where(largest > 0, largest, 1)).astype(np.float32)


def _checked(model: keras.Model, images: np.ndarray, classes) -> tuple:
    """Return float32 images and a class for each, or None for what the model predicts."""
    activation = getattr(model.layers[-1], "activation", None)
    if activation is keras.activations.softmax or isinstance(model.layers[-1], layers.Softmax):
        raise AslError(
            f"{model.name} ends in a softmax, so a class depends on all the others. Leave the "
            "softmax out of the model, or pass keras.Model(model.inputs, logits)."
        )
    images = np.asarray(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise AslError(
            f"The images are {images.dtype} (0-255): preprocess them as for the training first."
        )
    if classes is not None:
        classes = np.broadcast_to(np.asarray(classes, np.int64), len(images))
    return images.astype(np.float32), classes
