import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import balanced_accuracy_score, f1_score

from asl_helpers import evaluation
from asl_helpers.errors import AslError

NAMES = ("A", "B", "C")


def certain(predictions, confidence=0.8, classes=3):
    """Probabilities that put ``confidence`` on each prediction and share the rest."""
    probs = np.full((len(predictions), classes), (1 - confidence) / (classes - 1), np.float32)
    probs[np.arange(len(predictions)), predictions] = confidence
    return probs


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [  # values of Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_values(correct, n, low, high):
    assert evaluation.wilson(correct, n) == pytest.approx((low, high), abs=5e-5)


def report_of(labels, predictions):
    return evaluation.report_from_probs(labels, certain(predictions), NAMES)


def test_report_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    report = report_of(labels, predictions)
    assert len(report) == 200
    assert report.accuracy == pytest.approx((labels == predictions).mean())
    assert report.interval == evaluation.wilson(int((labels == predictions).sum()), 200)
    assert report.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predictions))
    assert report.macro_f1 == pytest.approx(f1_score(labels, predictions, average="macro"))
    assert report.confusion.sum() == 200
    assert np.allclose(report.confidence, 0.8)
    json.dumps(report.summary())


def test_means_leave_out_a_class_without_images():
    report = report_of([0, 0, 1, 1], [0, 0, 1, 2])
    assert report.balanced_accuracy == pytest.approx(0.75)
    assert report.macro_f1 == pytest.approx((1 + 2 / 3) / 2)
    assert report.per_class().loc["C", "images"] == 0


def test_rows_of_the_confusion_matrix_are_true_classes():
    report = report_of([0, 0, 0, 1, 2], [0, 1, 1, 1, 0])
    assert report.confusion.tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]
    table = report.top_confusions()
    assert table.to_dict("records") == [
        {"true": "A", "predicted": "B", "count": 2, "share": pytest.approx(2 / 3)},
        {"true": "C", "predicted": "A", "count": 1, "share": 1.0},
    ]
    assert len(report.top_confusions(1)) == 1


def test_per_class_scores():
    table = report_of([0, 0, 0, 1], [0, 1, 1, 1]).per_class()
    assert table.loc["A", ["precision", "recall"]].tolist() == pytest.approx([1, 1 / 3])
    assert table.loc["B", ["precision", "recall"]].tolist() == pytest.approx([1 / 3, 1])
    assert table["images"].tolist() == [3, 1, 0]


