"""Record what transfers to another signer: pixels and landmarks, random and honest splits.

    ASL_DATA_DIR=folder python -m benchmarks.transfer                 all parts
    ASL_DATA_DIR=folder python -m benchmarks.transfer head            one part: its rows alone
    ASL_DATA_DIR=folder python -m benchmarks.transfer landmarks --quick   a little, not recorded

A row is one training, repeated over seeds, and one test. Rows are kept by name, so a part that is
measured again replaces its own rows and leaves the others; each names its date and its device.
Finished trainings are in the cache and not repeated; the head is timed anew each time.
"""

import argparse
import datetime
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

import asl_helpers as asl
from asl_helpers import evaluation, training, transfer
from benchmarks import transfer_landmarks, transfer_pixels
from benchmarks.record import RESULTS, Row, device, real_folder, record, source_row, spread

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


def head_rows(folder: Path, quick: bool = False) -> tuple[list[Row], list[Row]]:
    """Return the row of a head on frozen features, which is timed, and that of its data.

    The rate of the whole way from JPEG to features stands beside that of the network alone on
    images in memory, measured in turns, so that whatever else the machine does slows both.
    """
    limit, epochs = (12, 2) if quick else (LIMIT, EPOCHS)
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
    return [row], [source_row(data.info)]


PARTS: dict[str, Callable[[Path, bool], tuple[list[Row], list[Row]]]] = {
    "pixels": transfer_pixels.rows,
    "landmarks": transfer_landmarks.rows,
    "head": head_rows,
}
"""From the data folder, and whether the run is a quick one, to rows and those of their data."""


def known(path: Path) -> tuple[list[Row], list[Row]]:
    """Return the rows of the record that is there, and those of its data."""
    if not path.is_file():
        return [], []
    old = json.loads(path.read_text(encoding="utf-8"))
    return old["rows"], old["about"]["data"]


def merged(old: list[Row], new: list[Row], part: str, stamp: Row) -> list[Row]:
    """Return the rows of all parts in the order of `PARTS`, those of ``part`` being the new ones.

    ``stamp`` goes to what was measured now; a row that came out of the cache as it stands in the
    record keeps its own.
    """
    before = {row["name"]: row for row in old}
    rows = [row for row in old if row["part"] != part]
    for row in new:
        kept = before.get(row["name"], {})
        same = {k: v for k, v in kept.items() if k not in stamp} == {"part": part, **row}
        rows.append({"part": part, **row, **({k: kept[k] for k in stamp} if same else stamp)})
    return sorted(rows, key=lambda row: list(PARTS).index(row["part"]))


def write(rows: list[Row], data: list[Row]) -> Path:
    """Write the record; a set of data that several parts read is named once."""
    sources = {row["source"]: row for row in data}
    return record("transfer", {"rows": rows}, data=list(sources.values()), profile="full")


def main() -> None:
    """Measure the parts that were asked for and merge their rows into the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a little of each, nothing recorded")
    given = parser.parse_args()
    folder = real_folder("the real landmarks and pictures")
    for part in given.parts:
        new, sources = PARTS[part](folder, given.quick)
        if given.quick:
            print(json.dumps(new, indent=1))
            continue
        # Read anew for each part: another process may have written its own meanwhile.
        old, data = known(RESULTS / "transfer.json")
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        rows = merged(old, new, part, {"date": today, "device": device()})
        print(write(rows, [*data, *sources]), flush=True)


if __name__ == "__main__":
    main()
