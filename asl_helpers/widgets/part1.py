"""Widgets of Part 1: a kernel, a shift, a batch, logits, an optimizer, the cost of a convolution."""

import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from PIL import Image

from asl_helpers.counting import Cost, conv, depthwise, pointwise
from asl_helpers.figures.part1 import descent_paths
from asl_helpers.figures.style import DIVERGING, text_on
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
    ExplorerError,
    card,
    coloured,
    dropdown,
    picture,
    slider,
    stepper,
    swapped,
    with_sliders,
)

KERNELS: dict[str, tuple[list[list[float]], str]] = {
    "left to right": (
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "Blue where it gets brighter from left to right, orange where it gets darker.",
    ),
    "top to bottom": (
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "Blue where it gets brighter downwards, orange where it gets darker.",
    ),
    "outline": (
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "The weights sum to 0, so flat areas vanish and every contour stays.",
    ),
    "blur": (
        [[0.11, 0.11, 0.11], [0.11, 0.11, 0.11], [0.11, 0.11, 0.11]],
        "Each value is about the mean of nine pixels: detail goes, large shapes stay.",
    ),
    "sharpen": (
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "The weights sum to 1: brightness stays, differences to the neighbours grow.",
    ),
    "identity": (
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "One weight of 1 in the middle copies the image.",
    ),
    "shift": (
        [[0, 0, 0], [0, 0, 0], [0, 0, 1]],
        "The 1 sits off the centre: the same image, one pixel up and to the left.",
    ),
}
"""Presets of the explorer: weights, and what to look for."""

_KERNEL_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has nine sliders, one for "
    "each weight."
)


def kernel_explorer(
    image: np.ndarray,
    subject: str,
    kernels: Mapping[str, tuple[list[list[float]], str]] = KERNELS,
    reach: float = 8.0,
) -> widgets.VBox:
    """Return a widget that shows what a 3 x 3 kernel makes of an image.

    Parameters
    ----------
    image:
        (height, width) uint8 grey levels; about 100 pixels a side.
    subject:
        What the image shows, in words, for the text alternatives.
    kernels:
        A name -> (3 x 3 weights, what to look for).
    reach:
        The sliders run from ``-reach`` to ``reach``.

    Raises
    ------
    ExplorerError
        If the image has channels, or a kernel is not 3 x 3.
    """
    if np.ndim(image) != 2:
        raise ExplorerError(
            f"The explorer shows one channel, shape (height, width); got {np.shape(image)}. "
            "Take image.mean(axis=-1) of a colour image."
        )
    wrong = [name for name, (kernel, _) in kernels.items() if np.shape(kernel) != (3, 3)]
    if wrong:
        raise ExplorerError(f"The explorer has nine sliders: {wrong[0]!r} is not a 3 x 3 kernel.")

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own weights." if own else kernels[name][1]
        return _kernel_page(image, subject, np.reshape(values, (3, 3)).astype(float), note)

    plain = {name: np.ravel(kernel).tolist() for name, (kernel, _) in kernels.items()}
    first = next(iter(plain.values()))
    sliders = [
        slider("K[{}, {}]".format(*divmod(place, 3)), first[place], -reach, reach)
        for place in range(9)
    ]
    return with_sliders("Kernel", plain, draw, sliders, _KERNEL_STATIC)


def _kernel_page(image: np.ndarray, subject: str, kernel: np.ndarray, note: str) -> str:
    """Return one panel: the image, the kernel as a table, the feature map with its words."""
    result = corr2d(image / 255.0, kernel)
    reach = max(float(np.abs(result).max()), 1e-9)
    colored = (255 * DIVERGING((result / reach + 1) / 2)[..., :3]).round().astype(np.uint8)
    low, high = (f"{end:.2f}".replace("-", "−") for end in (result.min(), result.max()))
    alt = f"Feature map of {subject}, values {low} to {high}. {note}"
    return (
        '<div class="asl-row">'
        f"{picture(image, f'The image: {subject}', 'image')}"
        f"{_kernel_table(kernel)}"
        f"{picture(colored, alt, f'map, {low} to {high}')}"
        f"</div><p>{escape(note)}</p>"
    )


def _kernel_table(kernel: np.ndarray) -> str:
    """Return the weights as a table whose cells have the colours of the figures."""
    reach = 1.3 * max(float(np.abs(kernel).max()), 1e-9)
    rows = []
    for weights in kernel:
        cells = []
        for weight in weights:
            color = DIVERGING((weight / reach + 1) / 2)[:3]
            fill = "#" + "".join(f"{round(255 * channel):02x}" for channel in color)
            text = f"{weight:.3g}".replace("-", "−")
            cells.append(f'<td style="background:{fill};color:{text_on(color)}">{text}</td>')
        rows.append("<tr>" + "".join(cells) + "</tr>")
    return f"<table><caption>kernel</caption><tbody>{''.join(rows)}</tbody></table>"


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
            widgets.HTML(
                _shift_page(shifted[step], subject, step, name, features[0], features[step])
            )
            for step in range(reach + 1)
        ]
        pages.append(swapped(slider, panels))
    choice = dropdown("Pooling", list(poolings))
    return card([choice, slider], swapped(choice, pages))


