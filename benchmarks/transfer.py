"""Record what transfers to another signer: pixels and landmarks, random and honest splits.

    ASL_DATA_DIR=folder python -m benchmarks.transfer                 all parts
    ASL_DATA_DIR=folder python -m benchmarks.transfer --only head     one part: its rows alone
    ... --only pixels (transfer_pixels.py), --only landmarks (transfer_landmarks.py)
    ... --finished                                                    rows of finished trainings

A row is one training, repeated over seeds, and one test. Rows are kept by name, so a part that is
measured again replaces its own rows and leaves the others; each names its date and its device.
Trainings that are in the cache folder are not repeated; the head is timed anew each time.
"""

import argparse
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asl_helpers.files import cache_dir
from benchmarks.record import RESULTS, device, real_folder, record

Row = dict[str, Any]
Found = tuple[list[Row], list[Row]]


def pixels(folder: Path, cache: Path, quick: bool, train: bool) -> Found:
    """Return the rows of networks that read pixels, and those of their data."""
    from benchmarks import transfer_pixels

    return transfer_pixels.rows(cache / "pixels", train)


def landmarks(folder: Path, cache: Path, quick: bool, train: bool) -> Found:
    """Return the rows of networks that read landmarks, and those of their data."""
    from benchmarks import transfer_landmarks

    return transfer_landmarks.rows(folder, cache / "landmarks", quick, train)


def head(folder: Path, cache: Path, quick: bool, train: bool) -> Found:
    """Return the row of a head on cached features, which is timed, and that of its data."""
    from benchmarks import transfer_head

    return transfer_head.rows(**({"limit": 12, "epochs": 2} if quick else {}))


PARTS: dict[str, Callable[[Path, Path, bool, bool], Found]] = {
    "pixels": pixels,
    "landmarks": landmarks,
    "head": head,
}


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
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a little of each, nothing recorded")
    parser.add_argument("--finished", action="store_true", help="train nothing that is missing")
    parser.add_argument("--cache", type=Path, default=cache_dir() / "transfer")
    options = parser.parse_args()
    folder = real_folder("the real landmarks and pictures")
    for part in options.only or PARTS:
        new, sources = PARTS[part](folder, options.cache, options.quick, not options.finished)
        if options.quick:
            print(json.dumps(new, indent=1))
            continue
        # Read anew for each part: another process may have written its own meanwhile.
        old, data = known(RESULTS / "transfer.json")
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        rows = merged(old, new, part, {"date": today, "device": device()})
        print(write(rows, [*data, *sources]), flush=True)


if __name__ == "__main__":
    main()
