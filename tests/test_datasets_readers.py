"""Readers of the data sets' own forms, and the one clear error for each kind of bad input."""

import io
import pickle
import struct
import zipfile
import zlib

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
from asl_helpers.datasets.arrays import (
    read_npz,
    read_sign_mnist_csv,
    read_sign_mnist_npz,
    remap_sign_mnist,
)
from asl_helpers.datasets.catalog import DatasetError, entry
from asl_helpers.datasets.folders import read_folders
from asl_helpers.datasets.readers import open_image, read_pictures
from asl_helpers.errors import AslError
from asl_helpers.hand import draw

SIGN, ALPHABET = entry("sign_language_mnist"), entry("asl_alphabet")


@pytest.fixture(scope="module")
def csvs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    write_sign_mnist_csvs(folder)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("alphabet")
    write_class_folders(root / "asl_alphabet_train" / "asl_alphabet_train", frames=6)
    test = root / "asl_alphabet_test" / "asl_alphabet_test"
    test.mkdir(parents=True)
    Image.new("RGB", (20, 20)).save(test / "A_test.jpg")
    return root


def change_csv(folder, tmp_path, part, change):
    """Copy the CSV pair with one file's lines changed."""
    for name in ("train", "test"):
        lines = (folder / f"sign_mnist_{name}.csv").read_text().splitlines()
        lines = change(lines) if name == part else lines
        (tmp_path / f"sign_mnist_{name}.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def set_cell(row, column, value):
    def change(lines):
        cells = lines[row].split(",")
        cells[column] = value
        lines[row] = ",".join(cells)
        return lines

    return change


def test_csv_pair_is_read_with_its_parts_and_labels_0_to_23(csvs):
    found = read_sign_mnist_csv(SIGN, csvs, "stand-in", 28)
    assert found.images.shape == (28, 28, 1)
    assert found.images.read(np.arange(3)).dtype == np.uint8
    assert found.labels.dtype == np.int64
    assert sorted(set(found.labels.tolist())) == list(range(24))
    assert (found.parts == "train").sum() == 24 * 4 * 5
    assert (found.parts == "test").sum() == 24 * 2 * 5
    images, labels, _ = sign_mnist_rows(4, seed=1)
    np.testing.assert_array_equal(found.images.read(np.arange(480))[..., 0], images)
    np.testing.assert_array_equal(
        [STATIC_LETTERS[label] for label in found.labels[:480]],
        ["ABCDEFGHIJKLMNOPQRSTUVWXY"[label] for label in labels],
    )


def test_csv_pair_is_found_one_folder_down_as_in_kaggles_archive(csvs, tmp_path):
    for part in ("train", "test"):
        name = f"sign_mnist_{part}"
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.csv").write_bytes((csvs / f"{name}.csv").read_bytes())
    assert len(read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)) == 24 * 6 * 5


def test_missing_csv_names_the_file_and_the_command(csvs, tmp_path):
    (tmp_path / "sign_mnist_train.csv").write_bytes((csvs / "sign_mnist_train.csv").read_bytes())
    with pytest.raises(DatasetError, match=r"sign_mnist_test\.csv is not in .*asl data prepare"):
        read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines[:-1], lines[-1][:700]], r"cannot be read .*fetch it again"),
        (lambda lines: lines[:1], "a header and no rows"),
        (lambda lines: [], "first line has 1 columns"),
        (lambda lines: lines[1:], "expected label,pixel1"),
        (lambda lines: [line.rsplit(",", 1)[0] for line in lines], "has 784 columns"),
        (lambda lines: [lines[0], lines[1] + ",7", *lines[2:]], "cannot be read"),
        (lambda lines: [lines[0], *(line + ",7" for line in lines[1:])], "more than 785 columns"),
        (set_cell(3, 0, "25"), "label 25 in row 3"),
        (set_cell(3, 0, "9"), "label 9 in row 3.*J is a movement"),
        (set_cell(3, 0, "-1"), "label -1 in row 3"),
        (set_cell(3, 0, "A"), "cannot be read"),
        (set_cell(3, 5, ""), "cannot be read"),
        (set_cell(3, 5, "256"), "pixels run from .* to 256; expected 0-255"),
        (set_cell(3, 5, "0.5"), "cannot be read"),
    ],
    ids=[
        "cut in a row",
        "header only",
        "empty",
        "no header",
        "a column short",
        "a cell too many",
        "a column too many",
        "label 25",
        "label 9",
        "label -1",
        "letter",
        "gap",
        "pixel 256",
        "fraction",
    ],
)
def test_damaged_csv_is_one_clear_error(csvs, tmp_path, change, message):
    folder = change_csv(csvs, tmp_path, "test", change)
    with pytest.raises(DatasetError, match=r"sign_mnist_test\.csv.*" + message):
        read_sign_mnist_csv(SIGN, folder, "stand-in", 28)


