"""The benchmark of unseen signers, on stand-ins: drawn hands in the form of the real files."""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from asl_helpers import hand, recognisers, train_recogniser
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.judge import JudgedModel, judge

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import unseen_data
import unseen_runs
import unseen_shipped
import unseen_signers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, file) in enumerate(unseen_data.SIGNERS.items()):
        points, labels = hand.sample_landmarks(STATIC_LETTERS, 72, seed=seed, signers=1)
        names = np.array(STATIC_LETTERS)[labels]
        names[0] = "J"  # left out: no static letter
        if name == "D":
            points, names = points[names != "P"], names[names != "P"]
        np.savez(folder / file, landmarks=points, labels=names)
    return folder


def untrained(seed, epochs, hands, draw):
    """Draw as the training does, but learn nothing: tests of the training are elsewhere."""
    points, labels = draw(hands, seed=1000 * seed)
    assert points.shape == (hands, 21, 3) and labels.max() < 25
    keras.utils.set_random_seed(seed)
    return recognisers.landmark_core()


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("rows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_recogniser, "train", untrained)
        return unseen_signers.measure(folder, cache, quick=True), cache


def test_signers_are_read_as_the_judge_reads_them(folder):
    hands = unseen_data.read_signers(folder)["B"]
    keras.utils.set_random_seed(3)
    core = recognisers.landmark_core()
    model = recognisers.landmark_recogniser(core, 0.7)
    reader = JudgedModel(
        "m", recognisers.CLASSES, "landmarks", None, lambda p: model.predict(p, verbose=0)
    )
    expected = judge(reader, folder / hands.source).as_dict()
    found = unseen_runs.judged(core, hands, 0.7)
    assert len(hands) == 71
    for name in ("n", "coverage", "accuracy", "balanced_accuracy", "macro_f1"):
        assert found[name] == pytest.approx(expected[name]), name
    assert found["confusions"] == expected["confusions"]
    assert found["ece"] == pytest.approx(expected["ece"], abs=1e-4)


def test_without_a_switch_the_draw_is_the_shipped_one():
    expected, labels = train_recogniser.draw(300, seed=4)
    points, same = unseen_runs.drawn(300, seed=4)
    np.testing.assert_array_equal(points, expected)
    np.testing.assert_array_equal(same, labels)


@pytest.mark.parametrize("without", unseen_runs.ABLATIONS)
def test_each_switch_changes_the_draw_and_keeps_the_letters(without):
    expected, labels = train_recogniser.draw(300, seed=4)
    points, same = unseen_runs.drawn(300, 4, without)
    assert np.bincount(same).tolist() == np.bincount(labels).tolist()
    assert not np.allclose(points, expected)
    if without == "mirror":  # nothing else has changed
        np.testing.assert_array_equal(
            np.sort(points[..., 1:], axis=0), np.sort(expected[..., 1:], 0)
        )


def test_real_hands_are_drawn_by_letter_and_signer_alike(folder):
    signers = unseen_data.read_signers(folder)
    draw = unseen_runs.real([signers["A"], signers["D"]])
    points, labels = draw(12_000, seed=1)
    assert points.shape == (12_000, 21, 3)
    counts = np.bincount(labels, minlength=24)
    assert counts.min() > 400 and counts.max() < 600
    half, answers = unseen_runs.both(train_recogniser.draw, draw)(400, seed=1)
    assert len(half) == len(answers) == 400
    assert (answers == 24).sum() > 5  # the drawn half brings hands that spell nothing


def test_the_protocol_leaves_the_judged_signer_out(measured):
    (result, data), cache = measured
    rows = [json.loads(path.read_text()) for path in cache.glob("row_*.json")]
    assert len(rows) == 5
    for row in rows:
        assert not set(row["signers"]) & set(row["sets"])
    assert {row["learns_from"] for row in rows} == {"drawn", "real", "both"}
    assert len(data) == 5 and all(one["is_real"] for one in data)
    assert set(result["protocols"]["drawn"]["sets"]) == set(unseen_data.SIGNERS)
    assert set(result["protocols"]["left_out"]["sets"]) == {"A"}
    assert list(result["ablation"]) == ["mirror"]
    json.dumps(result, allow_nan=False)


def test_a_second_run_reads_the_rows_of_the_first(measured, folder, monkeypatch):
    (result, _), cache = measured
    monkeypatch.setattr(train_recogniser, "train", None)
    again, _ = unseen_signers.measure(folder, cache, quick=True)
    assert json.dumps(again) == json.dumps(result)


def scores(accuracy, letters, confusions=()):
    return {
        "n": 10, "coverage": 1.0, "accuracy": accuracy, "accuracy_covered": accuracy,
        "balanced_accuracy": accuracy, "macro_f1": accuracy, "ece": 0.1, "ece_before": 0.2,
        "per_class_recall": letters, "confusions": list(confusions),
    }  # fmt: skip


def test_every_signer_counts_alike_and_a_letter_that_one_lacks_is_no_zero():
    mistake = {"true": "P", "predicted": "K", "count": 3, "share": 0.6}
    rows = [
        {"seed": seed, "temperature": 0.8, "sets": {
            "A": scores(0.9, {"K": 1.0, "P": 0.4}, [mistake]), "D": scores(0.5 + seed / 10,
            {"K": 0.5})}}
        for seed in (0, 1)
    ]  # fmt: skip
    found = unseen_signers.summary(rows)
    assert found["accuracy"]["runs"] == [0.7, 0.75]
    assert found["accuracy"]["sd"] == pytest.approx(np.std([0.7, 0.75], ddof=1))
    assert found["recall"] == pytest.approx({"K": 0.75, "P": 0.4})
    assert found["confusions"] == [{"true": "P", "predicted": "K", "share": 0.3}]
    assert found["ece"]["after"] == pytest.approx(0.1)


def test_targets_say_what_was_met():
    drawn = unseen_signers.summary(
        [{"seed": 0, "temperature": 1, "sets": {"A": scores(0.9, {"K": 0.4})}}]
    )
    result = {"protocols": {"drawn": drawn, "left_out_both": drawn}}
    met = [row["met"] for row in unseen_signers.targets(result)]
    assert met == [True, True, False, False]


def test_rejection_counts_every_signer_alike():
    class Reader:
        threshold, card = 0.5, {"name": "x", "classes": ["A"]}

        def predict(self, points):
            sure = np.where(points[:, 0, 0] > 0, 0.9, 0.4)
            probs = np.repeat((1 - sure[:, None]) / 24, 25, axis=1)
            probs[:, 0] = sure
            return probs

    def hands(signs):
        points = np.zeros((len(signs), 21, 3), np.float32)
        points[:, 0, 0] = signs
        labels = (np.array(signs) < 0).astype(np.int64)
        return unseen_data.Hands("x", labels, np.ones(len(signs), bool), points, points, {})

    found = unseen_shipped.judged(Reader(), {"A": hands([1, -1]), "B": hands([1] * 8)}, ["A", "B"])
    assert found["at_threshold"] == {"threshold": 0.5, "coverage": 0.75, "accuracy": 1.0}
    assert found["rejection"][0]["coverage"] == pytest.approx(1.0)
    assert sum(row["share"] for row in found["reliability"]) == pytest.approx(1.0)
    assert "classes" not in found["card"]
