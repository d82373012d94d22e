"""Every figure is drawn once and can be read; and the numbers in them are the right ones."""

import inspect
import subprocess
import sys
from collections import namedtuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.figure import Figure

from asl_helpers import hand
from asl_helpers.figures import charts, grids, part1, part2, part3, part4, style
from asl_helpers.figures.style import BLUE, ORANGE
from asl_helpers.scratch import GradientDescent, corr2d, walk

SOURCE = "drawn hands"
RNG = np.random.default_rng(0)
LETTERS = list("ABCDEFGHIKLMNOPQRSTUVWXY")
EDGE = np.array([[-1, 0, 1]] * 3)
IMAGE = np.array([[0, 0, 1, 2, 2]] * 2 + [[0, 1, 2, 2, 2]] * 2 + [[0, 0, 1, 2, 2]])
STEPS = (np.arange(6, dtype=np.uint8) * 40)[:, None, None, None] * np.ones((8, 8, 1), np.uint8)
LABELS = np.array([2, 0, 0, 1, 1, 2])
HAND = hand.pose("B")
HISTORY = pd.DataFrame(
    [[2.0, 0.3, 1.8, 0.35], [1.0, 0.6, 1.2, 0.55], [0.5, 0.9, 1.4, 0.5]],
    index=pd.RangeIndex(1, 4, name="epoch"),
    columns=["loss", "accuracy", "val_loss", "val_accuracy"],
)
HISTORY.attrs["best_epoch"] = 2
RUNS = pd.DataFrame(
    [("SGD", 0.01, 2.0, 0.30), ("SGD", 0.1, 1.0, 0.60), ("SGD", 0.1, 2.0, 0.50),
     ("SGD", 1.0, 90.0, 0.04), ("Adam", 0.001, 0.5, 0.70), ("Adam", 0.03, np.nan, np.nan)],
    columns=["optimizer", "rate", "val_loss", "val_accuracy"],
)  # fmt: skip
SEEDS = pd.DataFrame(
    [(kind, seed, 0.4 + 0.1 * row + 0.2 * seed, 0.1 * seed)
     for row, kind in enumerate(["none", "warp", "mirror"]) for seed in (0, 1, 2)],
    columns=["augmentation", "seed", "test", "mirrored"],
)  # fmt: skip
CURVATURE = np.array([1.0, 20.0])
TIMES = np.linspace(0, 2, 21)
STROKE = HAND.image[0] + TIMES[:, None, None] * [0.2, 0.1, 0]
SERIES = {"J": TIMES / 2, "Z": 1 - TIMES / 2}
CLIP = {"times": TIMES, "series": SERIES, "strokes": [("J", 0.5, 1.5)], "events": [("J", 1.4)]}
RIGHT = np.concatenate([np.arange(20) < 12, np.arange(20) < 15, [True] * 3])
ANSWERS = np.repeat([0.95, 0.55, 0.15], [20, 20, 3]), RIGHT
ERRORS = np.vstack([np.tile(np.arange(11.0)[:, None] / 10, 21), np.full((3, 21), np.nan)])
TIMED = {"usual": {"tracker": 20.0, "model": 50.0}, "quick": {"tracker": 20.0, "model": 0.5}}
CONDITIONS = {
    "hand found": {"as usual": 1.0, "dark": 0.5},
    "letter read right": {"as usual": (0.9, 0.8, 0.95), "dark": (0.4, 0.3, 0.5)},
}

Node = namedtuple("Node", "name value gradient parents")
GRAPH = [Node("a", 3.0, 6.0, ()), Node("×", 9.0, 1.0, ((Node("a", 3.0, 6.0, ()), 2.5),))]


def descend(rate, steps=10):
    return walk(GradientDescent(rate), lambda w: CURVATURE * w, [-9.0, 2.0], steps)


def bowl(weights):
    return (CURVATURE * weights**2).sum(axis=-1) / 2


