"""One way to judge any model on any data: the same signers, the same count of missed hands.

>>> from asl_helpers.judge import judge  # doctest: +SKIP
>>> print(judge("landmarks", "signer_a.npz").text())  # doctest: +SKIP
"""

from asl_helpers.judge.data import Samples, read_samples
from asl_helpers.judge.errors import JudgeError
from asl_helpers.judge.judging import judge
from asl_helpers.judge.models import JudgedModel, load_model
from asl_helpers.judge.scores import Judgement, score

__all__ = [
    "JudgeError",
    "JudgedModel",
    "Judgement",
    "Samples",
    "judge",
    "load_model",
    "read_samples",
    "score",
]
