"""Tables of what was recorded of reading in real time: aims, movements, what fails and for whom.

They take the records of data/results as they are. A part that nobody has measured yet shows as
`MISSING`: a table that leaves it out would look complete.
"""

from typing import Any

MISSING = "not recorded"
FLAT = 5
"""MB that memory may grow in an hour and still count as flat."""

Row = tuple[str, str, str, bool | None]
"""What was measured, the aim, what was reached, and whether that meets the aim."""

SIGNED = (
    "Drawn signers whom no training has met, the real tracker, frames of 640 × 480, two cores. "
    "Milliseconds are from frame to letter. Letters wrong: of random words at 1 to 3 letters a "
    "second, with their interval; false letters: while nobody signs, by way of smoothing."
)
STILLS = (
    "Single pictures of drawn hands that hold a letter; of each kind what is read best and what "
    "worst, and within a kind nothing else differs. *Found* counts the signer's own hand, both "
    "columns all pictures. Skin and sides are from `unseen_signers.json`, the rest from "
    "`realtime.json`."
)
FILMED = (
    "Drawn clips are new to the model. The filmed ones are Filipino Sign Language; that set does "
    "not say its frames a second, many of its clips end before the Z does, and its J is held, not "
    "drawn. *Whole*: the Zs that are drawn to their end, the last hand taken to stay a moment."
)
PICTURE = "/book/_static/generated/frame_times.png"
"""Drawn by `figures.frame_times`."""

KINDS = {"rest": "at rest", "wave": "waving", "nobody": "no hand"}


def aims(record: dict[str, Any]) -> list[str]:
    """Return the Markdown lines of `realtime.json` beside its aims."""
    rows = [*_latency(record), *_words(record), *_idle(record), *_hour(record)]
    lines = ["| What | Aim | Reached | Met |", "|---|---|---|---|"]
    for what, aim, reached, met in rows:
        word = "" if met is None or reached == MISSING else "yes" if met else "not yet"
        lines.append(f"| {what} | {aim} | {reached} | {word} |")
    return [*lines, "", SIGNED, *_mistaken(record)]


def _latency(record: dict[str, Any]) -> list[Row]:
    goals, part = record["aims"], record.get("latency")
    wanted = [
        (
            "Frames a second, median / 95 of 100",
            f"at least {goals['fps_p50']} / {goals['fps_p95']}",
        ),
        ("Of it the tracker", ""),
        ("Of it the course's own part", f"at most {goals['beyond_tracker_ms']} ms"),
        ("By `model.predict`, the usual way", ""),
    ]
    if not part:
        return [(*row, MISSING, None) for row in wanted]
    beyond, usual = part["beyond_tracker_ms"], part["usual_way"]
    reached = [
        (
            f"{part['fps_p50']:.0f} / {part['fps_p95']:.0f} ({_ms(part['total_ms'])})",
            part["fps_p50"] >= goals["fps_p50"] and part["fps_p95"] >= goals["fps_p95"],
        ),
        (f"{part['tracker_share']:.0%} ({_ms(part['tracker_ms'])})", None),
        (_ms(beyond), beyond["p95"] <= goals["beyond_tracker_ms"]),
        (
            f"{usual['times_slower']:.1f} times as long; without the tracker, "
            f"{usual['times_slower_beyond_tracker']:.0f} times",
            None,
        ),
    ]
    return [(*row, *found) for row, found in zip(wanted, reached, strict=True)]


def _words(record: dict[str, Any]) -> list[Row]:
    goal, part = record["aims"]["character_error_rate"], record.get("words")
    what, aim = "Letters wrong", f"at most {goal:.0%}"
    if not part:
        return [(what, aim, MISSING, None)]
    rows: list[Row] = [
        (
            f"{what}, `{name}`",
            aim,
            f"{row['character_error_rate']:.1%} ({row['interval'][0]:.1%} to "
            f"{row['interval'][1]:.1%}); {row['words_right']} of {part['words']} words whole",
            row["character_error_rate"] <= goal,
        )
        for name, row in part["smoothing"].items()
    ]
    strings = _at(record, "words", "random_letters", "smoothing") or {}
    rates = ", ".join(
        f"`{name}` {row['character_error_rate']:.1%}" for name, row in strings.items()
    )
    return [*rows, (f"{what} in strings of random letters", "", rates, None)] if rates else rows