GALLERY = {
    charts.lines: [np.arange(2), {"low": [0, 1], "high": [0, 9], "close": [0, 9.1]}, "x", "y"],
    charts.curves: [{"one": {"a": (TIMES, TIMES), "b": ([0, 1], [2, 3])}}, "x", "y"],
    charts.history_curves: [HISTORY],
    charts.histograms: [{"before": RNG.normal([0, 5], [1, 2], size=(324, 2))}],
    charts.confusion_matrix: [RNG.integers(0, 20, (24, 24)), LETTERS],
    charts.intervals: [{"blocks": (0.5, 0.4, 0.6), "random": (0.99, 0.98, 1.0)}],
    charts.points: [CONDITIONS, "share of the pictures"],
    charts.sweep: [RUNS, "val_loss", "validation loss"],
    charts.bars: [{"A": 0.9, "Q": 0.2, "B": 0.7}, "share read right", True],
    charts.class_bars: [{"o": [2.0, -1.0], "p": [0.75, 0.25]}, ["A", "E"]],
    charts.reliability: [{"as trained": ANSWERS}],
    charts.receptive_field: [[(3, 1, 1), (3, 2, 1), (3, 1, 1)], 13],
    grids.numbers: [[EDGE, IMAGE[:3, :3]], ["K", "X"], ["×"], [None, (0, 1, 3, 1)]],
    grids.image_grid: [STEPS, list("UVWXYA"), 4],
    grids.image_rows: [[(STEPS[:2], "N read as M", "N: two\nM: three")], ["misread", "alike"]],
    grids.class_rows: [STEPS, LABELS, "ABC", ["B", "C"], {"B": "four fingers up"}],
    grids.heat_rows: [STEPS[:2], {"loss": RNG.normal(size=(2, 8, 8))}, ["A", "B"]],
    part1.pixel_values: [np.arange(100, dtype=np.uint8).reshape(10, 10), (2, 3), 2],
    part1.sliding_window: [IMAGE, EDGE, [(0, 0), (1, 1), (2, 2)]],
    part1.feature_maps: [IMAGE.astype(np.uint8), {f"filter {k}": EDGE * (k + 1) for k in range(8)}],
    part1.padding_and_stride: [5, 3, [("valid", 1), ("same", 1), ("valid", 2), ("same", 2)]],
    part1.signed_maps: [{"a": np.full((3, 3), -4.0), "b": np.ones((2, 2))}, ["+"]],
    part1.computational_graph: [GRAPH],
    part1.descent_paths: [bowl, {"rate 0.03": descend(0.03), "rate 0.09": descend(0.09)}],
    part1.survivors: [{str(n): (RNG.normal(size=(9, 2)), np.arange(9) < n) for n in range(5)}],
    part2.seed_scores: [SEEDS, "augmentation", {"test": "Test part", "mirrored": "Mirrored"}],
    part3.film_strips: [[1, 2, 3, 4, 5], {"random": [0, 2, 0, 1, 0], "blocks": [0, 0, -1, 1, 2]}],
    part4.alphabet: ["ABCDEFGHIK", 60],
    part4.named_joints: [HAND.image[0]],
    part4.stick_hands: [np.repeat(HAND.image, 3, axis=0), ["one", "two", "three"], 2],
    part4.hand_steps: [HAND.image[0], HAND.radius[0], np.zeros((8, 8, 3), np.uint8)],
    part4.tracked_and_true: [np.full((2, 30, 60, 3), 200, np.uint8), [HAND.image[0] + 0.1] * 2,
                             [HAND.image[0]] * 2],
    part4.joint_errors: [ERRORS],
    part4.letters_in_time: [[0.0, 0.1, 0.2], ["A", None, "B"], [0.9, 0.3, 0.8],
                            [("A", 0.0, 0.1), ("B", 0.15, 0.3)], [("B", 0.2)], 0.6],
    part4.step_times: [TIMED, 40],
    part4.stroke_paths: [{"a": (STROKE, 8), "b": (STROKE, 4), "c": (STROKE, 0)}],
    part4.reading: [{"one": CLIP, "two": {**CLIP, "events": []}}, 0.8],
}  # fmt: skip


def drawn(function, **options):
    """A figure of the gallery."""
    return function(*GALLERY[function], **options)


def words(where):
    return [text.get_text() for text in where.texts]


