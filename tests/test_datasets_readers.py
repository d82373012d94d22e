"""Readers of images, class folders, tables and archives, and the one clear error for bad input."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image
from standins import (
    photos,
    sign_mnist_rows,
    write_class_folders,
    write_sign_mnist_csvs,
    zip_folder,
)

from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.datasets import readers
from asl_helpers.datasets.catalog import entry
from asl_helpers.datasets.readers import (
    open_image,
    read_folder,
    read_npz,
    read_sign_mnist_csv,
    read_sign_mnist_npz,
)
from asl_helpers.errors import AslError
from asl_helpers.hand import draw

SIGN, ALPHABET = entry("sign_language_mnist"), entry("asl_alphabet")


def encoded(pixels, kind="PNG", **options):
    out = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(out, kind, **options)
    return out.getvalue()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# One image


def test_images_stored_turned_are_read_upright(tmp_path):
    """A phone stores what the chip saw and notes in EXIF tag 274 that it is to be turned."""
    hands = [draw(x, size=64, side=side) for x in STATIC_LETTERS for side in ("left", "right")]
    exif = Image.Exif()
    exif[274] = 6
    for number, hand in enumerate(hands):
        path = tmp_path / "AB"[number % 2] / f"{number}.png"
        write(path, encoded(np.rot90(hand), exif=exif))
        np.testing.assert_array_equal(open_image(path), hand)
        np.testing.assert_array_equal(open_image(path.read_bytes()), hand)
    found = read_folder(tmp_path, 64)
    images = found.images[np.arange(48)]
    np.testing.assert_array_equal(images, [hands[number] for number in found.frames])


def test_16_bit_grey_is_scaled_and_not_clipped():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = open_image(encoded(grey.astype(np.uint16) * 257))
    np.testing.assert_array_equal(found, grey[..., None].repeat(3, axis=2))


def test_white_shows_through_where_an_image_is_transparent():
    pixels = np.full((8, 8, 4), (200, 0, 0, 255), np.uint8)
    pixels[:, 4:] = (9, 9, 9, 0)
    for content in (encoded(pixels), encoded(pixels, "WEBP", lossless=True)):
        found = open_image(content)
        assert (found[:, :4] == (200, 0, 0)).all()
        assert (found[:, 4:] == 255).all()
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 250, 0, 0])
    for content in (encoded(palette, transparency=1), encoded(Image.new("LA", (4, 4), (9, 0)))):
        assert (open_image(content) == 255).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no readable image .of no known format"),
        (b"\0\0\0\x18ftypheic", "no readable image .*Expected JPEG, PNG, WebP"),
        (b"\xff\xd8\xff half an image", "no readable image"),
        (encoded(photos(1, 256)[0], "JPEG")[:1500], "no readable image"),
        (encoded(np.zeros((8000, 8000), np.uint8)), "has 8000 x 8000 pixels"),
    ],
    ids=["empty", "heic", "rubbish", "cut", "large"],
)
def test_what_is_no_image_is_one_clear_error(content, message, tmp_path):
    path = tmp_path / "hand.jpg"
    path.write_bytes(content)
    with pytest.raises(AslError, match=r"hand\.jpg (is )?" + message) as raised:
        open_image(path)
    with pytest.raises(AslError, match="The upload (is )?" + message):
        open_image(content)
    assert "object at 0x" not in str(raised.value)


def test_a_bomb_and_a_missing_file_are_one_clear_error(monkeypatch, tmp_path):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(AslError, match=r"no readable image .*bomb"):
        open_image(encoded(np.zeros((8, 8), np.uint8)))
    with pytest.raises(AslError, match=r"no image at .*none\.png"):
        open_image(tmp_path / "none.png")


# Class folders and zips


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("alphabet")
    write_class_folders(root / "asl_alphabet_train" / "asl_alphabet_train", frames=6)
    one = encoded(np.zeros((20, 20, 3), np.uint8), "JPEG")
    write(root / "asl_alphabet_test" / "asl_alphabet_test" / "A_test.jpg", one)
    return root


def test_class_folders_are_read_below_kaggles_repeated_folder(folders):
    found = read_folder(folders, 16, ALPHABET, "stand-in")
    assert len(found) == 29 * 6
    assert found.class_names == KAGGLE_CLASSES
    assert sorted(found.frames[found.labels == 0].tolist()) == [1, 2, 3, 4, 5, 6]
    assert found.parts is None
    images = found.images[np.array([0, 100])]
    assert images.shape == (2, 16, 16, 3)
    assert images.dtype == np.uint8
    assert "20 px resized to 16" in found.source


def test_zip_gives_the_same_images_and_its_parts_and_nothing_is_extracted(folders, tmp_path):
    train = folders / "asl_alphabet_train" / "asl_alphabet_train"
    path = tmp_path / "inner" / "asl_alphabet.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(train.rglob("*.jpg")):
            part = "test" if file.stem.endswith("6") else "../train"
            archive.write(file, f"{part}/{file.parent.name}/{file.name}")
    found = read_folder(path, 20, ALPHABET, "stand-in")
    assert len(found) == 29 * 6
    assert (found.parts == "test").sum() == 29
    folder = read_folder(folders, 20, ALPHABET, "stand-in")
    for label, frame in ((0, 6), (28, 2)):
        a = np.flatnonzero((found.labels == label) & (found.frames == frame))
        b = np.flatnonzero((folder.labels == label) & (folder.frames == frame))
        np.testing.assert_array_equal(found.images[a], folder.images[b])
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["asl_alphabet.zip"]


def test_the_readers_own_classes_in_webp_and_what_file_managers_leave_behind(tmp_path):
    hands = photos(4, 32)[..., None].repeat(3, axis=3)
    for number, hand in enumerate(hands):
        name = "ab"[number % 2]
        write(tmp_path / "mine" / name / f"x{number}.webp", encoded(hand, "WEBP", lossless=True))
    for rubbish in ("a/._x0.webp", "__MACOSX/a/x0.png", "a/.ipynb_checkpoints/x0.png", ".d/x.png"):
        write(tmp_path / "mine" / rubbish, b"no image")
    zip_folder(tmp_path / "mine", tmp_path / "mine.zip")
    for root in (tmp_path / "mine", tmp_path / "mine.zip"):
        found = read_folder(root, 32)
        assert found.class_names == ("A", "B")
        assert found.labels.tolist() == [0, 0, 1, 1]
        np.testing.assert_array_equal(found.images[np.arange(4)], hands[[0, 2, 1, 3]])


def test_files_that_cannot_be_read_are_counted_and_a_folder_of_them_is_named(tmp_path):
    write_class_folders(tmp_path / "mine", frames=3)
    (tmp_path / "mine" / "space").rename(tmp_path / "mine" / "Space")  # names may differ in case
    write(tmp_path / "mine" / "A" / "A4.heic", b"")
    write(tmp_path / "mine" / "B" / "B4.HEIC", b"")
    found = read_folder(tmp_path / "mine", 20, ALPHABET)
    assert "without 2 files that cannot be read" in found.source
    assert np.bincount(found.labels).tolist() == [3] * 29
    write(tmp_path / "mine" / "Umlaut" / "U1.heic", b"")
    with pytest.raises(AslError, match=r"nothing in class folder Umlaut can be read .3 files such"):
        read_folder(tmp_path / "mine", 20)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: [file.unlink() for file in root.rglob("*.jpg")], "holds no images.*A/A1"),
        (lambda root: (root / "space").rename(root / "spaces"), "'spaces'.*mean 'space'"),
        (lambda root: (root / "Q" / "Q1.jpg").unlink(), r"no images of class 'Q' \(1 of 29"),
        (lambda root: (root / "Q" / "Q1.jpg").rename(root / "Q1.jpg"), "outside class folders"),
        (lambda root: (root / "B" / "B1.jpg").write_bytes(b"hello"), "B/B1.jpg is no readable"),
    ],
)
def test_wrong_class_folders_are_one_clear_error(tmp_path, change, message):
    write_class_folders(tmp_path, frames=1)
    change(tmp_path)
    with pytest.raises(AslError, match=message):
        found = read_folder(tmp_path, 16, ALPHABET)
        found.images[np.arange(len(found))]


def test_a_cut_or_changed_zip_is_one_clear_error(folders, tmp_path):
    path = tmp_path / "asl_alphabet.zip"
    zip_folder(folders, path)
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: int(len(data) * 0.98)])
    with pytest.raises(AslError, match=r"asl_alphabet\.zip is no readable zip.*half a download"):
        read_folder(path, 16, ALPHABET)
    start = data.index(b"A/A1.jpg") + 400
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(AslError, match=r"A/A1\.jpg is no readable .*CRC"):
        found = read_folder(path, 16, ALPHABET)
        found.images[np.arange(len(found))]


def test_an_entry_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "asl_alphabet.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A/A1.jpg", bytes(21 * 2**20))
    with pytest.raises(AslError, match="unpacks to more than 20 MB"):
        read_folder(path, 16)


def test_a_large_set_is_decoded_as_needed_not_kept(folders, monkeypatch):
    small = read_folder(folders, 16, ALPHABET)
    monkeypatch.setattr(readers, "_KEEP_BYTES", 1000)
    large = read_folder(folders, 16, ALPHABET)
    assert large.images._kept is None
    np.testing.assert_array_equal(large.images[np.arange(5)], small.images[np.arange(5)])


# Tables and archives


@pytest.fixture(scope="module")
def csvs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    write_sign_mnist_csvs(folder)
    return folder


def test_csv_pair_is_read_with_its_parts_and_labels_0_to_23(csvs):
    found = read_sign_mnist_csv(SIGN, csvs, "stand-in", 28)
    assert found.images.shape == (720, 28, 28, 1)
    assert found.labels.dtype == np.int64
    assert (found.parts == "train").sum() == 24 * 4 * 5
    assert (found.parts == "test").sum() == 24 * 2 * 5
    images, labels, _ = sign_mnist_rows(4, seed=1)
    np.testing.assert_array_equal(found.images[np.arange(480)][..., 0], images)
    names = [STATIC_LETTERS[label] for label in found.labels[:480]]
    assert names == ["ABCDEFGHIJKLMNOPQRSTUVWXY"[label] for label in labels]


def test_csv_pair_is_found_one_folder_down_and_a_missing_file_is_named(csvs, tmp_path):
    for part in ("train", "test"):
        with pytest.raises(AslError, match=rf"sign_mnist_{part}\.csv is not in .*data prepare"):
            read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)
        name = f"sign_mnist_{part}.csv"
        write(tmp_path / part / name, (csvs / name).read_bytes())
    assert len(read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)) == 24 * 6 * 5


def set_cell(column, value):
    def change(lines):
        cells = lines[3].split(",")
        cells[column] = value
        return [*lines[:3], ",".join(cells), *lines[4:]]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda lines: [*lines[:-1], lines[-1][:700]], "", id="cut in a row"),
        pytest.param(lambda lines: lines[:1], "no rows", id="header only"),
        pytest.param(lambda lines: lines[1:], "other columns", id="no header"),
        pytest.param(set_cell(0, "25"), "label 25 in row 3", id="label 25"),
        pytest.param(set_cell(0, "9"), "label 9 in row 3, not 0-24 without 9", id="label 9"),
        pytest.param(set_cell(5, ""), "", id="gap"),
        pytest.param(set_cell(5, "256"), "pixels from .* to 256", id="pixel 256"),
        pytest.param(lambda lines: ["\x1f\x8b\udcff\0" * 400], "", id="binary"),
    ],
)
def test_damaged_csv_is_one_clear_error(csvs, tmp_path, change, message):
    for name in ("sign_mnist_train.csv", "sign_mnist_test.csv"):
        lines = (csvs / name).read_text().splitlines()
        lines = change(lines) if "test" in name else lines
        (tmp_path / name).write_text("\n".join(lines) + "\n", errors="surrogateescape")
    with pytest.raises(
        AslError, match=rf"sign_mnist_test\.csv cannot be read \(.*{message}.*0-255"
    ):
        read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)


def test_npz_is_read_and_says_that_it_is_the_test_part_with_stretched_greys(tmp_path):
    images, labels, _ = sign_mnist_rows()
    path = tmp_path / "sign_mnist_test.npz"
    np.savez(path, images=images, labels=labels.astype(np.uint8))
    found = read_sign_mnist_npz(SIGN, path, 28)
    np.testing.assert_array_equal(found.images[np.arange(480)][..., 0], images)
    np.testing.assert_array_equal(found.labels, labels - (labels > 9))
    assert "test part alone" in found.source
    assert "stretched" in found.source
    assert found.parts is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((3, 28, 28), np.uint8)}, "no array 'labels'"),
        ({"images": np.zeros((3, 32, 32), np.uint8), "labels": [0, 1, 2]}, r"\(3, 32, 32\)"),
        ({"images": np.zeros((3, 28, 28), np.uint8), "labels": [0, 1]}, "3 images but 2 labels"),
        ({"images": np.zeros((3, 28, 28), np.uint8), "labels": [0, 9, 2]}, "label 9 in row 2"),
    ],
)
def test_wrong_npz_is_one_clear_error(tmp_path, arrays, message):
    np.savez(tmp_path / "sign_mnist_test.npz", **arrays)
    with pytest.raises(AslError, match=message):
        read_sign_mnist_npz(SIGN, tmp_path / "sign_mnist_test.npz", 28)


class Trap:
    """Unpickling it would run code."""

    def __reduce__(self):
        return (pytest.fail, ("an object array was unpickled",))


def test_npz_with_objects_or_cut_short_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|O", "fortran_order": False, "shape": (1,)}
    )
    trap = np.array([Trap()], object)
    with zipfile.ZipFile(tmp_path / "trap.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + pickle.dumps(trap))
    np.savez(tmp_path / "cut.npz", images=photos(24))
    write(tmp_path / "cut.npz", (tmp_path / "cut.npz").read_bytes()[:400])
    for name in ("trap.npz", "cut.npz"):
        with pytest.raises(AslError, match=rf"{name} cannot be read .*without Python objects"):
            read_npz(tmp_path / name, "images")
