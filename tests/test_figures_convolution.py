"""What the figures of chapter 1 say: the numbers in the cells, and how many there are."""

import numpy as np
import pytest

from asl_helpers.figures import grids, part1
from asl_helpers.figures.grids import draw_cells
from asl_helpers.figures.style import ORANGE, panels
from asl_helpers.scratch import corr2d

EDGE = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
IMAGE = np.array(
    [[0, 0, 1, 2, 2], [0, 0, 1, 2, 2], [0, 1, 2, 2, 2], [0, 1, 2, 2, 2], [0, 0, 1, 2, 2]]
)


def numbers(ax):
    return [text.get_text() for text in ax.texts]


def frames(ax):
    """The framed cells: (row, column, height, width) of the thick orange rectangles."""
    return [
        (patch.get_y() + 0.5, patch.get_x() + 0.5, patch.get_height(), patch.get_width())
        for patch in ax.patches
        if patch.get_linewidth() > 2
    ]


def test_cells_write_a_typographic_minus_no_negative_zero_and_nothing_for_nan():
    _, axes = panels(1, 1)
    draw_cells(axes[0, 0], np.array([[-1.5, -0.01, np.nan]]), form="{:.1f}")
    assert numbers(axes[0, 0]) == ["−1.5", "0"]
    assert len(axes[0, 0].patches) == 3


def test_grids_show_each_array_and_the_signs_between():
    fig = grids.numbers([EDGE, IMAGE[:3, :3]], ["K", "X"], signs=["×"], frames=[None, (0, 1, 3, 1)])
    left, right = fig.axes
    assert numbers(left) == ["−1", "0", "1"] * 3 + ["×"]
    assert numbers(right) == [str(value) for value in IMAGE[:3, :3].ravel()]
    assert frames(right) == [(0, 1, 3, 1)]


def test_pixel_values_are_those_in_the_frame():
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    fig = part1.pixel_values(image, corner=(2, 3), size=2, source="drawn hand")
    left, right = fig.axes
    assert numbers(right) == ["23", "24", "33", "34"]
    assert frames(left) == [(2, 3, 2, 2)]
    assert right.get_title() == "rows 2–3, columns 3–4"
    assert "drawn hand" in fig.get_supxlabel()


def test_sliding_window_fills_the_map_in_reading_order():
    fig = part1.sliding_window(IMAGE, EDGE, [(0, 0), (1, 1), (2, 2)])
    above, below = fig.axes[:3], fig.axes[3:]
    assert [frames(ax) for ax in above] == [[(0, 0, 3, 3)], [(1, 1, 3, 3)], [(2, 2, 3, 3)]]
    full = [f"{value:g}" for value in corr2d(IMAGE, EDGE).ravel()]
    assert [numbers(ax) for ax in below] == [full[:1], full[:5], full]
    assert below[1].get_title() == "Y[1, 1] = 4"


@pytest.mark.parametrize("count", [1, 3, 8])
def test_feature_maps_hold_the_image_and_each_map_on_a_scale_around_zero(count):
    kernels = {f"filter {k}": EDGE * (k + 1) for k in range(count)}
    fig = part1.feature_maps(IMAGE.astype(np.uint8), kernels, source="drawn hand")
    images = [ax.images[0] for ax in fig.axes if ax.images]
    assert len(images) == count + 1
    for ax in fig.axes:
        if ax.images and ax.images[0].get_array().shape == (3, 3):
            low, high = ax.images[0].get_clim()
            assert low == -high
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert sorted(titles) == sorted([*kernels, "image X"])


def test_feature_maps_show_the_given_maps():
    given = [np.full((2, 2), 3.0), np.full((2, 2), -4.0)]
    fig = part1.feature_maps(IMAGE / 2, {"a": EDGE, "b": EDGE}, given, numbers=False)
    shown = [float(ax.images[0].get_array().max()) for ax in fig.axes if ax.images]
    assert sorted(shown) == [-4, 1, 3]
    assert not any(numbers(ax) for ax in fig.axes)


def test_padding_and_stride_put_a_dot_on_each_window():
    settings = [("valid", 1), ("same", 1), ("valid", 2), ("same", 2), (2, 3)]
    fig = part1.padding_and_stride(5, 3, settings)
    assert [len(ax.lines[0].get_xdata()) for ax in fig.axes] == [9, 25, 4, 9, 9]
    assert [numbers(ax) for ax in fig.axes] == [
        ["5 → 3"],
        ["5 → 5"],
        ["5 → 2"],
        ["5 → 3"],
        ["5 → 3"],
    ]


def test_channel_sum_adds_the_maps_and_the_bias():
    rng = np.random.default_rng(3)
    image, kernel = rng.uniform(size=(8, 8, 3)), rng.normal(size=(3, 3, 3))
    fig = part1.channel_sum(image, kernel, bias=0.5)
    shown = {ax.get_title(): ax.images[0].get_array() for ax in fig.axes if ax.images}
    expected = sum(corr2d(image[..., c], kernel[..., c]) for c in range(3)) + 0.5
    np.testing.assert_allclose(shown["sum + b"], expected)
    assert shown["red, c = 0"][..., 1:].max() == 0


@pytest.mark.parametrize(
    ("layers", "fields"),
    [
        ([(3, 1), (3, 1)], ["5", "3", "1"]),
        ([(3, 1), (3, 2), (3, 1)], ["9", "7", "3", "1"]),
        ([(2, 2), (3, 1)], ["6", "3", "1"]),
    ],
)
def test_receptive_field_counts_the_cells_it_colors(layers, fields):
    fig = part1.receptive_field(layers)
    (ax,) = fig.axes
    written = [text for text in numbers(ax) if text.isdigit()]
    assert written == fields
    colored = [patch for patch in ax.patches if patch.get_facecolor()[3] == 1]
    assert len(colored) == sum(int(field) for field in fields)


def test_kernel_learning_marks_the_shown_steps():
    fig = part1.kernel_learning({0: EDGE * 0, 2: EDGE / 2}, [4.0, 2.0, 1.0], EDGE)
    curve = next(ax for ax in fig.axes if ax.get_xlabel() == "step")
    assert curve.lines[1].get_xdata().tolist() == [0, 2]
    assert curve.lines[1].get_ydata().tolist() == [4, 1]
    assert curve.lines[1].get_color() == ORANGE
    titles = [ax.get_title() for ax in fig.axes if ax.get_title()]
    assert titles == ["step 0", "step 2", "true"]
