"""Measure the reader of letters that move: drawn clips by pace and size, and a filmed set.

    python -m benchmarks.motion              # trains two more seeds, some minutes
    python -m benchmarks.motion --seeds 1    # the shipped weights alone
    ASL_DATA_DIR=... python -m benchmarks.motion

writes ``data/results/motion.json``. All drawn clips are new to the models. The filmed set,
``landmark_sequences_fsl.npz``, does not say how many frames a second it has: several are assumed.
Each of its clips has thirty frames, and many end before the Z does: `lines` finds out which.
"""

import argparse
from pathlib import Path

import numpy as np

from asl_helpers import classifier, hand
from asl_helpers.files import sha256, user_data_dir
from asl_helpers.hand import film, stories
from asl_helpers.realtime.reader import MotionReader
from asl_helpers.strokes import judge_clips, play
from benchmarks.record import Row, record, spread
from tools import train_strokes

CLIPS = 40
FPS = (10, 15, 20, 30, 60)
SECONDS = (0.2, 0.3, 0.5, 0.8, 1.2, 1.6)
SIZES = (0.1, 0.2, 0.4, 0.7, 1.0, 1.6)
PARTS = (0.3, 0.5, 0.7, 0.9)
ASSUMED = (10, 15, 20, 25, 30)
QUIET = ("spelling", "held", "waving", "rest", "wander", "slide", "leave")
LINE = 0.4  # palm lengths: what is shorter is no line of a Z
STAYS = 0.3  # seconds for which a filmed hand is taken to stay after its clip


def models(seeds: int) -> list[classifier.Classifier]:
    """Return the shipped model, of seed 0, and others trained alike from seeds 1 on."""
    shipped = classifier.load("motion")
    found = [shipped]
    for seed in range(1, seeds):
        core = train_strokes.train(seed)
        temperature, threshold = train_strokes.calibrate(core, seed)
        model = classifier.motion_model(core, temperature)
        found.append(classifier.wrap(model, shipped.classes, card={"threshold": threshold}))
    return found


def strokes(seed: int, fps, count: int = CLIPS, **options) -> list[film.Clip]:
    """Film ``count`` strokes, J and Z in turn."""
    rng = np.random.default_rng(seed)
    told = [stories.stroke_story(rng, "JZ"[k % 2], **options) for k in range(count)]
    return film.film(told, seed, fps=fps)


