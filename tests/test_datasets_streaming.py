"""Class folders written and read again, and the pipeline over their files."""

import numpy as np
import pytest
from PIL import Image

from asl_helpers.datasets import DatasetError, rate, step_times, stream, write_folders
from asl_helpers.datasets.catalog import entry
from asl_helpers.datasets.collection import ArrayImages, Collection
from asl_helpers.datasets.readers import read_pictures

ALPHABET = entry("asl_alphabet")
LABELS = np.repeat(np.arange(29), 2)


def drawn(frames=None) -> Collection:
    """Two plain pictures a class, of a grey that tells them apart."""
    greys = (np.arange(58) * 4 + 10).astype(np.uint8)
    images = np.broadcast_to(greys[:, None, None, None], (58, 20, 20, 3)).copy()
    return Collection(
        ALPHABET.name, ALPHABET.class_names, ArrayImages(images), LABELS, "plain", False, "", frames
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("folders")
    return root, write_folders(drawn(frames=np.tile([2, 10], 29)), root)


def test_folders_are_read_again_with_labels_frames_and_pictures(files):
    root, paths = files
    assert paths[1] == root / "A" / "A10.jpg"
    found = read_pictures(ALPHABET, root, 20, "again")
    order = np.lexsort((found.frames, found.labels))
    np.testing.assert_array_equal(found.labels[order], LABELS)
    np.testing.assert_array_equal(found.frames[order], np.tile([2, 10], 29))
    pictures = found.images.read(order).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(pictures, np.arange(58) * 4 + 10, atol=1.5)


def test_frames_are_numbered_where_none_are_known(tmp_path):
    paths = write_folders(drawn(), tmp_path, [1, 2])
    assert [path.name for path in paths] == ["A1.jpg", "B0.jpg"]
    assert sorted(path.name for path in tmp_path.rglob("*.jpg")) == ["A1.jpg", "B0.jpg"]


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DatasetError, match="58 pictures, numbered from 0"):
        write_folders(drawn(), tmp_path, [58])
    with pytest.raises(DatasetError, match="share a name"):
        write_folders(drawn(), tmp_path, [3, 3])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("cache", [True, False])
def test_every_way_of_streaming_gives_the_same_batches(files, parallel, cache):
    batches = stream(files[1], LABELS, 12, 16, parallel=parallel, cache=cache)
    for _ in range(2):
        images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
        assert images.shape == (58, 12, 12, 3)
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(labels, LABELS)
        np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), np.arange(58) * 4 + 10, atol=1.5)


def test_shuffled_anew_in_each_epoch_and_nothing_lost(files):
    batches = stream(files[1], LABELS, 8, shuffle_seed=0)
    first, second = (np.concatenate([labels for _, labels in batches]) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))


def test_shrinking_averages_and_does_not_skip(tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    Image.fromarray(stripes).convert("RGB").save(tmp_path / "stripes.jpg", quality=95)
    images, _ = next(iter(stream([tmp_path / "stripes.jpg"], [0], 16)))
    inner = np.asarray(images)[0, 2:-2, 2:-2]
    assert abs(inner.mean() - 127.5) < 6
    assert inner.std() < 6


def test_rate_counts_pictures_of_one_pass():
    batches = [(np.zeros((4, 2)), np.zeros(4)), (np.zeros((3, 2)), np.zeros(3))]
    assert rate(batches) > 0
    with pytest.raises(DatasetError, match="No batch"):
        rate([])


def test_step_times_names_every_step(files):
    times = step_times(files[1][:8], 16, rounds=1)
    assert list(times) == ["read", "decode", "resize"]
    assert all(value >= 0 for value in times.values())
    assert sum(times.values()) > 0


def test_wrong_input_is_named(files):
    with pytest.raises(DatasetError, match="one label a file"):
        stream(files[1], LABELS[:-1], 16)
    with pytest.raises(DatasetError, match="above 0"):
        stream(files[1], LABELS, 0)
