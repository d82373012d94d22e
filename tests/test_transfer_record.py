"""The record of Part 3 without its trainings: who is drawn, what a row says, how parts merge."""

import json

import keras
import numpy as np
import pytest

from asl_helpers import classifier, hand
from benchmarks import record, transfer, transfer_landmarks, transfer_trainings
from benchmarks.transfer_landmarks import FIVE
from benchmarks.transfer_trainings import SHOWN, Training
from benchmarks.unseen_data import Hands


def people(n: int, seed: int, classes=SHOWN, missed: int = 0) -> Hands:
    """Hands of one made-up signer; the last few pictures have none that was found."""
    points, labels = hand.sample_landmarks(classes, n, seed=seed, signers=1)
    found = np.ones(n, bool)
    found[n - missed :] = False
    about = {"source": f"signer {seed}", "sha256": str(seed), "is_real": True}
    return Hands("x", labels, found, points[found], points[found], about)


def untrained(draw, classes, seed, recipe):
    """Draw as the training does, and learn nothing."""
    points, labels = draw(recipe.hands, seed=1000 * seed)
    assert points.shape == (recipe.hands, 21, 3) and labels.max() < classes
    keras.utils.set_random_seed(seed)
    return classifier.landmark_core(classes)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One seed of every run, without its training."""
    sets = {"A": people(96, 1, SHOWN[:24]), "ASL Alphabet": people(112, 2)}
    sets |= {"rooms": people(120, 3, missed=12)}
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transfer_landmarks, "read", lambda folder, cache: sets)
        patch.setattr(transfer_trainings, "train", untrained)
        found = transfer_landmarks.rows(None, cache, quick=True)
    return found, cache, sets


def test_no_signer_is_judged_who_was_learnt_from():
    names = ["A", "B", "ASL Alphabet", "rooms"]
    plan = transfer_landmarks.plan((0, 1), names)
    assert len(plan) == len(set(plan)) == 2 * (1 + 4 + 1)
    for training in plan:
        assert training.judged_on and not set(training.signers) & set(training.judged_on)
        assert (training.learns_from == "drawn") == (not training.signers)


def test_classes_and_signers_of_a_class_are_drawn_alike():
    one, other = people(84, 1, FIVE), people(400, 2, FIVE)
    other.labels[other.labels == 4] = 3  # who has no V
    one.points[..., 0], other.points[..., 0] = 0.25, 0.75
    one.normalised, other.normalised = one.points, other.points
    _, labels = transfer_trainings.real([one, other])(20_000, seed=0)
    assert np.abs(np.bincount(labels) / 20_000 - 0.2).max() < 0.02


def test_a_mixture_holds_its_share_of_real_hands():
    def drawn(count, seed):
        return np.zeros((count, 21, 3)), np.zeros(count, int)

    def real(count, seed):
        return np.ones((count, 21, 3)), np.ones(count, int)

    points, labels = transfer_trainings.mixed(drawn, real)(1000, seed=4)
    assert points.shape == (1000, 21, 3) and labels.sum() == 1000 * transfer_trainings.REAL
    np.testing.assert_array_equal(points[:, 0, 0], labels)


def test_five_letters_are_relabelled_and_keep_who_was_missed():
    hands = people(280, 5, missed=28)
    five = transfer_trainings.only(hands, FIVE)
    names = np.array(SHOWN)[hands.labels]
    kept = np.isin(names, FIVE)
    assert [FIVE[label] for label in five.labels] == names[kept].tolist()
    np.testing.assert_array_equal(five.found, hands.found[kept])
    np.testing.assert_array_equal(five.points, hands.points[kept[hands.found]])


def test_a_row_says_who_was_tested_and_how_many_were_missed(measured):
    (rows, data), _, _ = measured
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows) and len(data) == 4
    row = by_name["landmarks-28-both-asl_alphabet-to-rooms"]
    assert row["train"] == "drawn hands + ASL Alphabet" and row["test"] == "rooms"
    assert row["n"] == 108 and row["coverage"] == 0.9 and row["aim"] == 0.92
    covered, everything = row["accuracy"]["mean"], row["accuracy_all"]["mean"]
    assert everything == pytest.approx(0.9 * covered)
    assert row["interval"][0] <= covered <= row["interval"][1]
    alone = by_name["landmarks-28-real-asl_alphabet-to-rooms"]
    assert alone["train"] == "ASL Alphabet" and alone["aim"] is None
    assert by_name["landmarks-5-drawn-to-a"]["coverage"] is None
    assert set(by_name["landmarks-5-drawn-to-a"]["recall"]) == set(FIVE)
    json.dumps(rows, allow_nan=False)


def test_a_second_run_trains_nothing(measured, monkeypatch):
    (rows, _), cache, sets = measured
    monkeypatch.setattr(transfer_landmarks, "read", lambda folder, cache: sets)
    monkeypatch.setattr(transfer_trainings, "train", None)
    again, _ = transfer_landmarks.rows(None, cache, quick=True)
    assert json.dumps(again) == json.dumps(rows)


def test_another_recipe_or_seed_is_another_training(measured, monkeypatch):
    _, cache, sets = measured
    trainings = transfer_trainings.Trainings(sets, cache, {28: transfer_trainings.Recipe(1, 1024)})
    monkeypatch.setattr(transfer_trainings, "train", None)
    with pytest.raises(TypeError):  # it would have to train
        trainings.scores(Training(SHOWN, "drawn", (), ("rooms",), seed=9))


STAMP = {"date": "2026-01-02", "device": "this one"}


def test_a_part_replaces_its_own_rows_and_leaves_the_others():
    old = [
        {"part": "head", "name": "h", "accuracy": 1, "date": "before", "device": "d"},
        {"part": "landmarks", "name": "same", "accuracy": 1, "date": "before", "device": "d"},
        {"part": "landmarks", "name": "better", "accuracy": 1, "date": "before", "device": "d"},
        {"part": "landmarks", "name": "gone", "accuracy": 1, "date": "before", "device": "d"},
    ]
    new = [{"name": "same", "accuracy": 1}, {"name": "better", "accuracy": 2}]
    rows = transfer.merged(old, new, "landmarks", STAMP)
    assert [row["name"] for row in rows] == ["same", "better", "h"]
    assert [row["date"] for row in rows] == ["before", "2026-01-02", "before"]
    assert rows[1]["accuracy"] == 2 and rows[1]["device"] == "this one"


def test_one_part_is_written_beside_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    monkeypatch.setattr(transfer, "RESULTS", tmp_path)
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path))
    data = [{"source": "films", "sha256": "1", "is_real": True}]
    for part, score in (("head", 0.5), ("pixels", 0.6), ("head", 0.7)):
        monkeypatch.setitem(
            transfer.PARTS,
            part,
            lambda *given, part=part, score=score: ([{"name": part, "accuracy": score}], data),
        )
        monkeypatch.setattr("sys.argv", ["transfer.py", "--only", part])
        transfer.main()
    found = json.loads((tmp_path / "transfer.json").read_text())
    assert [(row["part"], row["accuracy"]) for row in found["rows"]] == [
        ("pixels", 0.6),
        ("head", 0.7),
    ]
    assert found["about"]["data"] == data
