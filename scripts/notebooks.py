"""Run as a program: puts every chapter in form on disk, and derives its notebook for Colab.

The form: nbformat 4.5 with sorted keys and indent 1; no outputs, no counts; only the metadata that
the book reads; cell ids that are readable words; the Colab badge, the setup cell and the prompts
of folded solutions as the settings say; the minutes as `scripts/minutes.py` measures them, here and
in the instructor's page. Ruff formats the code itself.
"""

import copy
import itertools
import json
import re
import tomllib
from pathlib import Path

import yaml
from minutes import TIME, measure, refit

from asl_helpers.labs.editions import Chapter, colab_notebook

ROOT = Path(__file__).resolve().parent.parent
TRACKER = ("mediapipe==0.10.33", "sounddevice")  # what tracking needs and Colab lacks
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = ("mystnb", "nbgrader", "tags")  # the rest is an editor's own
PROMPTS = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
BADGE = re.compile(r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1`*\s*$", re.MULTILINE | re.DOTALL)


def chapters(root: Path = ROOT) -> list[Path]:
    """Return the notebooks of the book in reading order."""
    return sorted(root.glob("book/part*/ch*.ipynb"))


def for_colab(place: str) -> str:
    """Return where the notebook for Colab lies that is derived from the chapter at ``place``."""
    return place.replace("book/", "notebooks/", 1)


def read(path: Path) -> dict:
    """Return a notebook as a plain dict."""
    return json.loads(path.read_text(encoding="utf-8"))


def repository(root: Path = ROOT) -> tuple[str, str]:
    """Return the repository's address and branch as ``_config.yml`` names them."""
    named = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]
    return named["url"].rstrip("/"), named.get("branch", "main")


def setup_source(url: str, tracks: bool = False) -> str:
    """Return the setup cell that every chapter begins with; it installs the released package.

    ``tracks`` tells whether the chapter tracks hands, for which MediaPipe is brought too: without
    its dependencies, one of which would replace Colab's own OpenCV.
    """
    install = f'    %pip install -q "asl-helpers @ git+{url}@v{VERSION}"'
    return "\n".join(
        [
            "import sys",
            "",
            'if "google.colab" in sys.modules:  # Colab has all other packages',
            install,
            *([f"    %pip install -q --no-deps {' '.join(TRACKER)}"] if tracks else []),
        ]
    )


def tracks(notebook: dict) -> bool:
    """Tell whether a chapter tracks hands."""
    code = "\n".join(source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")
    return re.search(r"\b(tracking|realtime)\b", code) is not None


def badge(path: str, url: str, branch: str) -> str:
    """Return the badge that opens in Colab what is derived from the chapter at ``path``."""
    return f"[![Open in Colab](../_static/colab-badge.svg)]({colab_address(path, url, branch)})"


def colab_address(path: str, url: str, branch: str) -> str:
    """Return the address that opens in Colab what is derived from the chapter at ``path``."""
    owner_and_name = url.removeprefix("https://github.com/")
    page = f"{owner_and_name}/blob/{branch}/{for_colab(path)}"
    return f"https://colab.research.google.com/github/{page}"


def source(cell: dict) -> str:
    """Return a cell's source as one string, however it is stored."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def tags(cell: dict) -> list[str]:
    """Return a cell's tags."""
    return cell.get("metadata", {}).get("tags", [])


def dump(notebook: dict) -> str:
    """Return the text of a notebook in the form in which nbformat writes it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def canonical(notebook: dict, path: str, url: str, branch: str) -> dict:
    """Return a copy of a notebook in form; ``path`` is its place in the repository."""
    taken: set[str] = set()
    section = Path(path).stem.split("_")[0]
    time = measure(notebook).line
    cells = []
    for given in notebook["cells"]:
        cell = _cell(given, path, url, branch, time)
        if "setup" in tags(cell):
            cell["source"] = setup_source(url, tracks(notebook)).splitlines(keepends=True)
        heading = re.search(r"^#{1,6} +(.+)$", FENCE.sub("", source(given)), re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading:
            section = _slug(heading.group(1)) or section
        name = str(given.get("id", ""))
        if not is_slug(name) or name in taken:
            name = _free(_name(cell, section), taken)
        taken.add(name)
        cells.append({**cell, "id": name})
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def is_slug(name: str) -> bool:
    """Tell whether a cell id is made of words; eight hexadecimal digits are a machine's."""
    machine = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}.*)?", name)
    return bool(SLUG.fullmatch(name)) and len(name) <= 64 and machine is None


def _cell(given: dict, path: str, url: str, branch: str, time: str) -> dict:
    metadata = {
        key: copy.deepcopy(value)
        for key, value in given.get("metadata", {}).items()
        if key in CELL_METADATA and value
    }
    if "tags" in metadata:
        metadata["tags"] = list(dict.fromkeys(metadata["tags"]))
    text = source(given).strip("\n")
    cell = {"cell_type": given["cell_type"], "metadata": metadata}
    if given["cell_type"] == "code":
        cell |= {"execution_count": None, "outputs": []}
        if "solution" in metadata.get("tags", []):
            metadata["tags"] = list(dict.fromkeys([*metadata["tags"], "hide-input"]))
            metadata["mystnb"] = {**metadata.get("mystnb", {}), **PROMPTS}
    elif given["cell_type"] == "markdown":
        text = TIME.sub(time, BADGE.sub(lambda _: badge(path, url, branch), text))
        if given.get("attachments"):
            cell["attachments"] = given["attachments"]
    cell["source"] = text.splitlines(keepends=True)
    return cell


def _name(cell: dict, section: str) -> str:
    """Return the id that a cell's own words suggest."""
    text = source(cell)
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    label = re.search(r"^:label: *(\S+)", text, re.MULTILINE)
    words = grade_id or (label.group(1) if label else "")
    if words:
        return _slug(words)
    if cell["cell_type"] != "code":
        return section if re.match(r"#{1,6} ", text) else f"{section}-text"
    return f"{section}-{'figure' if 'figure' in tags(cell) else 'code'}"


def _slug(words: str) -> str:
    parts = re.findall(r"[a-z0-9]+", re.sub(r"[`'’]", "", words.lower()))
    slug = "-".join(parts)[:48].strip("-")
    return slug if SLUG.fullmatch(slug) else f"cell-{slug}".strip("-")


def _free(name: str, taken: set[str]) -> str:
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(free for free in names if free not in taken and is_slug(free))


def main() -> None:
    """Put every chapter in form, and the plan of its instructor page; derive Colab's notebooks."""
    for path in chapters():
        place = path.relative_to(ROOT).as_posix()
        notebook = read(path)
        notes = instructor_page(path)
        page = notes.read_text(encoding="utf-8")
        _write(path, dump(canonical(notebook, place, *repository())))
        _write(notes, refit(page, measure(notebook).in_class))
    for place, notebook in colab_notebooks().items():
        _write(ROOT / place, dump(notebook))


def colab_notebooks(root: Path = ROOT) -> dict[str, dict]:
    """Return the notebook for Colab of each chapter, by its place in the repository."""
    return {
        for_colab(path.relative_to(root).as_posix()): colab_notebook(Chapter(path, root))
        for path in chapters(root)
    }


def instructor_page(chapter: Path) -> Path:
    """Return the page of notes that belongs to a chapter."""
    return ROOT / "book" / "instructors" / f"{chapter.stem.split('_')[0]}.md"


def _write(path: Path, text: str) -> None:
    if not path.is_file() or text != path.read_text(encoding="utf-8"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