def frames(ax):
    """The framed cells: (row, column, height, width) of the thick rectangles."""
    return [
        (patch.get_y() + 0.5, patch.get_x() + 0.5, patch.get_height(), patch.get_width())
        for patch in ax.patches
        if patch.get_linewidth() > 2
    ]


def titles(fig):
    return [ax.get_title(loc="left") or ax.get_title() for ax in fig.axes]


def test_the_gallery_has_every_figure():
    modules = charts, grids, part1, part2, part3, part4
    public = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if inspect.signature(function).return_annotation is Figure
    }
    assert public == set(GALLERY)


@pytest.mark.parametrize("function", GALLERY, ids=lambda function: function.__name__)
def test_every_figure_names_its_source_and_can_be_read(function):
    before = dict(plt.rcParams)
    assert "source" in inspect.signature(function).parameters
    fig = drawn(function, source=SOURCE)
    assert dict(plt.rcParams) == before, "the reader's own settings stay"
    assert fig.number not in plt.get_fignums(), "a notebook shows it once"
    assert fig.get_supxlabel() == f"Data: {SOURCE}"
    fig.canvas.draw()
    width, height = fig.bbox.size
    for text in fig.findobj(plt.Text):
        if not text.get_visible() or not text.get_text() or (text.axes and not text.axes.axison):
            continue
        assert text.get_fontsize() >= 7, text
        box = text.get_window_extent()
        if text.get_in_layout() and not text.get_clip_on():
            assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, text
    if fig.legends or fig.axes[0].get_legend():  # what a legend names differs without color too
        named = [line for line in fig.axes[0].lines if not line.get_label().startswith("_")]
        looks = [(line.get_marker(), line.get_markersize(), line._dash_pattern) for line in named]
        assert len(looks) == len(set(map(str, looks)))


def test_figures_import_no_other_part_and_no_tensorflow():
    script = "import sys\nfrom asl_helpers.figures import part2\nprint(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    loaded = set(found.stdout.split())
    others = {f"asl_helpers.figures.part{k}" for k in (1, 3, 4)}
    assert not loaded & {"tensorflow", "keras", "asl_helpers.scratch", *others}


# --- style


def luminance(color):
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_text_has_enough_contrast_on_the_card_and_on_every_color_of_the_maps():
    for colors in (style.SEQUENTIAL, style.DIVERGING, plt.get_cmap("gray")):
        for at in np.linspace(0, 1, 101):
            assert contrast(colors(at)[:3], style.text_on(colors(at)[:3])) >= 4.5
    assert contrast(style.INK, style.CARD) >= 7
    assert contrast(style.MUTED, style.CARD) >= 4.5


def test_maps_change_lightness_steadily():
    assert (np.diff([luminance(style.SEQUENTIAL(x)[:3]) for x in np.linspace(0, 1, 50)]) < 0).all()
    halves = [luminance(style.DIVERGING(x)[:3]) for x in np.linspace(0, 1, 51)]
    assert int(np.argmax(halves)) == 25


def test_the_card_is_opaque_and_a_long_source_is_wrapped():
    fig = drawn(charts.intervals, source="a source that goes on " * 8)
    assert fig.get_facecolor() == (*to_rgb(style.CARD), 1.0)
    assert max(len(line) for line in fig.get_supxlabel().splitlines()) <= 90


# --- charts


def test_lines_are_named_at_their_ends_in_their_own_color_and_do_not_overlap():
    (ax,) = drawn(charts.lines).axes
    named = {text.get_text(): text for text in ax.texts}
    for line, text in zip(ax.lines, named.values(), strict=True):
        assert line.get_color() == text.get_color()
    heights = {name: text.xy[1] for name, text in named.items()}
    assert heights["close"] - heights["high"] > 0.07 * np.ptp(ax.get_ylim())
    assert heights["low"] == pytest.approx(1)


def test_several_runs_are_a_mean_in_a_band_of_one_deviation():
    runs = np.array([[0.0, 1.0], [2.0, 3.0]])
    (ax,) = charts.lines(["a", "b"], {"runs": runs}, "x", "y").axes
    assert ax.lines[0].get_ydata().tolist() == [1, 2]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((1 - 2**0.5, 2 + 2**0.5))