def test_binary_rubbish_as_csv_is_a_clear_error(csvs, tmp_path):
    (tmp_path / "sign_mnist_train.csv").write_bytes(b"\x1f\x8b\xff\x00" * 400)
    with pytest.raises(DatasetError, match=r"sign_mnist_train\.csv"):
        read_sign_mnist_csv(SIGN, tmp_path, "stand-in", 28)


def test_remap_closes_the_gap_at_9():
    assert remap_sign_mnist(np.array([0, 8, 10, 24]), "x").tolist() == [0, 8, 9, 23]


def save_npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_npz_is_read_and_says_that_it_is_the_test_part_with_stretched_greys(tmp_path):
    images, labels, _ = sign_mnist_rows()
    path = save_npz(tmp_path / "sign_mnist_test.npz", images=images, labels=labels.astype(np.uint8))
    found = read_sign_mnist_npz(SIGN, path, 28)
    assert found.images.read(np.array([5])).shape == (1, 28, 28, 1)
    assert "test part alone" in found.source
    assert "stretched" in found.source
    assert found.parts is None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((3, 28, 28), np.uint8)}, "no array 'labels'"),
        ({"images": np.zeros((3, 28, 28)), "labels": [0, 1, 2]}, "images are float64"),
        ({"images": np.zeros((3, 32, 32), np.uint8), "labels": [0, 1, 2]}, r"\(3, 32, 32\)"),
        ({"images": np.zeros((3, 784), np.uint8), "labels": [0, 1, 2]}, r"\(3, 784\)"),
        ({"images": np.zeros((3, 28, 28), np.uint8), "labels": [0, 1]}, r"shape \(2,\)"),
        ({"images": np.zeros((3, 28, 28), np.uint8), "labels": [0.0, 1, 2]}, "labels are float64"),
        ({"images": np.zeros((3, 28, 28), np.uint8), "labels": [0, 9, 2]}, "label 9 in row 2"),
        ({"images": np.zeros((0, 28, 28), np.uint8), "labels": np.zeros(0, int)}, "no pictures"),
    ],
)
def test_wrong_npz_is_one_clear_error(tmp_path, arrays, message):
    path = save_npz(tmp_path / "sign_mnist_test.npz", **arrays)
    with pytest.raises(DatasetError, match=message):
        read_sign_mnist_npz(SIGN, path, 28)


class Trap:
    """Unpickling it would run code."""

    def __reduce__(self):
        return (pytest.fail, ("an object array was unpickled",))


def test_npz_with_objects_is_refused_without_running_them(tmp_path):
    trap = np.empty(1, object)
    trap[0] = Trap()
    path = tmp_path / "trap.npz"
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|O", "fortran_order": False, "shape": (1,)}
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", buffer.getvalue() + pickle.dumps(trap))
        archive.writestr("labels.npy", buffer.getvalue() + pickle.dumps(trap))
    with pytest.raises(DatasetError, match="without Python objects"):
        read_npz(path, "images", "labels")


@pytest.mark.parametrize("keep", [0, 10, 400])
def test_cut_npz_is_one_clear_error(tmp_path, keep):
    images, labels, _ = sign_mnist_rows(1, 1)
    path = save_npz(tmp_path / "sign_mnist_test.npz", images=images, labels=labels)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DatasetError, match=r"sign_mnist_test\.npz cannot be read"):
        read_npz(path, "images", "labels")


def test_class_folders_are_read_below_kaggles_repeated_folder(folders):
    found = read_pictures(ALPHABET, folders, 16, "stand-in")
    assert len(found) == 29 * 6
    assert found.class_names == KAGGLE_CLASSES
    assert sorted(found.frames[found.labels == 0].tolist()) == [1, 2, 3, 4, 5, 6]
    pictures = found.images.read(np.array([0, 100]))
    assert pictures.shape == (2, 16, 16, 3)
    assert pictures.dtype == np.uint8
    assert "20 px resized to 16" in found.source


