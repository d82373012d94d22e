"""The embedded samples: whole, listed, small, and what the code draws today."""

from dataclasses import replace

import numpy as np
import pytest

from asl_helpers import files
from asl_helpers.alphabet import class_names
from asl_helpers.datasets import samples
from asl_helpers.datasets.catalog import CATALOG, DatasetError

FOLDER = files.project_data() / "samples"


@pytest.fixture(scope="module", params=samples.RECIPES)
def kept(request):
    return request.param, samples.read_sample(FOLDER / f"{request.param}.npz")


def test_checksums_list_every_sample():
    lines = (FOLDER / samples.SUMS).read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    assert set(listed) == {path.name for path in FOLDER.glob("*.npz")}
    assert set(listed) >= {f"{name}.npz" for name in samples.RECIPES}
    for name, digest in listed.items():
        files.check_sha256(FOLDER / name, digest)
    assert sum((FOLDER / name).stat().st_size for name in listed) < 7e6


def test_arrays_fit_the_catalog_and_each_other(kept):
    name, arrays = kept
    made = samples.recipe(name)
    names = class_names(made.classes)
    assert arrays["images"].dtype == np.uint8
    assert arrays["images"].shape[1:] == CATALOG[name].shape
    assert names == CATALOG[name].class_names
    np.testing.assert_array_equal(np.bincount(arrays["labels"]), made.clips * made.frames)
    assert len(np.unique(arrays["groups"])) == made.clips * len(names)


def test_no_signer_and_no_clip_is_on_both_sides(kept):
    _, arrays = kept
    assert set(arrays["parts"]) == {"train", "test"}
    for column in ("groups", "signers"):
        sides = [set(arrays[column][arrays["parts"] == part]) for part in ("train", "test")]
        assert not sides[0] & sides[1]


def test_kept_pictures_are_what_the_code_draws(kept):
    """After a change of poses or renderer this fails until `make samples` has run."""
    name, arrays = kept
    made = samples.recipe(name)
    clips = [1, len(class_names(made.classes)) * made.clips - 1]
    path = FOLDER / "unused.npz"
    drawn = samples.draw_sample(made, only=clips)
    if "jpeg" in drawn:
        drawn["images"] = samples._decode_all(drawn["jpeg"], drawn["ends"], path)
    rows = np.flatnonzero(np.isin(arrays["groups"], clips))
    np.testing.assert_array_equal(drawn["labels"], arrays["labels"][rows])
    # Equal on one machine; another's sine and JPEG library may move a few grey levels by one.
    difference = np.abs(drawn["images"].astype(int) - arrays["images"][rows])
    assert difference.mean() < 0.05


def test_the_same_recipe_gives_the_same_bytes(tmp_path, monkeypatch):
    small = replace(samples.recipe("asl_alphabet"), clips=2, frames=1, size=24, signers=2)
    monkeypatch.setitem(samples.RECIPES, "asl_alphabet", small)
    digests = []
    for place in ("one", "two"):
        npz, sums = samples.write_samples(tmp_path / place, ["asl_alphabet"])
        digests.append(files.sha256(npz))
        assert sums.read_text(encoding="utf-8") == f"{digests[-1]}  asl_alphabet.npz\n"
    assert digests[0] == digests[1]
    assert samples.read_sample(npz)["images"].shape == (58, 24, 24, 3)


def test_damaged_and_unknown_samples(tmp_path):
    with pytest.raises(samples.SampleError, match="Did you mean 'asl_alphabet'"):
        samples.recipe("asl_alphabets")
    whole = dict(np.load(FOLDER / "asl_alphabet.npz", allow_pickle=False))
    cut = tmp_path / "cut.npz"
    np.savez(cut, **(whole | {"labels": whole["labels"][:-1]}))
    with pytest.raises(samples.SampleError, match="435 pictures but 434 labels"):
        samples.read_sample(cut)
    np.savez(cut, **(whole | {"jpeg": np.zeros_like(whole["jpeg"])}))
    with pytest.raises(samples.SampleError, match=r"cut\.npz is damaged"):
        samples.read_sample(cut)
    cut.write_bytes((FOLDER / "asl_alphabet.npz").read_bytes()[:5000])
    with pytest.raises(DatasetError, match=r"cut\.npz cannot be read"):
        samples.read_sample(cut)
