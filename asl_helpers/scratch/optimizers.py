"""Chapter 5: from a gradient to the next weights: optimizers and their schedules.

Each optimizer keeps its own memory and has one method, ``step``. They follow Keras's forms, which
the tests hold them to; where a paper's form differs, the docstring says so.
"""

import math
from collections.abc import Callable

import numpy as np

from asl_helpers.scratch.convolution import real

Rate = float | Callable[[int], float]
"""A learning rate, or a schedule: a function of the step, counted from 0."""


class Optimizer:
    """What all optimizers share: the count of steps, and the rate of the present one."""

    def __init__(self, rate: Rate) -> None:
        """Start at step 0 with a rate above 0, or a schedule."""
        self.rate, self.steps = rate, 0

    def step(self, weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the next weights; the given arrays, of one shape, stay as they are."""
        weights, gradient = real(weights), real(gradient)
        rate = self.rate(self.steps) if callable(self.rate) else self.rate
        self.steps += 1
        return self._next(weights, gradient, rate)


class GradientDescent(Optimizer):
    """Keras's ``SGD``: velocity = momentum * velocity - rate * gradient, then add it.

    Source: Polyak (1964), doi:10.1016/0041-5553(64)90137-5; momentum 0 is gradient descent.
    """

    def __init__(self, rate: Rate = 0.01, momentum: float = 0.0) -> None:
        """``momentum`` is the share of the velocity that the next step keeps, 0 to below 1."""
        super().__init__(rate)
        self.momentum, self.velocity = momentum, 0.0

    def _next(self, weights: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
        self.velocity = self.momentum * self.velocity - rate * gradient
        return weights + self.velocity


class RMSprop(Optimizer):
    """Each slope divided by the root of the running mean of its squares.

    Source: Tieleman and Hinton (2012), lecture 6.5. Keras adds epsilon under the root.
    """

    def __init__(self, rate: Rate = 0.001, rho: float = 0.9, epsilon: float = 1e-7) -> None:
        """``rho`` is what the running mean keeps at each step."""
        super().__init__(rate)
        self.rho, self.epsilon, self.v = rho, epsilon, 0.0

    def _next(self, weights: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
        self.v = self.rho * self.v + (1 - self.rho) * gradient**2
        return weights - rate * gradient / np.sqrt(self.v + self.epsilon)


class Adam(Optimizer):
    """Running means of the gradient and of its square, corrected for their start at 0.

    Source: Kingma and Ba (2015), arXiv:1412.6980, in the form at the end of its section 2, as in
    Keras: both corrections go into the rate, so epsilon is the paper's "epsilon hat". Decoupled
    weight decay: Loshchilov and Hutter (2019), arXiv:1711.05101.
    """

    def __init__(
        self,
        rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
        bias_correction: bool = True,
    ) -> None:
        """With ``weight_decay`` this is Keras's AdamW: weights also shrink by rate * decay.

        ``bias_correction=False`` leaves the correction out, to show what it is for.
        """
        super().__init__(rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.weight_decay, self.bias_correction = weight_decay, bias_correction
        self.m, self.v = 0.0, 0.0

    def _next(self, weights: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
        self.m = self.beta_1 * self.m + (1 - self.beta_1) * gradient
        self.v = self.beta_2 * self.v + (1 - self.beta_2) * gradient**2
        weights = weights - rate * self.weight_decay * weights
        if self.bias_correction:
            rate *= math.sqrt(1 - self.beta_2**self.steps) / (1 - self.beta_1**self.steps)
        return weights - rate * self.m / (np.sqrt(self.v) + self.epsilon)


def walk(
    optimizer: Optimizer,
    gradient: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    steps: int,
) -> np.ndarray:
    """Return every place on the way, (steps + 1, ...), the start first.

    ``gradient`` gives the slopes at a place; both have the shape of ``start``.
    """
    places = [real(start)]
    for _ in range(steps):
        places.append(optimizer.step(places[-1], gradient(places[-1])))
    return np.array(places)


def cosine_decay(step: int, rate: float, steps: int) -> float:
    """Return the rate on half a wave of the cosine, from ``rate`` at step 0 to 0 at ``steps``.

    Source: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5 without restarts.
    """
    return rate * (1 + math.cos(math.pi * min(step, steps) / steps)) / 2
