"""Activations and how a gradient passes back through them."""

import math

import numpy as np

from asl_helpers.scratch.core import ScratchError, real


def relu(x: np.ndarray) -> np.ndarray:
    """Return max(x, 0), value by value; any shape and real dtype, floating result."""
    return np.maximum(real(x), 0)


def relu_backward(x: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    """Return the loss's gradient by ``x``, from that by ``relu(x)``.

    It passes where ``x`` was positive and stops elsewhere. At exactly 0 the derivative does not
    exist; TensorFlow takes 0, and so does this.

    Parameters
    ----------
    x, upstream:
        What went into the ReLU, and the gradient by what came out; one shape.

    Raises
    ------
    ScratchError
        If the shapes differ.
    """
    x, upstream = real(x), real(upstream)
    if x.shape != upstream.shape:
        raise ScratchError(
            f"The gradient has a value for each value of x: expected shape {x.shape}, got "
            f"{upstream.shape}."
        )
    return np.where(x > 0, upstream, 0)


def leaky_relu(x: np.ndarray, negative_slope: float = 0.1) -> np.ndarray:
    """Return x where it is positive and ``negative_slope`` times x elsewhere.

    Libraries differ in their default slope (0.01, 0.2, 0.3): name it when you compare.
    Source: Maas, Hannun and Ng (2013).
    """
    x = real(x)
    return np.where(x > 0, x, negative_slope * x)


def gelu(x: np.ndarray) -> np.ndarray:
    """Return x times the probability that a standard Gaussian stays below x.

    This is the exact form, Keras's default, and not the approximation by tanh.
    Source: Hendrycks and Gimpel (2016).
    """
    x = real(x)
    return (x * _below(x)).astype(x.dtype)


def gelu_derivative(x: np.ndarray) -> np.ndarray:
    """Return the derivative of ``gelu`` at x: it is negative below about -0.75, and never ends."""
    x = real(x)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return (_below(x) + x * density).astype(x.dtype)


def _below(x: np.ndarray) -> np.ndarray:
    """Return the standard Gaussian's distribution function."""
    erf = np.vectorize(math.erf, otypes=[float])
    return (1 + erf(x / math.sqrt(2))) / 2
