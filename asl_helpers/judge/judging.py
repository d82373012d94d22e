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

_AT_ONCE = 512  # pictures in memory
LETTER_SETS = {"static": STATIC_LETTERS, "all": LETTERS, "classes": None}


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
        ``"static"``: the 24 letters that hold still; ``"all"``: all 26; ``"classes"``: every class
        of the model, such as "space". Of these, what the model knows is judged; other labels are
        left out and counted.
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
    wanted = [name for name in LETTER_SETS[letters] or places if name in places]
    samples = samples.keep(np.isin(samples.labels, wanted), OTHER_LABEL)
    _check_some(samples)
    read = _read_hands if model.reads == "landmarks" else _read_pictures
    probs, found, samples = read(model, samples)
    _check_some(samples)
    labels = np.array([places[label] for label in samples.labels], dtype=np.int64)
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
        "such as class folders named A, B, C; with letters='classes' every class of the model."
    )


def _read_hands(model: JudgedModel, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return answers (m, classes), where a hand was found (n,) bool, and the n samples judged."""
    aspect, found = "estimate", np.ones(len(samples), bool)
    points = samples.points
    if points is None:
        samples, points, found, aspect = _track(samples)
    hands = landmarks.normalise(points, aspect)
    none = np.empty((0, len(model.class_names)), np.float32)
    return model.probabilities(hands) if len(hands) else none, found, samples


def _track(samples: Samples) -> tuple[Samples, np.ndarray, np.ndarray, np.ndarray]:
    """Return the samples with one hand or none, the points of the m hands, found, aspects (m,)."""
    from asl_helpers.tracking import track_all

    readable = np.ones(len(samples), bool)

    def pictures():
        for index in range(len(samples)):
            picture = samples.picture(index)
            readable[index] = picture is not None
            if readable[index]:
                yield picture

    tracked = track_all(pictures())
    single = tracked.hands < 2
    found = tracked.hands[single] == 1
    kept = samples.keep(readable, UNREADABLE).keep(single, TWO_HANDS)
    return kept, tracked.points[single][found], found, tracked.aspect[single][found]


def _read_pictures(model: JudgedModel, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return answers (n, classes), n times true (no hand has to be found), and the samples."""
    from PIL import Image

    if samples.picture is None:
        raise JudgeError(
            f"{model.name} reads pictures, and {samples.name} holds landmarks. Judge it on a "
            "folder of pictures, or judge a model that reads landmarks."
        )
    height, width = model.size
    readable = np.ones(len(samples), bool)
    answers = [np.empty((0, len(model.class_names)), np.float32)]
    for start in range(0, len(samples), _AT_ONCE):
        batch = []
        for index in range(start, min(start + _AT_ONCE, len(samples))):
            picture = samples.picture(index)
            readable[index] = picture is not None
            if readable[index]:
                image = Image.fromarray(picture)
                batch.append(np.asarray(image.resize((width, height), Image.Resampling.BILINEAR)))
        if batch:
            answers.append(model.probabilities(np.stack(batch)))
    samples = samples.keep(readable, UNREADABLE)
    return np.concatenate(answers), np.ones(len(samples), bool), samples
