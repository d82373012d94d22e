"""The benchmark of unseen signers, on stand-ins: drawn hands in the form of the real files."""

import json

import keras
import numpy as np
import pytest

from asl_helpers import classifier, hand, landmarks
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.judge import judge
from benchmarks import unseen_data, unseen_refined, unseen_runs, unseen_shipped, unseen_signers
from tools import train_landmarks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, file) in enumerate(unseen_data.SIGNERS.items()):
        points, labels = hand.sample_landmarks(STATIC_LETTERS, 72, seed=seed, signers=1)
        names = np.array(STATIC_LETTERS)[labels]
        names[0] = "J"  # left out: no static letter
        if name == "D":
            points, names = points[names != "P"], names[names != "P"]
        # Files hold frames in no order.
        frames = [f"color_0_{number:04}.png" for number in reversed(range(len(names)))]
        np.savez(folder / file, landmarks=points, labels=names, names=frames)
    return folder


def untrained(seed, epochs, hands, draw):
    """Draw as the training does, but learn nothing: tests of the training are elsewhere."""
    points, labels = draw(hands, seed=1000 * seed)
    assert points.shape == (hands, 21, 3) and labels.max() < 25
    keras.utils.set_random_seed(seed)
    return classifier.landmark_core()


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("rows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_landmarks, "train", untrained)
        return unseen_signers.measure(folder, cache, quick=True), cache


def test_signers_are_read_as_the_judge_reads_them(folder):
    hands = unseen_data.read_signers(folder)["B"]
    keras.utils.set_random_seed(3)
    core = classifier.landmark_core()
    model = classifier.landmark_model(core, 0.7)
    reader = classifier.wrap(model, classifier.CLASSES)
    expected = judge(reader, folder / hands.source).as_dict()
    found = unseen_runs.judged(core, hands, 0.7)
    assert len(hands) == 71
    for name in ("n", "coverage", "accuracy", "balanced_accuracy", "macro_f1"):
        assert found[name] == pytest.approx(expected[name]), name
    assert found["confusions"] == expected["confusions"]
    assert found["ece"] == pytest.approx(expected["ece"], abs=1e-4)


def test_without_a_switch_the_draw_is_the_shipped_one():
    expected, labels = sample_tracked(300, seed=4)
    points, same = unseen_runs.drawn(300, seed=4)
    np.testing.assert_array_equal(points, expected)
    np.testing.assert_array_equal(same, labels)


@pytest.mark.parametrize("without", unseen_runs.ABLATIONS)
def test_each_switch_changes_the_draw_and_keeps_the_letters(without):
    expected, labels = sample_tracked(300, seed=4)
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
    half, answers = unseen_runs.both(sample_tracked, draw)(400, seed=1)
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
    monkeypatch.setattr(train_landmarks, "train", None)
    again, _ = unseen_signers.measure(folder, cache, quick=True)
    assert json.dumps(again) == json.dumps(result)


def test_letters_are_drawn_normalised_and_all_spell():
    points, labels = unseen_refined.letters(500, seed=3)
    assert points.shape == (500, 21, 3) and labels.shape == (500,)
    assert labels.max() < 24
    np.testing.assert_array_equal(points[:, 0], 0)
    assert (landmarks.right_handedness(points) >= 0).mean() > 0.99


def test_drawn_hands_depart_as_real_ones_of_their_letter_do():
    hands = np.zeros((6, 21, 3), np.float32)
    hands[:3, 8, 0] = [0, 1, 3]  # an A that moves one tip; its median is 1
    hands[3:, 12, 1] = [5, 5, 90]  # a B of which one was lost
    labels = np.array([0, 0, 0, 1, 1, 1])
    real = unseen_data.Hands("x", labels, np.ones(6, bool), hands, hands, {})
    table = unseen_refined.departures([real])
    assert [len(of_signers) for of_signers in table] == [1, 1] + [0] * 22
    assert sorted(table[0][0][:, 8, 0].tolist()) == [-1, 0, 2]
    assert len(table[1][0]) == 2 and not table[1][0].any()

    still, names = np.zeros((900, 21, 3), np.float32), np.repeat([0, 1, 2], 300)
    mix = unseen_refined.Mix(departing=0.5, reach=0.5)
    moved = unseen_refined.depart(still, names, table, mix, np.random.default_rng(0))
    tip = moved[:300, 8, 0]
    assert not still.any() and not moved[300:].any()
    assert tip.min() < -0.4 and 0.8 < tip.max() <= 1.0
    assert 0.2 < (tip != 0).mean() < 0.45  # half depart, a third of them by nothing
    assert not np.delete(moved[:300], 8, axis=1).any()


def test_a_mix_holds_its_share_of_real_hands(folder):
    signers = unseen_data.read_signers(folder)
    mix = unseen_refined.Mix()

    def nowhere(count, seed):
        return np.full((count, 21, 3), 7, np.float32), np.full(count, 24)

    points, labels = unseen_refined.mixed(nowhere, [signers["A"]], 0.25, mix)(1000, seed=0)
    assert points.shape == (1000, 21, 3)
    assert (labels < 24).sum() == 250  # the drawn ones of this test spell nothing
    assert (points[labels == 24] == 7).all() and not (points[labels < 24] == 7).all((1, 2)).any()


def test_halves_are_earlier_and_later_frames_of_each_letter(folder):
    hands = unseen_data.read_signers(folder)["C"]
    early, late = unseen_refined.halves(hands, folder / hands.source)
    assert len(early) + len(late) == len(hands)
    for letter in range(24):
        both = [half.points[half.labels == letter] for half in (early, late)]
        whole = hands.points[hands.labels == letter]
        assert len(both[0]) == len(whole) // 2
        # The stand-ins' frames count down: what comes last in the file was filmed first.
        np.testing.assert_array_equal(np.concatenate(both[::-1]), whole)
    assert early.about != late.about
    with pytest.raises(ValueError, match="frames"):
        unseen_refined.halves(early, folder / hands.source)


def test_refined_rows_leave_the_signer_out_or_say_which_half(measured):
    (result, _), cache = measured
    rows = [json.loads(path.read_text()) for path in cache.glob("refined_*.json")]
    assert sorted(row["kind"] for row in rows) == sorted(unseen_refined.KINDS)
    refined = result["refined"]
    whole = refined["left_out_both"]["sets"]["A"]["n"]
    assert whole == refined["drawn"]["sets"]["A"]["n"]
    assert 0 < refined["own_half"]["sets"]["A"]["n"] - whole // 2 <= 12
    assert refined["recipe"]["hands"] == 1024
    reached = {row["what"]: row["reached"] for row in result["targets"]}
    aim = unseen_signers.TARGETS["left_out_both"][0]
    assert reached[aim] == refined["left_out_both"]["accuracy"]["mean"]


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
    result = {"protocols": {"drawn": drawn}, "refined": {"left_out_both": drawn}}
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
