"""What `asl train` does: any of the course's models, trained on a data set or on your own files."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from asl_helpers import classifier, landmarks, networks, training, transfer
from asl_helpers.alphabet import encode, in_order
from asl_helpers.datasets.catalog import CATALOG, Collection
from asl_helpers.datasets.load import DataSplits, from_collection, load
from asl_helpers.datasets.readers import read_folder, read_npz
from asl_helpers.errors import AslError, did_you_mean, first_line
from asl_helpers.files import check_writable, sha256
from asl_helpers.judge import read_samples

NAMES = (*networks.NAMES, "landmarks")

SIZE = 96  # pixels per side that larger images are brought to, unless a size is given
FINE_TUNING = 0.1  # the learning rate of fine-tuning as a share of the head's
MOST_BYTES = 4 * 2**30  # images are held in memory, one byte per value; more than this is refused

Run = dict[str, Any]


def train(run: Run, out: Path, progress: Callable[[float, float], None]) -> dict[str, Any]:
    """Train what ``run`` (the options of `asl train`) asks for; return the facts of its card.

    Checkpoints are kept in a folder beside the output, ``hands.run`` for ``hands.keras``, until
    the model and its card are written: after an interruption the same call continues there.
    ``progress`` is called with the epochs done, and how many there are at most.
    """
    card, folder = out.with_suffix(".json"), out.with_suffix(".run")
    if out.suffix != ".keras":
        raise AslError(f"--out {out}: expected a name that ends in .keras, such as hands.keras.")
    if run["name"] not in NAMES:
        raise AslError(f"No model {run['name']!r}.{did_you_mean(run['name'], NAMES)}")
    if card.is_file() and out.is_file():
        facts = json.loads(card.read_text(encoding="utf-8"))
        if facts.get("run") == run:
            return facts
    if card.exists() or (out.exists() and not folder.is_dir()):
        raise AslError(
            f"{out} or {card.name} exists and is not from this training. Name another --out, or "
            "delete both."
        )
    check_writable(out)
    splits = _read(run)
    parts = {part: splits.arrays(part) for part in ("train", "validation", "test")}
    training.set_seed(run["seed"])
    model = _build(run, splits.info.shape, len(splits.info.class_names))
    stages = []
    for stage, trained, data, rate in _stages(run, model, SimpleNamespace(**parts), folder):
        done = len(stages) * run["epochs"]
        most = run["epochs"] * (2 if run["fine_tune"] else 1)
        history = training.fit(
            trained,
            data,
            folder=folder / stage,
            learning_rate=rate,
            **{option: run[option] for option in ("epochs", "batch_size", "patience", "seed")},
            callbacks=[_Progress(lambda n, done=done, most=most: progress(done + n, most))],
        )
        best = history.attrs["best_epoch"]
        accuracy = round(float(history["val_accuracy"][best]), 5)
        facts = {"stage": stage, "epochs": len(history), "best_epoch": best, "rate": rate}
        stages.append({**facts, "validation_accuracy": accuracy})
    images, labels = parts["test"]
    predicted = model.predict(images, batch_size=256, verbose=0).argmax(axis=1)
    facts = classifier.save(
        model,
        out,
        splits.info.class_names,
        name=run["name"],
        parameters=model.count_params(),
        stages=stages,
        test_accuracy=round(float((predicted == labels).mean()), 5),
        test_n=len(labels),
        data={"source": splits.info.source, "sha256": splits.info.sha256},
        run=run,
    )
    shutil.rmtree(folder)
    return facts


class _Progress(keras.callbacks.Callback):
    """Says after each batch how many epochs are done, a fraction within one."""

    def __init__(self, say: Callable[[float], None]) -> None:
        super().__init__()
        self.say = say

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.say(self.epoch + (batch + 1) / self.params["steps"])


def parse_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the settings in words such as ``"alpha=0.35"`` and ``"dense=null"``."""
    try:
        return {name: json.loads(value) for name, _, value in (p.partition("=") for p in pairs)}
    except ValueError as error:
        raise AslError(
            f"--set {' '.join(pairs)}: expected NAME=VALUE, such as alpha=0.35 or dense=null."
        ) from error


