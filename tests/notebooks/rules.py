"""The rules of a chapter: the functions of the modules named here that take a Chapter.

A rule yields one message for each place that breaks it, and the message says how to mend it.
"""

import form
import lessons
import prose

RULES = [
    rule
    for module in (form, lessons, prose)
    for rule in vars(module).values()
    if "chapter" in getattr(rule, "__annotations__", {})
]
