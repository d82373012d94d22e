"""Data sets: one call, several sources, never silent; splits that cannot leak."""
