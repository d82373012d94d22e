"""Checkers of the exercises, one module per chapter.

A chapter writes ``from asl_helpers.checks import ch06 as check`` and ``check.dropout(dropout)``.
"""