def test_zip_gives_the_same_pictures_and_its_parts(folders, tmp_path):
    train = folders / "asl_alphabet_train" / "asl_alphabet_train"
    path = tmp_path / "asl_alphabet.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(train.rglob("*.jpg")):
            part = "test" if file.stem.endswith("6") else "train"
            archive.write(file, f"{part}/{file.parent.name}/{file.name}")
        archive.writestr("__MACOSX/A/._A1.jpg", b"not a picture")
    found = read_pictures(ALPHABET, path, 20, "stand-in")
    assert len(found) == 29 * 6
    assert (found.parts == "test").sum() == 29
    folder = read_pictures(ALPHABET, folders, 20, "stand-in")
    for label, frame in ((0, 6), (28, 2)):
        a = np.flatnonzero((found.labels == label) & (found.frames == frame))
        b = np.flatnonzero((folder.labels == label) & (folder.frames == frame))
        np.testing.assert_array_equal(found.images.read(a), folder.images.read(b))


def test_class_names_may_differ_in_case(tmp_path):
    write_class_folders(tmp_path / "full", frames=3)
    for name in ("del", "nothing", "space"):
        (tmp_path / "full" / name).rename(tmp_path / "full" / name.capitalize())
    found = read_pictures(entry("asl_rooms"), tmp_path / "full", 20, "stand-in")
    assert np.bincount(found.labels).tolist() == [3] * 29


def test_a_folder_without_pictures_is_one_clear_error(tmp_path):
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "notes.txt").write_text("none")
    with pytest.raises(DatasetError, match=r"holds no pictures.*A/A1\.jpg"):
        read_pictures(ALPHABET, tmp_path, 16, "stand-in")


def test_an_unknown_class_folder_names_the_nearest(tmp_path):
    write_class_folders(tmp_path, frames=1)
    (tmp_path / "space").rename(tmp_path / "spaces")
    with pytest.raises(DatasetError, match=r"folder 'spaces' is no class.*Did you mean 'space'"):
        read_pictures(ALPHABET, tmp_path, 16, "stand-in")


def test_an_empty_class_folder_is_named(tmp_path):
    write_class_folders(tmp_path, frames=1)
    (tmp_path / "Q" / "Q1.jpg").unlink()
    with pytest.raises(DatasetError, match=r"no pictures of class 'Q' \(1 of 29"):
        read_pictures(ALPHABET, tmp_path, 16, "stand-in")


def bomb():
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "bomb"])
def test_an_unreadable_picture_is_named(tmp_path, damage):
    write_class_folders(tmp_path, frames=3, side=64)
    path = tmp_path / "B" / "B2.jpg"
    data = path.read_bytes()
    damaged = {"cut": data[: len(data) // 2], "text": b"hello", "empty": b"", "bomb": bomb()}
    path.write_bytes(damaged[damage])
    found = read_pictures(ALPHABET, tmp_path, 64, "stand-in")
    with pytest.raises(AslError, match=r"B/B2\.jpg is no readable image") as raised:
        found.images.read(np.arange(len(found)))
    assert "object at 0x" not in str(raised.value)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.98])
def test_half_a_zip_is_one_clear_error(folders, tmp_path, keep):
    path = tmp_path / "asl_alphabet.zip"
    zip_folder(folders, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(DatasetError, match=r"no readable zip.*half a download"):
        read_pictures(ALPHABET, path, 16, "stand-in")


def test_a_zip_whose_bytes_changed_is_one_clear_error(folders, tmp_path):
    path = tmp_path / "asl_alphabet.zip"
    zip_folder(folders, path)
    data = bytearray(path.read_bytes())
    place = data.index(b"A/A1.jpg") + 400
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(AslError, match="no readable image"):
        found = read_pictures(ALPHABET, path, 16, "stand-in")
        found.images.read(np.arange(len(found)))


def test_a_zip_cannot_write_outside_its_folder(folders, tmp_path):
    path = tmp_path / "inner" / "asl_alphabet.zip"
    path.parent.mkdir()
    zip_folder(folders / "asl_alphabet_train" / "asl_alphabet_train", path)
    with zipfile.ZipFile(path, "a") as archive:
        jpeg = next((folders / "asl_alphabet_train").rglob("A1.jpg")).read_bytes()
        archive.writestr("../A/A99.jpg", jpeg)
    found = read_pictures(ALPHABET, path, 16, "stand-in")
    found.images.read(np.arange(len(found)))
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["asl_alphabet.zip"]


def test_an_entry_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "asl_alphabet.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A/A1.jpg", bytes(21 * 2**20))
    with pytest.raises(DatasetError, match="unpacks to more than 20 MB"):
        read_pictures(ALPHABET, path, 16, "stand-in")