def test_mistakes_come_with_the_most_confident_first():
    probs = np.array([[0.6, 0.4], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
    report = evaluation.report_from_probs([1, 0, 0, 0], probs, "AB")
    assert report.mistakes().tolist() == [1, 2, 0]


def test_calibration_error_of_known_cases():
    labels = np.zeros(10, int)
    right_eight = np.array([0] * 8 + [1] * 2)
    calibrated = certain(right_eight, 0.8)
    assert evaluation.expected_calibration_error(labels, calibrated) == pytest.approx(0, abs=1e-6)
    boastful = certain(right_eight, 1.0)
    assert evaluation.expected_calibration_error(labels, boastful) == pytest.approx(0.2)
    # Half the answers too sure by 0.45, half too modest by 0.45: bins do not cancel each other.
    mixed = np.concatenate([certain([0, 1] * 5, 0.95), certain([0] * 10, 0.55)])
    error = evaluation.expected_calibration_error(np.zeros(20, int), mixed)
    assert error == pytest.approx(0.45)


def test_grouped_interval_counts_groups():
    right = np.repeat(np.arange(20) < 15, 20)
    groups = np.repeat(np.arange(20), 20)
    low, high = evaluation.grouped_interval(right, groups)
    narrow = evaluation.wilson(300, 400)
    assert low < narrow[0] < narrow[1] < high
    assert (low, high) == pytest.approx(evaluation.wilson(15, 20), abs=0.06)
    assert evaluation.grouped_interval(right, groups) == (low, high)
    single = evaluation.grouped_interval(right, np.arange(400))
    assert single == pytest.approx(narrow, abs=0.01)
    with pytest.raises(AslError, match="one group per answer"):
        evaluation.grouped_interval(np.ones(3), np.zeros(2))


def test_softmax_of_large_logits():
    probs = evaluation.softmax(np.array([[1e4, 1e4], [0.0, np.log(3)]]))
    assert probs == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
    assert probs.dtype == np.float32


def test_report_reads_arrays_and_datasets_alike():
    logits, labels = np.eye(3, dtype=np.float32)[np.arange(300) % 3] * 4, np.arange(300) % 2

    def echo(batch, training):
        return batch

    arrays = evaluation.report(echo, logits, labels, NAMES)
    batches = tf.data.Dataset.from_tensor_slices((logits, labels)).batch(7)
    dataset = evaluation.report(echo, batches, class_names=NAMES)
    assert arrays.accuracy == dataset.accuracy == pytest.approx(1 / 3)
    assert np.array_equal(arrays.probs, dataset.probs)
    assert np.array_equal(arrays.probs, evaluation.softmax(logits))


@pytest.mark.parametrize(
    ("labels", "probs", "message"),
    [
        ([0, 3], certain([0, 1]), "run from 0 to 3"),
        ([0, 1], certain([0, 1, 2]), r"shape \(2, 3\)"),
        ([0, 1], certain([0, 1], classes=4), r"shape \(2, 3\)"),
        ([0.0, 1.0], certain([0, 1]), "integer labels"),
        ([], np.zeros((0, 3)), r"shape \(0, 3\)"),
        ([0, 1], np.eye(3)[:2] * 4, "sum to 1"),
    ],
)
def test_report_refuses_what_does_not_belong_together(labels, probs, message):
    with pytest.raises(AslError, match=message):
        evaluation.report_from_probs(np.array(labels), probs, NAMES)


# When to believe an answer


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_was_applied_is_found(temperature):
    rng = np.random.default_rng(1)
    honest = 2 * rng.standard_normal((4000, 5))
    labels = (evaluation.softmax(honest).cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    assert evaluation.fit_temperature(honest * temperature, labels) == pytest.approx(
        temperature, rel=0.12
    )


def test_views_are_averaged_before_the_loss_is_taken():
    rng = np.random.default_rng(2)
    view = rng.standard_normal((3000, 4))
    labels = (evaluation.softmax(view).cumsum(axis=1) > rng.random((3000, 1))).argmax(axis=1)
    alone = evaluation.fit_temperature(3 * view, labels)
    assert evaluation.fit_temperature(np.stack([3 * view] * 2), labels) == alone
    # A second view that knows nothing makes the mean timid: the first has to speak up for it.
    assert evaluation.fit_temperature(np.stack([3 * view, 0 * view]), labels) < 0.5 * alone


def test_risk_counts_errors_from_the_surest_down():
    coverage, risk = evaluation.risk_coverage(
        [0.2, 0.9, 0.6, 0.7], np.array([False, True, True, False])
    )
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(risk, [0, 1 / 2, 1 / 3, 1 / 2])


@pytest.mark.parametrize(
    ("confidence", "right", "risk", "threshold"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0], 0.25, 0.6),  # 1 of 4, after 1 of 2 at 0.8
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0], 0.0, 0.9),
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0], 0.5, 0.5),
        ([0.9, 0.8, 0.8], [1, 1, 0], 0.1, 0.9),  # equal confidences stand or fall together
    ],
)
def test_the_lowest_threshold_that_keeps_the_risk(confidence, right, risk, threshold):
    assert evaluation.threshold_for(confidence, np.array(right, bool), risk) == threshold


def test_a_risk_out_of_reach_is_said():
    with pytest.raises(AslError, match="No threshold keeps the risk"):
        evaluation.threshold_for([0.9, 0.8], np.array([False, True]), 0.1)
