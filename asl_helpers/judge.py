"""One way to judge any model on any data: the same signers, and every missed hand is counted.

>>> from asl_helpers.judge import judge  # doctest: +SKIP
>>> print(judge("landmarks", "signer_a.npz").text())  # doctest: +SKIP
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from asl_helpers import classifier, landmarks
from asl_helpers.alphabet import LETTERS, STATIC_LETTERS
from asl_helpers.classifier import Classifier
from asl_helpers.datasets.catalog import evenly
from asl_helpers.errors import AslError, did_you_mean

LETTER_SETS = {
    "static": (STATIC_LETTERS, "static letters"),
    "all": (LETTERS, "all letters"),
    "classes": (None, "every class of the model"),
}
_AT_ONCE = 512  # images in memory
_UNREADABLE = "image cannot be read"


@dataclass
class Samples:
    """Labelled hands, as landmarks or as images."""

    name: str  # what they are, for the report
    labels: np.ndarray  # (n,) str, upper case
    points: np.ndarray | None = None  # (n, 21, 3) float32 landmarks, None where there are images
    # The image at an index, uint8 (height, width, 3), or None if it cannot be read.
    image: Callable[[int], np.ndarray | None] | None = None
    skipped: Counter = field(default_factory=Counter)  # how many were left out, by reason

    def __len__(self) -> int:
        """Return the number of hands or images."""
        return len(self.labels)

    def keep(self, mask: np.ndarray, reason: str = "") -> "Samples":
        """Return those where ``mask`` (n,) is true; with a reason, the others are counted."""
        rows = np.flatnonzero(mask)
        points = None if self.points is None else self.points[rows]
        image = self.image and (lambda index, read=self.image: read(int(rows[index])))
        skipped = self.skipped + Counter({reason: int((~mask).sum())} if reason else {})
        return Samples(self.name, self.labels[rows], points, image, skipped)


@dataclass(frozen=True)
class Judgement:
    """How a model did on data. Shares are 0-1; the field names are the keys of ``--json``."""

    model: str
    data: str
    letters: str  # which classes: "static" 24, "all" 26 letters, or "classes", all of the model's
    n: int  # hands or images judged
    coverage: float  # share in which a hand was found; 1 for landmarks and for models of images
    accuracy: float  # share of right answers of all n, a missed hand being an error
    interval: tuple[float, float]  # Wilson's 95 % interval of it
    accuracy_covered: float | None  # share of right answers where a hand was found
    balanced_accuracy: float  # means over the classes that occur, of recall and of F1
    macro_f1: float
    ece: float | None  # expected calibration error in 15 bins, where a hand was found
    per_class_recall: dict[str, float]
    confusions: list[dict]  # the commonest mistakes: true, predicted, count, share of the class
    skipped: int  # how many were left out, in all and by reason
    skipped_why: dict[str, int]
    assumptions: tuple[str, ...] = ()  # what neither the model's file nor its card says

    def as_dict(self) -> dict:
        """Return everything as plain numbers, strings, lists and dicts, ready for JSON."""
        return asdict(self)

    def text(self) -> str:
        """Return a report of a screenful."""
        low, high = self.interval
        cells = [f"{name} {share:4.0%}" for name, share in self.per_class_recall.items()]
        rows = ["  ".join(cells[start : start + 8]) for start in range(0, len(cells), 8)]
        mistakes = [f"{c['true']} as {c['predicted']} {c['count']}" for c in self.confusions]
        lines = [
            f"{self.model} on {self.data}, {LETTER_SETS[self.letters][1]}",
            *(f"  note               {each}" for each in self.assumptions),
            f"  n                  {self.n}",
            f"  coverage           {self.coverage:.1%}",
            f"  accuracy           {self.accuracy:.1%}  (95 % interval {low:.1%} to {high:.1%})",
            f"  accuracy, covered  {_or_none(self.accuracy_covered, '.1%')}",
            f"  balanced accuracy  {self.balanced_accuracy:.1%}",
            f"  macro F1           {self.macro_f1:.3f}",
            f"  calibration error  {_or_none(self.ece, '.3f')}",
            "  recall             " + ("\n" + " " * 21).join(rows),
            "  confused           " + (", ".join(mistakes) or "none"),
        ]
        lines += [f"  skipped            {why}: {n}" for why, n in self.skipped_why.items()]
        return "\n".join(lines)


def judge(
    model: str | Path | Classifier,
    data: str | Path | Samples,
    letters: str = "static",
    limit: int | None = None,
) -> Judgement:
    """Judge a model on data; images are tracked first for a model that reads landmarks.

    Parameters
    ----------
    model:
        What `classifier.load` takes, or what it returned.
    data:
        What `read_samples` takes, or what it returned.
    letters:
        ``"static"``: the 24 letters that hold still; ``"all"``: all 26; ``"classes"``: every class
        of the model, such as "space". Of these, what the model knows is judged; other labels are
        left out and counted.
    limit:
        At most this many of each class.

    Raises AslError for anything that cannot be judged.
    """
    if letters not in LETTER_SETS:
        raise AslError(f"No set of letters {letters!r}.{did_you_mean(letters, LETTER_SETS)}")
    model = model if isinstance(model, Classifier) else classifier.load(model)
    if model.reads == "motion":
        raise AslError(f"{model.name} reads movements. Judge a model of single hands or images.")
    samples = data if isinstance(data, Samples) else read_samples(data, limit)
    indices = {name.upper(): index for index, name in enumerate(model.classes)}
    wanted = [name for name in LETTER_SETS[letters][0] or indices if name in indices]
    known = np.isin(samples.labels, wanted)
    samples = _checked(samples.keep(known, "label outside the classes judged"))
    classify = _classify_hands if model.reads == "landmarks" else _classify_images
    probs, found, samples = classify(model, samples)
    labels = np.array([indices[label] for label in samples.labels], dtype=np.int64)
    return Judgement(
        model=model.name,
        data=samples.name,
        letters=letters,
        skipped=sum(samples.skipped.values()),
        skipped_why={why: count for why, count in samples.skipped.items() if count},
        assumptions=model.assumptions,
        **score(labels, probs, found, model.classes),
    )


def score(labels, probs, found, classes) -> dict:
    """Return the scores of answers as a dict with the names of `Judgement`'s fields.

    ``labels`` (n,) are indices into ``classes``; ``probs`` (m, classes) are the answers for the m
    hands that were ``found`` (n,) bool, in order.
    """
    from sklearn.metrics import f1_score

    from asl_helpers.evaluation import report_from_probs, wilson

    labels, found = np.asarray(labels, np.int64), np.asarray(found, bool)
    predictions = np.full(len(labels), -1)  # no class: a missed hand is wrong for every metric
    covered = {"accuracy_covered": None, "ece": None, "confusions": []}
    if found.any():
        predictions[found] = np.argmax(probs, axis=1)
        report = report_from_probs(labels[found], probs, classes)
        covered = {
            "accuracy_covered": report.accuracy,
            "ece": report.calibration_error,
            "confusions": report.top_confusions(10).to_dict("records"),
        }
    right = predictions == labels
    present = np.unique(labels)
    recall = {classes[index]: float(right[labels == index].mean()) for index in present}
    return {
        "n": len(labels),
        "coverage": float(found.mean()),
        "accuracy": float(right.mean()),
        "interval": wilson(int(right.sum()), len(labels)),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "macro_f1": float(
            f1_score(labels, predictions, labels=present, average="macro", zero_division=0)
        ),
        "per_class_recall": recall,
        **covered,
    }


def read_samples(data: str | Path, limit: int | None = None) -> Samples:
    """Return what ``data`` names, at most ``limit`` of each class, evenly spaced.

    An ``.npz`` with ``landmarks`` (n, 21, 3) and ``labels`` (n,); a folder, or a zip, of class
    folders of images; or a data set's name, of which the test split is taken. Raises AslError if
    there is nothing by this name, or nothing in it to judge on.
    """
    path = Path(data)
    if path.suffix.lower() == ".npz" and path.is_file():
        samples = _landmark_file(path)
    elif path.is_dir() or (path.suffix.lower() == ".zip" and path.is_file()):
        samples = _class_folders(path)
    else:
        samples = _data_set(str(data))
    if limit is not None:
        samples = samples.keep(_evenly(samples.labels, limit))
    return _checked(samples)


def _classify_hands(model: Classifier, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return answers (m, classes), where a hand was found (n,) bool, and the n samples judged."""
    if samples.points is not None:
        answers = model.probabilities(samples.points, "estimate")
        return answers, np.ones(len(samples), bool), samples
    from asl_helpers.tracking import track_all

    readable = np.ones(len(samples), bool)
    tracked = track_all(_images(samples, readable))
    single = tracked.hands < 2
    found = tracked.hands[single] == 1
    points, aspect = (rows[single][found] for rows in (tracked.points, tracked.aspect))
    samples = _checked(samples.keep(readable, _UNREADABLE).keep(single, "two hands"))
    return model.probabilities(points, aspect), found, samples


