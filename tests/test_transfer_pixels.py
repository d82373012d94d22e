"""The benchmark of pixels on another signer: what it learns from, and the rows it hands over."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from asl_helpers import hand, sweeps
from asl_helpers.hand.scene import studio
from benchmarks import transfer_pixels
from benchmarks import transfer_pixels_data as data
from benchmarks import transfer_pixels_runs as runs

STILL = runs.Recipe(backdrops=0.0, light=False, place=False)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Sixteen drawn hands with guides, as the benchmark keeps them."""
    path = tmp_path_factory.mktemp("drawn") / "few.npz"
    made = data._drawn_chunk(path, seed=1, n=16)
    assert path.is_file()
    return made


def full(drawn):
    """As many as a batch has."""
    return drawn[np.arange(runs.BATCH) % len(drawn)]


def variation(pictures, recipe, size=64, seed=5):
    behind = np.zeros((runs.BATCH, size, size, 3), np.uint8)
    parts = (pictures.images, pictures.masks, pictures.points, pictures.labels, behind)
    made, wanted = runs.varied(*map(tf.constant, (*parts, [seed, 2])), recipe, size)
    return made.numpy(), {name: value.numpy() for name, value in wanted.items()}


def test_drawn_hands_come_with_their_joints_and_the_pixels_of_the_hand(drawn):
    assert drawn.images.shape == (16, data.SIZE, data.SIZE, 3)
    inside = (drawn.points > 0.02).all(axis=2) & (drawn.points < 0.98).all(axis=2)
    columns, rows = np.moveaxis((drawn.points.clip(0, 0.99) * data.MASK).astype(int), 2, 0)
    on_hand = drawn.masks[np.arange(16)[:, None], rows, columns]
    assert on_hand[inside].mean() > 0.95
    assert 0.02 < drawn.masks.mean() < 0.6


def test_a_kept_chunk_is_read_again(drawn, tmp_path):
    path = tmp_path / "few.npz"
    first = data._drawn_chunk(path, seed=1, n=16)
    np.testing.assert_array_equal(first.images, drawn.images)
    np.savez(path, images=1, labels=2, points=3, masks=4)
    assert data._drawn_chunk(path, seed=1, n=16).labels == 2


def test_a_hand_is_cut_out_from_its_joints():
    pytest.importorskip("cv2")
    batch = hand.sample_hands(("L", "Y", "B"), 3, seed=2, views=False)
    looks = [replace(studio(5, "#3a6ea5"), background="plain")] * 3
    images = hand.render(batch, data.SIZE, look=looks)
    blank = hand.render(batch, data.MASK, look=[studio(5, "#ffffff")] * 3)
    for image, points, white in zip(images, batch.image[..., :2], blank, strict=True):
        found, true = data.cut_out(image, points), white.min(axis=-1) < 250
        arm_apart = true & (np.arange(data.MASK)[:, None] < points[0, 1] * data.MASK)
        assert (found & arm_apart).sum() / arm_apart.sum() > 0.85
        assert (found & ~true).sum() / found.sum() < 0.12


def test_left_as_they_are_pictures_stay_and_labels_fit(drawn):
    pictures = full(drawn)
    made, wanted = variation(pictures, STILL, size=data.SIZE)
    np.testing.assert_allclose(made, pictures.images, atol=0.51)
    np.testing.assert_array_equal(wanted["letter"].argmax(axis=1), pictures.labels)


def test_joints_follow_their_pixels(drawn):
    pictures = full(drawn)
    middle = pictures.points.min(axis=1) / 2 + pictures.points.max(axis=1) / 2
    spots = np.zeros((runs.BATCH, data.SIZE, data.SIZE, 3), np.float32)
    spots[..., 0] = light_at(middle)
    moved = runs._placed(
        tf.constant(spots),
        tf.zeros((runs.BATCH, data.SIZE, data.SIZE, 1)),
        tf.constant(pictures.points),
        tf.constant([5, 6]),
        runs.Recipe(mirror=0.5),
        64,
    )
    seen, points = moved[0].numpy()[..., 0], moved[2].numpy()
    # The map, found from the joints alone, must take the light to where it is seen.
    plain = pictures.points - middle[:, None]
    for row in range(runs.BATCH):
        if seen[row].sum() < 1:
            continue
        matrix = np.linalg.lstsq(np.c_[plain[row], np.ones(21)], points[row], rcond=None)[0]
        there = matrix[2] * 64 - 0.5
        columns, rows = np.meshgrid(np.arange(64), np.arange(64))
        weight = seen[row] / seen[row].sum()
        found = np.array([(weight * columns).sum(), (weight * rows).sum()])
        assert np.abs(found - there).max() < 1.0


def light_at(places, width=2.0):
    """Pictures, (n, 96, 96), with one soft light each, at (x, y) shares of the sides."""
    at = (np.arange(data.SIZE) + 0.5) / data.SIZE
    across = np.exp(-(((at - places[:, :1]) * data.SIZE / width) ** 2))
    down = np.exp(-(((at - places[:, 1:]) * data.SIZE / width) ** 2))
    return down[:, :, None] * across[:, None, :]


