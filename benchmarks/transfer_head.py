"""The row of `transfer` that is timed: MobileNetV2's features once, and a head on them.

The rate of the whole way from JPEG to features stands beside that of the network alone on pictures
that are in memory, which no reader can beat; both are measured in turns, so that whatever else the
machine does slows both.
"""

import statistics
import time
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import evaluation, training, transfer
from benchmarks.record import spread

SIZE, ALPHA, LIMIT, BATCH = 96, 0.35, 600, 64
EPOCHS = 20
SEEDS = (0, 1, 2)
BARE = 30
"""Batches in each turn of the network alone."""


def bare_rate(backbone: keras.Model) -> float:
    """Return the pictures a second of the network alone, on one batch in memory."""
    call = tf.function(lambda pictures: backbone(pictures, training=False))
    pictures = tf.random.uniform((BATCH, SIZE, SIZE, 3), 0, 255, seed=0)
    call(pictures)  # the first call builds the graph
    start = time.perf_counter()
    for _ in range(BARE):
        call(pictures)
    return BATCH * BARE / (time.perf_counter() - start)


def rows(limit: int = LIMIT, epochs: int = EPOCHS) -> tuple[list[dict[str, Any]], list[dict]]:
    """Return the row, and the one that describes the data."""
    data = asl.load("asl_alphabet", split="blocks", size=SIZE, limit=limit, verbose=False)
    base = transfer.backbone(SIZE, ALPHA, verbose=False)
    rates, seconds, parts = [bare_rate(base)], 0.0, {}
    for part in ("train", "validation", "test"):
        start = time.perf_counter()
        found = transfer.features(base, data.arrays(part)[0])
        seconds += time.perf_counter() - start
        parts[part] = (found, data.collection.labels[data.indices(part)])
        rates.append(bare_rate(base))
    n = sum(data.info.sizes.values())
    ready = SimpleNamespace(train=parts["train"], validation=parts["validation"])
    scores, trained = [], []
    for seed in SEEDS:
        training.set_seed(seed)
        head = transfer.head(parts["train"][0].shape[1], len(data.info.class_names))
        start = time.perf_counter()
        training.fit(head, ready, epochs=epochs, patience=epochs)
        trained.append(time.perf_counter() - start)
        names = data.info.class_names
        scores.append(evaluation.report(head, *parts["test"], class_names=names).accuracy)
    forward = statistics.median(rates)
    tested = len(parts["test"][1])
    right = round(float(np.mean(scores)) * tested)
    row = {
        "name": "head-on-cached-features",
        "what": "MobileNetV2 0.35, frozen, and a head on its features",
        "train": data.info.source,
        "test": "other blocks of the same films",
        "split": "by blocks of frames",
        "input": "pixels",
        "classes": len(data.info.class_names),
        "seeds": list(SEEDS),
        "accuracy": spread(scores),
        "n": tested,
        "interval": list(evaluation.wilson(right, tested)),
        "coverage": None,
        "aim": None,
        "seconds_a_run": round(statistics.mean(trained), 1),
        "weights": base.source,
        "pictures": n,
        "size": SIZE,
        "epochs": epochs,
        "seconds_features": round(seconds, 1),
        "seconds_in_all": round(seconds + statistics.mean(trained), 1),
        "images_per_second": round(n / seconds, 1),
        "images_per_second_forward": round(forward, 1),
        "share_of_forward": round(n / seconds / forward, 3),
    }
    about = {"source": data.info.source, "sha256": data.info.sha256, "is_real": data.info.is_real}
    return [row], [about]