def test_curves_go_through_their_values_under_the_names_of_all():
    fig = drawn(charts.curves)
    assert [line.get_xydata().tolist() for line in fig.axes[0].lines][1] == [[0, 2], [1, 3]]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["a", "b"]


def test_history_names_both_lines_and_marks_the_kept_epoch():
    fig = drawn(charts.history_curves)
    loss, _ = fig.axes
    assert [line.get_ydata().tolist() for line in loss.lines[:2]] == [[2, 1, 0.5], [1.8, 1.2, 1.4]]
    names = [text.get_text() for text in fig.legends[0].get_texts()]
    assert names == ["training", "validation", "kept"]
    assert loss.lines[-1].get_xydata().tolist() == [[2, 1.2]]
    bare = HISTORY.copy()
    bare.attrs.clear()
    assert len(charts.history_curves(bare).axes[0].lines) == 2


def test_histograms_hold_the_share_of_each_channel_and_share_an_axis_with_a_mark():
    shares, shifted = (patch.get_data() for patch in drawn(charts.histograms).axes[0].patches)
    for values, edges, _ in (shares, shifted):
        assert 0.98 < values.sum() <= 1 and len(edges) == 41
    assert shifted.edges[shifted.values.argmax()] - shares.edges[shares.values.argmax()] > 3
    fig = charts.histograms({"same": np.full(9, 0.9), "other": np.arange(9) / 9}, at=0.5)
    assert fig.axes[0].get_xlim() == fig.axes[1].get_xlim()
    assert [ax.lines[0].get_xdata()[0] for ax in fig.axes] == [0.5, 0.5]


def test_confusion_matrix_shows_percent_of_each_true_class():
    (ax,) = charts.confusion_matrix([[3, 1, 0], [0, 2, 0], [1, 1, 98]], "ABC").axes
    shown = ax.collections[0].get_array().reshape(3, 3)
    assert shown[:2].tolist() == [[0.75, 0.25, 0], [0, 1, 0]]
    assert [text for text in words(ax) if text] == ["75", "25", "100", "98"], "5 % and more"
    assert [label.get_text() for label in ax.get_yticklabels()] == list("ABC")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("read as", "true letter")
    assert ax.yaxis_inverted()
    empty = charts.confusion_matrix([[2, 0], [0, 0]], "AB").axes[0]
    assert np.isfinite(empty.collections[0].get_array()).all()


def test_intervals_and_points_stand_in_their_rows():
    (ax,) = drawn(charts.intervals).axes
    bars = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(bars, [[0.4, 0.6], [0.98, 1.0]])
    assert words(ax) == ["50.0%", "99.0%"]
    fig = charts.points({"drawn": {"A": 0.9, "B": 0.8}, "one signer": {"B": (0.4, 0.3, 0.5)}}, "x")
    (ax,) = fig.axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["A", "B"]
    dots = np.vstack([line.get_xydata() for line in ax.lines])
    np.testing.assert_allclose(dots, [[0.9, -0.2], [0.8, 0.8], [0.4, 1.2]])
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["drawn", "one signer"]


@pytest.mark.parametrize(("score", "edge"), [("val_loss", 3.45), ("val_accuracy", 0.0)])
def test_every_run_of_a_sweep_is_a_point_and_a_failed_one_a_cross_where_bad_scores_are(score, edge):
    start = 3.0 if score == "val_loss" else None
    fig = charts.sweep(RUNS, score, score, start=start)
    (ax,) = fig.axes
    marks = next(line for line in ax.lines if line.get_label() == "SGD").get_xydata()
    np.testing.assert_allclose(marks[:3], RUNS[["rate", score]][:3])
    assert marks[3, 1] == pytest.approx(3.45 if start else 0.04)
    means = ax.lines[0].get_xydata()
    np.testing.assert_allclose(means[1], [0.1, RUNS[score][1:3].mean()])
    (cross,) = [line for line in ax.lines if line.get_marker() == "x" and len(line.get_xdata())]
    np.testing.assert_allclose(cross.get_xydata(), [[0.03, edge]])
    fig.canvas.draw()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.001", "0.01", "0.1", "1"]
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["SGD", "Adam"]


