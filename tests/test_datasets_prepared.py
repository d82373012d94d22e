"""Prepared copies: what TFDS writes is what is read back; nothing half-written is loaded."""

import errno
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tensorflow_datasets as tfds
from standins import write_class_folders, write_sign_mnist_csvs

import asl_helpers as asl
from asl_helpers.datasets import DatasetError, builders, prepare, prepared, twin
from asl_helpers.datasets.catalog import entry
from asl_helpers.datasets.samples import Recipe
from asl_helpers.errors import AslError
from asl_helpers.files import FilesError


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """The stand-in CSVs as the data folder, an empty cache, no network."""
    monkeypatch.setenv("ASL_OFFLINE", "1")
    monkeypatch.delenv("ASL_PROFILE", raising=False)
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    write_sign_mnist_csvs(tmp_path / "mine")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "mine"))
    return tmp_path / "cache"


def left_behind(cache):
    return [file for file in cache.rglob("*") if file.is_file()]


def test_the_prepared_copy_holds_the_same_pictures_and_splits(monkeypatch):
    before = asl.load("sign_language_mnist", split="official")
    steps = []
    line = prepare("sign_language_mnist", lambda done, total: steps.append((done, total)))
    assert "720 pictures" in line
    assert steps[-1] == (720, 720)
    monkeypatch.delenv("ASL_DATA_DIR")
    after = asl.load("sign_language_mnist", split="official")
    assert after.info.is_real
    assert after.info.source.endswith("prepared copy")
    assert after.info.sizes == before.info.sizes
    assert after.info.sha256 == before.info.sha256
    for part in before.info.sizes:
        for a, b in zip(before.arrays(part), after.arrays(part), strict=True):
            np.testing.assert_array_equal(a, b)


def test_without_tensorflow_the_error_says_what_to_install(monkeypatch, cache):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(DatasetError, match="needs TensorFlow, which is not installed"):
        prepare("sign_language_mnist")
    assert not cache.exists()


def test_the_builder_alone_is_an_ordinary_tfds_builder(tmp_path):
    builder = tfds.builder("sign_language_mnist", data_dir=tmp_path / "tfds")
    builder.download_and_prepare()
    assert builder.info.splits["train"].num_examples == 480
    assert builder.info.splits["test"].num_examples == 240
    assert builder.info.features["image"].shape == (28, 28, 1)
    assert builder.info.features["label"].names == list("ABCDEFGHIKLMNOPQRSTUVWXY")
    example = next(iter(builder.as_dataset(split="train").as_numpy_iterator()))
    collection = asl.load("sign_language_mnist", split="official").collection
    np.testing.assert_array_equal(example["image"], collection.images.read(np.array([0]))[0])
    assert example["label"] == collection.labels[0]
    assert set(builders.BUILDERS) == {"sign_language_mnist", "asl_alphabet", "asl_synthetic"}


