"""Real time: from a camera's frames to letters, a text, and a journal of what was read."""