def test_another_scene_stands_behind_the_hand_alone(drawn):
    pictures = full(drawn)
    made, _ = variation(pictures, replace(STILL, backdrops=1.0), size=data.SIZE)
    hand_there = tf.image.resize(
        pictures.masks[..., None].astype(np.float32), (data.SIZE, data.SIZE)
    ).numpy()[..., 0]
    hand_there = tf.nn.avg_pool2d(hand_there[..., None], 5, 1, "SAME").numpy()[..., 0]
    assert made[hand_there < 0.01].max() < 1  # the black backdrop
    kept = np.abs(made - pictures.images)[hand_there > 0.99]
    assert kept.max() < 1


def test_shapes_forget_place_and_size_and_keep_what_is_unknown(drawn):
    shape = runs.shapes(tf.constant(drawn.points)).numpy()
    moved = runs.shapes(tf.constant(0.4 * drawn.points + 0.3)).numpy()
    np.testing.assert_allclose(shape, moved, atol=1e-4)
    unknown = data.unguided(drawn.images, drawn.labels)
    assert np.isnan(runs.shapes(tf.constant(unknown.points))).all()


def test_unknown_shapes_cost_nothing():
    wanted = tf.constant([[1.0] * 42, [np.nan] * 42])
    found = tf.Variable(tf.fill((2, 42), 3.0))
    with tf.GradientTape() as tape:
        loss = runs.shape_loss(wanted, found)
    np.testing.assert_allclose(loss, [4.0, 0.0])
    gradient = tape.gradient(loss, found).numpy()
    assert (gradient[0] != 0).all() and (gradient[1] == 0).all()


def test_every_source_has_its_share_and_its_own_turn(drawn):
    one, two = drawn[:10], drawn[10:]
    one.labels, two.labels = np.arange(10), np.arange(100, 106)
    behind = np.zeros((3, 8, 8, 3), np.uint8)
    labels = [batch[3] for batch in runs.batches([(one, 5), (two, 2)], behind, 6, seed=0)]
    assert all((part[:5] < 10).all() and (part[5:] >= 100).all() for part in labels)
    assert sorted(np.concatenate([part[:5] for part in labels[:2]])) == list(range(10))
    assert sorted(np.concatenate([part[5:] for part in labels[:3]])) == list(range(100, 106))


@pytest.fixture
def journals(tmp_path):
    """The journals of a few runs, one of which failed."""

    def leak(split, seed):
        return {"test": 0.99 if split == "random" else 0.6, "n_test": 50}

    def other(learns, drawn, seed, **rest):
        if seed == 2:
            raise ValueError("no data")
        reached = {"asl_rooms": 0.5 + 0.1 * seed, "asl_alphabet": 0.4}
        tested = [transfer_pixels.OTHER[learns]] if learns in reached else list(reached)
        return {k: v for name in tested for k, v in ((name, reached[name]), (f"n_{name}", 30))}

    usual = transfer_pixels.USUAL
    same = [{"learns": "asl_alphabet", "drawn": True, "seed": s, **usual} for s in (0, 1, 2)]
    for split in ("random", "blocks"):
        some = sweeps.grid(split=[split], seed=[0, 1])
        sweeps.run_sweep(some, leak, tmp_path / f"leak_{split}.jsonl", {})
    bare = {"learns": "asl_alphabet", "drawn": True, "seed": 0, **usual, "backdrops": 0.0}
    alone = {"learns": "drawn", "drawn": True, "seed": 0, **usual}
    sweeps.run_sweep([alone], other, tmp_path / "signers_drawn.jsonl", {})
    sweeps.run_sweep(
        [*same, bare],
        other,
        tmp_path / "signers_asl_alphabet.jsonl",
        {},
    )
    sweeps.run_sweep([same[0]], other, tmp_path / "larger_asl_alphabet.jsonl", {})
    return tmp_path


def test_rows_join_the_seeds_of_finished_runs(journals, monkeypatch):
    info = SimpleNamespace(source="a set", sha256="0", is_real=True)
    monkeypatch.setattr(transfer_pixels, "info", lambda name: info)
    found, about = transfer_pixels.rows(journals, train=False)
    by_name = {row["name"]: row for row in found}
    assert list(by_name) == [
        "asl_alphabet_random",
        "asl_alphabet_blocks",
        "asl_alphabet_drawn_to_asl_rooms",
        "asl_alphabet_drawn_to_asl_rooms_without_other_backdrops",
        "drawn_to_asl_alphabet",
        "drawn_to_asl_rooms",
        "asl_alphabet_drawn_to_asl_rooms_trained_on_at_96_pixels",
    ]
    both = by_name["asl_alphabet_drawn_to_asl_rooms"]
    assert both["seeds"] == [0, 1]
    assert both["accuracy"]["mean"] == pytest.approx(0.55)
    assert both["accuracy"]["sd"] == pytest.approx(0.0707, abs=1e-4)
    assert (both["n"], both["classes"], both["aim"]) == (30, 28, 0.65)
    assert by_name["drawn_to_asl_alphabet"]["train"] == "drawn hands"
    assert by_name["asl_alphabet_random"]["aim"] == 0.997
    assert [row["is_real"] for row in about][-1] is False
    json.dumps(found, allow_nan=False)
