"""The tables of what this copy was executed on, and of what data/results holds, as Markdown.

They take the records as they are; a record that is not there is named in the place of its table.
"""

import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import lines

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "data" / "results"
SHOWN_VERSIONS = ("tensorflow", "keras", "numpy", "tensorflow-datasets", "jupyter-book")
STEP_TIMES = "/book/_static/generated/frame_times.png"
"""Drawn by `figures.step_times`."""

TRANSFER_NOTE = (
    "Each accuracy is a mean over seeds. For landmarks, it counts only the hands that the tracker "
    "found. The poses of the drawn hands were fitted to landmarks of signers A to D and of ASL "
    "Alphabet, and some variants were added after looking at ASL Rooms. In the rows for another "
    "signer, no network was trained on the signer that it is tested on, but the drawn poses are "
    "not independent of these signers."
)
WORDS_NOTE = (
    "Measured with the real tracker on drawn signers that were not used in training, at 640 × 480 "
    "pixels and on two CPU cores. A pair of times is the median and the 95th percentile, measured "
    "from the frame to the letter. Wrong letters are counted in 50 random words at 1 to 3 letters "
    "per second, with a 95% interval."
)
CONDITIONS_NOTE = (
    "Each row is measured on single images of drawn hands that hold a letter. For each condition, "
    "the table shows the best and the worst value; nothing else differs between the two. *Found* "
    "counts only the signer's own hand. Both percentages are shares of all images. The rows for "
    "skin tones and for left and right hands come from `unseen_signers.json`, the others from "
    "`realtime.json`."
)


def record(name: str) -> dict | None:
    """Return a record of data/results, or None where it is not there."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def table(header: str, rows: list, *notes: str, align: str = "") -> str:
    """Return a Markdown table, ``header`` with `` | `` between its cells, and the notes below."""
    columns = header.split(" | ")
    marks = [{"r": "---:"}.get(mark, "---") for mark in align.ljust(len(columns), "l")]
    rows = [columns, marks, *([str(cell) for cell in row] for row in rows)]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", *(f"{n}\n" for n in notes)])


def spread(result: dict) -> str:
    """Return a mean, with its standard deviation over seeds where there are several."""
    deviation = "" if result["sd"] is None else f" ± {100 * result['sd']:.1f}"
    return f"{result['mean']:.1%}{deviation}"


def shown(name: str, make) -> str:
    """Return ``make(record)``, or a sentence in its place where there is no such record."""
    result = record(name)
    return make(result) if result else f"*`data/results/{name}.json` is not in this copy.*\n"


def page() -> str:
    """Return the status page's tables: this copy, the chapters and the records."""
    return (
        f"## This copy\n\n{this_copy()}\n\n## Each chapter\n\n{chapters()}\n\n"
        f"## Recorded results\n\n{records()}"
    )