def _mistaken(record: dict[str, Any]) -> list[str]:
    """The letters that were changed most, in a sentence; none where no words were recorded."""
    pairs = _at(record, "words", "smoothing", "steady", "changed_most")
    shown = ", ".join(f"{pair} ({times})" for pair, times in (pairs or [])[:3])
    return [f"Most often changed by `steady`: {shown}."] if shown else []


def _idle(record: dict[str, Any]) -> list[Row]:
    goal, part = record["aims"]["false_letters_a_minute"], record.get("idle")
    what, aim = "False letters a minute", f"at most {goal}"
    if not part:
        return [(what, aim, MISSING, None)]
    rows = []
    for name, rate in part["all"].items():
        kinds = [f"{words} {part[kind][name]:.1f}" for kind, words in KINDS.items() if kind in part]
        reached = f"{rate:.1f} ({', '.join(kinds)})"
        rows.append((f"{what}, `{name}`", aim, reached, rate <= goal))
    return rows


def _hour(record: dict[str, Any]) -> list[Row]:
    part = record.get("hour")
    memory = "One hour of frames: memory", f"flat, under {FLAT} MB more"
    events = "One hour of frames: letters", "none lost"
    if not part:
        return [(*memory, MISSING, None), (*events, MISSING, None)]
    grown, rounds = part["growth_mb_an_hour"], part["letters_a_round"]
    kept = f"{part['letters_in_journal']:,} of {part['letters']:,} in the journal"
    each = " or ".join(map(str, rounds))
    return [
        (*memory, f"{grown:+.1f} MB", grown < FLAT),
        (
            *events,
            f"{kept}; each round of the clip gave {each}",
            part["letters_in_journal"] == part["letters"] and len(rounds) == 1,
        ),
    ]


def movements(record: dict[str, Any]) -> list[str]:
    """Return the Markdown lines of `motion.json`: drawn strokes, silence, filmed hands."""
    lines = ["| Letters that move | Reached |", "|---|---:|"]
    rows = {
        "Drawn J and Z of half a second, 30 frames a second: found": (
            "recall",
            "seconds at 30 fps",
            "0.5",
        ),
        "The same, 10 frames a second": ("recall", "seconds at 10 fps", "0.5"),
        "Stopped half way: a letter said all the same": ("stopped", "0.5"),
        "Held J: stays unread": ("held_unread", "J"),
    }
    for what, path in rows.items():
        found = _at(record, *path)
        lines.append(f"| {what} | {MISSING if found is None else spread(found)} |")
    quiet = {kind: row["a_minute"]["mean"] for kind, row in (_at(record, "false") or {}).items()}
    most = max(quiet, key=quiet.get, default=None)
    said = MISSING if most is None else f"{quiet[most]:.1f} (`{most}`)"
    lines.append(f"| Letters in a minute without a stroke, at worst | {said} |")
    return [*lines, *_filmed(record), "", FILMED]


def _filmed(record: dict[str, Any]) -> list[str]:
    """What is said of the filmed set, by the frames a second that it is taken to have."""
    rows = record.get("filmed")
    if not rows:
        return [f"| Filmed Z: found | {MISSING} |"]
    whole = "z_whole_found_staying"
    best = max(rows, key=lambda fps: rows[fps][whole]["mean"])
    worst = min(rows, key=lambda fps: rows[fps][whole]["mean"])
    most = max(row["others_said"]["mean"] for row in rows.values())
    held = max(row["j_said"]["mean"] for row in rows.values())
    return [
        f"| Filmed Z, whole: found, as {best} frames a second | {spread(rows[best][whole])} |",
        f"| Filmed Z, whole: found, as {worst} frames a second | {spread(rows[worst][whole])} |",
        f"| Filmed Z, every clip as it is: found, as {best} frames a second "
        f"| {spread(rows[best]['z_found'])} |",
        f"| Filmed J, held there: said, at most | {held:.1%} |",
        f"| Filmed, another letter: J or Z said, at most | {most:.1%} |",
    ]


