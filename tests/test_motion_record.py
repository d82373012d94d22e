"""The record of chapter 21: which filmed Z is drawn to its end, and what is said of it."""

import numpy as np
import pytest

from benchmarks import motion as bench


def zigzag(*corners, steps=6):
    """Landmarks of a hand, palm length 1, whose index finger's tip goes from corner to corner."""
    at = np.arange((len(corners) - 1) * steps + 1) / steps
    points = np.zeros((len(at), 21, 3), np.float32)
    points[:, 9, 1] = -1
    points[:, 8, 0] = np.interp(at, np.arange(len(corners)), corners)
    return points


@pytest.mark.parametrize(
    ("corners", "ways", "whole"),
    [
        ([1, 0, 1, 0], [-1, 1, -1], True),
        ([0, 1, 0, 1, 0.5], [1, -1, 1, -0.5], True),  # the hand came from the left
        ([1, 0, 1], [-1, 1], False),  # the last line is missing
        ([1, 0, 1, 0.8], [-1, 1], False),  # hardly begun
        ([0, 1, 0, 1], [1, -1, 1], False),
        ([0, 0.2], [], False),
    ],
)
def test_a_z_is_whole_if_its_tip_goes_there_and_back_and_there(corners, ways, whole):
    points = zigzag(*corners)
    np.testing.assert_allclose(bench.lines(points), ways, atol=1e-5)
    np.testing.assert_allclose(bench.lines(0.2 * points + 0.5), ways, atol=1e-5)
    assert bench.is_whole(points) == whole


def test_clips_that_end_too_early_are_counted_by_themselves(tmp_path):
    clips = np.stack([zigzag(1, 0, 1, 0, 0, 0), zigzag(1, 1, 1, 1, 0, 1)])[:, :30]
    letters = np.array(["Z", "Z", "J", "A"])
    path = tmp_path / "clips.npz"
    np.savez(path, sequences=np.concatenate([clips, clips]), labels=letters)

    class Scripted:
        """Says Z at the end of the first of each two clips."""

        def __init__(self):
            self.clip = -1

        def reset(self):
            self.clip += 1

        def update(self, points, time):
            return ("Z" if time == 2.9 and self.clip % 2 == 0 else None), 0.0

    row = bench.filmed(Scripted(), path, 10)
    assert row == {
        "z_found": 0.5, "z_whole_found": 1.0, "z_whole_found_staying": 1.0, "z_cut_found": 0.0,
        "z_cut_found_staying": 0.0, "z_once": 0.5, "z_clips": 2, "z_whole_clips": 1, "j_said": 0.0,
        "others_said": 0.0, "others_clips": 0,
    }  # fmt: skip


def test_a_hand_that_stays_goes_on_being_seen():
    class Listening:
        """Keeps the times at which it saw a hand."""

        def reset(self):
            self.seen = []

        def update(self, points, time):
            self.seen += [] if points is None else [round(time, 2)]
            return None, 0.0

    clip = zigzag(1, 0, 1)[:10]
    clip[[4, 9]] = 0  # lost
    listening = Listening()
    assert bench.said_of(listening, clip, 10) == ""
    assert listening.seen == [0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8]
    bench.said_of(listening, clip, 10, 0.3)
    assert listening.seen[-4:] == [0.8, 1.0, 1.1, 1.2]