def test_a_large_set_is_decoded_as_needed_not_kept(folders, monkeypatch):
    monkeypatch.setattr("asl_helpers.datasets.readers._KEEP_BYTES", 1000)
    found = read_pictures(ALPHABET, folders, 16, "stand-in")
    assert found.images._kept is None
    small = read_pictures(ALPHABET, folders, 16, "stand-in")
    np.testing.assert_array_equal(found.images.read(np.arange(5)), small.images.read(np.arange(5)))


def encoded(pixels, kind, **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def test_images_stored_turned_are_read_upright(tmp_path):
    """A phone stores what the chip saw and notes in EXIF tag 274 that it is to be turned."""
    hands = [draw(x, size=64, side=side) for x in STATIC_LETTERS for side in ("left", "right")]
    exif = Image.Exif()
    exif[274] = 6
    for number, hand in enumerate(hands):
        path = tmp_path / f"{'AB'[number % 2]}" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(np.rot90(hand), "PNG", exif=exif))
        np.testing.assert_array_equal(open_image(path), hand)
        np.testing.assert_array_equal(open_image(path.read_bytes()), hand)
    found = read_folders(tmp_path, 64)
    images = {image.tobytes() for image in found.images.read(np.arange(48))}
    assert images == {hand.tobytes() for hand in hands}


def test_16_bit_grey_is_scaled_and_not_clipped():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = open_image(encoded(grey.astype(np.uint16) * 257, "PNG"))
    np.testing.assert_array_equal(found, grey[..., None].repeat(3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_white_shows_through_where_an_image_is_transparent(kind):
    pixels = np.full((8, 8, 4), (200, 0, 0, 255), np.uint8)
    pixels[:, 4:] = (9, 9, 9, 0)
    found = open_image(encoded(pixels, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (found[:, :4] == (200, 0, 0)).all()
    assert (found[:, 4:] == 255).all()


def test_palettes_with_a_transparent_color_and_grey_with_alpha_too():
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 250, 0, 0])
    for image, options in ((palette, {"transparency": 1}), (Image.new("LA", (4, 4), (9, 0)), {})):
        out = io.BytesIO()
        image.save(out, "PNG", **options)
        assert (open_image(out.getvalue()) == 255).all()


def test_webp_is_read_like_any_other(tmp_path):
    hand = photos(1, 32)[0][..., None].repeat(3, axis=2)
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "A1.webp").write_bytes(encoded(hand, "WEBP", lossless=True))
    np.testing.assert_array_equal(read_folders(tmp_path, 32).images.read([0])[0], hand)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no readable image .of no known format"),
        (b"\0\0\0\x18ftypheic", "no readable image .*Expected JPEG, PNG, WebP"),
        (b"\xff\xd8\xff half an image", "no readable image"),
    ],
)
def test_what_is_no_image_is_one_clear_error(content, message, tmp_path):
    path = tmp_path / "hand.jpg"
    path.write_bytes(content)
    with pytest.raises(AslError, match=r"hand\.jpg is " + message):
        open_image(path)
    with pytest.raises(AslError, match="The upload is " + message):
        open_image(content)
    with pytest.raises(AslError, match=r"no image at .*none\.png"):
        open_image(tmp_path / "none.png")


def test_an_image_of_too_many_pixels_is_refused():
    with pytest.raises(AslError, match="bomb"):
        open_image(bomb())
    small_file_of_many_pixels = encoded(np.zeros((8000, 8000), np.uint8), "PNG")
    with pytest.raises(AslError, match="8000 x 8000 pixels, more than a camera gives"):
        open_image(small_file_of_many_pixels)
