"""The benchmark of reading in real time: what it counts, and that its parts do not lose others."""

import json
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.classifier import CLASSES, load
from benchmarks import realtime, realtime_clips, record
from benchmarks.realtime_clips import FPS, Recording, Task, strings, words


class Still:
    """No letter is a movement."""

    def reset(self):
        pass

    def update(self, points, time):
        return None, 0.0


def recording(text, read):
    """Return a recording of a signer who holds each letter of ``text``, read as ``read``."""
    frames, points, letters, answers = 12, [], [], []
    for letter in read:
        for number in range(2 * frames):
            shown = hand.pose(letter).image[0] if number < frames else np.full((21, 3), np.nan)
            points.append(shown)
            letters.append(letter if number < frames else "")
            answers.append(np.eye(len(CLASSES))[CLASSES.index(letter)] * (number < frames))
    spelled = [
        (letter, place * 24 / 25, (place * 24 + 12) / 25) for place, letter in enumerate(text)
    ]
    times = np.arange(len(points)) / 25
    return Recording(
        text, spelled, times, np.array(points), np.array(letters), np.array(answers), 1.0
    )


def test_letters_left_out_put_in_and_changed_are_counted():
    seen = [recording("LAB", "LAB"), recording("LAB", "LAW"), recording("LAB", "LB")]
    tasks = [Task("LAB", seed, speed) for seed, speed in ((0, 1.0), (1, 2.5), (2, 2.5))]
    row = realtime._scored(tasks, seen, "steady", CLASSES, Still())
    assert row["character_error_rate"] == pytest.approx(2 / 9, abs=1e-4)
    assert (row["changed"], row["left_out"], row["put_in"]) == (1, 1, 0)
    assert row["words_right"] == 1 and row["changed_most"] == [["B as W", 1]]
    assert row["by_speed"] == {"below 2": 0.0, "2 and above": pytest.approx(2 / 6, abs=1e-4)}
    low, high = row["interval"]
    assert 0 <= low < row["character_error_rate"] < high <= 1


def test_words_are_the_same_for_a_seed_and_each_has_a_signer_of_its_own():
    assert words(6, 3) == words(6, 3) != words(6, 4)
    tasks = words(50, 3)
    assert len({task.seed for task in tasks}) == 50
    assert all(1 <= task.speed <= 3 for task in tasks)
    assert {task.double for task in tasks} == {"release", "slide"}


def test_random_letters_are_strings_of_five_by_signers_of_their_own():
    tasks = strings(20, 3)
    assert tasks == strings(20, 3) != strings(20, 4)
    assert {len(task.text) for task in tasks} == {5}
    assert len(set("".join(task.text for task in tasks))) > 20
    assert not {task.seed for task in tasks} & {task.seed for task in words(50, 3)}


def test_the_tracked_hands_are_kept_and_the_model_is_asked_anew(monkeypatch, tmp_path):
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path))
    tracked = []
    clip = Task("LA", 3).clip()

    class Tracker(nullcontext):
        """Finds an L in the first five frames."""

        def __init__(self, video):
            super().__init__(self)

        def track(self, image, milliseconds):
            tracked.append(milliseconds)
            points = hand.pose("L").image[0] * [0.75, 1, 0.75]
            return [SimpleNamespace(points=points)] * (len(tracked) <= 5)

    monkeypatch.setattr(realtime_clips, "HandTracker", Tracker)
    recogniser = load("landmarks")
    first, second = (realtime_clips.recording(Task("LA", 3), recogniser) for _ in range(2))
    assert len(tracked) == len(first.times) == len(clip) and first.times[1] == 1 / FPS
    assert list(first.letters[:6]) == ["L"] * 5 + [""]
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    assert not first.probabilities[5:].any() and first.probabilities[0].sum() == pytest.approx(1)
    recogniser = replace(recogniser, threshold=1.1)
    assert not any(realtime_clips.recording(Task("LA", 3), recogniser).letters)


def test_a_part_keeps_the_other_parts_of_the_record(tmp_path, monkeypatch):
    monkeypatch.setattr(realtime, "RESULTS", tmp_path)
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    recogniser = load("landmarks")
    realtime.merge("words", {"words": 2}, recogniser)
    realtime.merge("idle", {"all": 0}, recogniser)
    realtime.merge("words", {"words": 3}, recogniser)
    kept = json.loads((tmp_path / "realtime.json").read_text())
    assert kept["words"] == {"words": 3} and kept["idle"] == {"all": 0}
    assert kept["about"]["data"][0]["is_real"] is False
    assert kept["aims"]["character_error_rate"] == 0.05
