# ruff: noqa: F401
"""What Part 1 derives by hand, kept in NumPy: readable first, equal to TensorFlow to 1e-5.

Layouts are Keras's: an image is (height, width, channels), a batch of them (batch, height, width,
channels), and the kernels of a layer (kernel height, kernel width, channels in, channels out).
A module per chapter; every name is also reached as ``scratch.name``.
"""

from asl_helpers.scratch.activations_pooling import (
    average_pool,
    max_pool,
    relu,
)
from asl_helpers.scratch.architectures import depthwise_conv2d
from asl_helpers.scratch.convolution import conv2d, corr2d, output_size, pad_widths
from asl_helpers.scratch.normalization import batch_norm, batch_statistics
from asl_helpers.scratch.optimizers import (
    Adam,
    GradientDescent,
    RMSprop,
    cosine_decay,
    walk,
)
from asl_helpers.scratch.softmax_cross_entropy import (
    cross_entropy,
    cross_entropy_gradient,
    log_softmax,
    softmax,
)
