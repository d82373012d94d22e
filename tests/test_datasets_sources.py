"""Where data come from: the order of sources, prepared copies, Kaggle out of reach, the samples."""

import subprocess
import sys
import threading
from dataclasses import replace
from functools import cache as cache_of
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from standins import mark_download, write_class_folders, write_sign_mnist_csvs
from typer.testing import CliRunner

import asl_helpers as asl
from asl_helpers import cli, files
from asl_helpers.alphabet import STATIC_LETTERS, class_names
from asl_helpers.datasets import sources
from asl_helpers.datasets.builders import prepare
from asl_helpers.datasets.catalog import CATALOG, entry
from asl_helpers.datasets.sources import RECIPES, Recipe, where
from asl_helpers.errors import AslError
from tools.draw_samples import encode, write_samples

SIGN, ALPHABET = entry("sign_language_mnist"), entry("asl_alphabet")
SAMPLES = files.project_data() / "samples"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache, no data folder, a network that may be asked but leads nowhere."""
    proxies = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    for name in ("ASL_DATA_DIR", "ASL_PROFILE", "ASL_OFFLINE", *proxies):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sources, "_KAGGLE", "http://127.0.0.1:9/")
    monkeypatch.setattr(sources, "_silence", cache_of(sources._silence.__wrapped__))
    return tmp_path / "cache"


@pytest.fixture
def mine(monkeypatch, tmp_path):
    """A data folder with stand-ins of Kaggle's CSVs."""
    write_sign_mnist_csvs(tmp_path / "mine")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "mine"))
    return tmp_path / "mine"


def asl_data(*arguments):
    return CliRunner().invoke(cli.app, ["data", *arguments], env={"COLUMNS": "120"})


# The order of sources


def test_the_order_of_sources(cache, tmp_path, monkeypatch):
    monkeypatch.setitem(CATALOG, SIGN.name, replace(SIGN, count=720))
    seen = []

    def take():
        data = asl.load("sign_language_mnist", split="official", verbose=False)
        seen.append((where(SIGN), data.info.source))

    take()
    write_sign_mnist_csvs(tmp_path / "download", seed=10)
    mark_download(cache, "sign_language_mnist", tmp_path / "download")
    take()
    prepare("sign_language_mnist")
    take()
    write_sign_mnist_csvs(tmp_path / "mine")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "mine"))
    take()
    assert [source for source, _ in seen] == [
        "drawn twin",
        "Kaggle, downloaded",
        "prepared copy",
        "ASL_DATA_DIR (sign_mnist_train.csv)",
    ]
    assert seen[0][1].startswith("drawn twin")
    assert seen[1][1].startswith("Sign Language MNIST, from Kaggle")
    assert seen[2][1] == seen[1][1] + ", prepared copy"
    assert seen[3][1].startswith("Sign Language MNIST (")


def test_damage_in_the_data_folder_is_an_error_not_another_source(mine):
    (mine / "sign_mnist_test.csv").write_bytes(b"label")
    with pytest.raises(AslError, match="cannot be read"):
        asl.load("sign_language_mnist")


def test_without_a_home_one_message_names_the_switch(monkeypatch):
    """As in a container that runs as a user whom the system does not know."""
    import pwd

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.delenv("ASL_CACHE_DIR")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(AslError, match="Set ASL_CACHE_DIR to a folder"):
        asl.load("sign_language_mnist")


# Kaggle


def test_kagglehub_fetches_once_and_what_it_could_not_fetch_is_not_used(
    monkeypatch, tmp_path, capsys
):
    write_sign_mnist_csvs(tmp_path / "published")
    monkeypatch.setitem(CATALOG, SIGN.name, replace(SIGN, count=720))
    monkeypatch.setenv("ASL_PROFILE", "full")
    monkeypatch.setattr(sources, "_silence", lambda: "")
    answers = [ValueError("the archive was cut"), str(tmp_path / "published")]

    def download(handle):
        assert handle == SIGN.kaggle
        answer = answers.pop(0)  # an error when it is asked a third time
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("kagglehub.dataset_download", download)
    assert not asl.load(SIGN.name).info.is_real
    assert "out of reach: kagglehub failed: the archive was cut" in capsys.readouterr().out
    data = asl.load(SIGN.name, split="official")
    assert data.info.source == "Sign Language MNIST, from Kaggle (both parts)"
    assert data.info.sizes["test"] == 240
    assert asl.load(SIGN.name).info.is_real