def _classify_images(model: Classifier, samples: Samples) -> tuple[np.ndarray, np.ndarray, Samples]:
    """Return answers (n, classes), n times true (no hand has to be found), and the samples."""
    from PIL import Image

    if samples.image is None:
        raise AslError(
            f"{model.name} reads images, and {samples.name} holds landmarks. Judge it on a folder "
            "of images, or judge a model that reads landmarks."
        )
    height, width = model.shape[:2]
    readable = np.ones(len(samples), bool)
    resized = (
        np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
        for image in _images(samples, readable)
    )
    batches = iter(lambda: list(islice(resized, _AT_ONCE)), [])
    answers = [model.probabilities(np.stack(batch)) for batch in batches]
    samples = _checked(samples.keep(readable, _UNREADABLE))
    return np.concatenate(answers), np.ones(len(samples), bool), samples


def _images(samples: Samples, readable: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images that can be read; note the others in ``readable``."""
    for index in range(len(samples)):
        image = samples.image(index)
        readable[index] = image is not None
        if image is not None:
            yield image


def _checked(samples: Samples) -> Samples:
    """Return the samples; raise AslError when nothing is left of them."""
    if len(samples):
        return samples
    why = "; ".join(f"{reason}: {count}" for reason, count in samples.skipped.items() if count)
    raise AslError(
        f"Nothing of {samples.name} can be judged ({why or 'it is empty'}). Check the labels: "
        "expected letters, such as class folders named A, B, C; with letters='classes' every class "
        "of the model."
    )


def _landmark_file(path: Path) -> Samples:
    """Read an archive of landmarks; rows that are not finite, or without extent, are skipped."""
    from asl_helpers.datasets.readers import read_npz

    arrays = read_npz(path, "landmarks", "labels")
    points, labels = arrays["landmarks"], arrays["labels"]
    if points.ndim != 3 or points.shape[1:] != (21, 3) or points.dtype.kind not in "fiu":
        raise AslError(
            f"{path.name}: landmarks are {points.dtype} of shape {points.shape}; expected numbers "
            "of shape (n, 21, 3): 21 landmarks, each x, y, z."
        )
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8")
    if labels.shape != points.shape[:1] or labels.dtype.kind != "U":
        raise AslError(
            f"{path.name}: labels are {labels.dtype} of shape {labels.shape} for {len(points)} "
            "hands; expected one letter per hand, such as 'A'."
        )
    samples = Samples(path.name, np.char.upper(labels), points.astype(np.float32))
    return samples.keep(landmarks.usable(points), "landmarks are not finite numbers")


def _class_folders(path: Path) -> Samples:
    """List the images of a folder or zip; the folder that holds an image is its label."""
    from asl_helpers.datasets.readers import ImageFiles, open_image

    files = ImageFiles(path)
    names = [name for name in files.names if "/" in name]
    if not names:
        raise AslError(
            f"{path.name} has no images in class folders that can be read; expected files such as "
            "A/first.jpg, in JPEG, PNG or WebP."
        )
    lost = files.lost_folders()
    folders = [PurePosixPath(name).parent.name for name in files.unreadable]
    skipped = Counter(
        f"nothing in class folder {folder} can be read" if folder in lost else _UNREADABLE
        for folder in folders
    )

    def image(index: int) -> np.ndarray | None:
        try:
            return open_image(files.read(names[index]))
        except AslError:
            return None

    labels = np.array([name.split("/")[-2].upper() for name in names])
    return Samples(path.name, labels, image=image, skipped=skipped)


def _data_set(name: str) -> Samples:
    """Load the test split of a data set by name."""
    from asl_helpers.datasets.catalog import CATALOG
    from asl_helpers.datasets.load import load

    if name not in CATALOG:
        raise AslError(
            f"{name!r} is no .npz file, no folder or zip of class folders, and no data set."
            f"{did_you_mean(name, CATALOG)}"
        )
    data = load(name, verbose=False)
    images, labels = data.arrays("test")
    names = np.char.upper(np.array(data.info.class_names))

    def image(index: int) -> np.ndarray:
        return np.broadcast_to(images[index], (*images.shape[1:3], 3))

    return Samples(f"{name}, test split ({data.info.source})", names[labels], image=image)


def _evenly(labels: np.ndarray, limit: int) -> np.ndarray:
    """Return a mask (n,) of at most ``limit`` of each class, evenly spaced."""
    if limit < 1:
        raise AslError(f"limit={limit}: expected at least 1 of each class.")
    kept = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        kept[evenly(np.flatnonzero(labels == label), limit)] = True
    return kept


def _or_none(value: float | None, form: str) -> str:
    return "none" if value is None else format(value, form)
