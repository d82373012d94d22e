"""Write the parts of pages that follow from the project: the list of chapters, and the status.

They go to _build/generated, from where the pages include them. A file is touched only when its
text changes, so that an unchanged page is not built again.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import reading
import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build" / "generated"
RESULTS = ROOT / "data" / "results"
SHOWN_VERSIONS = ("tensorflow", "keras", "numpy", "tensorflow-datasets", "jupyter-book")

TOLD = (
    "Means over seeds. On landmarks, accuracy is that of the hands that were found. Drawn hands "
    "owe their poses to landmarks of signers A to D and of ASL Alphabet, and some variants to a "
    "look at rooms: no training met these signers, but the drawing knows them a little."
)
"""What a reader must know beside the rows of `transfer`."""

NOT_HERE = "*Not recorded in this copy.*\n"


def write_fragments() -> None:
    """Write every fragment."""
    _write("chapters.md", chapters())
    _write("atlas.md", atlas())
    _write("claim.md", claim())
    _write("camera.md", camera())
    _write("lines.md", lines_printed())
    _write("transfer.md", strangers())
    _write("realtime.md", _shown("realtime", reading.aims))
    _write("frame.md", _shown("realtime", reading.one_frame))
    _write("conditions.md", _shown("realtime", _conditions))
    _write("status.md", this_copy() + "\n" + recorded())


def chapters() -> str:
    """The table of contents with each chapter's promise, as Markdown; pages are linked by path."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    lines, times = [], []
    for part in toc["parts"]:
        notebooks = [entry for entry in part["chapters"] if _notebook(entry).is_file()]
        if not notebooks:
            continue
        lines += [f"**{part['caption']}**", ""]
        for entry in notebooks:
            hook, minutes = _promise(_notebook(entry))
            title = entry.get("title", Path(entry["file"]).stem)
            lines += [f"{{doc}}`{title} </{entry['file']}>`", f": {hook} *{minutes}.*", ""]
            times += [int(number) for number in re.findall(r"\d+", minutes)]
    hours = round(sum(times) / 60)
    return "\n".join([f"{len(times)} chapters, some {hours} hours with the exercises.", "", *lines])


def claim() -> str:
    """What the hand model reached on real signers; empty without its record and its chapter."""
    record = _record("unseen_signers")
    if not (record and (ROOT / "book/part4/ch16_hand_model.ipynb").is_file()):
        return ""
    protocols = record["protocols"]
    drawn, single = protocols["drawn"], protocols["single"]
    signers = [found["accuracy"]["mean"] for found in drawn["sets"].values()]
    return (
        f"Recorded here: a small network that learned from drawn hands alone reads "
        f"{len(signers)} real signers at **{drawn['accuracy']['mean']:.1%}**, the hardest of them "
        f"at {min(signers):.1%}. The same network, trained on the usual set of one real signer, "
        f"reads {len(single['sets'])} others at {single['accuracy']['mean']:.1%}. No picture of "
        "these signers was in its training, but the poses of the drawn hands were fitted to their "
        "landmarks, so your own hand may be harder. {doc}`The hand model "
        "<part4/ch16_hand_model>` shows how it is done, and {doc}`part3/ch15_someone_else` what a "
        "score says of a stranger.\n"
    )


def camera() -> str:
    """The frames in which the drawn signer's letters were written, beside each other."""
    from figures import SPELLED

    read = _spelled()
    if not read:
        return ""
    cards = []
    for place, line in enumerate(read):
        words = (
            f"A drawn hand with its bones marked in a box; the panel says {line['letter']}, "
            f"written, and the text so far is {line['text']}."
        )
        cards += [":::{grid-item}", f"```{{image}} /book/_static/generated/spelled_{place}.jpg"]
        cards += [f":alt: {words}", "```", ":::", ""]
    return "\n".join(
        [
            "::::{grid} 3 5 5 5",
            ":gutter: 2",
            ":class-container: spelled",
            "",
            *cards,
            "::::",
            "",
            f"A drawn signer spells {SPELLED}. A hand tracker finds the hand, a model of the "
            f"course names the letters, and what it wrote is {read[-1]['text']}. {{doc}}`The "
            "webcam </book/part4/ch18_webcam>` does the same with your camera.",
            "",
        ]
    )


