"""Record what each kind of weights is worth frozen: a linear head on features, blocks split.

    ASL_DATA_DIR=folder python -m benchmarks.backbones

The folder holds the real sets, and MobileNetV2's weights of ImageNet; without one the drawn
weights are measured alone, on the drawn twin.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import asl_helpers as asl
from asl_helpers import evaluation, files, training, transfer
from asl_helpers.errors import AslError
from benchmarks.record import data_folders, record, source_row, spread

SETS = ("asl_alphabet", "asl_rooms")
SEEDS = (0, 1, 2)
LIMIT = 40
SIZE = 96
PARTS = ("train", "validation", "test")


def probe(data, backbone, folder: Path) -> dict[str, Any]:
    """Return the test accuracy of a linear head on the frozen features, one a seed."""
    labels = {part: data.collection.labels[data.indices(part)] for part in PARTS}
    known = {part: transfer.features(backbone, data.arrays(part)[0], folder) for part in PARTS}
    pairs = SimpleNamespace(**{part: (known[part], labels[part]) for part in PARTS})
    scores = []
    for seed in SEEDS:
        training.set_seed(seed)
        head = transfer.head(known["train"].shape[1], len(data.info.class_names))
        head.layers[-1].kernel.assign(np.zeros(head.layers[-1].kernel.shape))
        training.fit(head, pairs, epochs=100, batch_size=32, patience=10, learning_rate=3e-4)
        report = evaluation.report(head, *pairs.test, class_names=data.info.class_names)
        scores.append(report.accuracy)
    return {"accuracy": spread(scores), "n": len(labels["test"])}


def main() -> None:
    folder = files.cache_dir() / "features"
    sources, rows = [], []
    for where in data_folders():
        for name in SETS:
            try:
                data = asl.load(name, size=SIZE, limit=LIMIT, verbose=False)
            except AslError:
                continue  # a set that is not here and has no twin
            if where and not data.info.is_real:
                continue
            info = data.info
            sources.append(source_row(info))
            for weights in ("drawn", "imagenet"):
                try:
                    backbone = transfer.backbone(SIZE, weights=weights, verbose=False)
                except AslError as error:
                    print(error)
                    continue
                row = {"set": name, "is_real": info.is_real, "weights": weights}
                row |= probe(data, backbone, folder)
                rows.append(row)
                low = np.round(100 * row["accuracy"]["mean"], 1)
                print(f"{info.source}: {backbone.source}: {low} % of {row['n']}", flush=True)
    result = {
        "size": SIZE,
        "limit": LIMIT,
        "split": "blocks",
        "seeds": list(SEEDS),
        "held_out_drawings": transfer.drawn_card()["held_out_accuracy"],
        "rows": rows,
    }
    print(record("backbones", result, data=sources))


if __name__ == "__main__":
    main()
