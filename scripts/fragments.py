"""Write the parts of pages that follow from the project: the list of chapters, and the status.

They go to _build/generated, from where the pages include them. A file is touched only when its
text changes, so that an unchanged page is not built again.
"""

import json
import re
from pathlib import Path

import status
import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build" / "generated"


def write_fragments() -> None:
    """Write every fragment."""
    _write("chapters.md", chapters())
    _write("atlas.md", atlas())
    _write("claim.md", claim())
    _write("camera.md", camera())
    _write("lines.md", lines_printed())
    for name, make in (("transfer", status.transfer), ("realtime", status.realtime)):
        _write(f"{name}.md", status.shown(name, make))
    _write("frame.md", status.shown("realtime", status.one_frame))
    _write("conditions.md", status.shown("realtime", status.conditions))
    _write("status.md", status.page())


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
    record = status.record("unseen_signers")
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


def _write(name: str, text: str) -> None:
    path = TARGET / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
