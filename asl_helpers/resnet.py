"""ResNet-18, which Keras's own applications lack."""

import keras
from keras import layers

from asl_helpers.counting import RESNET_18
from asl_helpers.layers import residual_block
from asl_helpers.models import check_network


def resnet18(
    input_shape: tuple[int, int, int] = (224, 224, 3), classes: int = 24, attention: bool = False
) -> keras.Model:
    """Return ResNet-18 with random weights: 17 convolutions and a dense layer, in 8 blocks.

    It maps normalised images, float32 of shape (batch, height, width, channels), to logits,
    float32 of shape (batch, classes)::

        224x224 -> conv 7x7 / 2 -> 112x112x64 -> max pool 3x3 / 2 -> 56x56x64
                -> 2 blocks -> 56x56x64 -> 2 blocks -> 28x28x128 -> 2 blocks -> 14x14x256
                -> 2 blocks -> 7x7x512 -> mean over the places -> 512 -> classes

    Convolutions pad to "same" and have no bias. Layers are named ``stem``, ``stage1_block1_conv1``
    ... ``logits``.

    Parameters
    ----------
    input_shape:
        (height, width, channels) in pixels; below 32 the last stages see a single place.
    classes:
        The number of classes, at least 2.
    attention:
        Whether each block weighs its channels (ratio 16) before it adds its input.

    Raises
    ------
    ModelError
        For a shape or a number of classes out of these ranges.

    Source: He et al. (2016), table 1.
    """
    check_network("resnet18", input_shape, classes, smallest=1)
    images = keras.Input(input_shape, name="images")
    x = layers.Conv2D(64, 7, 2, padding="same", use_bias=False, name="stem")(images)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.MaxPooling2D(3, 2, padding="same", name="stem_pool")(x)
    for stage, (filters, first) in enumerate(RESNET_18, start=1):
        for block, stride in enumerate((first, 1), start=1):
            x = residual_block(
                x, filters, stride, f"stage{stage}_block{block}", ratio=16 if attention else None
            )
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(images, layers.Dense(classes, name="logits")(x), name="resnet18")