def conditions(record: dict[str, Any], stills: dict[str, Any]) -> list[str]:
    """Return what fails, and for whom, as Markdown lines.

    ``record`` is `realtime.json`, ``stills`` is `unseen_signers.json`: tones and sides.
    """
    lines = ["| Who, or what | Hands | Found | Read right |", "|---|---:|---:|---:|"]
    tones = stills.get("tones") or []
    picked = [("lightest", tones[0]), ("darkest", tones[-1])] if tones else []
    for words, row in picked:
        lines.append(_condition(f"{words} skin tone of ten", row, "coverage", "accuracy"))
    for side in ("right", "left"):
        row = _at(stills, "sides", side)
        if row:
            lines.append(_condition(f"{side} hand", row, "coverage", "accuracy"))
    part = record.get("conditions")
    for words in () if part else ("light", "distance", "a turned hand", "a passer-by's hand"):
        lines.append(f"| {words} | | {MISSING} | {MISSING} |")
    for kind, rows in (part or {}).items():
        lines += [
            _condition(f"{kind}: {row['value']:g}", row, "signers_own", "right")
            for row in _ends(rows)
        ]
    return [*lines, "", STILLS]


def _condition(words: str, row: dict[str, Any], found: str, right: str) -> str:
    return f"| {words} | {row['n']} | {row[found]:.0%} | {row[right]:.0%} |"


def _ends(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row that is read best, then the worst, in their own order."""
    best = max(rows, key=lambda row: row["right"])
    worst = min(rows, key=lambda row: row["right"])
    return [row for row in rows if row is best or row is worst]


def frame_rows(record: dict[str, Any]) -> dict[str, dict[str, float]] | None:
    """Return the median milliseconds of each step, the course's way and the usual one."""
    part = record.get("latency")
    if not part:
        return None
    tracker = part["tracker_ms"]["p50"]
    return {
        "here": {"tracker": tracker, "all the rest": part["beyond_tracker_ms"]["p50"]},
        "usual": {"tracker": tracker, "model.predict": part["usual_way"]["predict_ms"]["p50"]},
    }


def one_frame(record: dict[str, Any]) -> list[str]:
    """Return the figure of a frame's milliseconds with its text alternative, and its words."""
    rows = frame_rows(record)
    if rows is None:
        return [f"*Where the milliseconds go: {MISSING}.*"]
    part, usual = record["latency"], record["latency"]["usual_way"]
    tracker, rest = rows["here"].values()
    predict = rows["usual"]["model.predict"]
    return [
        f"```{{image}} {PICTURE}",
        f":alt: Two stacked bars of milliseconds a frame. Here the tracker takes {tracker:.1f} and "
        f"all the rest {rest:.1f}; the usual way the same tracker, and model.predict "
        f"{predict:.1f}.",
        "```",
        "",
        f"Medians over {part['frames']} frames with a drawn hand, {part['size'][0]} × "
        f"{part['size'][1]} ({record['about']['device']}). Half of all frames are read within "
        f"{part['total_ms']['p50']:.1f} ms and 95 of 100 within {part['total_ms']['p95']:.1f} ms; "
        f"the tracker takes {part['tracker_share']:.0%} of it. With `model.predict` for each frame "
        f"a frame takes {usual['times_slower']:.1f} times as long. A camera of 25 frames a second "
        "leaves 40 ms for each.",
    ]


def spread(found: dict[str, Any]) -> str:
    """Return a mean, with its deviation over seeds where there are several."""
    sd = found["sd"]
    return f"{found['mean']:.1%}" + ("" if sd is None else f" ± {100 * sd:.1f}")


def _at(record: dict[str, Any], *path: str) -> Any:
    """Return what lies at a path of keys, or None where one is missing."""
    found: Any = record
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def _ms(both: dict[str, float]) -> str:
    return f"{both['p50']:.1f} / {both['p95']:.1f} ms"
