"""`load`: what comes back, from the embedded twins and from stand-ins of the real files."""

import subprocess
import sys

import numpy as np
import pytest
from standins import write_class_folders, write_sign_mnist_csvs

import asl_helpers as asl
from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.datasets.load import has_photographs, photographed
from asl_helpers.errors import AslError

TWINS = {
    "sign_language_mnist": ((28, 28, 1), STATIC_LETTERS),
    "asl_alphabet": ((200, 200, 3), KAGGLE_CLASSES),
    "asl_synthetic": ((64, 64, 3), KAGGLE_CLASSES),
}

pytestmark = pytest.mark.usefixtures("bare")


def streamed(split):
    """Return all images and labels of a dataset, as it gives them."""
    return [np.array(part) for part in zip(*split.as_numpy_iterator(), strict=True)]


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("split", ["blocks", "official", "signer", "random"])
def test_a_twin_has_the_real_sets_shape_classes_and_splits(name, split):
    shape, names = TWINS[name]
    data = asl.load(name, split=split)
    assert (data.info.shape, data.info.class_names) == TWINS[name]
    assert not data.info.is_real
    assert len(data.info.sha256) == 64
    seen = []
    for part in ("train", "validation", "test"):
        images, labels = data.arrays(part)
        assert images.shape == (data.info.sizes[part], *shape)
        assert images.dtype == np.uint8 and labels.dtype == np.int64
        assert set(labels.tolist()) == set(range(len(names)))
        seen.append(data.indices(part))
    joined = np.concatenate(seen)
    assert len(np.unique(joined)) == len(joined)
    if split != "random":
        blocks = [set(data.blocks[rows].tolist()) for rows in seen]
        assert not (blocks[0] & blocks[1] or blocks[0] & blocks[2] or blocks[1] & blocks[2])


def test_one_line_says_what_was_taken(capsys):
    asl.load("sign_language_mnist")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("sign_language_mnist: drawn twin of sign_language_mnist (asl_helpers ")
    assert "asl data prepare sign_language_mnist" in out
    asl.load("sign_language_mnist", verbose=False)
    assert not capsys.readouterr().out


def test_parts_are_streamed_in_order_and_training_anew_each_epoch_with_its_labels():
    data = asl.load("sign_language_mnist")
    for one, other in zip(streamed(data.test), data.arrays("test"), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    assert int(data.test.cardinality()) == data.info.sizes["test"]
    images, first = streamed(data.train)
    known = {image.tobytes(): label for image, label in zip(*data.arrays("train"), strict=True)}
    assert [known[image.tobytes()] for image in images] == first.tolist()
    assert sorted(first) == sorted(data.arrays("train")[1])
    assert not np.array_equal(first, streamed(data.train)[1])
    assert np.array_equal(first, streamed(asl.load("sign_language_mnist").train)[1])
    assert not np.array_equal(first, streamed(asl.load("sign_language_mnist", seed=1).train)[1])


def test_limit_keeps_every_class_in_every_part():
    data = asl.load("sign_language_mnist", limit=20)
    total = sum(np.bincount(data.arrays(part)[1], minlength=24) for part in data.info.sizes)
    assert total.max() <= 20
    assert total.min() >= 15
    full = asl.load("sign_language_mnist")
    for part in data.info.sizes:
        assert set(data.arrays(part)[1].tolist()) == set(range(24))
        assert set(data.indices(part)) <= set(full.indices(part))


def test_files_in_the_data_folder_come_first(monkeypatch, tmp_path, capsys):
    write_class_folders(tmp_path / "asl_alphabet_train", frames=40)
    write_sign_mnist_csvs(tmp_path)
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    data = asl.load("asl_alphabet", size=24)
    assert data.info.is_real
    assert data.info.shape == (24, 24, 3)
    assert "ASL Alphabet (asl_alphabet_train, 20 px resized to 24)" in capsys.readouterr().out
    np.testing.assert_array_equal(streamed(data.test)[0], data.arrays("test")[0])
    official = asl.load("sign_language_mnist", split="official").info
    assert official.sizes["test"] == 24 * 2 * 5
    assert official.sizes["train"] + official.sizes["validation"] == 24 * 4 * 5
    assert "720 of 34,627 images" in official.source
    assert not asl.load("asl_synthetic").info.is_real


def test_streaming_a_large_set_works_under_deterministic_operations(monkeypatch, tmp_path):
    write_class_folders(tmp_path / "asl_alphabet_train", frames=20)
    code = (
        "import tensorflow as tf; tf.config.experimental.enable_op_determinism()\n"
        "import numpy as np, asl_helpers as asl\n"
        "import asl_helpers.datasets.readers as r; r._KEEP_BYTES = 0\n"
        "runs = [[l.numpy() for x, l in asl.load('asl_alphabet', size=16).train]"
        " for _ in range(2)]\n"
        "assert runs[0] == runs[1] and len(runs[0]) >= 29 * 5, len(runs[0])\n"
    )
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "asl_alphabt"}, "Did you mean 'asl_alphabet'"),
        ({"name": "asl_alphabet", "split": "rnadom"}, "Did you mean 'random'"),
        ({"name": "asl_rooms"}, r"no drawn twin\. Put asl29_rooms_160\.zip"),
    ],
)
def test_wrong_arguments_are_one_clear_error(arguments, message):
    with pytest.raises(AslError, match=message):
        asl.load(**arguments)
    with pytest.raises(AslError, match="Did you mean 'validation'"):
        asl.load("asl_synthetic").arrays("validatoin")


# Photographs as scenes


def test_a_set_becomes_scenes():
    assert not has_photographs("asl_alphabet", "asl_rooms")
    scenes, source = photographed("asl_alphabet", ["C", "A"], 5, 32, signer=7)
    assert source.startswith("drawn twin of asl_alphabet")
    assert scenes.images.shape == (10, 32, 32, 3)
    assert scenes.labels.tolist() == [0] * 5 + [1] * 5  # C first, as it was asked for
    assert (np.diff(scenes.frames.reshape(2, 5), axis=1) > 0).all()
    assert scenes.frames.reshape(2, 5)[:, [0, -1]].tolist() == [[0, 14], [0, 14]]
    assert set(scenes.signers) == {7}
    assert set(scenes.sides) == {"unknown"}
    assert np.isnan(scenes.points).all()
