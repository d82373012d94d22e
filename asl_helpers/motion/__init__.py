"""Letters that move: stories told and filmed by the drawn hand, made comparable, and read."""