@pytest.mark.parametrize(
    ("switches", "why"),
    [
        ({}, "the real one: asl data prepare sign_language_mnist"),
        ({"ASL_PROFILE": "full", "ASL_OFFLINE": "1"}, "out of reach: ASL_OFFLINE is set"),
    ],
    ids=["quick", "offline"],
)
def test_a_quick_run_and_an_offline_one_never_ask_the_network(monkeypatch, capsys, switches, why):
    monkeypatch.setattr(sources, "_silence", lambda: pytest.fail("the network was asked"))
    for name, value in switches.items():
        monkeypatch.setenv(name, value)
    assert not asl.load("sign_language_mnist").info.is_real
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "drawn twin of sign_language_mnist" in out and why in out
    assert where(SIGN) == "drawn twin"


@pytest.mark.parametrize("in_colab", [False, True])
def test_no_network_gives_the_twin_and_kaggle_is_asked_once(monkeypatch, capsys, in_colab):
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    else:
        monkeypatch.setenv("ASL_PROFILE", "full")
    assert not asl.load("sign_language_mnist").info.is_real
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "Kaggle cannot be reached (ConnectionError)" in out
    monkeypatch.setattr("requests.head", lambda *_, **__: pytest.fail("asked again"))
    assert not asl.load("sign_language_mnist").info.is_real


def test_looking_up_a_name_for_ever_is_given_up(monkeypatch):
    assert sources.PROBE_SECONDS < 10
    held = threading.Event()
    monkeypatch.setattr("requests.head", lambda *_, **__: held.wait())
    monkeypatch.setattr(sources, "PROBE_SECONDS", 0.1)
    assert "does not answer" in sources._silence()
    held.set()


def test_preparing_without_a_network_is_an_error_and_makes_nothing(cache):
    with pytest.raises(AslError, match=r"out of reach: .*Nothing was prepared.*ASL_DATA_DIR"):
        prepare("sign_language_mnist")
    assert where(SIGN) == "drawn twin"


def test_a_download_is_read_when_complete_and_an_error_otherwise(cache, tmp_path, monkeypatch):
    monkeypatch.setitem(CATALOG, ALPHABET.name, replace(ALPHABET, count=29 * 5))
    train = tmp_path / "1" / "asl_alphabet_train" / "asl_alphabet_train"
    write_class_folders(train, frames=5)
    mark_download(cache, "asl_alphabet", tmp_path / "1")
    data = asl.load("asl_alphabet", split="random", size=16)
    assert data.info.is_real
    assert sum(data.info.sizes.values()) == 29 * 5
    Path(train / "Z" / "Z5.jpg").unlink()
    with pytest.raises(AslError, match=r"144 images, .* has 145; half a download\?"):
        asl.load("asl_alphabet", size=16)


# Prepared copies


def test_the_prepared_copy_holds_the_same_images_in_ordinary_tfds_records(mine, monkeypatch, cache):
    import tensorflow_datasets as tfds

    before = asl.load("sign_language_mnist", split="official")
    done = asl_data("prepare", "sign_language_mnist")
    assert "sign_language_mnist: 720 images in" in done.stdout
    monkeypatch.delenv("ASL_DATA_DIR")
    after = asl.load("sign_language_mnist", split="official")
    assert after.info == replace(before.info, source=f"{before.info.source}, prepared copy")
    for part in before.info.sizes:
        np.testing.assert_array_equal(before.arrays(part)[0], after.arrays(part)[0])
        np.testing.assert_array_equal(before.arrays(part)[1], after.arrays(part)[1])
    builder = tfds.builder("sign_language_mnist", data_dir=cache / "tfds")
    sizes = {name: part.num_examples for name, part in builder.info.splits.items()}
    assert sizes == {"train": 480, "test": 240}
    assert builder.info.features["image"].shape == (28, 28, 1)
    assert builder.info.features["label"].names == list(STATIC_LETTERS)
    example = next(iter(builder.as_dataset(split="train").as_numpy_iterator()))
    np.testing.assert_array_equal(example["image"], before.collection.images[0])
    assert example["label"] == before.collection.labels[0]