def test_bars_stand_under_their_mean_and_the_low_ones_are_orange():
    (ax,) = drawn(charts.bars).axes
    assert [bar.get_height() for bar in ax.patches] == [0.9, 0.2, 0.7]
    assert words(ax) == ["mean 60%"]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [BLUE, ORANGE, BLUE]


def test_bars_carry_their_numbers_and_negative_ones_go_left():
    left, right = drawn(charts.class_bars).axes
    assert (words(left), words(right)) == (["2.00", "−1.00"], ["0.75", "0.25"])
    assert [bar.get_width() for bar in left.patches] == [2, -1]
    assert [bar.get_facecolor() for bar in left.patches] == [to_rgba(BLUE), to_rgba(ORANGE)]
    assert left.yaxis_inverted()


def test_reliability_shows_a_dot_for_each_bin_that_holds_enough():
    dots = drawn(charts.reliability).axes[0].collections[-1]
    np.testing.assert_allclose(dots.get_offsets(), [[0.55, 0.75], [0.95, 0.6]])
    modest, sure = to_rgba(BLUE), to_rgba(ORANGE)
    assert [tuple(color) for color in dots.get_facecolors()] == [modest, sure]


@pytest.mark.parametrize(
    ("layers", "rate", "fields"),
    [
        ([(3, 1, 1), (3, 1, 1)], None, [1, 3, 5]),
        ([(3, 1, 1), (3, 2, 1), (3, 1, 1)], None, [1, 3, 7, 9]),
        ([(2, 2, 1), (3, 1, 1)], None, [1, 3, 6]),
        ([(5, 1, 1), (5, 1, 2), (5, 1, 4)], 20, [1, 5, 13, 29]),
    ],
)
def test_receptive_field_marks_what_the_last_value_depends_on(layers, rate, fields):
    (ax,) = charts.receptive_field(layers, 31, rate).axes
    marked = [line.get_xdata() for line in ax.lines if line.get_color() == BLUE]
    assert [len(places) for places in marked] == [int(text) for text in words(ax)] == fields
    if rate:
        assert (marked[-1].min(), marked[-1].max()) == pytest.approx((-28 / 20, 0))
    else:
        assert marked[-1].min() == -marked[-1].max()


# --- grids


def levels(fig):
    return [int(ax.images[0].get_array().max()) for ax in fig.axes if ax.images]


def test_cells_write_a_typographic_minus_no_negative_zero_and_nothing_for_nan():
    ax = plt.figure().add_subplot()
    grids.draw_cells(ax, np.array([[-1.5, -0.01, np.nan]]), form="{:.1f}")
    plt.close(ax.figure)
    assert words(ax) == ["−1.5", "0"]
    assert len(ax.patches) == 3
    left, right = drawn(grids.numbers).axes
    assert words(left) == ["−1", "0", "1"] * 3 + ["×"]
    assert frames(right) == [(0, 1, 3, 1)]


def test_images_are_shown_once_under_their_titles_and_the_rest_stays_blank():
    fig = grids.image_grid(STEPS[:5], list("UVWXY"), columns=4)
    assert levels(fig) == [0, 40, 80, 120, 160]
    assert titles(fig)[:5] == list("UVWXY")
    assert [ax.axison for ax in fig.axes] == [True] * 5 + [False] * 3
    assert words(grids.image_grid(STEPS[:0]).axes[0]) == ["no images"]
    wide = grids.image_grid(np.zeros((4, 30, 60, 3), np.uint8), columns=2)
    assert wide.get_figheight() < 0.6 * grids.image_grid(STEPS[:4], columns=2).get_figheight()


def test_classes_are_shown_by_images_spread_over_them_beside_their_words():
    spread = np.array([1, 1, 1, 1, 1, 0])
    fig = grids.class_rows(STEPS, spread, "ABC", ["B"], {"B": "four fingers up"})
    assert levels(fig) == [0, 40, 80, 160]
    assert words(fig.axes[4]) == ["B", "four fingers up"]
    fig = drawn(grids.image_rows)
    assert titles(fig)[:2] == ["misread", "alike"]
    assert words(fig.axes[2]) == ["N read as M", "N: two\nM: three"]


