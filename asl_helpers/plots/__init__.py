"""Figures of the course: one function each, which returns the figure. A module a theme."""