def drawn_sets() -> dict[str, dict[str, list[film.Clip]]]:
    """Return the clips of strokes to be found, by what is varied and its value."""
    rng = np.random.default_rng(77)
    by_fps = {
        str(fps): [
            clip
            for part in range(5)
            for clip in strokes(700 + part, fps, CLIPS // 5, seconds=rng.uniform(0.4, 1.0))
        ]
        for fps in FPS
    }
    return {
        "fps": by_fps,
        "seconds at 30 fps": {str(s): strokes(800, 30, seconds=s) for s in SECONDS},
        "seconds at 10 fps": {str(s): strokes(800, 10, seconds=s) for s in SECONDS},
        "size": {str(s): strokes(810, 30, seconds=0.7, size=s) for s in SIZES},
    }


def recall(recogniser: MotionReader, clips: list[film.Clip]) -> float:
    """Return the share of strokes that are found."""
    return judge_clips(recogniser, clips).recall


def share_of_letter(recogniser: MotionReader, clips: list[film.Clip]) -> float:
    """Return the share of clips in which any letter is said: for strokes that stop half way."""
    return float(np.mean([bool(play(recogniser, clip)) for clip in clips]))


def false_a_minute(recogniser: MotionReader, clips: list[film.Clip]) -> float:
    """Return the letters per minute that are said of clips without a stroke."""
    events = judge_clips(recogniser, clips)
    return 60 * events.false / events.seconds


def held_j(recogniser: MotionReader, letter: str) -> float:
    """Return the share of held hands of a letter that stay unread."""
    rng = np.random.default_rng(99)
    told = []
    for _ in range(60):
        still = stories.Teller(rng, letter)
        still.hold(3.0)
        told.append(still.story("held"))
    clips = film.film(told, 99)
    return float(np.mean([not play(recogniser, clip) for clip in clips]))


def plain_strokes(recogniser: MotionReader) -> float:
    """Return the recall on `hand.sample_motion`: another teller, no tracker's errors."""
    clips, labels = hand.sample_motion("JZ", 100, frames=24, seed=88)
    right = 0
    for clip, label in zip(clips, labels, strict=True):
        recogniser.reset()
        still = [clip[:1]] * 8, [clip[-1:]] * 12
        frames = np.concatenate([*still[0], clip, *still[1]])
        said = [recogniser.update(points, k / 24)[0] for k, points in enumerate(frames)]
        right += "".join(filter(None, said)) == "JZ"[label]
    return right / len(clips)


def lines(points: np.ndarray) -> list[float]:
    """Return how far the index finger's tip goes sideways, to and fro, in palm lengths.

    ``points`` are the landmarks of one clip, (m, 21, 2 or more). To the left is negative; ways
    shorter than `LINE` are a tremble on the way.
    """
    palm = np.median(np.linalg.norm(points[:, 9, :2] - points[:, 0, :2], axis=-1))
    turns, heading = [points[0, 8, 0] / palm], 0.0
    for x in points[1:, 8, 0] / palm:
        step = x - turns[-1]
        if step * heading > 0:
            turns[-1] = x
        elif abs(step) > LINE:
            turns.append(x)
            heading = np.sign(step)
    return np.diff(turns).tolist()


def is_whole(points: np.ndarray) -> bool:
    """Tell whether a Z is drawn to its end: to the left, back, and to the left again."""
    ways = np.sign(lines(points)).tolist()
    return any(ways[k : k + 3] == [-1, 1, -1] for k in range(len(ways) - 2))


def said_of(recogniser: MotionReader, clip: np.ndarray, fps: float, stays: float = 0) -> str:
    """Return the letters said of a filmed clip (frames, 21, 3), whose empty frames are zeros.

    ``stays`` is for how many seconds the last hand is taken to stay after the clip's end.
    """
    recogniser.reset()
    hands = [hand if np.abs(hand).sum() > 0 else None for hand in clip]
    last = [hand for hand in hands if hand is not None][-1:]
    hands += round(stays * fps) * last
    said = [recogniser.update(hand, k / fps)[0] for k, hand in enumerate(hands)]
    return "".join(filter(None, said))


def filmed(recogniser: MotionReader, path: Path, fps: float) -> dict:
    """Return what is said of the filmed set, if it has so many frames a second."""
    with np.load(path, allow_pickle=False) as file:
        clips, letters = file["sequences"], file["labels"]
    said = np.array([said_of(recogniser, clip, fps) for clip in clips])
    zs = clips[letters == "Z"]
    staying = np.array([said_of(recogniser, clip, fps, STAYS) for clip in zs])
    whole = np.array([is_whole(clip[np.abs(clip).sum(axis=(1, 2)) > 0]) for clip in zs])
    found = np.char.count(said[letters == "Z"], "Z") > 0
    later = np.char.count(staying, "Z") > 0
    others = ~np.isin(letters, ["J", "Z"])
    return {
        "z_found": float(found.mean()),
        "z_whole_found": float(found[whole].mean()),
        "z_whole_found_staying": float(later[whole].mean()),
        "z_cut_found": float(found[~whole].mean()),
        "z_cut_found_staying": float(later[~whole].mean()),
        "z_once": float((said[letters == "Z"] == "Z").mean()),
        "z_clips": len(zs),
        "z_whole_clips": int(whole.sum()),
        "j_said": float(np.char.count(said[letters == "J"], "J").astype(bool).mean()),
        "others_said": float((said[others] != "").mean()),
        "others_clips": int((said[others] != "").sum()),
    }


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="the shipped one included")
    seeds = parser.parse_args().seeds
    readers = [MotionReader(model) for model in models(seeds)]

    def over_readers(score, *given) -> Row:
        return spread([score(reader, *given) for reader in readers])

    stopped = {str(p): strokes(820, 30, seconds=0.8, until=p) for p in PARTS}
    still = {kind: film.sample_clips(60, seed=900, shares={kind: 1}) for kind in QUIET}
    result = {
        "classes": list(readers[0].classes),
        "parameters": int(classifier.load("motion").card["parameters"]),
        "thresholds": [round(reader.threshold, 4) for reader in readers],
        "clips_a_value": CLIPS,
        "recall": {
            name: {value: over_readers(recall, clips) for value, clips in rows.items()}
            for name, rows in drawn_sets().items()
        },
        "stopped": {part: over_readers(share_of_letter, clips) for part, clips in stopped.items()},
        "false": {
            kind: {
                "minutes": judge_clips(readers[0], clips).seconds / 60,
                "a_minute": over_readers(false_a_minute, clips),
            }
            for kind, clips in still.items()
        },
        "held_unread": {letter: over_readers(held_j, letter) for letter in "IJZD"},
        "sample_motion": over_readers(plain_strokes),
    }
    data = [{"source": "drawn by asl_helpers.motion", "sha256": None, "is_real": False}]
    folder = user_data_dir()
    path = folder / "landmark_sequences_fsl.npz" if folder else None
    if path and path.is_file():
        rows = {fps: [filmed(reader, path, fps) for reader in readers] for fps in ASSUMED}
        result["filmed"] = {
            str(fps): {name: spread([row[name] for row in some]) for name in some[0]}
            for fps, some in rows.items()
        }
        result["filmed_with"] = {"line_palm_lengths": LINE, "stays_seconds": STAYS}
        source = "landmark_sequences_fsl.npz, Filipino Sign Language: 26 letters, 30 clips each"
        data.append({"source": source, "sha256": sha256(path), "is_real": True})
    print(record("motion", result, seed=0, data=data))


if __name__ == "__main__":
    main()
