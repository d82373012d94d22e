"""One picture, normalised in different company: batch normalisation in training and in use."""

from collections.abc import Mapping
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
from asl_helpers.scratch import batch_norm, batch_statistics

_REACH = 3.0  # the colours end at three deviations


def company_explorer(
    image: np.ndarray, companies: Mapping[str, np.ndarray], subject: str
) -> widgets.VBox:
    """Return a widget that normalises an image with batches of different pictures and sizes.

    A list chooses the company, a slider how many of it share the batch. The statistics of inference
    are those of all pictures of all companies. Everything is computed beforehand, so the page needs
    no Python.

    Parameters
    ----------
    image:
        (height, width) uint8 grey levels.
    companies:
        A name -> (n, height, width) uint8 pictures; the same n for all.
    subject:
        What the image shows, in words, for the text alternatives.

    Raises
    ------
    ExplorerError
        If the shapes do not go together.
    """
    shapes = {np.shape(others) for others in companies.values()}
    if np.ndim(image) != 2 or len(shapes) != 1 or next(iter(shapes))[1:] != np.shape(image):
        raise ExplorerError(
            f"All pictures share one shape (height, width) and all companies one size; got an "
            f"image of {np.shape(image)} and companies of {sorted(shapes)}."
        )
    everyone = np.concatenate(list(companies.values()))
    usual = _statistics(everyone)
    count = next(iter(shapes))[0]
    slider = stepper("Others in the batch", count)
    tabs = []
    for name, others in companies.items():
        pages = [
            widgets.HTML(_page(image, subject, name, others[:size], usual))
            for size in range(count + 1)
        ]
        tabs.append(swapped(slider, pages))
    choice = dropdown("Company", list(companies))
    return card([choice, slider], swapped(choice, tabs))


def _page(
    image: np.ndarray, subject: str, name: str, others: np.ndarray, usual: tuple[float, float]
) -> str:
    """Return one panel: the image, normalised by this batch, normalised as in inference."""
    batch = _statistics(np.concatenate([image[np.newaxis], others]))
    training, inference = (batch_norm(image / 255.0, *given) for given in (batch, usual))
    with_whom = f"with {len(others)} {name}" if len(others) else "alone"
    pictures = (
        (image, f"The image: {subject}", "picture"),
        (coloured(training, _REACH), f"{subject}, {with_whom}: {_range(training)}", "training"),
        (
            coloured(inference, _REACH),
            f"{subject}, by kept statistics: {_range(inference)}",
            "inference",
        ),
    )
    row = "".join(picture(*each) for each in pictures)
    words = (
        f"The picture {with_whom}: mean {batch[0]:.2f}, deviation {batch[1] ** 0.5:.2f}. In "
        f"training its values run {_range(training)}, in inference {_range(inference)}."
    )
    return f'<div class="asl-row">{row}</div><p>{escape(words)}</p>'


def _statistics(pictures: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of all pixels, as one channel in 0-1."""
    mean, variance = batch_statistics(pictures[..., np.newaxis] / 255.0)
    return float(mean[0]), float(variance[0])


def _range(values: np.ndarray) -> str:
    return f"{values.min():.1f} to {values.max():.1f}".replace("-", "−")
