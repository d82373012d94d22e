"""Widgets of Part 1: kernel, shift, batch, logits, optimizer."""

from collections.abc import Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import to_hex

from asl_helpers.figures.part1 import descent_paths
from asl_helpers.figures.style import DIVERGING, minus, text_on
from asl_helpers.scratch import (
    Adam,
    GradientDescent,
    RMSprop,
    average_pool,
    batch_norm,
    batch_statistics,
    corr2d,
    max_pool,
    relu,
    softmax,
    walk,
)
from asl_helpers.widgets.base import (
    bar_table,
    chosen,
    colored,
    picture,
    row,
    slider,
    stepper,
    with_sliders,
)

# --- Chapter 1: what a 3 x 3 kernel makes of an image

KERNELS: dict[str, tuple[list[float], str]] = {
    "left to right": ([-1, 0, 1, -2, 0, 2, -1, 0, 1],
        "Blue where it gets brighter from left to right, orange where it gets darker."),
    "top to bottom": ([-1, -2, -1, 0, 0, 0, 1, 2, 1],
        "Blue where it gets brighter downwards, orange where it gets darker."),
    "outline": ([-1, -1, -1, -1, 8, -1, -1, -1, -1],
        "The weights sum to 0, so flat areas vanish and every contour stays."),
    "blur": ([0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11],
        "Each value is about the mean of nine pixels: detail goes, large shapes stay."),
    "sharpen": ([0, -1, 0, -1, 5, -1, 0, -1, 0],
        "The weights sum to 1: brightness stays, differences to the neighbors grow."),
    "identity": ([0, 0, 0, 0, 1, 0, 0, 0, 0],
        "One weight of 1 in the middle copies the image."),
    "shift": ([0, 0, 0, 0, 0, 0, 0, 0, 1],
        "The 1 sits off the center: the same image, one pixel up and to the left."),
}  # fmt: skip
"""A name -> the nine weights of a 3 x 3 kernel row by row, and what to look for."""


def kernel_explorer(image: np.ndarray, subject: str) -> widgets.VBox:
    """Return a widget that shows what a 3 x 3 kernel makes of an image: presets, nine sliders.

    ``image`` is (height, width) uint8, about 100 pixels a side; ``subject`` says what it shows,
    for the text alternatives.
    """

    def draw(name: str, values: Sequence[float], note: str) -> str:
        kernel = np.reshape(values, (3, 3)).astype(float)
        result = corr2d(image / 255.0, kernel)
        low, high = (minus(f"{end:.2f}") for end in (result.min(), result.max()))
        alt = f"Feature map of {subject}, values {low} to {high}. {note}"
        pixels = colored(result, max(np.abs(result).max(), 1e-9))
        return row(
            picture(image, f"The image: {subject}", "image"),
            _kernel_table(kernel),
            picture(pixels, alt, f"map, {low} to {high}"),
            note=note,
        )

    first = next(iter(KERNELS.values()))[0]
    sliders = [
        slider("K[{}, {}]".format(*divmod(index, 3)), first[index], -8.0, 8.0) for index in range(9)
    ]
    also = "nine sliders, one for each weight"
    return with_sliders("Kernel", KERNELS, draw, sliders, also, columns=3)


def _kernel_table(kernel: np.ndarray) -> str:
    """Return the weights as a table whose cells have the colors of the figures."""
    reach = 1.3 * max(float(np.abs(kernel).max()), 1e-9)
    rows = ""
    for weights in kernel:
        cells = ""
        for weight in weights:
            color = DIVERGING((weight / reach + 1) / 2)
            look = f"background:{to_hex(color)};color:{text_on(color)}"
            cells += f'<td style="{look}">{minus(f"{weight:.3g}")}</td>'
        rows += f"<tr>{cells}</tr>"
    return f"<table><caption>kernel</caption><tbody>{rows}</tbody></table>"


# --- Chapter 2: a shifted image, and what is left of the shift after pooling

POOLINGS = {
    "max 4 × 4": lambda values: max_pool(values, 4),
    "max 2 × 2": lambda values: max_pool(values, 2),
    "none": lambda values: values,
    "max 8 × 8": lambda values: max_pool(values, 8),
    "average 4 × 4": lambda values: average_pool(values, 4),
    "global max": lambda values: values.max(keepdims=True),
}
"""A name -> a function of a feature map (height, width)."""


SHIFTS = range(9)
"""Pixels to the right."""


