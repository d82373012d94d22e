"""A picture shifted pixel by pixel, and what is left of the shift after pooling."""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets
import numpy as np

from asl_helpers.explorers.frame import (
    ExplorerError,
    card,
    coloured,
    dropdown,
    picture,
    stepper,
    swapped,
)
from asl_helpers.scratch import average_pool, corr2d, max_pool, relu

POOLINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda values: values,
    "max 2 × 2": lambda values: max_pool(values, 2),
    "max 4 × 4": lambda values: max_pool(values, 4),
    "max 8 × 8": lambda values: max_pool(values, 8),
    "average 4 × 4": lambda values: average_pool(values, 4),
    "global max": lambda values: values.max(keepdims=True),
}
"""What the explorer offers: a name -> a function of a feature map (height, width)."""


def shift_explorer(
    image: np.ndarray,
    kernel: np.ndarray,
    subject: str,
    reach: int = 8,
    poolings: Mapping[str, Callable[[np.ndarray], np.ndarray]] = POOLINGS,
) -> widgets.VBox:
    """Return a widget that shifts an image and shows its pooled feature map before and after.

    Everything is computed beforehand, so the page needs no Python: a list chooses the pooling, a
    slider the shift.

    Parameters
    ----------
    image:
        (height, width) uint8 grey levels, with ``reach`` pixels of even background at its right.
    kernel:
        (kernel height, kernel width); the features are ``relu(corr2d(image / 255, kernel))``.
    subject:
        What the image shows, in words, for the text alternatives.
    reach:
        The largest shift, in pixels to the right.
    poolings:
        A name -> what is done to the feature map.

    Raises
    ------
    ExplorerError
        If the image has channels, or no even margin into which it can move.
    """
    if np.ndim(image) != 2:
        raise ExplorerError(
            f"The explorer shifts one channel, shape (height, width); got {np.shape(image)}. Take "
            "image.mean(axis=-1) of a colour image."
        )
    if np.ptp(image[:, -reach:]) > 1:
        raise ExplorerError(
            f"The last {reach} columns must be even background, or the shift would push the hand "
            "out of the picture. Widen the picture with np.pad."
        )
    shifted = [np.roll(image, step, axis=1) for step in range(reach + 1)]
    maps = [relu(corr2d(pixels / 255, kernel)) for pixels in shifted]
    slider = stepper("Shift", reach)
    pages = []
    for name, pool in poolings.items():
        features = [pool(values) for values in maps]
        panels = [
            widgets.HTML(_page(shifted[step], subject, step, name, features[0], features[step]))
            for step in range(reach + 1)
        ]
        pages.append(swapped(slider, panels))
    choice = dropdown("Pooling", list(poolings))
    return card([choice, slider], swapped(choice, pages))


def _page(
    image: np.ndarray, subject: str, step: int, name: str, before: np.ndarray, after: np.ndarray
) -> str:
    """Return one panel: the shifted image, and the features of shift 0 and of this one."""
    change = np.linalg.norm(after - before) / max(np.linalg.norm(before), 1e-12)
    size = " × ".join(str(side) for side in after.shape)
    reach = max(float(before.max()), 1e-9)
    moved = f"{subject}, shifted by {step} pixels"
    values = "the same value" if change < 5e-3 else "other values"
    words = f"Shift {step}, pooling {name}: the features changed by {change:.2f} of their length."
    pictures = (
        (image, f"The image: {moved}", f"picture, shift {step}"),
        (coloured(before, reach), f"Features of {subject}, not shifted", "features, shift 0"),
        (coloured(after, reach), f"Features of {moved}: {values}", f"features now, {size}"),
    )
    row = "".join(picture(*each) for each in pictures)
    return f'<div class="asl-row">{row}</div><p>{escape(words)}</p>'
