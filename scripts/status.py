"""The tables of the status page: what this copy was executed on, and what was recorded elsewhere.

They take the records of data/results as they are; one that is not there is left out.
"""

import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import reading

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "data" / "results"
SHOWN_VERSIONS = ("tensorflow", "keras", "numpy", "tensorflow-datasets", "jupyter-book")

TOLD = (
    "Means over seeds. On landmarks, accuracy is that of the hands that were found. Drawn hands "
    "owe their poses to landmarks of signers A to D and of ASL Alphabet, and some variants to a "
    "look at rooms: no training met these signers, but the drawing knows them a little."
)
"""What a reader must know beside the rows of `transfer`."""


def this_copy() -> str:
    """What this copy of the pages was executed on, as a Markdown table."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from record import device

    own = os.environ.get("ASL_DATA_DIR", "").strip()
    data = (
        "**real data of the reader's own** (`ASL_DATA_DIR`), where a chapter found its set there"
        if own
        else "the project's drawn data, or what Kaggle gave; each figure names its own"
    )
    rows = [
        ("Data", data),
        ("Profile", f"`{os.environ.get('ASL_PROFILE', '') or 'quick'}`"),
        ("Device", device()),
        ("Python", platform.python_version()),
        *((name, _version(name)) for name in SHOWN_VERSIONS),
        ("Course", _commit()),
    ]
    return "\n".join(
        ["| What | This copy |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows), ""]
    )


def _version(name: str) -> str:
    for known in (name, f"{name}-cpu"):
        try:
            return metadata.version(known)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def _commit() -> str:
    """The version, with the commit when the folder is a checkout."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return f"{_version('asl-helpers')}, commit `{found.stdout.strip()}`"
    except (OSError, subprocess.CalledProcessError):
        return _version("asl-helpers")


def recorded() -> str:
    """The recorded measurements of data/results, as Markdown tables."""
    lines = []
    tables = (
        ("notebooks", _notebooks),
        ("build", _builds),
        ("sign_mnist", _networks),
        ("transfer", _transfer),
        ("backbones", _backbones),
        ("realtime", lambda record: ["## Reading in real time", "", *reading.aims(record)]),
        ("realtime", lambda record: ["## What fails, and for whom", "", *conditions(record)]),
        ("motion", lambda record: ["## Letters that move", "", *reading.movements(record)]),
        ("renderer", _renderer),
        ("hand", _hands),
    )
    for name, table in tables:
        found = record(name)
        if found:
            lines += [*table(found), "", _provenance(found["about"]), ""]
    return "\n".join(lines)


def record(name: str) -> dict | None:
    """A record of data/results, or None where it is not there."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _notebooks(record: dict) -> list[str]:
    lines = ["## Each chapter, measured alone", ""]
    lines += ["| Chapter | Seconds | Peak memory | Data |", "|---|---:|---:|---|"]
    for row in record["notebooks"]:
        memory = f"{row['peak_memory_mb'] / 1000:.1f} GB"
        lines.append(f"| {row['title']} | {row['seconds']:.0f} | {memory} | {row['data']} |")
    return lines


def _builds(record: dict) -> list[str]:
    lines = ["## From nothing to the pages", "", "| Step | Seconds |", "|---|---:|"]
    return lines + [f"| {row['step']} | {row['seconds']:.0f} |" for row in record["steps"]]


def _networks(record: dict) -> list[str]:
    protocol = record["protocol"]
    what = "cut by photograph" if protocol == "blocks" else f"the {protocol} split"
    lines = [f"## Networks on photographs, {what}", ""]
    lines += ["| Recipe | Parameters | Test accuracy |", "|---|---:|---:|"]
    for name in record["recipes"]:
        found = record[protocol][name]
        score = reading.spread(found["test_accuracy"])
        lines.append(f"| `{name}` | {found['parameters']:,} | {score} |")
    source = record["about"]["data"][0]["source"]
    return [*lines, "", f"{source}; {len(record['seeds'])} seeds, a split each."]


def _transfer(record: dict) -> list[str]:
    lines = ["## Another signer, another scene", ""]
    lines += ["| Reads | Learned from | Tested on | Split | Accuracy | Hands found |"]
    lines += ["|---|---|---|---|---:|---:|"]
    for row in record["rows"]:
        found = "" if row["coverage"] is None else f"{row['coverage']:.1%}"
        cells = [f"{row['input']}, {row['classes']} classes", learned(row), row["test"]]
        cells += [row["split"], reading.spread(row["accuracy"]), found]
        lines.append(f"| {' | '.join(cells)} |")
    timed = [row for row in record["rows"] if "images_per_second" in row]
    for row in timed:
        lines += [
            "",
            f"{row['what']}: {row['pictures']:,} pictures at {row['size']} pixels take "
            f"{row['seconds_features']:.0f} s ({row['images_per_second']:.0f} a second, "
            f"{row['share_of_forward']:.0%} of what the network alone does on pictures in memory), "
            f"a head {row['seconds_a_run']:.0f} s. Measured on {row['device']}.",
        ]
    return [*lines, "", TOLD]


def _backbones(record: dict) -> list[str]:
    lines = ["## What frozen weights are worth", ""]
    lines += ["| Pictures | Drawn hands' weights | ImageNet's |", "|---|---:|---:|"]
    sets = dict.fromkeys((row["set"], row["is_real"]) for row in record["rows"])
    for name, is_real in sets:
        scores = {
            row["weights"]: reading.spread(row["accuracy"])
            for row in record["rows"]
            if (row["set"], row["is_real"]) == (name, is_real)
        }
        title = f"{name}, {'photographs' if is_real else 'drawn twin'}"
        lines.append(f"| {title} | {scores.get('drawn', '')} | {scores.get('imagenet', '')} |")
    return [
        *lines,
        "",
        f"A linear head on features of MobileNetV2 0.35 at {record['size']} pixels, cut by blocks, "
        f"at most {record['limit']} pictures a class.",
    ]


def conditions(found: dict) -> list[str]:
    """What was measured under other conditions of light, distance, skin and side."""
    return reading.conditions(found, record("unseen_signers") or {})


def learned(row: dict) -> str:
    """What was learned from, and how, where rows that read pixels differ in nothing else."""
    return row["train"] + row["what"].partition("no tracker")[2]


def _renderer(record: dict) -> list[str]:
    lines = ["## Drawing hands, one core", "", "| Picture | Images a second |", "|---|---:|"]
    for size, row in record["sizes"].items():
        lines.append(f"| {size} × {size} pixels | {row['images_per_second']:.0f} |")
    tracked = record["tracker"]
    return [
        *lines,
        "",
        f"MediaPipe's tracker finds {tracked['found']:.0%} of {tracked['pictures']} drawn hands at "
        f"{tracked['size']} pixels, its joints at a median of "
        f"{tracked['median_joint_error_pixels']:.1f} pixels from the drawn ones.",
    ]


def _hands(record: dict) -> list[str]:
    rate = record["rate"]["hands_per_second"]
    return ["## Landmarks, one core", "", f"{rate:,} drawn hands a second, 21 joints each."]


def _provenance(about: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return f"Recorded {about['date']} on {about['device']}; {versions}."
