"""Several models answering as one: the mean of their probabilities, and who is asked."""

from collections.abc import Mapping, Sequence

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.evaluation import log_loss


class EnsembleError(AslError):
    """Probabilities that do not belong together, or none at all."""


def mean_probs(members: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of the members' probabilities, float64 of shape (n, classes).

    Parameters
    ----------
    members:
        Probabilities of each member for the same n pictures, (n, classes), rows sum to 1.

    Raises
    ------
    EnsembleError
        If there is no member, the shapes differ, or a row is no probability (logits?).
    """
    if not len(members):
        raise EnsembleError("An ensemble needs a member: give one array of probabilities or more.")
    arrays = [np.asarray(probs, dtype=np.float64) for probs in members]
    shapes = {probs.shape for probs in arrays}
    if len(shapes) > 1 or arrays[0].ndim != 2:
        raise EnsembleError(
            f"The members answer in shapes {sorted(shapes)}; expected one (n, classes) for all: "
            "the same pictures in the same order."
        )
    for probs in arrays:
        if (probs < 0).any() or not np.allclose(probs.sum(axis=1), 1, atol=1e-3):
            raise EnsembleError("Each row must sum to 1: pass logits to evaluation.softmax first.")
    return np.mean(arrays, axis=0)


def choose(members: Mapping[str, np.ndarray], labels: np.ndarray, most: int = 3) -> list[str]:
    """Return the names of the members that answer best together, chosen on validation pictures.

    The best single one comes first; then the one that lowers the ensemble's log loss most, again
    and again, until none lowers it or there are ``most``.

    Parameters
    ----------
    members:
        A name -> its probabilities for the validation pictures, (n, classes).
    labels:
        Their true classes, integers (n,).
    most:
        How many members at most; each is asked with every picture, and that is what it costs.

    Source: Caruana et al. (2004), "Ensemble selection from libraries of models", without
    repetition.
    """
    if most < 1:
        raise EnsembleError(f"An ensemble has at least one member, not most={most}.")
    chosen: list[str] = []
    best = np.inf
    while len(chosen) < most:
        losses = {
            name: log_loss(labels, mean_probs([*(members[n] for n in chosen), probs]))
            for name, probs in members.items()
            if name not in chosen
        }
        name = min(losses, key=losses.get, default=None)
        if name is None or losses[name] >= best:
            break
        chosen, best = [*chosen, name], losses[name]
    if not chosen:
        raise EnsembleError("There is no member to choose from.")
    return chosen
