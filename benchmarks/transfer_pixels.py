"""Record what a network that reads pixels makes of another signer.

    ASL_DATA_DIR=folder python -m benchmarks.transfer_pixels leak       one signer, two splits
    ASL_DATA_DIR=folder python -m benchmarks.transfer_pixels signers    trained on one, tested on
                                                                        the other, both ways
    ASL_DATA_DIR=folder python -m benchmarks.transfer_pixels larger     those models trained on
    ASL_DATA_DIR=folder python -m benchmarks.transfer_pixels rows       what there is, as JSON

The folder holds `asl_alphabet_64.zip` (or Kaggle's own set) and `asl29_rooms_160.zip`. Finished
runs are lines of two journals in the cache, so each command goes on where it was stopped.
`transfer.py` takes the rows into its record.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from asl_helpers import sweeps
from asl_helpers.files import cache_dir
from benchmarks.record import DRAWN, source_row, spread
from benchmarks.transfer_pixels_data import CLASSES
from benchmarks.transfer_pixels_leak import leak
from benchmarks.transfer_pixels_signers import (
    OTHER,
    RUNS,
    STAGED,
    STAGES,
    USUAL,
    info,
    larger,
    signers,
)

TITLE = {"asl_alphabet": "ASL Alphabet (subset)", "asl_rooms": "the rooms set"}

CHANGED = {
    "backdrops": "without other backdrops",
    "light": "without other light",
    "mirror": "with mirrored pictures",
}
"""The ablations in words."""

THEN = {"larger": "trained on at 96 pixels", "longer": "trained on twice at 96 pixels"}
"""The further stages in words."""

SPLIT = dict.fromkeys(
    THEN, "by signer; the stage was added after the stage before had been tested on this signer"
)
"""What the rows of the further stages must say: their test is no first look."""


def rows(cache: Path, train: bool = True) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the figure table, and those that describe the data.

    What is missing is trained; with ``train=False`` the rows are of the runs that are finished.
    """
    if train:
        leak(cache)
        signers(cache, RUNS)
        for stage, runs in STAGED.items():
            larger(cache, runs, stage)
    found = []
    for split in ("random", "blocks"):
        found += _leak_rows(_finished(cache / f"leak_{split}.jsonl"))
    for stage in ("signers", *STAGES):
        for learns in (*OTHER, "drawn"):
            found += _signer_rows(_finished(cache / f"{stage}_{learns}.jsonl"), stage)
    return found, [*(source_row(info(name)) for name in OTHER), DRAWN]


def _finished(path: Path) -> pd.DataFrame:
    """Return the runs of a journal that came to an end; none where there is no journal."""
    table = sweeps.read_table(path) if path.is_file() else pd.DataFrame({"error": []})
    return table[table["error"] == ""]


def _leak_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    if table.empty:
        return []
    words = {
        "random": ("picture by picture: neighbours of test pictures are learnt from", 0.997),
        "blocks": ("by blocks of frames, a second left out at each cut", None),
    }
    found = []
    for split, group in table.groupby("split", sort=False):
        about, aim = words[split]
        found.append(
            {
                "name": f"asl_alphabet_{split}",
                "what": "MobileNetV2 0.35 pretrained on drawn hands, its upper layers retrained",
                "train": "ASL Alphabet (subset)",
                "test": "ASL Alphabet (subset), the same signer and room",
                "split": about,
                "classes": 29,
                "aim": aim,
                **_scores(group, "test"),
            }
        )
    return found


def _signer_rows(table: pd.DataFrame, stage: str) -> list[dict[str, Any]]:
    """Return a row for each way of training and each test: seeds together."""
    if table.empty:
        return []
    ways = ["learns", "drawn", *USUAL]
    found = []
    for way, group in table.groupby(ways, sort=False, dropna=False):
        settings = dict(zip(ways, way, strict=True))
        learns, drawn = settings["learns"], settings["drawn"]
        changed = [word for name, word in CHANGED.items() if settings[name] != USUAL[name]]
        changed += [THEN[stage]] if stage in THEN else []
        both = learns in OTHER and drawn
        for test in [OTHER[learns]] if learns in OTHER else OTHER:
            words = [learns, *(["drawn"] if both else []), "to", test]
            also = "".join(f", {word}" for word in changed)
            found.append(
                {
                    "name": "_".join(words + [word.replace(" ", "_") for word in changed]),
                    "what": f"MobileNetV2 0.35 on single pictures, no tracker{also}",
                    "train": TITLE.get(learns, "drawn hands") + (" and drawn hands" * both),
                    "test": f"{TITLE[test]}, all of it: another signer, other rooms",
                    "split": SPLIT.get(stage, "by signer"),
                    "classes": len(CLASSES),
                    "aim": 0.65 if both else None,
                    **_scores(group, test),
                }
            )
    return found


def _scores(group: pd.DataFrame, test: str) -> dict[str, Any]:
    """Return what all rows have in common: the scores of a group of runs, one a seed.

    The seconds are those of the row's own stage; pretraining on drawn hands comes to them once.
    """
    return {
        "input": "pixels",
        "seeds": [int(seed) for seed in group["seed"]],
        "accuracy": spread(group[test].tolist()),
        "n": int(group[f"n_{test}"].iloc[0]),
        "interval": None,
        "coverage": None,
        "seconds_a_run": round(float(group["seconds"].mean()), 1),
    } | (
        {"cpu_seconds_a_run": round(float(group["cpu_seconds"].mean()), 1)}
        if "cpu_seconds" in group
        else {}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("leak", "signers", *STAGES, "rows"))
    parser.add_argument("--learns", choices=(*OTHER, "drawn"), help="signers: these runs alone")
    parser.add_argument("--split", choices=("random", "blocks"), help="leak: these runs alone")
    parser.add_argument("--cache", type=Path, default=cache_dir() / "transfer" / "pixels")
    options = parser.parse_args()
    if options.what == "leak":
        leak(options.cache, [options.split] if options.split else ("random", "blocks"))
    elif options.what == "signers":
        signers(options.cache, [r for r in RUNS if options.learns in (None, r["learns"])])
    elif options.what in STAGES:
        some = [r for r in STAGED[options.what] if options.learns in (None, r["learns"])]
        larger(options.cache, some, options.what)
    print(json.dumps(rows(options.cache, train=False)[0], indent=1))


if __name__ == "__main__":
    main()
