"""Draw the figures that pages (not chapters) show, into book/_static/generated."""


def draw_figures(force: bool = False) -> None:
    """Draw what is missing or older than the code that draws it."""