def _build(run: Run, shape: tuple[int, ...], classes: int) -> keras.Model:
    """Return the model that will be saved, with the weights that it starts from."""
    name, weights, settings = run["name"], run["weights"], dict(run["settings"])
    if name == "landmarks" and (weights or settings):
        raise AslError("landmarks has no --weights and no --set: its network is fixed, and small.")
    if run["fine_tune"] and not (weights and name == "mobilenet_v2"):
        raise AslError(
            f"--fine-tune {run['fine_tune']} needs mobilenet_v2 and its --weights; elsewhere all "
            "layers are trained anyway. Leave it out."
        )
    if name == "landmarks":
        return classifier.landmark_model(classifier.landmark_core(classes))
    if weights:
        settings["weights"] = weights
        if name.startswith("mobilenet_v2") and weights in transfer.WEIGHTS:
            settings.setdefault("alpha", transfer.DRAWN_ALPHA)
    try:
        model = networks.build(name, shape, classes, **settings)
    except (TypeError, ValueError) as error:  # what Keras says of settings
        raise AslError(f"{name} cannot be built with {settings}: {first_line(error)}") from error
    if weights and name.endswith("_attention"):
        # The averages come from far more images than there are here.
        for layer in model.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    return model


def _stages(run: Run, model: keras.Model, data, folder: Path) -> Iterator[tuple]:
    """Yield (stage, model to train, its data, learning rate), one training after the other."""
    name, rate = run["name"], run["rate"]
    if name == "landmarks":
        # It answers with the mean over a hand and its mirror image, so it learns from both.
        points, labels = data.train
        mirrored = points * np.array([-1, 1, 1], np.float32)
        both = (np.concatenate([points, mirrored]), np.concatenate([labels, labels]))
        data = SimpleNamespace(train=both, validation=data.validation)
        yield "whole", classifier.one_sided(model.get_layer("core")), data, rate
    elif not run["weights"] or name.endswith("_attention"):
        # New attention layers between old ones would spoil frozen features, so all is trained.
        yield "whole", model, data, rate
    else:
        pooled = model.get_layer("mean")
        body = keras.Model(model.input, pooled.input, name=model.name)
        top = model.layers[model.layers.index(pooled) + 1 :]
        head = keras.Sequential([keras.Input(pooled.output.shape[1:]), *top], name="head")
        features = SimpleNamespace()
        for part in ("train", "validation"):
            images, labels = getattr(data, part)
            setattr(features, part, (transfer.features(body, images, folder / "head"), labels))
        yield "head", head, features, rate
        if run["fine_tune"]:
            transfer.unfreeze(model, last_blocks=run["fine_tune"])
            yield "fine", model, data, FINE_TUNING * rate


def _read(run: Run) -> DataSplits:
    """Return the split data: a data set, class folders, or a file of landmarks."""
    data, path, size = run["data"], Path(run["data"]), run["size"]
    options = {"split": run["split"], "seed": run["seed"], "limit": run["limit"]}
    if (path.suffix == ".npz") != (run["name"] == "landmarks"):
        raise AslError(
            f"{run['name']} cannot be trained on {data}: landmarks is trained on an .npz with "
            "landmarks (n, 21, 3) and labels (n,), the other models on a data set or class folders."
        )
    if data in CATALOG:
        size = size or min(SIZE, CATALOG[data].shape[0])
        splits = load(data, size=size, verbose=False, **options)
    elif path.exists():
        collection = _hands(path) if path.suffix == ".npz" else read_folder(path, size or SIZE)
        if len(collection.class_names) < 2:
            raise AslError(
                f"{path.name} has a single class, {collection.class_names[0]!r}. Name the folder "
                "that holds the class folders, not one of them."
            )
        splits = from_collection(collection, **options)
    else:
        raise AslError(
            f"{data!r} is no data set, no folder and no file.{did_you_mean(data, CATALOG)}"
        )
    total = sum(splits.info.sizes.values()) * int(np.prod(splits.info.shape))
    if total > MOST_BYTES:
        raise AslError(
            f"{splits.info.source}: the images would fill {total / 2**30:.0f} GB of memory. Give a "
            "smaller --size, or a --limit of images per class."
        )
    return splits


def _hands(path: Path) -> Collection:
    """Return the landmarks in a file, normalized; numbers at the end of ``names`` are frames."""
    samples, arrays = read_samples(path), read_npz(path)
    frames = np.arange(len(samples))
    if "names" in arrays:
        names = arrays["names"][landmarks.usable(arrays["landmarks"])]
        numbers = [re.search(r"(\d+)$", PurePosixPath(name).stem) for name in names]
        if all(numbers):
            frames = np.array([int(number[1]) for number in numbers])
    classes = in_order(samples.labels)
    return Collection(
        name=path.stem,
        class_names=classes,
        images=landmarks.normalise(samples.points),
        labels=encode(samples.labels, classes),
        source=path.name,
        is_real=True,
        sha256=sha256(path),
        frames=frames,
    )
