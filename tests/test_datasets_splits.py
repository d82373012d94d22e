"""Splits: nothing in two parts, no block parted, every class everywhere, and no leak by default."""

import numpy as np
import pytest
from standins import altered_copies, photos, sign_mnist_rows

from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.datasets.catalog import Collection
from asl_helpers.datasets.load import from_collection
from asl_helpers.datasets.splits import GAP, PARTS, assign, fingerprints, leakage, near_copies
from asl_helpers.errors import AslError

NAMES = ("A", "B", "C")


def collection(labels, images=None, names=NAMES, **columns):
    labels = np.asarray(labels)
    columns = {name: np.asarray(column) for name, column in columns.items()}
    if images is None:
        images = np.zeros((len(labels), 4, 4, 1), np.uint8)
    return Collection("x", names, images, labels, "stand-in", False, "0", **columns)


def video(frames_per_class, step=1):
    frames = np.tile(np.arange(frames_per_class) * step, len(NAMES))
    return collection(np.repeat(np.arange(len(NAMES)), frames_per_class), frames=frames)


def clips():
    """Eight clips of five frames a class, by four signers, in shuffled order."""
    group = np.random.default_rng(0).permutation(np.repeat(np.arange(24), 5))
    part = np.where(group % 8 >= 6, "test", "train")
    return collection(group // 8, groups=group, signers=group % 4, parts=part)


def copies():
    """Six photographs per class, each four times, nothing known but the images."""
    images, which = altered_copies(photos(18), 4)
    order = np.random.default_rng(1).permutation(len(images))
    found = collection(which[order] // 6, images[order][..., None])
    return found, which[order]


CASES = {
    "clips by blocks": (clips, "blocks"),
    "clips, official": (clips, "official"),
    "clips by signer": (clips, "signer"),
    "clips at random": (clips, "random"),
    "video by blocks": (lambda: video(200), "blocks"),
    "copies by blocks": (lambda: copies()[0], "blocks"),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
def test_parts_are_apart_and_have_every_class(case, seed):
    make, split = CASES[case]
    data = make()
    parts, blocks = assign(data, split, seed)
    assert parts.shape == blocks.shape == (len(data),)
    assert set(parts.tolist()) <= {-1, 0, 1, 2}
    for part in range(len(PARTS)):
        assert set(data.labels[parts == part].tolist()) == {0, 1, 2}
    used = parts >= 0
    for block in np.unique(blocks[used]):
        assert len(set(parts[used & (blocks == block)].tolist())) == 1
    assert np.mean(parts == 0) > 0.35


@pytest.mark.parametrize("case", CASES)
def test_the_same_seed_gives_the_same_split_and_another_seed_another(case):
    make, split = CASES[case]
    first = assign(make(), split, 3)[0]
    np.testing.assert_array_equal(first, assign(make(), split, 3)[0])
    assert any((assign(make(), split, seed)[0] != first).any() for seed in range(4, 10))


def test_clips_and_signers_are_kept_together_though_random_parts_them():
    data = clips()

    def parted(split, column):
        parts, _ = assign(data, split, 0)
        return sum(len(set(parts[column == value])) > 1 for value in np.unique(column))

    assert parted("blocks", data.groups) == 0
    assert parted("random", data.groups) > 10
    assert parted("signer", data.signers) == 0


def test_official_keeps_the_publishers_test_part_and_cuts_validation_from_training():
    data = clips()
    parts, _ = assign(data, "official", 0)
    np.testing.assert_array_equal(parts == 2, data.parts == "test")
    assert (data.parts[parts == 1] == "train").all()
    training = {int(group) for group in data.groups[parts == 0]}
    assert not training & {int(group) for group in data.groups[parts == 1]}


@pytest.mark.parametrize(("step", "seed"), [(1, 0), (3, 1), (7, 2)])
def test_frames_of_two_parts_are_at_least_a_gap_apart(step, seed):
    data = video(400, step)
    parts, _ = assign(data, "blocks", seed)
    for label in range(3):
        mine = data.labels == label
        frames, sides = data.frames[mine & (parts >= 0)], parts[mine & (parts >= 0)]
        order = np.argsort(frames)
        frames, sides = frames[order], sides[order]
        change = np.flatnonzero(np.diff(sides))
        assert len(change) == 2  # each part is one run
        assert (np.diff(frames)[change] >= GAP).all()


@pytest.mark.parametrize("length", [3, 4, 5, 8, 12])
def test_a_video_shorter_than_its_gaps_still_fills_every_part(length):
    for seed in range(3):
        parts, _ = assign(video(length), "blocks", seed)
        for start in range(0, 3 * length, length):
            assert set(parts[start : start + length].tolist()) >= {0, 1, 2}


def test_near_copies_finds_the_photographs_behind_altered_copies():
    data, which = copies()
    found = near_copies(data.images[np.arange(len(data))], data.labels)
    pairs = which[:, None] == which[None]
    np.testing.assert_array_equal(found[:, None] == found[None], pairs)


def test_near_copies_follows_chains():
    a, b = photos(2, seed=3).astype(float)
    steps = np.linspace(0, 1, 40)[:, None, None]
    slide = (a * (1 - steps) + b * steps).astype(np.uint8)[..., None]
    prints = fingerprints(slide)
    assert prints[0] @ prints[-1] < 0.9
    assert len(set(near_copies(slide, np.zeros(40, int)))) == 1


def test_fingerprints_ignore_brightness_and_contrast_and_bear_a_flat_picture():
    picture = photos(1)[0].astype(float)
    changed = np.stack([picture, 0.5 * picture + 60, np.full((28, 28), 9)]).astype(np.uint8)
    prints = fingerprints(changed[..., None])
    assert prints[0] @ prints[1] > 0.999
    assert np.isfinite(prints).all()
    assert not prints[2].any()


def test_fingerprints_average_large_pictures_and_their_colours():
    large = photos(2, side=112)[..., None].repeat(3, axis=3)
    assert fingerprints(large).shape == (2, 28 * 28)
    small = large.reshape(2, 28, 4, 28, 4, 3).mean((2, 4)).astype(np.uint8)
    assert (np.sum(fingerprints(large) * fingerprints(small), axis=1) > 0.999).all()


def splits_of(split):
    images, labels, _ = sign_mnist_rows(6, 4)
    labels = labels - (labels > 9)
    return from_collection(collection(labels, images[..., None], STATIC_LETTERS), split)


def test_a_random_split_leaks_and_blocks_do_not():
    random, blocks = leakage(splits_of("random")), leakage(splits_of("blocks"))
    assert random.copies > 0.9
    assert blocks.copies == 0
    assert np.median(random.distance) < 0.02 < np.median(blocks.distance)
    data = splits_of("random")
    assert set(random.nearest) <= set(data.indices("train"))
    np.testing.assert_array_equal(
        data.collection.labels[random.nearest], data.collection.labels[random.indices]
    )


@pytest.mark.parametrize(
    ("make", "split", "message"),
    [
        (clips, "block", r"No split 'block'\. Did you mean 'blocks'"),
        (lambda: video(50), "official", r"no official .* Use split='blocks'"),
        (lambda: video(50), "signer", r"0 known signers, and split='signer' needs at least 3"),
        (
            lambda: collection([0, 0, 0, 1, 1, 1, 2, 2, 2], signers=[0, 0, 0, 1, 1, 1, 0, 1, 0]),
            "signer",
            "2 known signers, and split='signer' needs at least 3",
        ),
        (lambda: collection([0, 1, 2], signers=[0, 1, 2]), "signer", "leaves no image of"),
        (
            lambda: collection([0, 1, 1, 1, 2, 2, 2]),
            "random",
            "class 'A' has 1 images, and this split needs at least 3",
        ),
        (lambda: collection([0, 0, 1, 2], frames=[1, 2, 1, 1]), "blocks", "needs at least 3"),
    ],
)
def test_a_split_that_the_data_cannot_give_says_why(make, split, message):
    with pytest.raises(AslError, match=message):
        assign(make(), split, 0)