def test_the_builder_reads_tfdss_manual_folder_first(tmp_path, monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR")
    builder = tfds.builder("sign_language_mnist", data_dir=tmp_path / "tfds")
    manual = tfds.download.DownloadConfig(manual_dir=tmp_path / "mine")
    builder.download_and_prepare(download_config=manual)
    assert builder.info.splits["train"].num_examples == 480


def test_jpegs_of_the_right_size_pass_through_unchanged(monkeypatch, tmp_path, cache):
    write_class_folders(tmp_path / "mine" / "asl_alphabet_train", frames=3, side=200)
    original = (tmp_path / "mine" / "asl_alphabet_train" / "A" / "A2.jpg").read_bytes()
    prepare("asl_alphabet")
    records = b"".join(file.read_bytes() for file in cache.rglob("*.tfrecord*"))
    assert original in records
    monkeypatch.delenv("ASL_DATA_DIR")
    data = asl.load("asl_alphabet", size=50, split="random")
    assert data.info.shape == (50, 50, 3)
    assert data.collection.frames[:3].tolist() == [1, 2, 3]


def test_a_large_drawn_set_can_be_prepared(monkeypatch):
    small = Recipe("kaggle", 3, 1, 64, 4, 3, False, False, 1)
    monkeypatch.setattr("asl_helpers.datasets.sources.draw_large", lambda e: draw(e, small))
    monkeypatch.setattr(twin, "_DRAW_AT_ONCE", 20)
    draw = twin.draw_large
    prepare("asl_synthetic")
    data = asl.load("asl_synthetic", split="signer")
    assert data.info.source == f"drawn hands (asl_helpers {asl.__version__}, seed 4), prepared copy"
    assert not data.info.is_real
    assert len(data.info.sha256) == 64
    assert data.info.sizes == {"train": 29, "validation": 29, "test": 29}
    expected = draw(entry("asl_synthetic"), small).images.read(np.arange(87))
    signers = data.collection.signers
    found = data.collection.images.read(np.argsort(np.argsort(signers, kind="stable")))
    assert found.shape == expected.shape
    assert {one.tobytes() for one in found} == {one.tobytes() for one in expected}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_an_error_of_the_disk_while_preparing_leaves_nothing(cache, code):
    def full(done, total):
        if done == 100:
            raise OSError(code, "No space left on device" if code == errno.ENOSPC else "denied")

    with pytest.raises(FilesError, match=r"Could not write .*Nothing was kept"):
        prepare("sign_language_mnist", full)
    assert not left_behind(cache)
    assert "prepared" not in asl.load("sign_language_mnist").info.source


def test_a_disk_full_inside_tensorflows_writer_is_the_same_clear_error(cache):
    code = (
        "import resource, sys\n"
        "from asl_helpers.datasets import prepare\n"
        "from asl_helpers.errors import AslError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))\n"
        "try:\n    prepare('sign_language_mnist')\n"
        "except AslError as error:\n    sys.exit(str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Could not write" in done.stderr
    assert "File too large" in done.stderr
    assert not left_behind(cache)


def test_a_full_disk_keeps_the_older_copy(monkeypatch):
    prepare("sign_language_mnist")

    def full(done, total):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FilesError):
        prepare("sign_language_mnist", full)
    monkeypatch.delenv("ASL_DATA_DIR")
    assert asl.load("sign_language_mnist").info.source.endswith("prepared copy")


def test_an_unreadable_picture_stops_preparing_and_is_named(tmp_path, cache):
    root = tmp_path / "mine" / "asl_alphabet_train"
    write_class_folders(root, frames=3)
    (root / "C" / "C2.jpg").write_bytes(b"hello")
    with pytest.raises(AslError, match=r"C/C2\.jpg is no readable image"):
        prepare("asl_alphabet")
    assert not left_behind(cache)


def damage_records(folder):
    path = next(folder.rglob("*.tfrecord*"))
    path.write_bytes(path.read_bytes()[:-100])


def damage_index(folder):
    path = folder / "index.npz"
    path.write_bytes(path.read_bytes()[:-200])


def damage_note(folder):
    (folder / "source.json").write_text('{"source": ')


def other_classes(folder):
    about = json.loads((folder / "source.json").read_text())
    (folder / "source.json").write_text(json.dumps(about | {"classes": ["A", "B"]}))


def missing_records(folder):
    next(folder.rglob("*.tfrecord*")).unlink()


@pytest.mark.parametrize(
    "damage", [damage_records, damage_index, damage_note, other_classes, missing_records]
)
def test_a_damaged_copy_is_one_clear_error(monkeypatch, damage):
    prepare("sign_language_mnist")
    monkeypatch.delenv("ASL_DATA_DIR")
    damage(prepared.folder_of(entry("sign_language_mnist")))
    with pytest.raises(DatasetError, match=r"prepared sign_language_mnist is .*asl data prepare"):
        asl.load("sign_language_mnist")


def test_rooms_need_no_preparation():
    with pytest.raises(DatasetError, match="nothing to prepare"):
        prepare("asl_rooms")


def test_a_set_in_mixed_order_is_read_back_by_its_parts():
    found = twin.read_twin(entry("asl_synthetic"), 64, "")
    some = np.random.default_rng(0).permutation(len(found))[:60]
    names = ("labels", "frames", "groups", "signers", "parts")
    columns = {name: getattr(found, name)[some] for name in names}
    mixed = replace(found, images=type(found.images)(found.images.array[some]), **columns)
    prepared.write(mixed, entry("asl_synthetic"), lambda n: None)
    again = prepared.read(entry("asl_synthetic"), 64)
    order = np.concatenate([np.flatnonzero(mixed.parts == part) for part in ("train", "test")])
    np.testing.assert_array_equal(again.images.read(np.arange(60)), mixed.images.array[order])
    for name, column in columns.items():
        np.testing.assert_array_equal(getattr(again, name), column[order])
