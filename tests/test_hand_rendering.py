"""The renderer: exact depths, hands where their joints are, light, sides."""

from dataclasses import replace

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.errors import AslError
from asl_helpers.hand import raster, scene


def one_cone(*values):
    """Return a Flesh that is a single round cone."""
    return raster.Flesh(
        cones=np.array([values]),
        plates=np.zeros((0, 3, 3)),
        plate_normals=np.zeros((0, 3)),
        part=np.array([raster.INDEX]),
        segment=np.array([2]),  # a middle phalanx: it does not melt into the palm
        span=np.array([[0.0, 1.0]]),
        dorsal=np.array([[[0.0, 0.0, 1.0]] * 2]),
        blend=np.zeros((1, 1)),
        palm_frame=np.eye(3),
        palm=np.array([0.5, 0.5, 0.0, 0.2, 0.3]),
    )


@pytest.mark.parametrize(
    "values",
    [
        (0.3, 0.3, 0.0, 0.10, 0.7, 0.6, 0.0, 0.05),
        (0.3, 0.3, 0.2, 0.05, 0.6, 0.4, -0.3, 0.12),
        (0.5, 0.5, 0.3, 0.10, 0.5, 0.5, -0.3, 0.10),  # along the line of sight
        (0.5, 0.5, 0.0, 0.20, 0.52, 0.5, 0.05, 0.05),  # one end inside the other
    ],
)
def test_a_round_cone_is_as_deep_as_the_spheres_swept_along_it(values):
    size = 48
    surface = raster.rasterise(one_cone(*values), size)
    grid = (np.arange(size) + 0.5) / size
    t = np.linspace(0, 1, 4001)[:, None, None]
    a, ra, b, rb = np.array(values[:3]), values[3], np.array(values[4:7]), values[7]
    x, y, z = (a[k] + t * (b[k] - a[k]) for k in range(3))
    inside = (ra + t * (rb - ra)) ** 2 - (grid - x) ** 2 - (grid[:, None] - y) ** 2
    depth = np.where(inside > 0, z - np.sqrt(np.maximum(inside, 0)), 9.0).min(axis=0)
    both = (depth < 9) & (surface.depth < raster.FAR)
    assert (both != ((depth < 9) | (surface.depth < raster.FAR))).mean() < 0.005
    assert both.sum() > 60
    assert np.abs(depth - surface.depth)[both].max() < 2e-3
    np.testing.assert_allclose(np.linalg.norm(surface.normal, axis=1), 1, atol=1e-4)


def test_the_seed_decides_every_byte():
    batch = hand.sample_hands("ABY", 6, seed=2)
    first = hand.render(batch, 48, seed=5)
    np.testing.assert_array_equal(first, hand.render(batch, 48, seed=5))
    assert (first != hand.render(batch, 48, seed=6)).mean() > 0.3
    with pytest.raises(AslError, match="Got 1 looks for 6 hands"):
        hand.render(batch, 16, look=[scene.Look()])


def test_flesh_covers_the_joints_and_leaves_the_rest_free():
    batch = hand.sample_hands("ACGLPVY", 14, seed=4)
    dark, light = (scene.Look(background="paper", palette=((v,) * 3,) * 4) for v in (0.1, 0.9))
    one, two = hand.render(batch, 96, look=dark), hand.render(batch, 96, look=light)
    covered = (np.abs(one.astype(int) - two).max(axis=-1) < 8).reshape(14, -1)
    at = np.clip((batch.image[..., :2] * 96).astype(int), 0, 95)
    assert np.take_along_axis(covered, at[..., 1] * 96 + at[..., 0], axis=1).mean() > 0.99
    assert 0.05 < covered.mean() < 0.7


def test_a_left_hand_is_the_mirror_image_of_a_right_hand():
    look = scene.studio(4)
    mirrored = replace(look, light=(-look.light[0], *look.light[1:]))
    right = hand.render(hand.pose("C", side="right"), 96, look=look)[0]
    left = hand.render(hand.pose("C", side="left"), 96, look=mirrored)[0]
    different = np.abs(right.astype(int) - left[:, ::-1]).max(axis=-1) > 12
    assert different.mean() < 0.01


def test_palm_and_back_differ():
    viewer, signer = (hand.draw("B", 96, skin=8, view=view) for view in ("viewer", "signer"))
    assert viewer[40:70, 30:66].mean() > signer[40:70, 30:66].mean() + 5  # the palm is paler


def test_tones_get_darker_along_the_scale():
    drawn = [hand.draw("S", 64, skin=skin, background="#00c000") for skin in range(10)]
    middle = [image[24:40, 24:40].mean() for image in drawn]
    assert len(scene.SKIN_TONES) == 10
    assert np.all(np.diff(middle[3:]) < 0)
    assert min(middle[:3]) > middle[4] > middle[7] + 30


def test_touching_fingers_read_as_two():
    batch = hand.pose("U")
    image = hand.render(batch, 112, look=scene.studio(4))[0].mean(axis=-1)
    index, middle = batch.image[0, [6, 7]].mean(0)[:2], batch.image[0, [10, 11]].mean(0)[:2]
    steps = np.linspace(0, 1, 41)[:, None]
    at = ((index * (1 - steps) + middle * steps) * 112).astype(int)
    profile = image[at[:, 1], at[:, 0]]
    assert profile[12:29].min() < 0.9 * min(profile[:4].mean(), profile[-4:].mean())


def test_noise_and_blur_are_what_the_look_says():
    plain = scene.studio(4)
    batch = hand.pose("V")
    clean = hand.render(batch, 96, look=plain)[0].astype(float)
    noisy = hand.render(batch, 96, look=replace(plain, noise=6.0))[0] - clean
    assert noisy[:20, :20].std() == pytest.approx(6.0, rel=0.1)
    moved = hand.render(batch, 96, look=replace(plain, blur=(0.08, 0.0)))[0].astype(float)
    assert np.abs(np.diff(moved, axis=1)).mean() < 0.8 * np.abs(np.diff(clean, axis=1)).mean()