def test_jpegs_of_the_right_size_pass_through_unchanged(mine, monkeypatch, cache):
    write_class_folders(mine / "asl_alphabet_train", frames=3, side=200)
    original = (mine / "asl_alphabet_train" / "A" / "A2.jpg").read_bytes()
    prepare("asl_alphabet")
    assert original in b"".join(file.read_bytes() for file in cache.rglob("*.tfrecord*"))
    monkeypatch.delenv("ASL_DATA_DIR")
    data = asl.load("asl_alphabet", size=50, split="random")
    assert data.info.shape == (50, 50, 3)
    assert data.collection.frames[:3].tolist() == [1, 2, 3]
    assert data.collection.signers is None


def test_a_large_drawn_set_can_be_prepared(monkeypatch):
    small = Recipe("kaggle", 3, 1, 64, 4, 3, False, False, 1)
    monkeypatch.setattr(sources, "LARGE", small)
    prepare("asl_synthetic")
    data = asl.load("asl_synthetic", split="signer")
    assert data.info.source == f"drawn hands (asl_helpers {asl.__version__}, seed 4), prepared copy"
    assert not data.info.is_real
    assert len(data.info.sha256) == 64
    assert data.info.sizes == {"train": 29, "validation": 29, "test": 29}
    drawn = sources.draw_sample(small)
    order = np.argsort(drawn["parts"] == "test", kind="stable")
    for name in ("labels", "signers", "groups", "frames"):
        np.testing.assert_array_equal(getattr(data.collection, name), drawn[name][order])
    found = data.collection.images[np.arange(87)]
    np.testing.assert_array_equal(found, drawn["images"][order])


def test_an_unreadable_image_stops_preparing_and_is_named(mine, cache):
    root = mine / "asl_alphabet_train"
    write_class_folders(root, frames=3)
    (root / "C" / "C2.jpg").write_bytes(b"hello")
    with pytest.raises(AslError, match=r"C/C2\.jpg is no readable image"):
        prepare("asl_alphabet")
    assert where(ALPHABET) != "prepared copy"
    assert not list(cache.rglob("*.tfrecord*"))