def shift_explorer(image: np.ndarray, kernel: np.ndarray, subject: str) -> widgets.VBox:
    """Return a widget that shifts an image and shows its pooled feature map before and after.

    ``image`` is (height, width) uint8, with 8 pixels of even background at its right; the features
    are ``relu(corr2d(image / 255, kernel))``. ``subject`` says what the image shows.
    """
    shifted = [np.roll(image, step, axis=1) for step in SHIFTS]
    maps = [relu(corr2d(pixels / 255, kernel)) for pixels in shifted]
    pages = {}
    for name, pool in POOLINGS.items():
        first, *_ = features = [pool(values) for values in maps]
        given = zip(shifted, SHIFTS, features, strict=True)
        pages[name] = [_shifted(pixels, subject, k, name, first, now) for pixels, k, now in given]
    return chosen("Pooling", pages, stepper("Shift", SHIFTS, start=4))


def _shifted(
    image: np.ndarray, subject: str, step: int, name: str, before: np.ndarray, after: np.ndarray
) -> str:
    """Return one panel: the shifted image, and the features of shift 0 and of this one."""
    change = np.linalg.norm(after - before) / max(np.linalg.norm(before), 1e-12)
    size = " × ".join(str(side) for side in after.shape)
    reach = max(float(before.max()), 1e-9)
    moved = f"{subject}, shifted by {step} pixels"
    values = "the same value" if change < 5e-3 else "other values"
    return row(
        picture(image, f"The image: {moved}", f"image, shift {step}"),
        picture(colored(before, reach), f"Features of {subject}, not shifted", "features, shift 0"),
        picture(colored(after, reach), f"Features of {moved}: {values}", f"features now, {size}"),
        note=f"Shift {step}, pooling {name}: the features changed by {change:.2f} of their length.",
    )


# --- Chapter 6: an image normalized with different batches


def batch_explorer(
    image: np.ndarray, others: Mapping[str, np.ndarray], subject: str
) -> widgets.VBox:
    """Return a widget that normalizes an image with batches of different images and sizes.

    ``image`` is (height, width) uint8, ``others`` a name -> (n, height, width) uint8, the same n
    for all; the statistics of inference are those of all of them. ``subject`` says what the image
    shows.
    """
    usual = _statistics(np.concatenate(list(others.values())))
    sizes = range(len(next(iter(others.values()))) + 1)
    pages = {
        name: [_normalized(image, subject, name, images[:n], usual) for n in sizes]
        for name, images in others.items()
    }
    return chosen("Batch", pages, stepper("Other images", sizes))


def _normalized(
    image: np.ndarray, subject: str, name: str, others: np.ndarray, usual: tuple[float, float]
) -> str:
    """Return one panel: the image, normalized by this batch, normalized as in inference."""
    batch = _statistics(np.concatenate([image[np.newaxis], others]))
    training, inference = (batch_norm(image / 255.0, *given) for given in (batch, usual))
    now, kept = (
        minus(f"{values.min():.1f} to {values.max():.1f}") for values in (training, inference)
    )
    with_whom = f"with {len(others)} {name}" if len(others) else "alone"
    return row(
        picture(image, f"The image: {subject}", "image"),
        # The colors end at three standard deviations.
        picture(colored(training, 3.0), f"{subject}, {with_whom}: {now}", "training"),
        picture(colored(inference, 3.0), f"{subject}, fixed statistics: {kept}", "inference"),
        note=f"The image {with_whom}: mean {batch[0]:.2f}, standard deviation "
        f"{batch[1] ** 0.5:.2f}. Its values are {now} in training and {kept} in inference.",
    )


