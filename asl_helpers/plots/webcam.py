"""Reading in time: what each frame was read as and what was written, and where the time goes."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from asl_helpers.plots.style import (
    BLUE,
    CARD,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SKY,
    WIDTH,
    canvas,
    figure,
    finish,
)

_STEPS = (SKY, ORANGE, GREEN, PURPLE, BLUE, MUTED)


@figure
def letters_in_time(
    times: Sequence[float],
    letters: Sequence[str | None],
    sure: Sequence[float],
    spelled: Sequence[tuple[str, float, float]],
    written: Sequence[tuple[str, float]],
    threshold: float,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw each frame's answer over time, between what was signed and what was written.

    Parameters
    ----------
    times:
        (n,) seconds.
    letters:
        (n,) each frame's answer, None or "" where it has none; it stands as a letter.
    sure:
        (n,) how sure each frame is, 0-1: the height of its letter; a frame without an answer is a
        small dot.
    spelled:
        (letter, start, end) in seconds of what was signed: the grey bands.
    written:
        (letter, time) of what was written: the arrows on top.
    threshold:
        Drawn as a line, 0-1.
    """
    fig, ax = canvas(ax, WIDTH, 3.4)
    for letter, start, end in spelled:
        ax.axvspan(start, end, color=RULE, alpha=0.55, linewidth=0)
        ax.text((start + end) / 2, -0.16, letter, ha="center", va="center", color=INK, fontsize=12)
    for time, letter, share in zip(times, letters, sure, strict=True):
        if letter:
            ax.text(time, share, letter, ha="center", va="center", color=BLUE, fontsize=9)
        else:
            ax.plot(time, share, ".", color=MUTED, markersize=3)
    for letter, time in written:
        ax.annotate(
            letter,
            (time, 1.06),
            (time, 1.26),
            ha="center",
            va="center",
            color=ORANGE,
            fontsize=12,
            fontweight="bold",
            arrowprops={"arrowstyle": "->", "color": ORANGE},
        )
    ax.axhline(threshold, color=INK, linestyle="--", linewidth=0.9)
    ax.text(times[-1], threshold + 0.02, "threshold", ha="right", va="bottom", fontsize=9)
    ax.set(ylim=(-0.28, 1.36), yticks=[0, 0.5, 1], ylabel="confidence", xlabel="seconds")
    ax.text(times[0], 1.26, "written:", va="center", fontsize=9.5, color=ORANGE)
    ax.text(times[0], -0.16, "signed:", va="center", fontsize=9.5, color=INK)
    return finish(fig, source)


@figure
def step_times(
    rows: Mapping[str, Mapping[str, float]],
    budget: float | None = None,
    ax: Axes | None = None,
    source: str | None = None,
) -> Figure:
    """Draw where a frame's time goes: a bar for each way, a part for each step.

    Parameters
    ----------
    rows:
        A way -> (a step -> milliseconds). Steps have one colour in all rows, and their name where
        there is room for it.
    budget:
        Milliseconds that a frame may take, drawn as a line.
    """
    fig, ax = canvas(ax, WIDTH, 0.9 + 0.62 * len(rows))
    steps = list(dict.fromkeys(step for row in rows.values() for step in row))
    longest = max(sum(row.values()) for row in rows.values())
    for place, row in enumerate(rows.values()):
        start = 0.0
        for step, taken in row.items():
            color = _STEPS[steps.index(step) % len(_STEPS)]
            ax.barh(place, taken, left=start, height=0.5, color=color, edgecolor="white")
            if taken > 0.22 * longest:
                words = f"{step} {taken:.1f}"
                ax.text(start + taken / 2, place, words, ha="center", va="center", fontsize=9.5)
            start += taken
        behind = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}
        words = f"{start:.1f} ms"
        ax.text(start + 0.01 * longest, place, words, va="center", fontsize=10, bbox=behind)
    if budget is not None:
        # Behind the bars: it would cross the names of their parts.
        ax.axvline(budget, color=INK, linestyle="--", linewidth=0.9, zorder=0.9)
        ax.text(budget, -0.55, f" {budget:g} ms a frame: 25 a second", va="center", fontsize=9)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(ylim=(len(rows) - 0.4, -0.75), xlim=(0, 1.18 * longest), xlabel="milliseconds a frame")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    for step in steps:
        ax.bar(0, 0, color=_STEPS[steps.index(step) % len(_STEPS)], label=step)
    fig.legend(loc="outside upper left", ncols=len(steps), handlelength=1.0)
    return finish(fig, source)
