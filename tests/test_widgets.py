"""Widgets: a ready panel for each choice, swapped by the browser, true words, alt texts."""

import re
import subprocess
import sys
from html import unescape

import ipywidgets
import numpy as np
import pandas as pd
import pytest

from asl_helpers.scratch import corr2d, max_pool, relu, softmax, walk
from asl_helpers.widgets import part1, part2, part3

RNG = np.random.default_rng(0)
STEP = np.tile(np.repeat([0, 255], 6), (12, 1)).astype(np.uint8)  # dark left, bright right
STRIPES = np.tile(np.array([90, 160], np.uint8), (6, 3))  # mean 125
BLOCK = np.zeros((12, 20), np.uint8)
BLOCK[3:9, 4:8] = 200  # a bright block on an even ground
PHOTOS = RNG.integers(60, 140, (3, 8, 8))
# Each of three photographs four times: brighter, flatter, and once with a little noise.
COPIES = np.concatenate(
    [PHOTOS, PHOTOS + 90, PHOTOS // 2 + 20, PHOTOS + RNG.integers(-20, 20, PHOTOS.shape)]
).astype(np.uint8)
RUNS = pd.DataFrame(
    [("SGD", 0.01, 2.0, 0.4), ("SGD", 0.1, 1.5, 0.3), ("Adam", 0.001, 1.2, 0.61),
     ("Adam", 0.01, np.nan, np.nan)],
    columns=["optimizer", "rate", "val_loss", "test_accuracy"],
)  # fmt: skip
SCORES = {"val_loss": "validation loss", "test_accuracy": "test accuracy"}
CORNERS = np.zeros((2, 24, 24, 1), np.float32)
CORNERS[0, :8, :8] = CORNERS[1, 16:, 16:] = 1
CLIPS = RNG.integers(40, 200, (2, 8, 8, 3))
# Two clips of three frames: alike within a clip, strangers across.
FILM = np.concatenate([np.stack([clip, clip + 20, clip + 40]) for clip in CLIPS]).astype(np.uint8)
SURE, RIGHT = np.array([0.9, 0.7, 0.5, 0.2]), np.array([True, False, True, False])


def lit(images):
    """Surely "lit" where the upper left corner is bright."""
    bright = (images[:, :8, :8].mean(axis=(1, 2, 3)) > 0.9).astype(float)
    return np.stack([0.8 * bright + 0.1, 0.9 - 0.8 * bright, 0 * bright], axis=1)


MAKE = {
    "kernel": lambda: part1.kernel_explorer(STEP, "a step from dark to bright"),
    "shift": lambda: part1.shift_explorer(BLOCK, np.array([[-1, 0, 1]] * 3), "a block"),
    "batch": lambda: part1.batch_explorer(
        STRIPES,
        {"dark": np.full((4, 6, 6), 20, np.uint8), "bright": np.full((4, 6, 6), 240, np.uint8)},
        "stripes",
    ),
    "softmax": lambda: part1.softmax_explorer("AEMNS"),
    "descent": part1.descent_explorer,
    "copies": lambda: part2.copies_explorer({"A": COPIES, "B": COPIES[:4]}, (0.7, 0.95, 0.99999)),
    "runs": lambda: part2.runs_explorer({"drawn": RUNS, "photographs": RUNS}, SCORES, 3.2),
    "occlusion": lambda: part2.occlusion_explorer(
        lit, CORNERS, ["left", "right"], ["lit", "dark", "never"]
    ),
    "film": lambda: part3.film_explorer({"A": (FILM, np.arange(6))}, (1, 2, 3, 9)),
    "threshold": lambda: part3.threshold_explorer({"<b>": (SURE, RIGHT)}, [0.0, 0.6, 0.95]),
}


def controls(box):
    return [child for child in box.children if child.has_trait("index")]


def sliders(box):
    return next(child for child in box.children if isinstance(child, ipywidgets.GridBox)).children


def panels(widget):
    """The HTML of the innermost panels, nested as they are."""
    if isinstance(widget, ipywidgets.HTML):
        return unescape(widget.value)
    if not isinstance(widget, ipywidgets.Tab):
        widget = next(child for child in widget.children if isinstance(child, ipywidgets.Tab))
    return [panels(child) for child in widget.children]


def flat(pages):
    return [pages] if isinstance(pages, str) else [page for each in pages for page in flat(each)]


def tabs(widget):
    inner = [tab for child in getattr(widget, "children", ()) for tab in tabs(child)]
    return [widget, *inner] if isinstance(widget, ipywidgets.Tab) else inner


@pytest.mark.parametrize("name", MAKE)
def test_the_browser_swaps_ready_panels_and_every_drawing_says_what_it_shows(name):
    box = MAKE[name]()
    state = ipywidgets.Widget.get_manager_state()["state"].values()
    links = [model["state"] for model in state if model["model_name"] == "LinkModel"]
    linked = {(*link["source"], *link["target"]) for link in links}
    sources = {f"IPY_MODEL_{control.model_id}" for control in controls(box)}
    assert all(control.description for control in controls(box))
    assert tabs(box)
    for tab in tabs(box):
        target = f"IPY_MODEL_{tab.model_id}"
        ends = [link for link in linked if link[2:] == (target, "selected_index")]
        assert [(source in sources, trait) for source, trait, *_ in ends] == [(True, "index")]
    for page in flat(panels(box)):
        for tag in re.findall(r"<(?:img|svg)[^>]*", page):
            assert re.search(r'(alt|aria-label)="[^"]{5,}', tag)
        assert "<img" in page or "<table" in page or 'role="img"' in page


def test_widgets_import_no_other_part():
    script = "import sys\nfrom asl_helpers.widgets import part1\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"tensorflow", "asl_helpers.widgets.part2", "asl_helpers.figures.part2"}


# --- presets and sliders


def test_presets_move_the_sliders_and_a_slider_redraws_the_panel():
    def weights(page):
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
        return [float(cell.replace("−", "-")) for cell in cells]

    box = MAKE["kernel"]()
    (choice,) = controls(box)
    for page, (kernel, note) in zip(panels(box), part1.KERNELS.values(), strict=True):
        assert weights(page) == kernel
        assert note in page
    assert "values 0.00 to 4.00" in panels(box)[0]  # 1 + 2 + 1 where it steps from 0 to 1
    choice.index = list(part1.KERNELS).index("identity")
    assert [slider.value for slider in sliders(box)] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    sliders(box)[0].value = -2.5
    page = panels(box)[choice.index]
    assert weights(page)[0] == -2.5
    assert "values −1.50 to 1.00. Your own values." in page
    changed = choice.index
    choice.index = 0
    choice.index = changed
    assert weights(panels(box)[changed])[0] == 0, "choosing a preset again restores it"
    static = box.children[-1].value
    assert "asl-static" in static and "nine sliders" in static
    assert "asl-live" in box.children[-2]._dom_classes


def test_softmax_panels_have_its_shares():
    for page, (values, note) in zip(panels(MAKE["softmax"]()), part1.LOGITS.values(), strict=True):
        *logits, temperature = values
        shares = [float(share) / 100 for share in re.findall(r"<td>([\d.]+)%</td>", page)]
        assert shares == pytest.approx(softmax(np.array(logits) / temperature).tolist(), abs=6e-4)
        assert note in page
    presets = {name: values[:-1] for name, (values, _) in part1.LOGITS.items()}
    assert softmax(presets["all plus 4"]) == pytest.approx(softmax(presets["five fists"]))
    assert [2 * value for value in presets["five fists"]] == presets["all doubled"]


def way(name):
    optimizer, values, _ = part1.DESCENTS[name]
    rule = part1.OPTIMIZERS[optimizer](*values)
    return walk(rule, lambda w: part1.CURVATURE * w, part1.START, part1.STEPS)


def test_descents_end_where_the_words_say_and_their_notes_are_true():
    box = MAKE["descent"]()
    for page, name in zip(panels(box), controls(box)[0].options, strict=True):
        x, y = (f"{value:.2f}".replace("-", "−") for value in way(name)[-1])
        assert f"end at ({x}, {y}). {part1.DESCENTS[name][2]}" in page
    assert (np.diff(np.abs(way("gradient descent, too fast")[:, 1])) > 0).all()
    hasty = way("gradient descent, hasty")
    assert (np.sign(hasty[1:, 1]) == -np.sign(hasty[:-1, 1])).all()
    assert way("momentum")[:, 0].max() > 1  # past the lowest place
    np.testing.assert_allclose(np.abs(way("Adam")[1] - part1.START), 0.3, rtol=1e-3)
    first, second = np.abs(np.diff(way("Adam, not corrected")[:3], axis=0))
    np.testing.assert_allclose(first, 0.3 * np.sqrt(10), rtol=1e-3)
    assert second[0] > first[0]


# --- ready panels


def test_the_change_of_shifted_features_is_measured_after_the_pooling():
    def change(page):
        return float(re.search(r"changed by ([\d.]+)", page).group(1))

    pages = dict(zip(part1.POOLINGS, panels(MAKE["shift"]()), strict=True))
    assert [change(page) for page in pages["global max"]] == [0] * 9
    kernel = np.array([[-1, 0, 1]] * 3)
    before, after = (
        max_pool(relu(corr2d(np.roll(BLOCK, step, 1) / 255, kernel)), 2) for step in (0, 1)
    )
    expected = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert change(pages["max 2 × 2"][1]) == pytest.approx(expected, abs=0.005)
    assert "Features of a block, shifted by 2 pixels: other values" in pages["none"][2]


def test_in_training_the_batch_decides_and_in_inference_it_does_not():
    def ranges(page):
        found = re.findall(r"(−?\d+\.\d) to (−?\d+\.\d)", page.split("<p>")[1])
        return [tuple(float(end.replace("−", "-")) for end in pair) for pair in found]

    dark, bright = panels(MAKE["batch"]())
    (with_dark, usual), (with_bright, same) = ranges(dark[4]), ranges(bright[4])
    assert with_dark[0] > with_bright[1], "brighter than dark images, darker than bright ones"
    assert usual == same
    assert ranges(dark[0])[0] == ranges(bright[0])[0] == (-1, 1)
    assert "alone: mean 0.49" in dark[0]


def test_the_higher_the_threshold_the_fewer_pairs_and_the_more_groups():
    def counts(page):
        pattern = r"(\d+) pairs reach .* into (\d+) groups; the largest has (\d+)"
        return tuple(int(found) for found in re.search(pattern, page).groups())

    box = MAKE["copies"]()
    assert [tab.selected_index for tab in tabs(box)[1:]] == [1, 1], "it begins at 0.95"
    loose, usual, strict = panels(box)[0]
    assert counts(loose) == (18, 3, 4), "three photographs, four copies and six pairs each"
    assert counts(usual) == (9, 6, 3), "the noisy ones stand alone"
    assert counts(strict)[0] < 9, "the flatter ones are rounded"
    inside, outside = (float(value) for value in re.findall(r"one (?:in|out): ([\d.]+)", usual))
    assert outside < 0.95 <= inside
    assert "12 images of A: 75% have another one with a correlation of at least 0.95" in usual
    pair = np.stack([PHOTOS[0], PHOTOS[0] + 5]).astype(np.uint8)
    assert "first one out: no pair" in panels(part2.copies_explorer({"A": pair}))[0][0]


def test_runs_name_the_best_of_each_optimizer_and_count_the_failed():
    loss, accuracy = panels(MAKE["runs"]())[0]
    said = "Best validation loss: SGD 1.50 at 0.1, Adam 1.20 at 0.001. 1 of 4 runs have none."
    assert loss.count(said) == 2, "in the alt text and below"
    assert "Best test accuracy: SGD 40.0% at 0.01, Adam 61.0% at 0.001." in accuracy
    empty = part2.runs_explorer({"failed": RUNS.assign(val_loss=np.nan)}, {"val_loss": "loss"}, 3.2)
    assert "Best loss: none. 4 of 4 runs have none." in panels(empty)[0][0]


def test_a_square_changes_the_answer_only_where_it_covers_what_counts():
    before = CORNERS.copy()
    left, right = panels(MAKE["occlusion"]())
    np.testing.assert_array_equal(CORNERS, before)
    assert "Now read as dark, not as lit." in left[0][0]
    rows = dict(
        re.findall(r'"row" class="asl-bar">(\w+)<.*?</th><td>(\d+%</td><td>\d+%)', left[0][0])
    )
    assert rows == {"lit": "90%</td><td>10%", "dark": "10%</td><td>90%", "never": "0%</td><td>0%"}
    assert "Still read as lit." in left[4][0]
    assert "Still read as dark." in right[4][4]
    assert 'alt="right, covered at rows 16–23, columns 0–7"' in right[4][0]


def test_a_film_panel_shows_two_frames_so_far_apart_and_the_mean_of_all_such_pairs():
    table = np.corrcoef(FILM.mean(axis=-1).reshape(6, -1))
    (pages,) = panels(MAKE["film"]())
    for page, distance in zip(pages, (1, 2, 3), strict=False):
        first, second = (int(frame) for frame in re.findall(r'alt="A, frame (\d+)"', page))
        assert second - first == distance
        said = float(re.search(r"average a pair has (-?[\d.]+), over", page)[1])
        assert said == pytest.approx(np.diagonal(table, distance).mean(), abs=2e-3)
    assert "5 apart" in pages[3], "a distance that the film has not becomes the nearest"
    turned = part3.film_explorer({"A": (FILM[::-1], np.arange(6)[::-1])}, (1, 2, 3, 9))
    assert panels(turned) == [pages]


def test_a_threshold_says_what_becomes_of_the_answers():
    first, middle, last = panels(MAKE["threshold"]())
    shares = re.findall(r"<td>(\d+)%</td>", first)
    assert shares == ["50", "50", "0"] and "100% answered, 50% of these right" in first
    assert "Answers from a confidence of 0.60. <b>: 50% answered" in middle
    assert "0% answered, nothing to be right about" in last
    box = MAKE["threshold"]()
    assert "<b>" not in next(tab for tab in tabs(box)).children[0].value, "names are escaped"
