"""Figures of the course, by part: each function returns its figure. Nothing is imported here."""
