"""What `asl labs release` writes for two chapters: files, points, the source of the student's copy.

The files and the points must stay. The cells of the students' copies are held for information:
where they differ from the record, the test names them and passes. To record it again:
python tests/nets/test_labs_net.py
"""

import hashlib
import json
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nets import keeping

CHAPTERS = ("ch01", "ch08")


def released(chapter: str, out: Path) -> dict:
    """Release a chapter's lab and return its files, points and one hash for each cell."""
    from asl_helpers.labs.release import release

    files = release(chapter, out)
    student = next(path for path in files if "student" in path.parts)
    cells = json.loads(student.read_text(encoding="utf-8"))["cells"]
    forms = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
    return {
        "files": sorted(path.relative_to(out).as_posix() for path in files),
        "points": {form["grade_id"]: form["points"] for form in forms if "points" in form},
        "student cells": {
            cell["id"]: hashlib.sha256("".join(cell["source"]).encode()).hexdigest()[:16]
            for cell in cells
        },
    }


def test_a_release_writes_the_same_files_and_points(tmp_path):
    for chapter, held in keeping.read("labs.json").items():
        now = released(chapter, tmp_path)
        assert now["files"] == held["files"], chapter
        assert now["points"] == held["points"], chapter
        old, new = held["student cells"], now["student cells"]
        changed = [name for name in old | new if old.get(name) != new.get(name)]
        if changed:  # no failure: chapters may be edited
            warnings.warn(f"{chapter}: other cells than recorded: {changed}", stacklevel=1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        keeping.write("labs.json", {name: released(name, Path(folder)) for name in CHAPTERS})
