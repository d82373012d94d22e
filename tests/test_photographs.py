"""Photographs as scenes: evenly chosen, with landmarks where there is a tracker."""

import numpy as np
import pytest

from asl_helpers import photographs, tracking


@pytest.fixture
def without_tracker(monkeypatch):
    def refuse(images):
        raise tracking.TrackingError("no tracker here")

    monkeypatch.setattr(tracking, "track_all", refuse)


def test_without_a_folder_there_are_none(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    assert not photographs.has_photographs("asl_alphabet", "asl_rooms")


def test_a_set_becomes_scenes(monkeypatch, without_tracker):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    scenes, source = photographs.photographed("asl_alphabet", ["C", "A"], 5, size=32, signer=7)
    assert source.startswith("drawn twin of asl_alphabet")
    assert scenes.images.shape == (10, 32, 32, 3)
    assert scenes.labels.tolist() == [0] * 5 + [1] * 5  # C first, as it was asked for
    assert (np.diff(scenes.frames.reshape(2, 5), axis=1) > 0).all()
    assert scenes.frames.reshape(2, 5)[:, [0, -1]].tolist() == [[0, 14], [0, 14]]
    assert set(scenes.signers) == {7}
    assert set(scenes.sides) == {"unknown"}
    assert np.isnan(scenes.points).all()


def test_landmarks_are_what_the_tracker_finds(monkeypatch):
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    seen = {}

    def track(images):
        seen["shape"] = images.shape
        points = np.zeros((len(images), 21, 3), np.float32)
        return tracking.Tracked(points, np.ones(len(images), int), np.ones(len(images)))

    monkeypatch.setattr(tracking, "track_all", track)
    scenes, _ = photographs.photographed("asl_alphabet", ["A"], 3)
    assert seen["shape"] == (3, 200, 200, 3)  # as large as they are, not as the scenes'
    assert (scenes.points == 0).all()