def _shift_page(
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


_COMPANY_REACH = 3.0  # the colours end at three deviations


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
    usual = _company_statistics(everyone)
    count = next(iter(shapes))[0]
    slider = stepper("Others in the batch", count)
    tabs = []
    for name, others in companies.items():
        pages = [
            widgets.HTML(_company_page(image, subject, name, others[:size], usual))
            for size in range(count + 1)
        ]
        tabs.append(swapped(slider, pages))
    choice = dropdown("Company", list(companies))
    return card([choice, slider], swapped(choice, tabs))


def _company_page(
    image: np.ndarray, subject: str, name: str, others: np.ndarray, usual: tuple[float, float]
) -> str:
    """Return one panel: the image, normalised by this batch, normalised as in inference."""
    batch = _company_statistics(np.concatenate([image[np.newaxis], others]))
    training, inference = (batch_norm(image / 255.0, *given) for given in (batch, usual))
    with_whom = f"with {len(others)} {name}" if len(others) else "alone"
    pictures = (
        (image, f"The image: {subject}", "picture"),
        (
            coloured(training, _COMPANY_REACH),
            f"{subject}, {with_whom}: {_company_range(training)}",
            "training",
        ),
        (
            coloured(inference, _COMPANY_REACH),
            f"{subject}, by kept statistics: {_company_range(inference)}",
            "inference",
        ),
    )
    row = "".join(picture(*each) for each in pictures)
    words = (
        f"The picture {with_whom}: mean {batch[0]:.2f}, deviation {batch[1] ** 0.5:.2f}. In "
        f"training its values run {_company_range(training)}, in inference {_company_range(inference)}."
    )
    return f'<div class="asl-row">{row}</div><p>{escape(words)}</p>'


def _company_statistics(pictures: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of all pixels, as one channel in 0-1."""
    mean, variance = batch_statistics(pictures[..., np.newaxis] / 255.0)
    return float(mean[0]), float(variance[0])


def _company_range(values: np.ndarray) -> str:
    return f"{values.min():.1f} to {values.max():.1f}".replace("-", "−")


LOGITS: dict[str, tuple[list[float], str]] = {
    "five fists": (
        [2, 0.5, -1, 0, 3, 1],
        "A logit one higher gets e times the share, about 2.7, whatever the other logits are.",
    ),
    "all plus 4": (
        [6, 4.5, 3, 4, 7, 1],
        "Every logit is 4 higher and no share moves: only differences count.",
    ),
    "all doubled": (
        [4, 1, -2, 0, 6, 1],
        "The differences have doubled, and the leader takes much more of the whole.",
    ),
    "temperature 3": (
        [2, 0.5, -1, 0, 3, 3],
        "The logits of the five fists, divided by 3: the same order, flatter shares.",
    ),
    "all alike": (
        [0, 0, 0, 0, 0, 1],
        "Five equal logits, five equal shares: this reader has no idea, and says so.",
    ),
    "only two in the race": (
        [4, -5, -6, -4, 4.5, 1],
        "With two classes in the race, softmax is the logistic function of their difference.",
    ),
}
"""Presets: five logits and the temperature, and what to look for."""

_LOGITS_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has a slider for each logit "
    "and one for the temperature."
)


def softmax_explorer(
    names: Sequence[str] = ("A", "E", "M", "N", "S"),
    presets: Mapping[str, tuple[list[float], str]] = LOGITS,
) -> widgets.VBox:
    """Return a widget that shows the shares softmax gives to logits, at a temperature.

    Parameters
    ----------
    names:
        The classes.
    presets:
        A name -> (a logit for each class and the temperature last, what to look for).

    Raises
    ------
    ExplorerError
        If a preset has not one logit a class and a temperature above 0.
    """
    for name, (values, _) in presets.items():
        if len(values) != len(names) + 1 or values[-1] <= 0:
            raise ExplorerError(
                f"Preset {name!r}: expected {len(names)} logits and a temperature above 0, got "
                f"{values}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own logits." if own else presets[name][1]
        return _logits_page(names, np.asarray(values[:-1], float), float(values[-1]), note)

    first = next(iter(presets.values()))[0]
    sliders = [
        slider(f"o[{name}]", value, -10, 10, 0.1) for name, value in zip(names, first, strict=False)
    ]
    sliders.append(slider("T", first[-1], 0.1, 10, 0.1))
    plain = {name: values for name, (values, _) in presets.items()}
    return with_sliders("Logits", plain, draw, sliders, _LOGITS_STATIC)


def _logits_page(names: Sequence[str], logits: np.ndarray, temperature: float, note: str) -> str:
    """Return one panel: a row for each class with its logit, its share and a bar."""
    rows = []
    for name, logit, prob in zip(names, logits, softmax(logits / temperature), strict=True):
        written = f"{logit:.1f}".replace("-", "−")
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th><td>{written}</td>'
            f'<td>{prob:.1%}</td><td class="asl-bar"><div style="width:{100 * prob:.1f}%"></div>'
            "</td></tr>"
        )
    head = '<tr><th scope="col">letter</th><th scope="col">logit</th><th scope="col">share</th>'
    return (
        f'<table class="asl-bars"><thead>{head}<td class="asl-bar"></td></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        f"<p>Temperature {temperature:g}. {escape(note)}</p>"
    )


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
    "gradient descent, careful": (
        "gradient descent", [0.03, 0.0],
        "Down the steep side at once, then along the flat floor in ever shorter steps.",
    ),
    "gradient descent, hasty": (
        "gradient descent", [0.095, 0.0],
        "From side to side across the valley; 0.1 would be the limit.",
    ),
    "gradient descent, too fast": (
        "gradient descent", [0.103, 0.0],
        "Each swing is wider than the last: the rate is above 2 / 20.",
    ),
    "momentum": (
        "momentum", [0.03, 0.9],
        "Swings cancel, the way along the floor adds up; it overshoots and comes back.",
    ),
    "RMSprop": (
        "RMSprop", [0.3, 0.9],
        "Both weights move at about the same pace, steep or flat.",
    ),
    "Adam": (
        "Adam", [0.3, 0.9],
        "The same pace for both weights, with momentum: a first step of 0.3 in each.",
    ),
    "Adam, not corrected": (
        "Adam, not corrected", [0.3, 0.9],
        "The first step is 3.16 times the rate in each weight, and the next ones are longer still.",
    ),
}  # fmt: skip
"""Presets: the optimizer, its rate and memory, and what to look for."""

_DESCENT_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has sliders for the rate "
    "and for the memory (momentum, rho or beta 1)."
)


def descent_explorer(
    presets: Mapping[str, tuple[str, list[float], str]] = DESCENTS,
) -> widgets.VBox:
    """Return a widget that shows 40 steps of an optimizer down (w0^2 + 20 w1^2) / 2.

    Parameters
    ----------
    presets:
        A name -> (a name of OPTIMIZERS, [learning rate, memory], what to look for).

    Raises
    ------
    ExplorerError
        If a preset names no optimizer.
    """
    for name, (optimizer, _, _) in presets.items():
        if optimizer not in OPTIMIZERS:
            raise ExplorerError(
                f"Preset {name!r}: unknown optimizer {optimizer!r}; known are {list(OPTIMIZERS)}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        optimizer, _, note = presets[name]
        return _descent_page(optimizer, *values, "Your own setting." if own else note)

    rate, memory = next(iter(presets.values()))[1]
    sliders = [
        slider("rate", rate, 0.005, 1.0, 0.005, "60px"),
        slider("memory", memory, 0.0, 0.99, 0.01, "60px"),
    ]
    plain = {name: values for name, (_, values, _) in presets.items()}
    return with_sliders("Optimizer", plain, draw, sliders, _DESCENT_STATIC, columns=2)


def _descent_loss(weights: np.ndarray) -> np.ndarray:
    return (CURVATURE * weights**2).sum(axis=-1) / 2


def _descent_page(optimizer: str, rate: float, memory: float, note: str) -> str:
    """Return one panel: the way as a picture, the setting and the losses in words."""
    way = walk(OPTIMIZERS[optimizer](rate, memory), lambda w: CURVATURE * w, START, STEPS)
    setting = f"{optimizer}, rate {rate:g}" + (f", memory {memory:g}" if memory else "")
    last = _descent_loss(way[-1])
    written = f"{last:,.0f}" if last >= 100 else f"{last:.2g}"
    end = f"loss {_descent_loss(START):.0f} at the start, {written} after {STEPS} steps"
    buffer = io.BytesIO()
    descent_paths(_descent_loss, {setting: way}).savefig(buffer, format="png", dpi=120)
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    place = ", ".join(f"{value:.2f}".replace("-", "−") for value in way[-1])
    alt = f"{STEPS} steps from (−9, 2) in a long valley end at ({place}). {note}"
    shown = picture(pixels, alt, escape(end))
    return f'<div class="asl-row asl-wide">{shown}</div><p>{escape(note)}</p>'


COSTS: dict[str, tuple[list[int], str]] = {
    "a layer in the middle": (
        [3, 64, 64, 28],
        "Nearly all that is left is the mixing, which has one place where the kernel had nine.",
    ),
    "many channels": (
        [3, 512, 512, 7],
        "More filters hardly help any more: the share nears 1 / 9, one over the kernel's places.",
    ),
    "few filters": (
        [3, 64, 4, 28],
        "Only four filters share the filtering, so more than a third of the cost is left.",
    ),
    "the first layer, one channel": (
        [3, 1, 32, 28],
        "Cheap, and a poor bargain: one channel gets one filter, so all 32 maps are that one "
        "filtered image times a number.",
    ),
    "kernel 1 × 1": (
        [1, 64, 64, 28],
        "Nothing to save: a 1 × 1 convolution is the mixing itself, and the filtering comes on "
        "top.",
    ),
    "kernel 7 × 7": (
        [7, 64, 64, 28],
        "The larger the kernel, the more is saved: its 49 places are paid for once a channel.",
    ),
    "twice the size": (
        [3, 64, 64, 56],
        "Four times the places, four times the multiply-adds, and not one parameter more.",
    ),
}
"""Presets: kernel, channels, filters and the maps' side in pixels; and what to look for."""

_COST_STATIC = (
    "Opened as a notebook (the Colab button above), this explorer also has sliders for the kernel, "
    "the channels, the filters and the size."
)


def cost_explorer(presets: Mapping[str, tuple[list[int], str]] = COSTS) -> widgets.VBox:
    """Return a widget that shows the cost of a convolution and of its two separable steps.

    Parameters
    ----------
    presets:
        A name -> ([kernel, channels, filters, side of the output in pixels], what to look for).

    Raises
    ------
    ExplorerError
        If a preset has not four whole numbers from 1.
    """
    for name, (values, _) in presets.items():
        if len(values) != 4 or any(value != int(value) or value < 1 for value in values):
            raise ExplorerError(
                f"Preset {name!r}: expected kernel, channels, filters and size, whole numbers from "
                f"1; got {values}."
            )

    def draw(values: Sequence[float], name: str, own: bool) -> str:
        note = "Your own layer." if own else presets[name][1]
        return _cost_page(*(int(value) for value in values), note)

    first = next(iter(presets.values()))[0]
    ranges = {
        "kernel": (1, 11, 2),
        "channels": (1, 512, 1),
        "filters": (1, 512, 1),
        "size": (1, 112, 1),
    }
    sliders = []
    for value, (name, given) in zip(first, ranges.items(), strict=True):
        each = slider(name, value, *given, room="62px")
        each.readout_format = ".0f"
        sliders.append(each)
    plain = {name: values for name, (values, _) in presets.items()}
    return with_sliders("Layer", plain, draw, sliders, _COST_STATIC, columns=2)


def _cost_page(kernel: int, channels: int, filters: int, size: int, note: str) -> str:
    """Return one panel: a row for each way and step, with a bar of its multiply-adds."""
    steps = depthwise(size, kernel, channels), pointwise(size, channels, filters)
    whole, pair = conv(size, kernel, channels, filters), steps[0] + steps[1]
    most = max(whole.multiply_adds, pair.multiply_adds)
    rows = "".join(
        _cost_row(name, cost, most)
        for name, cost in zip(
            ("standard", "depthwise", "pointwise", "both steps"),
            (whole, *steps, pair),
            strict=True,
        )
    )
    head = '<td></td><th scope="col">weights</th><th scope="col">multiply-adds</th>'
    share = pair.multiply_adds / whole.multiply_adds
    words = (
        f"Kernel {kernel} × {kernel}, {channels} → {filters} channels, maps of {size} × {size}. "
        f"In two steps: 1/{filters} + 1/{kernel**2} = {share:.1%} of the multiply-adds."
    )
    return (
        f'<table class="asl-bars"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"<p>{words}</p><p>{escape(note)}</p>"
    )


def _cost_row(name: str, cost: Cost, most: int) -> str:
    """Return a row; the bar lies below the name, where a phone has room for it."""
    share = 100 * cost.multiply_adds / most
    bar = f'<div style="height:8px;margin:2px 0 6px;width:{share:.1f}%"></div>'
    return (
        f'<tr><th scope="row" class="asl-bar" style="text-align:left;width:60%">{name}{bar}</th>'
        f"<td>{cost.trained:,}</td><td>{cost.multiply_adds:,}</td></tr>"
    )