def lines_printed() -> str:
    """What `asl webcam --json` printed for these letters, as a code block."""
    read = [{key: line[key] for key in line if key != "text"} for line in _spelled()]
    return "\n".join(["```json", *map(json.dumps, read), "```", ""]) if read else ""


def _spelled() -> list[dict]:
    from figures import TARGET as pictures

    path = pictures / "spelled.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def strangers() -> str:
    """What was recorded of other signers and honest splits, all classes, as a Markdown table."""
    rows = (_record("transfer") or {"rows": []})["rows"]
    lines = ["| Reads | Learned from | Tested on | Accuracy |", "|---|---|---|---:|"]
    for row in (row for row in rows if row["classes"] > 5):
        alone = row["input"] == "landmarks" or row["split"] == "by signer"  # the test says it all
        where = row["test"] if alone else f"{row['test']}; {row['split']}"
        cells = [f"{row['input']}, {row['classes']} classes", _learned(row), where]
        lines.append(f"| {' | '.join(cells)} | {reading.spread(row['accuracy'])} |")
    return "\n".join([*lines, "", TOLD, ""]) if rows else NOT_HERE


def _shown(name: str, table: Callable[[dict], list[str]]) -> str:
    """A part of one record as Markdown, or a word in its place."""
    record = _record(name)
    return "\n".join([*table(record), ""]) if record else NOT_HERE


def atlas() -> str:
    """Every letter as a card: its two views and its handshape in words."""
    from figures import SIGNED

    from asl_helpers.alphabet import HANDSHAPE

    lines = ["::::::{grid} 1 2 2 2", ":gutter: 3", ":class-container: atlas", ""]
    for name in SIGNED:
        words = HANDSHAPE[name]
        lines += [
            f":::::{{grid-item-card}} {name}",
            f"```{{image}} /book/_static/generated/atlas_{name}.png",
            f":alt: {name}, left as the viewer sees it, right as the signer does: {words}.",
            "```",
            f"{words[0].upper()}{words[1:]}.",
            ":::::",
            "",
        ]
    return "\n".join([*lines, "::::::", ""])


def _notebook(entry: dict) -> Path:
    return ROOT / f"{entry['file']}.ipynb"


def _promise(path: Path) -> tuple[str, str]:
    """Return the first paragraph under a notebook's title, and the time that it names."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    paragraphs = [text.strip() for text in prose.split("\n\n") if text.strip()]
    title = next(i for i, text in enumerate(paragraphs) if text.startswith("# "))
    first = paragraphs[title].partition("\n")[2].strip() or paragraphs[title + 1]
    minutes = re.search(r"\*\*Time\*\*:\s*([^,.\n]+)", prose)
    return " ".join(first.split()), minutes[1].strip() if minutes else "time not named"


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
        ("realtime", lambda record: ["## What fails, and for whom", "", *_conditions(record)]),
        ("motion", lambda record: ["## Letters that move", "", *reading.movements(record)]),
        ("renderer", _renderer),
        ("hand", _hands),
    )
    for name, table in tables:
        record = _record(name)
        if record:
            lines += [*table(record), "", _provenance(record["about"]), ""]
    return "\n".join(lines)


def _record(name: str) -> dict | None:
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
        cells = [f"{row['input']}, {row['classes']} classes", _learned(row), row["test"]]
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


def _conditions(record: dict) -> list[str]:
    return reading.conditions(record, _record("unseen_signers") or {})


def _learned(row: dict) -> str:
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


def _write(name: str, text: str) -> None:
    path = TARGET / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