def test_a_full_disk_is_a_clear_error_and_nothing_is_kept(mine, cache):
    code = (
        "import resource, sys\n"
        "from asl_helpers.datasets.builders import prepare\n"
        "from asl_helpers.errors import AslError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))\n"
        "try:\n    prepare('sign_language_mnist')\n"
        "except AslError as error:\n    sys.exit(str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "could not be prepared" in done.stderr
    assert "File too large" in done.stderr
    assert where(replace(SIGN, files=())) == "drawn twin"


def test_a_damaged_copy_is_one_clear_error(mine, monkeypatch, cache):
    prepare("sign_language_mnist")
    monkeypatch.delenv("ASL_DATA_DIR")
    records, features = (next(cache.rglob(name)) for name in ("*.tfrecord*", "features.json"))
    for path in (features, records):
        content = path.read_bytes()
        path.write_bytes(content[:-100])
        with pytest.raises(AslError, match=r"prepared sign_language_mnist is .*asl data prepare"):
            asl.load("sign_language_mnist")
        path.write_bytes(content)
    records.unlink()
    with pytest.raises(AslError, match=r"prepared sign_language_mnist is .*asl data prepare"):
        asl.load("sign_language_mnist")


# The command line


def test_list_shows_every_set_with_its_source(monkeypatch):
    done = asl_data("list")
    assert done.exit_code == 0
    for name in CATALOG:
        assert name in done.output
    assert "200 x 200 x 3" in done.output
    found = [where(known) for known in CATALOG.values()]
    assert found == ["drawn twin", "drawn twin", "none outside ASL_DATA_DIR", "drawn"]
    monkeypatch.setenv("ASL_PROFILE", "full")
    assert where(SIGN) == "Kaggle, to be downloaded"


def test_show_draws_a_sheet_of_every_class_and_prints_its_path(tmp_path):
    done = asl_data("show", "sign_language_mnist", "--out", str(tmp_path / "sheet.png"))
    assert done.output.strip() == str(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    assert pixels.shape[1] > 1000
    assert 0.05 < np.mean(pixels < 250) < 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "asl_alphabt"), "Did you mean 'asl_alphabet'?"),
        (("prepare", "sign_mnist"), "Did you mean 'sign_language_mnist'?"),
        (("prepare", "asl_rooms"), "nothing to prepare"),
        (("show", "asl_rooms"), "no drawn twin"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(monkeypatch, capsys, arguments, message):
    monkeypatch.setattr("sys.argv", ["asl", "data", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1


# The embedded samples


@pytest.fixture(scope="module", params=RECIPES)
def kept(request):
    return request.param, sources.read_sample(SAMPLES / f"{request.param}.npz")


def test_checksums_list_every_sample():
    lines = (SAMPLES / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    assert set(listed) == {path.name for path in SAMPLES.glob("*.npz")}
    assert set(listed) >= {f"{name}.npz" for name in RECIPES}
    for name, digest in listed.items():
        files.check_sha256(SAMPLES / name, digest)
    assert sum((SAMPLES / name).stat().st_size for name in listed) < 7e6


def test_samples_fit_the_catalog_and_no_signer_is_on_both_sides(kept):
    name, arrays = kept
    recipe = RECIPES[name]
    names = class_names(recipe.classes)
    assert arrays["images"].dtype == np.uint8
    assert arrays["images"].shape[1:] == CATALOG[name].shape
    assert names == CATALOG[name].class_names
    np.testing.assert_array_equal(np.bincount(arrays["labels"]), recipe.clips * recipe.frames)
    assert len(np.unique(arrays["groups"])) == recipe.clips * len(names)
    assert set(arrays["parts"]) == {"train", "test"}
    for column in ("groups", "signers"):
        sides = [set(arrays[column][arrays["parts"] == part]) for part in ("train", "test")]
        assert not sides[0] & sides[1]


def test_kept_images_are_what_the_code_draws(kept, tmp_path):
    """After a change of poses or renderer this fails until `make samples` has run."""
    name, arrays = kept
    recipe = RECIPES[name]
    clips = [1, len(class_names(recipe.classes)) * recipe.clips - 1]
    np.savez(tmp_path / "drawn.npz", **encode(recipe, sources.draw_sample(recipe, only=clips)))
    drawn = sources.read_sample(tmp_path / "drawn.npz")
    rows = np.flatnonzero(np.isin(arrays["groups"], clips))
    np.testing.assert_array_equal(drawn["labels"], arrays["labels"][rows])
    # Equal on one machine; another's sine and JPEG library may move a few grey levels by one.
    difference = np.abs(drawn["images"].astype(int) - arrays["images"][rows])
    assert difference.mean() < 0.05


def test_the_same_recipe_gives_the_same_bytes(tmp_path, monkeypatch):
    small = replace(RECIPES["asl_alphabet"], clips=2, frames=1, size=24, signers=2)
    monkeypatch.setitem(RECIPES, "asl_alphabet", small)
    digests = []
    for name in ("one", "two"):
        (npz,) = write_samples(tmp_path / name, ["asl_alphabet"])
        digests.append(files.sha256(npz))
        sums = (tmp_path / name / "SHA256SUMS").read_text(encoding="utf-8")
        assert sums == f"{digests[-1]}  asl_alphabet.npz\n"
    assert digests[0] == digests[1]
    assert sources.read_sample(npz)["images"].shape == (58, 24, 24, 3)


@pytest.mark.parametrize("damage", ["labels", "jpeg", "cut"])
def test_a_damaged_sample_is_one_clear_error(tmp_path, monkeypatch, damage):
    whole = dict(np.load(SAMPLES / "asl_alphabet.npz", allow_pickle=False))
    changed = {"labels": whole["labels"][:-1], "jpeg": np.zeros_like(whole["jpeg"]), "cut": None}
    (tmp_path / "samples").mkdir()
    path = tmp_path / "samples" / "asl_alphabet.npz"
    np.savez(path, **(whole | {damage: changed[damage]}) if damage != "cut" else whole)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    monkeypatch.setattr(files, "project_data", lambda: tmp_path)
    with pytest.raises(AslError, match=r"435 images but 434 labels|alphabet\.npz (is no|cannot)"):
        asl.load("asl_alphabet")
