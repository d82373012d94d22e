"""When to believe an answer: temperature, risk and coverage, thresholds."""

import numpy as np
import pytest

from asl_helpers.confidence import ConfidenceError, fit_temperature, risk_coverage, threshold_for
from asl_helpers.evaluation import softmax


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_that_was_applied_is_found(temperature):
    rng = np.random.default_rng(1)
    honest = 2 * rng.standard_normal((4000, 5))
    labels = (softmax(honest).cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    assert fit_temperature(honest * temperature, labels) == pytest.approx(temperature, rel=0.12)


def test_views_are_averaged_before_the_loss_is_taken():
    rng = np.random.default_rng(2)
    view = rng.standard_normal((3000, 4))
    labels = (softmax(view).cumsum(axis=1) > rng.random((3000, 1))).argmax(axis=1)
    alone = fit_temperature(3 * view, labels)
    assert fit_temperature(np.stack([3 * view] * 2), labels) == alone
    # A second view that knows nothing makes the mean timid: the first has to speak up for it.
    assert fit_temperature(np.stack([3 * view, 0 * view]), labels) < 0.5 * alone


def test_logits_and_labels_must_pair_up():
    for logits, labels in (((3, 4), 2), ((2, 3, 4), 2), ((0, 4), 0), ((0, 3, 4), 3), ((3,), 3)):
        with pytest.raises(ConfidenceError, match=r"\(n, classes\)"):
            fit_temperature(np.zeros(logits), np.zeros(labels, int))


def test_risk_counts_errors_from_the_surest_down():
    coverage, risk = risk_coverage([0.2, 0.9, 0.6, 0.7], np.array([False, True, True, False]))
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(risk, [0, 1 / 2, 1 / 3, 1 / 2])


def test_the_lowest_threshold_that_keeps_the_risk():
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    assert threshold_for(confidence, right, 0.25) == 0.6  # 1 of 4, after 1 of 2 at 0.8
    assert threshold_for(confidence, right, 0.0) == 0.9
    assert threshold_for(confidence, right, 0.5) == 0.5


def test_equal_confidences_stand_or_fall_together():
    assert threshold_for([0.9, 0.8, 0.8], np.array([True, True, False]), 0.1) == 0.9


def test_a_risk_out_of_reach_is_said():
    with pytest.raises(ConfidenceError, match="No threshold keeps the risk"):
        threshold_for([0.9, 0.8], np.array([False, True]), 0.1)


@pytest.mark.parametrize(
    ("confidence", "right"),
    [([0.5], np.array([1])), ([0.5, 0.4], np.array([True])), ([], np.array([], bool))],
)
def test_answers_that_do_not_fit_are_refused(confidence, right):
    with pytest.raises(ConfidenceError):
        risk_coverage(confidence, right)
