"""What the figures of sweeps say: every run a point, failed ones at the edge, seeds joined."""

import numpy as np
import pandas as pd
import pytest

from asl_helpers.figures import part2

ROWS = [
    ("SGD", 0.01, 0, 2.0, 0.30),
    ("SGD", 0.1, 0, 1.0, 0.60),
    ("SGD", 0.1, 1, 2.0, 0.50),
    ("SGD", 1.0, 0, 90.0, 0.04),
    ("Adam", 0.001, 0, 0.5, 0.70),
    ("Adam", 0.03, 0, np.nan, np.nan),
]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=["optimizer", "rate", "seed", "val_loss", "val_accuracy"])


def marks(ax, name):
    return next(line for line in ax.lines if line.get_label() == name).get_xydata()


def test_every_run_is_a_point_and_a_line_goes_through_the_means(table):
    fig = part2.sweep_points(table, "val_loss", "validation loss", start=3.0, source="drawn")
    ax = fig.axes[0]
    np.testing.assert_allclose(marks(ax, "SGD"), [[0.01, 2], [0.1, 1], [0.1, 2], [1, 3.45]])
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0.01, 2], [0.1, 1.5], [1, 3.45]])
    assert ax.get_xscale() == "log"
    assert "drawn" in fig.get_supxlabel()


def test_a_failed_run_is_a_cross_where_bad_scores_are(table):
    losses = part2.sweep_points(table, "val_loss", "validation loss", start=3.0).axes[0]
    shares = part2.sweep_points(table, "val_accuracy", "validation accuracy").axes[0]
    for ax, edge in ((losses, 3.45), (shares, 0.0)):
        crosses = [line for line in ax.lines if line.get_marker() == "x" and len(line.get_xdata())]
        assert len(crosses) == 1
        np.testing.assert_allclose(crosses[0].get_xydata(), [[0.03, edge]])
    assert losses.get_ylim()[1] > 3.45
    assert shares.get_ylim() == (0, 1)


def test_the_axis_names_decades_and_the_score(table):
    fig = part2.sweep_points(table, "val_accuracy", "validation accuracy")
    ax = fig.axes[0]
    fig.canvas.draw()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.001", "0.01", "0.1", "1"]
    assert ax.get_ylabel() == "validation accuracy"
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["SGD", "Adam"]


@pytest.fixture
def ablation():
    rows = [
        (kind, seed, 0.4 + 0.1 * place + 0.2 * seed, 0.1 * seed)
        for place, kind in enumerate(["none", "warp", "mirror"])
        for seed in (0, 1, 2)
    ]
    return pd.DataFrame(rows, columns=["augmentation", "seed", "test", "mirrored"])


def test_seeds_are_joined_and_mean_and_deviation_stand_below(ablation):
    scores = {"test": "Test part", "mirrored": "Mirrored"}
    fig = part2.seed_scores(ablation, "augmentation", scores, source="drawn")
    left, right = fig.axes
    assert [left.get_title(loc="left"), right.get_title(loc="left")] == ["Test part", "Mirrored"]
    assert [label.get_text() for label in left.get_yticklabels()] == ["none", "warp", "mirror"]
    joined = [line.get_xydata() for line in left.lines if line.get_linestyle() == "-"][:1]
    np.testing.assert_allclose(joined[0], [[0.4, 0], [0.5, 1], [0.6, 2]])
    first = left.collections[0].get_segments()[0]
    np.testing.assert_allclose(first[:, 0], [0.4, 0.8])
    assert [text.get_text() for text in left.texts] == ["60%", "70%", "80%"]


def test_a_missing_run_leaves_a_gap(ablation):
    ablation.loc[4, "test"] = np.nan
    fig = part2.seed_scores(ablation, "augmentation", {"test": "Test part"})
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert texts == ["60%", "70%", "80%"]  # the mean of the two that are there
