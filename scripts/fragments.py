"""What pages include that follows from the project: their pictures, and parts of their text.

Pictures go to book/_static/generated, text to _build/generated. A build draws pictures only after
their code, or the record that they show, has changed, and touches a text only when it changes.
`make figures` draws all pictures again, the README's too, which the repository keeps.
"""

import hashlib
import json
import re
import string
from pathlib import Path

import planning
import status
import yaml

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "_build" / "generated"
PICTURES = ROOT / "book" / "_static" / "generated"
README = ROOT / "book" / "_static" / "spelled.jpg"
SHOWN = "/book/_static/generated"
"""The folder of the pictures, as pages name it."""
SIGNED = (*string.ascii_uppercase, "space", "del")
SPELLED = "CHAIR"
"""What the front page's drawn signer spells."""


def write_fragments() -> None:
    """Write every text that a page includes."""
    texts = {
        "chapters": chapters(),
        "atlas": atlas(),
        "claim": claim(),
        "camera": camera(),
        "lines": lines_printed(),
        "transfer": status.shown("transfer", status.transfer),
        "realtime": status.shown("realtime", status.realtime),
        "frame": status.shown("realtime", status.one_frame),
        "conditions": status.shown("realtime", status.conditions),
        "status": status.page(),
        **planning.texts(),
    }
    TEXTS.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = TEXTS / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def chapters() -> str:
    """Return the table of contents with each chapter's promise; pages are linked by path."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    lines, times = [], []
    for part in toc["parts"]:
        entries = [e for e in part["chapters"] if (ROOT / f"{e['file']}.ipynb").is_file()]
        lines += [f"**{part['caption']}**", ""] if entries else []
        for entry in entries:
            hook, minutes = _promise(ROOT / f"{entry['file']}.ipynb")
            lines += [f"{{doc}}`{entry['title']} </{entry['file']}>`", f": {hook} *{minutes}.*", ""]
            times += map(int, re.findall(r"\d+", minutes))
    hours = round(sum(times) / 60)
    length = f"{len(times)} chapters, about {hours} hours with the exercises."
    return "\n".join([length, "", *lines])


def _promise(path: Path) -> tuple[str, str]:
    """Return the first paragraph under a notebook's title, and the time that it names."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    first = re.search(r"^# .+\n+((?:.+\n?)+)", prose, re.MULTILINE)[1]
    minutes = re.search(r"\*\*Time\*\*: (\d+ minutes)", prose)
    return " ".join(first.split()), minutes[1] if minutes else "time not stated"


def claim() -> str:
    """Return what the hand model reached on real signers; empty without its record."""
    record = status.record("unseen_signers")
    if record is None:
        return ""
    drawn, single = record["protocols"]["drawn"], record["protocols"]["single"]
    signers = [result["accuracy"]["mean"] for result in drawn["sets"].values()]
    return (
        "In our recorded run, a small network that was trained on drawn hands alone reaches an "
        f"accuracy of **{drawn['accuracy']['mean']:.1%}** on {len(signers)} real signers, and "
        f"{min(signers):.1%} on the hardest of them. The same network, trained on the usual data "
        f"set of one real signer, reaches {single['accuracy']['mean']:.1%} on "
        f"{len(single['sets'])} other signers. The first network was trained on no image of these "
        "signers, but the poses of the drawn hands were fitted to their landmarks, so your own "
        "hand may be harder to read. {doc}`The hand model <part4/ch18_hand_model>` shows how this "
        "works, and {doc}`part3/ch16_someone_else` explains what a score says about people whom "
        "a model has never seen.\n"
    )


def camera() -> str:
    """Return the frames in which the drawn signer's letters were written, beside each other."""
    read = _spelled()
    if not read:
        return ""
    lines = ["::::{grid} 3 5 5 5", ":gutter: 2", ":class-container: spelled", ""]
    for index, line in enumerate(read):
        words = f"shows that {line['letter']} was read and that the text is {line['text']}"
        lines += [":::{grid-item}", f"```{{image}} {SHOWN}/spelled_{index}.jpg"]
        lines += [f":alt: A drawn hand in a box, with its bones marked. The panel {words}."]
        lines += ["```", ":::", ""]
    words = (
        f"A drawn signer spells {SPELLED}. A hand tracker finds the hand, the course's model reads "
        f"the letters, and the resulting text is {read[-1]['text']}. {{doc}}`The webcam "
        "</book/part4/ch20_webcam>` does the same with your camera."
    )
    return "\n".join([*lines, "::::", "", words, ""])