def _statistics(images: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of all pixels, as one channel in 0-1."""
    mean, variance = batch_statistics(images[..., np.newaxis] / 255.0)
    return float(mean[0]), float(variance[0])


# --- Chapter 3: what softmax makes of five logits

LOGITS: dict[str, tuple[list[float], str]] = {
    "five fists": ([2, 0.5, -1, 0, 3, 1],
        "A logit that is 1 higher gets e, about 2.7, times the probability."),
    "all plus 4": ([6, 4.5, 3, 4, 7, 1],
        "Every logit is 4 higher, and no probability changes: only differences count."),
    "all doubled": ([4, 1, -2, 0, 6, 1],
        "The differences have doubled, and the largest logit gets a much larger probability."),
    "temperature 3": ([2, 0.5, -1, 0, 3, 3],
        "The logits of the five fists, divided by 3: the same order, but less confident."),
    "all equal": ([0, 0, 0, 0, 0, 1],
        "Five equal logits give five equal probabilities: the model has no idea."),
    "only two compete": ([4, -5, -6, -4, 4.5, 1],
        "With two classes left, softmax is the logistic function of their difference."),
}  # fmt: skip
"""A name -> a logit for each class and the temperature last, and what to look for."""


def softmax_explorer(names: Sequence[str]) -> widgets.VBox:
    """Return a widget that shows the softmax of five logits at a temperature."""

    def draw(name: str, values: Sequence[float], note: str) -> str:
        *logits, temperature = values
        probs = softmax(np.array(logits) / temperature)
        cells = {
            each: (minus(f"{logit:.1f}"), f"{p:.1%}")
            for each, logit, p in zip(names, logits, probs, strict=True)
        }
        words = f"<p>Temperature {temperature:g}. {escape(note)}</p>"
        return bar_table(("letter", "logit", "probability"), cells, probs) + words

    *logits, temperature = next(iter(LOGITS.values()))[0]
    sliders = [slider(f"o[{n}]", o, -10, 10, 0.1) for n, o in zip(names, logits, strict=True)]
    sliders.append(slider("T", temperature, 0.1, 10, 0.1))
    also = "a slider for each logit and one for the temperature"
    return with_sliders("Logits", LOGITS, draw, sliders, also, columns=3)


# --- Chapter 5: how an optimizer goes down a long valley

CURVATURE, START, STEPS = np.array([1.0, 20.0]), np.array([-9.0, 2.0]), 40

OPTIMIZERS = {
    "gradient descent": lambda rate, memory: GradientDescent(rate),
    "momentum": GradientDescent,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "Adam, not corrected": lambda rate, memory: Adam(rate, memory, bias_correction=False),
}
"""From learning rate and memory (momentum, rho or beta 1) to an optimizer."""

DESCENTS: dict[str, tuple[str, list[float], str]] = {
    "gradient descent, careful": ("gradient descent", [0.03, 0.0],
        "Down the steep side at once, then along the flat floor in ever shorter steps."),
    "gradient descent, hasty": ("gradient descent", [0.095, 0.0],
        "From side to side across the valley; 0.1 would be the limit."),
    "gradient descent, too fast": ("gradient descent", [0.103, 0.0],
        "Each swing is wider than the last: the rate is above 2 / 20."),
    "momentum": ("momentum", [0.03, 0.9],
        "Swings cancel, the way along the floor adds up; it overshoots and comes back."),
    "RMSprop": ("RMSprop", [0.3, 0.9],
        "Both weights move at about the same pace, steep or flat."),
    "Adam": ("Adam", [0.3, 0.9],
        "The same pace for both weights, with momentum: a first step of 0.3 in each."),
    "Adam, not corrected": ("Adam, not corrected", [0.3, 0.9],
        "The first step is 3.16 times the rate in each weight, and the next ones are longer "
        "still."),
}  # fmt: skip
"""A name -> the optimizer, its rate and memory, and what to look for."""


def descent_explorer() -> widgets.VBox:
    """Return a widget that shows 40 steps of an optimizer down (w0^2 + 20 w1^2) / 2."""

    def loss(weights: np.ndarray) -> np.ndarray:
        return (CURVATURE * weights**2).sum(axis=-1) / 2

    def draw(name: str, values: Sequence[float], note: str) -> str:
        optimizer, (rate, memory) = DESCENTS[name][0], values
        way = walk(OPTIMIZERS[optimizer](rate, memory), lambda w: CURVATURE * w, START, STEPS)
        setting = f"{optimizer}, rate {rate:g}" + (f", memory {memory:g}" if memory else "")
        end = f"{loss(way[-1]):,.0f}" if loss(way[-1]) >= 100 else f"{loss(way[-1]):.2g}"
        caption = f"loss {loss(START):.0f} at the start, {end} after {STEPS} steps"
        last = ", ".join(minus(f"{value:.2f}") for value in way[-1])
        alt = f"{STEPS} steps from (−9, 2) in a long valley end at ({last}). {note}"
        return row(picture(descent_paths(loss, {setting: way}), alt, caption), note=note, wide=True)

    plain = {name: given for name, (_, *given) in DESCENTS.items()}
    rate, memory = next(iter(plain.values()))[0]
    sliders = [slider("rate", rate, 0.005, 1.0, 0.005), slider("memory", memory, 0.0, 0.99)]
    also = "sliders for the rate and for the memory (momentum, rho or beta 1)"
    return with_sliders("Optimizer", plain, draw, sliders, also)
