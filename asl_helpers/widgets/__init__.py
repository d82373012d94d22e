"""Widgets to play with, by part. Nothing is imported here."""
