"""Writing a lab: the student's copy, the autograder, the instructor's page."""

import json
from pathlib import Path
from typing import Any

from asl_helpers.files import atomic_path
from asl_helpers.labs.chapters import find, require_nbgrader
from asl_helpers.labs.instructors import instructor_page
from asl_helpers.labs.students import STUB, grader_settings, student_notebook

CONFIG = '''"""nbgrader's settings for this lab; `nbgrader autograde {chapter}` reads them here.

`asl labs grade {chapter} SUBMISSIONS` does the same in one step and writes a table.
"""

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = "{course}"
c.ClearSolutions.code_stub = {{"python": {stub!r}}}
c.Execute.timeout = {timeout}
'''


def release(chapter: str, out: str | Path = "labs") -> list[Path]:
    """Write the lab of a chapter into ``out/chNN`` and return the files.

    ``student/`` goes to students; ``autograder/`` (the notebook with solutions, in nbgrader's
    layout, and its settings) and ``instructor.md`` stay with you. A file is replaced as a whole
    or not at all; other files in the folder are left alone. Raises LabsError for an unknown
    chapter, or if any line of a solution would show in the student's copy.
    """
    require_nbgrader()
    found = find(chapter)
    folder = Path(out) / found.number
    settings = grader_settings()
    config = CONFIG.format(
        chapter=found.number,
        course=settings.CourseDirectory.course_id,
        stub=STUB,
        timeout=settings.Execute.timeout,
    )
    # All texts first: a chapter that cannot be released leaves no half of a lab behind.
    texts = {
        folder / "student" / found.path.name: _dump(student_notebook(found)),
        folder / "autograder" / "source" / found.number / found.path.name: _dump(found.read()),
        folder / "autograder" / "nbgrader_config.py": config,
        folder / "instructor.md": instructor_page(found),
    }
    for path, text in texts.items():
        with atomic_path(path) as made:
            made.write_text(text, encoding="utf-8")
    return list(texts)


def _dump(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
