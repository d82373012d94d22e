"""Judging: keep what can be judged, find the hands, ask the model, count."""

from pathlib import Path

import numpy as np

from asl_helpers import landmarks
from asl_helpers.alphabet import LETTERS, STATIC_LETTERS
from asl_helpers.errors import did_you_mean
from asl_helpers.judge.data import OTHER_LABEL, TWO_HANDS, UNREADABLE, Samples, read_samples
from asl_helpers.judge.errors import JudgeError
from asl_helpers.judge.models import JudgedModel, load_model
from asl_helpers.judge.scores import Judgement, score

LETTER_SETS = {"static": STATIC_LETTERS, "all": LETTERS}


def judge(
    model: str | Path | JudgedModel,
    data: str | Path | Samples,
    letters: str = "static",
    limit: int | None = None,
) -> Judgement:
    """Judge a model on data.

    Parameters
    ----------
    model:
        A shipped model's name, a ``.keras`` or ``.tflite`` file, or what `load_model` returned.
    data:
        What `read_samples` takes, or what it returned. Pictures are tracked first for a model
        that reads landmarks.
    letters:
        ``"static"``: the 24 letters that hold still; ``"all"``: all 26 as far as the model knows
        them. Other labels are left out and counted.
    limit:
        At most this many of each class.

    Raises
    ------
    JudgeError
        For anything that cannot be judged; `AslError` of other modules for data or a tracker that
        are not there.
    """
    if letters not in LETTER_SETS:
        raise JudgeError(f"No set of letters {letters!r}.{did_you_mean(letters, LETTER_SETS)}")
    model = model if isinstance(model, JudgedModel) else load_model(model)
    samples = data if isinstance(data, Samples) else read_samples(data, limit)
    places = {name.upper(): place for place, name in enumerate(model.class_names)}
    wanted = [name for name in LETTER_SETS[letters] if name in places]
    samples = samples.keep(np.isin(samples.labels, wanted), OTHER_LABEL)
    _check_some(samples)
    inputs, found, samples = (_hands if model.reads == "landmarks" else _images)(model, samples)
    _check_some(samples)
    labels = np.array([places[label] for label in samples.labels], dtype=np.int64)
    probs = model.probabilities(inputs) if len(inputs) else np.empty((0, len(places)))
    return Judgement(
        model=model.name,
        data=samples.name,
        letters=letters,
        skipped=sum(samples.skipped.values()),
        skipped_why={why: count for why, count in samples.skipped.items() if count},
        **score(labels, probs, found, model.class_names),
    )


def _check_some(samples: Samples) -> None:
    """Raise JudgeError when nothing is left."""
    if len(samples):
        return
    why = "; ".join(f"{reason}: {count}" for reason, count in samples.skipped.items() if count)
    raise JudgeError(
        f"Nothing of {samples.name} can be judged ({why}). Check the labels: expected letters, "
        "such as class folders named A, B, C."
    )


def _hands(model: JudgedModel, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return normalised hands (m, 21, 3), where a hand was found (n,) bool, and the samples."""
    if samples.points is not None:
        return landmarks.normalise(samples.points), np.ones(len(samples), bool), samples
    from asl_helpers.tracking import track_all

    pictures = [samples.picture(index) for index in range(len(samples))]
    readable = np.array([picture is not None for picture in pictures])
    tracked = track_all(picture for picture in pictures if picture is not None)
    samples = samples.keep(readable, UNREADABLE)
    single = tracked.hands < 2
    samples = samples.keep(single, TWO_HANDS)
    found = tracked.hands[single] == 1
    points = tracked.points[single][found]
    return landmarks.normalise(points, tracked.aspect[single][found]), found, samples


def _images(model: JudgedModel, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return pictures (n, height, width, 3) uint8 at the model's size; all count as covered."""
    from PIL import Image

    if samples.picture is None:
        raise JudgeError(
            f"{model.name} reads pictures, and {samples.name} holds landmarks. Judge it on a "
            "folder of pictures, or judge a model that reads landmarks."
        )
    height, width = model.size
    pictures = [samples.picture(index) for index in range(len(samples))]
    samples = samples.keep(np.array([p is not None for p in pictures]), UNREADABLE)
    resized = [
        np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
        for picture in pictures
        if picture is not None
    ]
    shape = (-1, height, width, 3)
    return np.array(resized, np.uint8).reshape(shape), np.ones(len(samples), bool), samples