def lines_printed() -> str:
    """Return what `asl webcam --json` printed for these letters, as a code block."""
    read = [{key: line[key] for key in line if key != "text"} for line in _spelled()]
    return "\n".join(["```json", *map(json.dumps, read), "```", ""]) if read else ""


def _spelled() -> list[dict]:
    path = PICTURES / "spelled.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def atlas() -> str:
    """Return every letter as a card: its two views and its handshape in words."""
    from asl_helpers.alphabet import HANDSHAPE

    lines = ["::::::{grid} 1 2 2 2", ":gutter: 3", ":class-container: atlas", ""]
    for name in SIGNED:
        words = HANDSHAPE[name]
        lines += [f":::::{{grid-item-card}} {name}", f"```{{image}} {SHOWN}/atlas_{name}.png"]
        lines += [f":alt: {name} as the viewer (left) and the signer (right) see it: {words}."]
        lines += ["```", f"{words[0].upper()}{words[1:]}.", ":::::", ""]
    return "\n".join([*lines, "::::::", ""])


def draw_hands() -> None:
    """Draw the front page's alphabet, and each letter as viewer and signer see it."""
    import numpy as np
    from PIL import Image

    from asl_helpers import hand
    from asl_helpers.figures import part4
    from asl_helpers.figures.style import CARD

    part4.alphabet().savefig(PICTURES / "front.png", dpi=200, bbox_inches="tight", pad_inches=0.06)
    for name in SIGNED:
        pair = [
            hand.draw(name, 240, background=CARD, view=view, fade=True, same_scale=True)
            for view in ("viewer", "signer")
        ]
        Image.fromarray(np.hstack(pair)).save(PICTURES / f"atlas_{name}.png", optimize=True)


def draw_spelled(for_readme: bool = False) -> None:
    """Save the frames in which the camera wrote a letter, and the lines that it printed.

    It is the session of `asl webcam --source drawn:CHAIR --json`, with the real tracker and the
    shipped models; frames are cut to where the letter, the hand and the text are.
    """
    import numpy as np
    from PIL import Image

    from asl_helpers.realtime.overlay import draw_step
    from asl_helpers.realtime.reader import LetterReader, Session
    from asl_helpers.realtime.sources import open_source
    from asl_helpers.realtime.window import quiet_libraries

    for old in PICTURES.glob("spelled_*.jpg"):
        old.unlink()
    images, lines = [], []
    with (
        quiet_libraries(),
        open_source(f"drawn:{SPELLED}") as source,
        Session(LetterReader()) as session,
    ):
        for frame in source.frames():
            step = session.step(frame)
            lines += [event.as_dict() | {"text": step.text} for event in step.events]
            if step.events:
                seen = draw_step(session, step)[:, : frame.image.shape[0]]
                images += [Image.fromarray(seen).resize((360, 360))] * len(step.events)
    for index, image in enumerate(images):
        image.save(PICTURES / f"spelled_{index}.jpg", quality=88, optimize=True)
    (PICTURES / "spelled.json").write_text(json.dumps(lines), encoding="utf-8")
    if for_readme:
        gap = np.full((360, 8, 3), 255, np.uint8)
        parts = [part for image in images for part in (gap, np.asarray(image))][1:]
        Image.fromarray(np.hstack(parts)).save(README, quality=85, optimize=True)


def draw_frame_times() -> None:
    """Draw where the milliseconds of a frame go."""
    from asl_helpers.figures import part4

    record = status.record("realtime")
    if record:
        source = f"data/results/realtime.json, {record['about']['date']}, medians of each step"
        figure = part4.step_times(status.frame_rows(record), 40, source=source)
        figure.savefig(PICTURES / "frame_times.png", dpi=200, bbox_inches="tight")


DRAWN_BY = (
    "asl_helpers/*.py",
    "asl_helpers/hand/*.py",
    "asl_helpers/figures/*.py",
    "asl_helpers/realtime/*.py",
    "data/results/realtime.json",
    "data/weights/*",
    "scripts/fragments.py",
    "scripts/status.py",
)
"""What the pictures follow from."""


def draw_figures() -> None:
    """Draw all pictures, unless their code and records are those that drew what is there."""
    digest = hashlib.sha256()
    for path in (path for pattern in DRAWN_BY for path in sorted(ROOT.glob(pattern))):
        digest.update(path.read_bytes() if path.is_file() else b"")
    stamp = PICTURES / ".drawn"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest.hexdigest():
        print("Drawing the images of the pages ...", flush=True)
        PICTURES.mkdir(parents=True, exist_ok=True)
        draw_hands()
        draw_spelled()
        draw_frame_times()
        stamp.write_text(digest.hexdigest(), encoding="utf-8")


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    draw_hands()
    draw_spelled(for_readme=True)
    draw_frame_times()
