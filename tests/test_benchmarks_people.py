"""The benchmarks of real people on stand-ins: nobody is judged who was learnt from."""

import json

import keras
import numpy as np
import pytest

from asl_helpers import classifier, hand
from asl_helpers.alphabet import STATIC_LETTERS
from asl_helpers.classifier import CLASSES
from asl_helpers.hand.tracker_noise import sample_tracked
from asl_helpers.judge import judge
from benchmarks import people as real
from benchmarks import (
    record,
    transfer,
    transfer_landmarks,
    transfer_pixels,
    unseen_refined,
    unseen_shipped,
    unseen_signers,
)
from benchmarks import transfer_pixels_data as images_of
from benchmarks import transfer_pixels_training as pixels
from benchmarks.people import Hands
from benchmarks.transfer_landmarks import FIVE, SHOWN
from tools import train_landmarks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Drawn hands in the form of the real files."""
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, file) in enumerate(real.SIGNERS.items()):
        points, labels = hand.sample_landmarks(STATIC_LETTERS, 72, seed=seed, signers=1)
        names = np.array(STATIC_LETTERS)[labels]
        names[0] = "J"  # left out: no static letter
        if name == "D":
            points, names = points[names != "P"], names[names != "P"]
        # Files hold frames in no order.
        frames = [f"color_0_{number:04}.png" for number in reversed(range(len(names)))]
        np.savez(folder / file, landmarks=points, labels=names, names=frames)
    return folder


def people(n: int, seed: int, classes=SHOWN, missed: int = 0) -> Hands:
    """Hands of one made-up signer; the last few images have none that was found."""
    points, labels = hand.sample_landmarks(classes, n, seed=seed, signers=1)
    found = np.arange(n) < n - missed
    about = {"source": f"signer {seed}", "sha256": str(seed), "is_real": True}
    return Hands(labels, found, points[found], points[found], about)


TRAINED = []


def untrained(seed, epochs, hands, draw, classes=25):
    """Draw as the training does, but learn nothing: tests of the training are elsewhere."""
    points, labels = draw(hands, seed=1000 * seed)
    assert points.shape == (hands, 21, 3) and labels.max() < classes
    TRAINED.append(seed)
    keras.utils.set_random_seed(seed)
    return classifier.landmark_core(classes)


@pytest.fixture(scope="module")
def measured(folder, tmp_path_factory):
    """Quick runs of both benchmarks; a second run of one trains nothing."""
    sets = {"A": people(96, 1, SHOWN[:24]), "ASL Alphabet": people(112, 2)}
    sets |= {"rooms": people(120, 3, missed=12)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASL_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(train_landmarks, "train", untrained)
        patch.setattr(transfer_landmarks, "read", lambda folder: sets)
        unseen = unseen_signers.measure(folder, quick=True)
        rows = transfer_landmarks.rows(folder, quick=True)
        count = len(TRAINED)
        assert json.dumps(transfer_landmarks.rows(folder, quick=True)) == json.dumps(rows)
        assert len(TRAINED) == count
    return unseen, rows


# Signers that were never seen


def test_signers_are_read_as_the_judge_reads_them(folder):
    hands = real.read_signers(folder)["B"]
    keras.utils.set_random_seed(3)
    core = classifier.landmark_core()
    reader = classifier.wrap(classifier.landmark_model(core, 0.7), CLASSES)
    expected = judge(reader, folder / hands.about["source"]).as_dict()
    found = real.judged(core, hands, 0.7)
    assert len(hands) == 71
    for name in ("n", "coverage", "accuracy", "balanced_accuracy", "macro_f1"):
        assert found[name] == pytest.approx(expected[name]), name
    assert found["confusions"] == expected["confusions"]
    assert found["ece"] == pytest.approx(expected["ece"], abs=1e-4)


@pytest.mark.parametrize("without", unseen_signers.ABLATIONS)
def test_each_switch_changes_the_draw_and_keeps_the_letters(without):
    expected, labels = unseen_signers.drawn(300, seed=4)
    np.testing.assert_array_equal(expected, sample_tracked(300, seed=4)[0])
    points, same = unseen_signers.drawn(300, 4, without)
    assert np.bincount(same).tolist() == np.bincount(labels).tolist()
    assert not np.allclose(points, expected)
    if without == "mirror":  # nothing else has changed
        ordered = (np.sort(each[..., 1:], axis=0) for each in (points, expected))
        np.testing.assert_array_equal(*ordered)


def test_real_hands_are_drawn_by_letter_and_signer_alike(folder):
    signers = real.read_signers(folder)
    points, labels = real.balanced([signers["A"], signers["D"]])(12_000, seed=1)
    assert points.shape == (12_000, 21, 3)
    counts = np.bincount(labels, minlength=24)
    assert counts.min() > 400 and counts.max() < 600


def test_the_protocol_leaves_the_judged_signer_out(measured, folder):
    (result, data), _ = measured
    assert len(data) == 5 and all(one["is_real"] for one in data)
    assert set(result["protocols"]["drawn"]["sets"]) == set(real.SIGNERS)
    assert set(result["protocols"]["single"]["sets"]) == set(real.SIGNERS) - {"ASL Alphabet"}
    assert set(result["protocols"]["left_out"]["sets"]) == {"A"}
    assert list(result["ablation"]) == ["mirror"]
    json.dumps(result, allow_nan=False)
    sets = real.read_signers(folder)
    with pytest.raises(AssertionError, match="judged who was learnt from"):
        unseen_signers.row("real", ["A"], 0, sets, sets, unseen_signers.Recipe())


def test_refined_trainings_say_which_half_they_are_judged_on(measured):
    (result, _), _ = measured
    refined = result["refined"]
    whole = refined["left_out_both"]["sets"]["A"]["n"]
    assert whole == refined["drawn"]["sets"]["A"]["n"]
    assert 0 < refined["own_half"]["sets"]["A"]["n"] - whole // 2 <= 12
    reached = {row["what"]: row["reached"] for row in result["targets"]}
    aim = unseen_signers.TARGETS["left_out_both"][0]
    assert reached[aim] == refined["left_out_both"]["accuracy"]["mean"]


def test_a_mix_holds_its_share_of_real_hands(folder, monkeypatch):
    def nowhere(count, seed):
        return np.full((count, 21, 3), 7, np.float32), np.full(count, 24)

    monkeypatch.setattr(unseen_refined, "letters", nowhere)
    signers = [real.read_signers(folder)["A"]]
    refined = unseen_refined.mixed(signers, 0.25, unseen_refined.Mix())
    for draw in (refined, real.mixed(nowhere, real.balanced(signers), 0.25)):
        points, labels = draw(1000, seed=0)
        assert points.shape == (1000, 21, 3)
        assert (labels < 24).sum() == 250  # the drawn ones of this test spell nothing
        assert (points[labels == 24] == 7).all()
        assert not (points[labels < 24] == 7).all((1, 2)).any()


def test_halves_are_earlier_and_later_frames_of_each_letter(folder):
    hands = real.read_signers(folder)["C"]
    path = folder / hands.about["source"]
    early, late = unseen_refined.halves(hands, path)
    assert len(early) + len(late) == len(hands)
    for letter in range(24):
        both = [half.points[half.labels == letter] for half in (early, late)]
        whole = hands.points[hands.labels == letter]
        assert len(both[0]) == len(whole) // 2
        # The stand-ins' frames count down: what comes last in the file was filmed first.
        np.testing.assert_array_equal(np.concatenate(both[::-1]), whole)
    with pytest.raises(ValueError, match="frames"):
        unseen_refined.halves(early, path)


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
        threshold, card, classes = 0.5, {"name": "x", "classes": ["A"]}, CLASSES

        def probabilities(self, points):
            sure = np.where(points[:, 0, 0] > 0, 0.9, 0.4)
            probs = np.repeat((1 - sure[:, None]) / 24, 25, axis=1)
            probs[:, 0] = sure
            return probs

    def hands(signs):
        points = np.zeros((len(signs), 21, 3), np.float32)
        points[:, 0, 0] = signs
        labels = (np.array(signs) < 0).astype(np.int64)
        return Hands(labels, np.ones(len(signs), bool), points, points, {})

    found = unseen_shipped.judged(Reader(), {"A": hands([1, -1]), "B": hands([1] * 8)}, ["A", "B"])
    assert found["at_threshold"] == {"threshold": 0.5, "coverage": 0.75, "accuracy": 1.0}
    assert found["rejection"][0]["coverage"] == pytest.approx(1.0)
    assert sum(row["share"] for row in found["reliability"]) == pytest.approx(1.0)
    assert "classes" not in found["card"]


# Another signer: landmarks


def test_no_signer_is_judged_who_was_learnt_from():
    plan = transfer_landmarks.plan(["A", "B", "ASL Alphabet", "rooms"])
    assert len(plan) == len(set(plan)) == 1 + 4 + 1
    for training in plan:
        assert training.judged_on and not set(training.signers) & set(training.judged_on)
        assert (training.learns_from == "drawn") == (not training.signers)


def test_five_letters_are_relabelled_and_keep_who_was_missed():
    hands = people(280, 5, missed=28)
    five = transfer_landmarks.only(hands, FIVE)
    names = np.array(SHOWN)[hands.labels]
    kept = np.isin(names, FIVE)
    assert [FIVE[label] for label in five.labels] == names[kept].tolist()
    np.testing.assert_array_equal(five.found, hands.found[kept])
    np.testing.assert_array_equal(five.points, hands.points[kept[hands.found]])


def test_a_row_says_who_was_tested_and_how_many_were_missed(measured):
    _, (rows, data) = measured
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
        monkeypatch.setattr("sys.argv", ["transfer", part])
        transfer.main()
    found = json.loads((tmp_path / "transfer.json").read_text())
    assert [(row["part"], row["accuracy"]) for row in found["rows"]] == [
        ("pixels", 0.6),
        ("head", 0.7),
    ]
    assert found["about"]["data"] == data


# Another signer: pixels


def test_rows_of_pixels_have_the_names_that_the_chapter_reads():
    run = {"seed": 0, "accuracy": 0.5, "n": 30, "seconds": 2.0, "cpu_seconds": 3.0}
    names = [transfer_pixels.split_row(split, [run])["name"] for split in ("random", "blocks")]
    first = transfer_pixels.signer_row("signers", "asl_alphabet", [run])
    later = transfer_pixels.signer_row("larger", "asl_rooms", [run, run | {"accuracy": 0.7}])
    assert names == ["asl_alphabet_random", "asl_alphabet_blocks"]
    assert first["name"] == "asl_alphabet_drawn_to_asl_rooms" and first["split"] == "by signer"
    assert later["name"] == "asl_rooms_drawn_to_asl_alphabet_trained_on_at_96_pixels"
    assert later["accuracy"]["mean"] == pytest.approx(0.6) and "had been tested" in later["split"]


@pytest.fixture(scope="module")
def drawn():
    """As many drawn hands with guides as a batch has, of sixteen."""
    return images_of.drawn(seed=1, n=16)[np.arange(pixels.BATCH) % 16]


def test_drawn_hands_come_with_their_joints_and_the_pixels_of_the_hand(drawn):
    assert drawn.images.shape == (pixels.BATCH, images_of.SIZE, images_of.SIZE, 3)
    inside = (drawn.points > 0.02).all(axis=2) & (drawn.points < 0.98).all(axis=2)
    places = (drawn.points.clip(0, 0.99) * images_of.MASK).astype(int)
    columns, rows = np.moveaxis(places, 2, 0)
    on_hand = drawn.masks[np.arange(len(drawn))[:, None], rows, columns]
    assert on_hand[inside].mean() > 0.95
    assert 0.02 < drawn.masks.mean() < 0.6


def test_joints_follow_their_pixels(drawn):
    size, middle = images_of.SIZE, drawn.points.min(axis=1) / 2 + drawn.points.max(axis=1) / 2
    at = (np.arange(size) + 0.5) / size
    across, down = (np.exp(-(((at - middle[:, k : k + 1]) * size / 2) ** 2)) for k in (0, 1))
    spots = np.zeros((len(drawn), size, size, 3), np.float32)
    spots[..., 0] = down[:, :, None] * across[:, None, :]  # one soft light in each image
    masks = np.zeros((len(drawn), size, size, 1), np.float32)
    moved = pixels.placed(spots, masks, drawn.points, np.int32([5, 6]), 64)
    seen, points = moved[0].numpy()[..., 0], moved[2].numpy()
    # The map, found from the joints alone, must take the light to where it is seen.
    columns, rows = np.meshgrid(np.arange(64), np.arange(64))
    for row in np.flatnonzero(seen.sum(axis=(1, 2)) >= 1):
        plain = np.c_[drawn.points[row] - middle[row], np.ones(21)]
        there = np.linalg.lstsq(plain, points[row], rcond=None)[0][2] * 64 - 0.5
        weight = seen[row] / seen[row].sum()
        found = np.array([(weight * columns).sum(), (weight * rows).sum()])
        assert np.abs(found - there).max() < 1.0