def this_copy() -> str:
    """Return what this copy of the pages was executed on."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.record import device

    own = os.environ.get("ASL_DATA_DIR", "").strip()
    rows = [
        ("Data", "a local folder (`ASL_DATA_DIR`)" if own else "drawn by the course"),
        ("Profile", f"`{os.environ.get('ASL_PROFILE', '') or 'quick'}`"),
        ("Device", device()),
        ("Python", platform.python_version()),
        *((name, _version(name)) for name in SHOWN_VERSIONS),
        ("Course", _commit()),
    ]
    return table("Item | This copy", rows)


def chapters() -> str:
    """Return the lines of the package that each chapter reaches, its time and its memory."""
    measured = (record("notebooks") or {"notebooks": []})["notebooks"]
    timed = {Path(row["notebook"]).stem: row for row in measured}
    rows = []
    for name, count in lines.chapters(lines.Code()).items():
        row = timed.get(name)
        cost = (f"{row['seconds']:.0f}", f"{row['peak_memory_mb']:,.0f}") if row else ("", "")
        rows.append((name, f"{count:,}", *cost))
    files, count = lines.totals()[lines.PACKAGE]
    note = (
        f"`asl_helpers` has {count:,} lines in {files} files (`python scripts/lines.py`). Time and "
        "memory were measured while each chapter ran alone (`notebooks.json`)."
    )
    return table("Chapter | Lines of code it uses | Seconds | Peak MB", rows, note, align="lrrr")


def records() -> str:
    """Return when and on what each record of data/results was made."""
    rows = []
    for path in sorted(RESULTS.glob("*.json")):
        about = record(path.stem)["about"]
        versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        rows.append((f"`{path.name}`", about["date"], about["device"], versions))
    return table("Record | Date | Device | Versions", rows)


def transfer(result: dict) -> str:
    """Return the scores on other signers and other scenes, all classes."""
    rows = []
    for row in result["rows"]:
        trained = row["train"] + row["what"].partition("no tracker")[2]
        coverage = "" if row["coverage"] is None else f"{row['coverage']:.1%}"
        cells = [f"{row['input']}, {row['classes']} classes", trained, row["test"], row["split"]]
        rows.append([*cells, spread(row["accuracy"]), coverage])
    header = "Input | Trained on | Tested on | Split | Accuracy | Hands found"
    return table(header, rows, TRANSFER_NOTE, align="llllrr")


def realtime(result: dict) -> str:
    """Return speed, wrong letters, false letters and the hour's memory of the webcam's reader."""
    speed, words, hour, idle = (result[key] for key in ("latency", "words", "hour", "idle"))
    random, kept = words["random_letters"]["smoothing"], hour["letters_in_journal"]
    kinds = {"rest": "a hand at rest", "wave": "a waving hand", "nobody": "nobody in view"}
    tracker = f"{_ms(speed['tracker_ms'])} ({speed['tracker_share']:.0%})"
    rate = f"{speed['fps_p50']:.0f} / {speed['fps_p95']:.0f}"
    rows = {
        "Frames per second, median / 5th percentile": rate,
        "From frame to letter": _ms(speed["total_ms"]),
        "of which the tracker": tracker,
        "of which the course's own code": _ms(speed["beyond_tracker_ms"]),
        "With `model.predict` instead": f"{speed['usual_way']['times_slower']:.1f} times as long",
    }
    for name, row in words["smoothing"].items():
        low, high = row["interval"]
        rows[f"Wrong letters, `{name}`"] = (
            f"{row['character_error_rate']:.1%} ({low:.1%} to {high:.1%}); "
            f"{row['words_right']} words without an error"
        )
    for name, row in random.items():
        wrong = f"{row['character_error_rate']:.1%}"
        rows[f"Wrong letters in strings of random letters, `{name}`"] = wrong
    for name in idle["all"]:
        each = (f"{text} {idle[kind][name]:.2f}" for kind, text in kinds.items())
        rows[f"False letters per minute, `{name}`"] = ", ".join(each)
    rows["One hour of frames"] = (
        f"{hour['growth_mb_an_hour']:+.2f} MB of memory; "
        f"{kept:,} of {hour['letters']:,} letters in the journal"
    )
    pairs = words["smoothing"]["steady"]["changed_most"][:3]
    most = "Most frequent errors with `steady`: " + ", ".join(f"{pair} ({n})" for pair, n in pairs)
    return table("Quantity | Measured", rows.items(), WORDS_NOTE, f"{most}.")


def conditions(result: dict) -> str:
    """Return what fails, and for whom: skin tones, sides, light, distance."""
    groups = {}
    if stills := record("unseen_signers"):
        groups = {f"{side} hand": row for side, row in stills["sides"].items()}
        groups["lightest skin tone of ten"] = stills["tones"][0]
        groups["darkest skin tone of ten"] = stills["tones"][-1]
    rows = [(name, row["n"], row["coverage"], row["accuracy"]) for name, row in groups.items()]
    for kind, values in result["conditions"].items():
        ends = [pick(values, key=lambda row: row["right"]) for pick in (max, min)]
        for row in (row for row in values if row in ends):
            rows.append((f"{kind}: {row['value']:g}", row["n"], row["signers_own"], row["right"]))
    rows = [(name, n, f"{found:.0%}", f"{right:.0%}") for name, n, found, right in rows]
    header = "Who or what | Hands | Found | Classified correctly"
    return table(header, rows, CONDITIONS_NOTE, align="lrrr")


def frame_rows(result: dict) -> dict[str, dict[str, float]]:
    """Return the median milliseconds of each step of a frame, the course's way and the usual."""
    speed = result["latency"]
    tracker, usual = speed["tracker_ms"]["p50"], speed["usual_way"]["predict_ms"]["p50"]
    here = {"tracker": tracker, "all the rest": speed["beyond_tracker_ms"]["p50"]}
    return {
        "this course": here,
        "model.predict\nfor each frame": {"tracker": tracker, "model.predict": usual},
    }


def one_frame(result: dict) -> str:
    """Return the figure of a frame's milliseconds with its text alternative, and its numbers."""
    here, usual = (list(row.values()) for row in frame_rows(result).values())
    speed = result["latency"]
    return (
        f"```{{image}} {STEP_TIMES}\n:alt: Two stacked bars of milliseconds per frame. In this "
        f"course the tracker takes {here[0]:.1f} and all the rest {here[1]:.1f}; in the usual way "
        f"the tracker takes as long, and model.predict {usual[1]:.1f}.\n```\n\n"
        f"Medians over {speed['frames']} frames with a drawn hand ({result['about']['device']}). "
        f"Half of all frames are read within {speed['total_ms']['p50']:.1f} ms and 95% "
        f"within {speed['total_ms']['p95']:.1f} ms; the tracker takes {speed['tracker_share']:.0%} "
        f"of that time. If you call `model.predict` on each frame, a frame takes "
        f"{speed['usual_way']['times_slower']:.1f} times as long. A camera with 25 frames per "
        "second leaves 40 ms for each frame.\n"
    )


def _ms(both: dict) -> str:
    return f"{both['p50']:.1f} / {both['p95']:.1f} ms"


def _version(name: str) -> str:
    for known in (name, f"{name}-cpu"):
        try:
            return metadata.version(known)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def _commit() -> str:
    """Return the version, with the commit when the folder is a checkout."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    commit = f", commit `{result.stdout.strip()}`" if result.returncode == 0 else ""
    return _version("asl-helpers") + commit
