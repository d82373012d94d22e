"""What stands behind a drawn hand: paper, a wall, a gradient, soft clutter, a room."""

import numpy as np

from asl_helpers.hand.looks import Look


def draw_background(look: Look, size: int) -> np.ndarray:
    """Return the look's background, (size, size, 3) float32 linear RGB, lit but not exposed."""
    palette = np.array(look.palette, np.float32)
    rng = np.random.default_rng(look.scene)
    if look.background == "paper":
        return np.broadcast_to(palette[0], (size, size, 3))
    if look.background == "plain":
        return _vignette(np.broadcast_to(palette[0], (size, size, 3)), size, 0.10)
    if look.background == "gradient":
        angle_x, angle_y = rng.random() * 2 - 1, rng.random() * 2 - 1
        return _gradient(palette[0], palette[1], angle_x, angle_y, size)
    if look.background == "noise":
        return _noise(palette, rng, size)
    return _room(palette, rng, size)


def _grid(size):
    return (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)


def _vignette(picture, size, depth):
    g = _grid(size) - np.float32(0.5)
    fall = 1 - np.float32(2 * depth) * (g[:, None] ** 2 + g[None, :] ** 2)
    return picture * fall[..., None]


def _gradient(one, two, slope_x, slope_y, size):
    g = _grid(size) - np.float32(0.5)
    mix = np.clip(0.5 + np.float32(slope_y) * g[:, None] + np.float32(slope_x) * g[None, :], 0, 1)
    return one + (two - one) * mix[..., None].astype(np.float32)


def stretch(coarse: np.ndarray, size: int) -> np.ndarray:
    """Return a coarse (k, k, ...) float32 picture enlarged bilinearly to (size, size, ...)."""
    k = len(coarse)
    at = _grid(size) * np.float32(k - 1)
    low = np.minimum(at.astype(np.int64), k - 2)
    part = at - low.astype(np.float32)
    shape = (size,) + (1,) * (coarse.ndim - 1)
    rows = coarse[low] + (coarse[low + 1] - coarse[low]) * part.reshape(shape)
    part = part.reshape((1, size) + (1,) * (coarse.ndim - 2))
    return rows[:, low] + (rows[:, low + 1] - rows[:, low]) * part


def _noise(palette, rng, size):
    """Sum coarse and finer noise: foliage, posters, a shelf out of focus."""
    k = 3 + int(rng.random() * 5)
    pick = (rng.random((k, k)) * 4).astype(np.int64)
    picture = stretch(palette[pick], size)
    fine = stretch((rng.random((2 * k + 3, 2 * k + 3, 1)) - 0.5).astype(np.float32), size)
    return picture * (1 + np.float32(0.5 * rng.random()) * fine)


def _room(palette, rng, size):
    """A wall with a gradient, and soft-edged rectangles: window, picture, shelf, table."""
    picture = _gradient(palette[0], palette[0] * np.float32(0.6), rng.random() - 0.5, 1.0, size)
    g = _grid(size)
    if rng.random() < 0.6:  # a table or a bed below, a beam above
        level = 0.65 + 0.3 * rng.random() if rng.random() < 0.7 else 0.1 * rng.random()
        below = np.clip((g - np.float32(level)) * np.float32(25 + 60 * rng.random()), 0, 1)
        picture = picture + (palette[1] - picture) * below[:, None, None]
    for _ in range(1 + int(rng.random() * 4)):
        middle, half = rng.random(2), 0.05 + 0.3 * rng.random(2) ** 2
        soft = np.float32(12 + 80 * rng.random())
        lean = np.float32(0.25 * (rng.random() - 0.5))
        x = g[None, :] - np.float32(middle[0]) + lean * g[:, None]
        y = g[:, None] - np.float32(middle[1])
        inside_x = np.clip((np.float32(half[0]) - np.abs(x)) * soft, 0, 1)
        inside_y = np.clip((np.float32(half[1]) - np.abs(y)) * soft, 0, 1)
        colour = palette[int(rng.random() * 4)] * np.float32(0.5 + rng.random())
        picture = picture + (colour - picture) * (inside_x * inside_y)[..., None]
    return picture
