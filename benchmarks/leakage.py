"""Record how far each split leaks: the share of test pictures with a near-copy in training.

    ASL_DATA_DIR=folder python -m benchmarks.leakage

The folder holds the real sets in forms that asl.load reads; without one the drawn twins are
measured alone.
"""

from typing import Any

import numpy as np

import asl_helpers as asl
from asl_helpers.datasets.splits import SAME_PHOTO, leakage, near_copies
from asl_helpers.errors import AslError
from benchmarks.record import data_folders, record, source_row

SETS = {"sign_language_mnist": 28, "asl_alphabet": 32, "asl_rooms": 32}
SPLITS = ("random", "blocks")
SEEDS = (0, 1, 2)


def measure(name: str, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row that describes a data set, and what each split let through."""
    found = {}
    for split in SPLITS:
        per_seed = []
        for seed in SEEDS:
            data = asl.load(name, split=split, size=size, seed=seed, verbose=False)
            per_seed.append(leakage(data, sample=1000, seed=seed))
        found[split] = {
            "copies": round(float(np.mean([one.copies for one in per_seed])), 4),
            "copies_by_seed": [round(one.copies, 4) for one in per_seed],
            "median_distance": round(
                float(np.median(np.concatenate([o.distance for o in per_seed]))), 5
            ),
        }
    info, collection = data.info, data.collection
    result = {"source": info.source, "is_real": info.is_real, "pictures": len(collection)} | found
    if name == "sign_language_mnist" and info.is_real:
        images = collection.images.read(np.arange(len(collection)))
        result["photographs"] = len(np.unique(near_copies(images, collection.labels)))
    return source_row(info), result


def main() -> None:
    rows, results = [], {"same_photograph": SAME_PHOTO, "seeds": SEEDS, "sets": []}
    for where in data_folders():
        for name, size in SETS.items():
            try:
                row, result = measure(name, size)
            except AslError:
                continue  # a set that is not here and has no twin
            if where and not row["is_real"]:
                continue
            rows.append(row)
            results["sets"].append({"name": name} | result)
            print(name, result, flush=True)
    print(record("leakage", results, data=rows))


if __name__ == "__main__":
    main()
