"""What Part 1 derives by hand, kept in NumPy: readable first, equal to TensorFlow to 1e-5.

Layouts are Keras's: an image is (height, width, channels), a batch of them (batch, height, width,
channels), and the kernels of a layer (kernel height, kernel width, channels in, channels out).
A module a theme; every name is also reached as ``scratch.name``.
"""

from asl_helpers.scratch.activations import (
    gelu,
    gelu_derivative,
    leaky_relu,
    relu,
    relu_backward,
)
from asl_helpers.scratch.attention import squeeze_excitation
from asl_helpers.scratch.convolution import (
    conv2d,
    corr2d,
    depthwise_conv2d,
    output_size,
    pad_widths,
)
from asl_helpers.scratch.core import ScratchError
from asl_helpers.scratch.losses import (
    cross_entropy,
    cross_entropy_gradient,
    log_softmax,
    softmax,
)
from asl_helpers.scratch.optimizers import (
    Adam,
    GradientDescent,
    Optimizer,
    RMSprop,
    cosine_decay,
    step_decay,
    walk,
)
from asl_helpers.scratch.pooling import (
    average_pool,
    global_average_pool,
    global_max_pool,
    max_pool,
)
from asl_helpers.scratch.regularise import (
    batch_norm,
    batch_statistics,
    dropout,
    moving_average,
)

__all__ = [
    "Adam",
    "GradientDescent",
    "Optimizer",
    "RMSprop",
    "ScratchError",
    "average_pool",
    "batch_norm",
    "batch_statistics",
    "conv2d",
    "corr2d",
    "cosine_decay",
    "cross_entropy",
    "cross_entropy_gradient",
    "depthwise_conv2d",
    "dropout",
    "gelu",
    "gelu_derivative",
    "global_average_pool",
    "global_max_pool",
    "leaky_relu",
    "log_softmax",
    "max_pool",
    "moving_average",
    "output_size",
    "pad_widths",
    "relu",
    "relu_backward",
    "softmax",
    "squeeze_excitation",
    "step_decay",
    "walk",
]
