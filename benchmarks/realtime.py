"""Measure reading in real time, from frame to letter, and write ``data/results/realtime.json``.

    python -m benchmarks.realtime                    latency, words, idle, conditions
    python -m benchmarks.realtime latency            one part; the others stay as they were
    python -m benchmarks.realtime hour               an hour of frames (ten minutes)

Signers are drawn, with seeds of their own; the tracker is the real one.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from rapidfuzz.distance import Levenshtein

from asl_helpers import landmarks
from asl_helpers.classifier import Classifier, load
from asl_helpers.hand.clip import draw_clip
from asl_helpers.realtime.journal import Journal, read
from asl_helpers.realtime.letters import SMOOTHINGS
from asl_helpers.realtime.reader import LetterReader, MotionReader
from asl_helpers.realtime.sources import Frame
from benchmarks.people import tracker_version
from benchmarks.realtime_clips import FPS, Recording, Task, recording, said, strings, words
from benchmarks.realtime_conditions import conditions
from benchmarks.record import RESULTS, Row, record

SEED = 26
AIMS = {
    "fps_p50": 50,
    "fps_p95": 30,
    "beyond_tracker_ms": 3,
    "character_error_rate": 0.05,
    "false_letters_a_minute": 1,
}
NO_SIGNING = ("rest", "wave", "nobody")
CLIPS, SECONDS = 16, 15  # of each kind without signing
STRINGS = 20  # of five random letters
HOUR = 36_000  # frames: an hour at ten a second


def latency(recogniser: Classifier, passes: int = 4) -> Row:
    """Return milliseconds from frame to letter at 640x480, and the same by `model.predict`.

    Frames are drawn beforehand; only those with a hand count. The fast way and the usual way take
    turns on the same frames, so that whatever else the machine does slows both.
    """
    frames = []
    for seed in range(2):
        clip = draw_clip("HAND", SEED + seed, fps=FPS)
        frames += [Frame(*pair) for pair in zip(clip.images(), clip.times.tolist(), strict=True)]
    network, rows, predicted, now = recogniser.network, [], [], 0.0
    with LetterReader(recogniser) as reader:
        for turn in range(passes + 1):
            for number, frame in enumerate(frames):
                now += 1 / FPS
                reading = reader.read(Frame(frame.image, now))
                if reading.hand is None or not turn:  # the first pass warms up
                    continue
                rows.append(reading.latency_ms)
                if turn == 1 and number % 4 == 0:
                    height, width = frame.image.shape[:2]
                    start = time.perf_counter()
                    hands = landmarks.normalise(reading.hand.points[None], height / width)
                    network.predict(hands, verbose=0)
                    predicted.append(1000 * (time.perf_counter() - start))
    spent = pd.DataFrame(rows)
    total, tracker = spent["total"], spent["tracker"]
    usual = tracker.median() + np.median(predicted)
    return {
        "size": [640, 480],
        "frames": len(spent),
        "total_ms": _both(total),
        "tracker_ms": _both(tracker),
        "beyond_tracker_ms": _both(total - tracker),
        "tracker_share": round(tracker.median() / total.median(), 3),
        "fps_p50": round(1000 / total.median(), 1),
        "fps_p95": round(1000 / total.quantile(0.95), 1),
        "usual_way": {
            "what": "model.predict for each frame",
            "predict_ms": _both(predicted),
            "times_slower": round(usual / total.median(), 1),
        },
    }


def _both(milliseconds) -> dict[str, float]:
    middle, late = np.quantile(milliseconds, [0.5, 0.95])
    return {"p50": round(float(middle), 2), "p95": round(float(late), 2)}


def spelling(recogniser: Classifier, n: int, motion: MotionReader) -> Row:
    """Return the character error rate of ``n`` random words, by way of smoothing.

    And that of random letters: what is lost where English is no help.
    """
    rows: Row = {}
    for what, tasks in {"words": words(n, SEED), "random_letters": strings(STRINGS, SEED)}.items():
        seen = [recording(task, recogniser) for task in tasks]
        rows[what] = {
            "letters": sum(len(one.text) for one in seen),
            "smoothing": {
                name: _scored(tasks, seen, name, recogniser.classes, motion) for name in SMOOTHINGS
            },
        }
    return {"words": n, "letters_a_second": [1, 3], "frames_a_second": FPS} | {
        **rows["words"],
        "random_letters": {"strings": STRINGS} | rows["random_letters"],
    }


def _scored(
    tasks: list[Task], seen: list[Recording], name: str, classes: Sequence[str], motion
) -> Row:
    read = [said(one, name, classes, motion) for one in seen]
    kinds: Counter[str] = Counter()
    wrong, pairs = [], Counter()
    for one, letters in zip(seen, read, strict=True):
        text = "".join(letter for letter, _ in letters)
        steps = Levenshtein.editops(one.text, text)
        kinds.update(step.tag for step in steps)
        wrong.append(len(steps))
        pairs.update(
            f"{one.text[step.src_pos]} as {text[step.dest_pos]}"
            for step in steps
            if step.tag == "replace"
        )
    lengths = np.array([len(one.text) for one in seen])
    wrong = np.array(wrong)
    speed = np.array([task.speed for task in tasks])
    rng = np.random.default_rng(SEED)
    again = rng.integers(0, len(wrong), (2000, len(wrong)))
    rates = wrong[again].sum(axis=1) / lengths[again].sum(axis=1)
    return {
        "character_error_rate": round(float(wrong.sum() / lengths.sum()), 4),
        "interval": [round(float(edge), 4) for edge in np.quantile(rates, [0.025, 0.975])],
        "words_right": int((wrong == 0).sum()),
        "changed": kinds["replace"],
        "left_out": kinds["delete"],
        "put_in": kinds["insert"],
        "by_speed": {
            words: round(float(wrong[chosen].sum() / lengths[chosen].sum()), 4)
            for words, chosen in (("below 2", speed < 2), ("2 and above", speed >= 2))
        },
        "changed_most": [list(pair) for pair in pairs.most_common(6)],
    }


def no_signing(recogniser: Classifier, motion: MotionReader) -> Row:
    """Return letters a minute where nobody signs, by kind and way of smoothing."""
    rows: Row = {}
    for kind in NO_SIGNING:
        tasks = [Task(kind, 9000 + seed, seconds=SECONDS) for seed in range(CLIPS)]
        seen = [recording(task, recogniser) for task in tasks]
        minutes = CLIPS * SECONDS / 60
        rows[kind] = {"minutes": minutes, "hand_found": _found(seen)} | {
            name: round(
                sum(len(said(one, name, recogniser.classes, motion)) for one in seen) / minutes, 2
            )
            for name in SMOOTHINGS
        }
    rows["all"] = {
        name: round(statistics.mean(rows[kind][name] for kind in NO_SIGNING), 2)
        for name in SMOOTHINGS
    }
    return rows


def _found(seen: list[Recording]) -> float:
    return round(
        float(np.mean([np.isfinite(one.points).all(axis=(1, 2)).mean() for one in seen])), 3
    )


def an_hour(recogniser: Classifier) -> Row:
    """Return memory and letters of an hour of frames at ten a second: a clip over and over.

    Every letter goes into a journal; none may be lost there, and none between the rounds.
    """
    clip = draw_clip("LOW FLY", SEED, fps=10, speed=1.5)
    images = list(clip.images())
    process, memory, rounds = psutil.Process(), [], Counter()
    start, emitted = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder, LetterReader(recogniser) as reader:
        path = Path(folder) / "journal.sqlite"
        with Journal(path) as journal:
            for number in range(HOUR):
                event = reader.read(Frame(images[number % len(images)], number / 10)).event
                if event:
                    journal.write(event.letter, event.confidence, event.latency_ms)
                    emitted += 1
                    rounds[number // len(images)] += 1
                if number % 1200 == 0:
                    memory.append(process.memory_info().rss / 2**20)
        kept = len(read(path))
    whole = [rounds[turn] for turn in range(HOUR // len(images))]
    later = memory[len(memory) // 4 :]
    slope = float(np.polyfit(np.arange(len(later)) * 2 / 60, later, 1)[0])
    return {
        "frames": HOUR,
        "seconds": round(time.perf_counter() - start),
        "memory_mb": [round(value, 1) for value in memory],
        "growth_mb_an_hour": round(slope, 2),
        "letters": emitted,
        "letters_in_journal": kept,
        "letters_a_round": sorted(set(whole)),
    }


def main() -> None:
    """Measure the parts that were asked for, and put them into the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["latency", "words", "idle", "conditions"])
    parser.add_argument("--words", type=int, default=50)
    options = parser.parse_args()
    recogniser, motion = load("landmarks"), MotionReader()
    parts = {
        "latency": lambda: latency(recogniser),
        "words": lambda: spelling(recogniser, options.words, motion),
        "idle": lambda: no_signing(recogniser, motion),
        "conditions": lambda: conditions(recogniser),
        "hour": lambda: an_hour(recogniser),
    }
    for name in options.parts:
        merge(name, parts[name](), recogniser)


def merge(name: str, part: Row, recogniser: Classifier) -> None:
    """Put one part into the record; the others stay as they were."""
    path = RESULTS / "realtime.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known.pop("about", None)
    known |= {"aims": AIMS, "tracker": tracker_version().split()[0], name: part}
    source = "drawn signers (asl_helpers.hand.clip), tracked"
    data = [{"source": source, "sha256": recogniser.card["sha256"], "is_real": False}]
    print(f"{name}: {json.dumps(part)}", flush=True)
    record("realtime", known, seed=SEED, data=data)


if __name__ == "__main__":
    main()
