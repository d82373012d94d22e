"""The rules of a chapter's form, one small function each; a broken rule says how to mend it.

A rule takes a Chapter and yields one message for each place that breaks it.
"""

from form import (
    canonical,
    cell_ids,
    cell_sizes,
    colab_link,
    figures,
    no_outputs,
    one_title,
    sections,
    setup_cell,
)
from lessons import exercises, grading, objectives, quiz
from prose import glued_numbers, typed_numbers, words

RULES = (
    canonical,
    one_title,
    sections,
    objectives,
    colab_link,
    setup_cell,
    figures,
    no_outputs,
    cell_ids,
    exercises,
    grading,
    quiz,
    glued_numbers,
    typed_numbers,
    words,
    cell_sizes,
)
