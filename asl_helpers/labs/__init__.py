"""Chapters as labs: what students, instructors and graders get of a chapter."""
