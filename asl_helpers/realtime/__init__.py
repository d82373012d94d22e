"""Real time: from a camera's frames to letters, words and a journal of them."""