def test_a_frame_is_a_thick_border_in_its_color():
    fig = grids.image_grid(STEPS[:2], ["A", "B"], columns=2, frames=[ORANGE, None])
    edges = [to_hex(ax.spines["left"].get_edgecolor()) for ax in fig.axes]
    assert edges == [ORANGE, style.RULE]


def test_heat_lies_where_the_map_is_and_leaves_the_rest_grey():
    heat = np.zeros((2, 8, 8))
    heat[0, 1, 2], heat[1, 3, 0] = 0.2, -5  # for, and against
    fig = grids.heat_rows(STEPS[3:5], {"loss": heat}, ["A", "B"])
    for ax, at, channel in zip(fig.axes[2:], ((1, 2), (3, 0)), (2, 0), strict=True):
        shown = np.asarray(ax.images[0].get_array())
        assert np.argwhere(np.ptp(shown, axis=-1) > 0.01).tolist() == [list(at)]
        assert shown[at][channel] > 2 * shown[at][2 - channel], "blue for, orange against"
    assert [fig.axes[place].get_ylabel() for place in (0, 2)] == ["picture", "loss"]


# --- Part 1


def test_the_window_slides_in_reading_order_and_pixel_values_are_those_in_the_frame():
    left, right = drawn(part1.pixel_values).axes
    assert words(right) == ["23", "24", "33", "34"]
    assert frames(left) == [(2, 3, 2, 2)]
    axes = drawn(part1.sliding_window).axes
    assert [frames(ax) for ax in axes[:3]] == [[(m, m, 3, 3)] for m in range(3)]
    full = [f"{value:g}" for value in corr2d(IMAGE, EDGE).ravel()]
    assert [words(ax) for ax in axes[3:]] == [full[:1], full[:5], full]
    assert axes[4].get_title() == "Y[1, 1] = 4"


def test_a_graph_shows_values_gradients_and_each_local_derivative():
    (ax,) = drawn(part1.computational_graph).axes
    assert sorted(filter(None, words(ax))) == sorted(["a", "3", "6", "×", "9", "1", "2.5"])


def test_maps_are_shown_on_a_scale_around_zero():
    fig = drawn(part1.feature_maps)
    limits = [ax.images[0].get_clim() for ax in fig.axes if ax.images]
    assert len(limits) == 9 and all(low == -high for low, high in limits[1:5])
    fig = drawn(part1.signed_maps)
    assert [ax.images[0].get_clim() for ax in fig.axes] == [(-4, 4), (-4, 4)]


def test_padding_and_stride_put_a_dot_on_each_window():
    axes = drawn(part1.padding_and_stride).axes
    assert [len(ax.lines[0].get_xdata()) for ax in axes] == [9, 25, 4, 9]
    assert [words(ax) for ax in axes] == [[f"5 → {size}"] for size in (3, 5, 2, 3)]


@pytest.mark.filterwarnings("error")
def test_ways_are_drawn_as_walked_and_one_that_diverges_can_be_drawn():
    for ax, rate in zip(drawn(part1.descent_paths).axes, (0.03, 0.09), strict=True):
        np.testing.assert_allclose(ax.lines[0].get_xydata(), descend(rate))
    fig = part1.descent_paths(bowl, {"too fast": descend(1.0, 200)})
    fig.canvas.draw()
    assert np.abs(fig.axes[0].lines[0].get_ydata()).max() == 1e3


def test_lost_points_are_set_apart():
    fig = drawn(part1.survivors)
    kept, gone = fig.axes[2].collections
    points, lost = GALLERY[part1.survivors][0]["2"]
    np.testing.assert_array_equal(kept.get_offsets(), points[~lost])
    assert tuple(gone.get_facecolor()[0]) == to_rgba(ORANGE)
    assert fig.axes[0].get_xlim() == fig.axes[2].get_xlim() and fig.axes[0].yaxis_inverted()
    assert [ax.axison for ax in fig.axes] == [True] * 5 + [False]


