import numpy as np
import pytest

from asl_helpers import ensembles
from asl_helpers.ensembles import EnsembleError

LABELS = np.array([0, 1, 1, 0])


def binary(*first):
    """Probabilities of two classes from that of the first."""
    return np.array([[p, 1 - p] for p in first])


def test_the_mean_is_taken_over_probabilities_not_over_answers():
    unsure, sure = binary(0.55, 0.55, 0.55, 0.55), binary(0.05, 0.9, 0.05, 0.9)
    found = ensembles.mean_probs([unsure, unsure, sure])
    assert np.allclose(found[:, 0], [(0.55 * 2 + p) / 3 for p in (0.05, 0.9, 0.05, 0.9)])
    assert found.argmax(axis=1).tolist() == [1, 0, 1, 0]  # a vote would say 0 each time


def test_the_best_comes_first_and_only_who_helps_follows():
    good = binary(0.97, 0.03, 0.8, 0.97)  # wrong on the third
    other = binary(0.6, 0.45, 0.1, 0.6)  # right there
    wrong = 1 - good
    members = {"wrong": wrong, "other": other, "good": good}
    assert ensembles.choose(members, LABELS) == ["good", "other"]
    assert ensembles.choose(members, LABELS, most=1) == ["good"]
    assert ensembles.choose({"good": good, "copy": good.copy()}, LABELS) == ["good"]


def test_what_does_not_belong_together_is_refused():
    one = binary(0.5, 0.5, 0.5, 0.5)
    with pytest.raises(EnsembleError, match="needs a member"):
        ensembles.mean_probs([])
    with pytest.raises(EnsembleError, match="same pictures"):
        ensembles.mean_probs([one, one[:3]])
    with pytest.raises(EnsembleError, match="logits"):
        ensembles.mean_probs([one, one * 4])
    with pytest.raises(EnsembleError, match="no member"):
        ensembles.choose({}, LABELS)
    with pytest.raises(EnsembleError, match="most=0"):
        ensembles.choose({"a": one}, LABELS, most=0)
