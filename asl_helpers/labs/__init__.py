"""A chapter as a lab: the student's copy, its autograder, the instructor's page, the points.

``release`` writes a lab from a chapter, ``grade`` turns submissions into a table of points.
Both need the ``labs`` extra (nbgrader) and a checkout, because a wheel carries no chapters.
"""

from asl_helpers.labs.chapters import LabsError
from asl_helpers.labs.grading import grade
from asl_helpers.labs.releasing import release

__all__ = ["LabsError", "grade", "release"]