# --- Parts 2 and 3


def test_seeds_are_joined_and_mean_and_deviation_stand_below():
    left, _ = drawn(part2.seed_scores).axes
    np.testing.assert_allclose(left.lines[0].get_xydata(), [[0.4, 0], [0.5, 1], [0.6, 2]])
    np.testing.assert_allclose(left.collections[0].get_segments()[0][:, 0], [0.4, 0.8])
    gap = SEEDS.assign(test=SEEDS["test"].mask(SEEDS.index == 4))
    (ax,) = part2.seed_scores(gap, "augmentation", {"test": "Test part"}).axes
    assert words(left) == words(ax) == ["60%", "70%", "80%"]  # the mean of those that are there


def test_film_strips_put_each_frame_into_its_part_at_a_height_of_its_own():
    fig = drawn(part3.film_strips)
    for ax, wanted in zip(fig.axes, GALLERY[part3.film_strips][1].values(), strict=True):
        for part, bars in enumerate(ax.containers):
            middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
            np.testing.assert_allclose(middles, 1 + np.flatnonzero(np.array(wanted) == part))
    assert len({bars[0].get_y() for bars in fig.axes[0].containers}) == 3


# --- Part 4


def test_the_alphabet_shows_a_hand_above_each_letter():
    axes = drawn(part4.alphabet).axes
    assert [words(ax) for ax in axes] == [[letter] for letter in "ABCDEFGHIK"] + [[]] * 8
    paper = np.array([int(part4.PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    for ax in axes[:10]:
        assert (np.abs(ax.images[0].get_array().astype(int) - paper).max(-1) > 30).mean() > 0.05


def test_joints_have_numbers_and_tips_names():
    (ax,) = drawn(part4.named_joints).axes
    assert [int(text) for text in words(ax) if text.isdigit()] == list(range(21))
    assert {"WRIST", "THUMB_TIP", "PINKY_TIP"} < set(words(ax))
    assert ax.yaxis_inverted()
    assert not drawn(part4.stick_hands).axes[3].lines
    _, flesh, _ = drawn(part4.hand_steps).axes
    assert len(flesh.patches) == 20 * 9


def test_tracked_points_and_true_joints_lie_where_they_should():
    ax = drawn(part4.tracked_and_true).axes[0]
    dots = {line.get_label(): line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 21}
    np.testing.assert_allclose(dots["true joint"], HAND.image[0, :, :2] * [60, 30] - 0.5)
    np.testing.assert_allclose(dots["tracker"] - dots["true joint"], np.tile([6, 3], (21, 1)), 1e-4)
    (ax,) = drawn(part4.joint_errors).axes
    assert ax.patches[8].get_height() == pytest.approx(0.5)
    np.testing.assert_allclose(ax.collections[0].get_segments()[8][:, 1], [0.5, 0.9])


def test_reading_in_time_shows_answers_signs_and_what_was_written():
    (ax,) = drawn(part4.letters_in_time).axes
    said = {(text.get_text(), tuple(np.round(text.get_position(), 2))) for text in ax.texts}
    assert {("A", (0.0, 0.9)), ("B", (0.2, 0.8)), ("B", (0.2, 1.26)), ("A", (0.05, -0.16))} <= said
    (ax,) = drawn(part4.step_times).axes
    assert {"70.0 ms", "20.5 ms", "model 50.0", "tracker 20.0"} <= set(words(ax))
    assert "model 0.5" not in words(ax)  # no room
    assert [(bar.get_x(), bar.get_width()) for bar in ax.containers[1]] == [(20, 50), (20, 0.5)]


def test_strokes_follow_their_landmark_and_layers_look_back():
    way = next(
        line for line in drawn(part4.stroke_paths).axes[0].lines if len(line.get_xdata()) == 21
    )
    np.testing.assert_allclose(way.get_xydata(), STROKE[:, 8, :2])
    events = [
        sum(line.get_marker() == "v" for line in ax.lines) for ax in drawn(part4.reading).axes
    ]
    assert events == [1, 0]
