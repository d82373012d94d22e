"""What the nets hold: one small function a net, and the only imports of the package here.

Each returns a dict of values by name: arrays, or plain numbers and strings. Move a module, and
only the imports below change; what the functions return must not.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import tensorflow as tf

from asl_helpers import augmentation, classifier, counting, hand, landmarks
from asl_helpers.alphabet import KAGGLE_CLASSES, LETTERS, STATIC_LETTERS
from asl_helpers.datasets.catalog import CATALOG
from asl_helpers.datasets.load import load
from asl_helpers.datasets.splits import leakage
from asl_helpers.errors import AslError
from asl_helpers.hand import film, stories
from asl_helpers.hand import tracker_noise as noise
from asl_helpers.hand.clip import draw_clip, draw_idle, sample_signer
from asl_helpers.hand.drawing import draw, draw_scenes, sample_clips, sample_images
from asl_helpers.hand.masks import silhouettes, skeleton_mask
from asl_helpers.hand.rendering import render
from asl_helpers.hand.scene import clutter, recolour
from asl_helpers.hand.tracker_noise import add_tracker_noise
from asl_helpers.judge import judge
from asl_helpers.realtime.letters import pair_frequencies
from asl_helpers.realtime.reader import LetterReader, MotionReader, Session
from asl_helpers.realtime.sources import Frame
from asl_helpers.realtime.text import Gestures, Speller, is_open, suggest
from asl_helpers.scratch import optimizers
from asl_helpers.strokes import features as stroke_features
from asl_helpers.strokes import judge_clips
from asl_helpers.sweeps import grid, paired, summarise
from asl_helpers.tracking import Hand

NETS: dict[str, Callable[[], dict]] = {}
"""Every net by name."""


model_of = cache(classifier.load)


def net(function: Callable[[], dict]) -> Callable[[], dict]:
    NETS[function.__name__] = function
    return function


# Hands


HAND_OPTIONS = {
    "letters": (LETTERS, 40, 0, {}),
    "static": (STATIC_LETTERS, 30, 1, {}),
    "interface": (("A", "space", "del"), 12, 2, {}),
    "left": (STATIC_LETTERS, 24, 3, {"left_share": 1.0}),
    "right": (STATIC_LETTERS, 24, 3, {"left_share": 0.0}),
    "no_people": (STATIC_LETTERS, 24, 4, {"people": False}),
    "no_ways": (STATIC_LETTERS, 24, 4, {"ways": False}),
    "no_jitter": (STATIC_LETTERS, 24, 4, {"jitter": False}),
    "no_views": (STATIC_LETTERS, 24, 4, {"views": False}),
    "no_perspective": (STATIC_LETTERS, 24, 4, {"perspective": False}),
    "signers": ("ABC", 24, 5, {"signers": 4}),
}


def batch(hands) -> dict:
    names = ("label", "joints", "image", "radius", "side", "person", "skin")
    return {name: getattr(hands, name) for name in names}


def under(title: str, values: dict) -> dict:
    return {f"{title}.{name}": value for name, value in values.items()}


@net
def sample_hands():
    found = {}
    for title, (letters, n, seed, switches) in HAND_OPTIONS.items():
        found |= under(title, batch(hand.sample_hands(letters, n, seed=seed, **switches)))
    return found


@net
def sample_landmarks():
    found = {}
    for seed in range(3):
        points, labels = hand.sample_landmarks(LETTERS, 52, seed=seed, left_share=0.5)
        found |= under(f"seed{seed}", {"points": points, "labels": labels})
    return found


@net
def poses():
    found = {
        f"{letter}.{side}": hand.pose(letter, side=side).image
        for letter in ("A", "J", "R", "Y", "del")
        for side in ("right", "left")
    }
    found["signer"] = hand.pose("L", view="signer").image
    every = [name for name in KAGGLE_CLASSES if name != "nothing"]
    found["all"] = np.concatenate([hand.pose(name).image for name in every])
    found["variants"] = [[way.variant for way in hand.variants(name)] for name in every]
    return found


@net
def sample_motion():
    found = {}
    for title, options in {
        "usual": {"seed": 0},
        "short": {"seed": 1, "frames": 12},
        "left": {"seed": 2, "left_share": 1.0},
    }.items():
        points, labels = hand.sample_motion("JZAI", 12, **options)
        found |= under(title, {"points": points, "labels": labels})
    return found


@net
def sample_negatives():
    found = {}
    for seed, share in ((0, 0.1), (1, 1.0), (2, 0.0)):
        found |= under(f"seed{seed}", batch(hand.sample_negatives(24, seed, left_share=share)))
    return found


# Clips of a signer


CLIPS = {
    "usual": ("HELLO JAZZ", 0, {}),
    "slide": ("LETTER", 1, {"double": "slide", "speed": 1.3}),
    "pose": ("A BY", 2, {"fps": 12.0, "lead": 0.2}),
    "small": ("ZOO", 3, {"size": (320, 200), "speed": 3.0}),
    "left": ("JUICE", 4, {"left": True}),
}


def clip(title: str):
    text, seed, options = CLIPS[title]
    if options.get("left"):
        return draw_clip(text, seed, signer=sample_signer(seed, left=True))
    return draw_clip(text, seed, **options)


@net
def draw_clip_geometry():
    found = {}
    for title in CLIPS:
        drawn = clip(title)
        found |= under(
            title,
            {
                "times": drawn.times,
                "landmarks": drawn.landmarks,
                "letters": "".join(sign.letter for sign in drawn.spelled),
                "spans": np.array([(sign.start, sign.end) for sign in drawn.spelled]),
                "left": bool(drawn.signer.person.left[0]),
                "skin": int(drawn.signer.person.skin[0]),
            },
        )
    for kind in ("rest", "wave", "nobody"):
        drawn = draw_idle(kind, 2.0, seed=5)
        found |= under(kind, {"times": drawn.times, "landmarks": drawn.landmarks})
    return found


@net
def draw_clip_frames():
    found = {}
    for title in ("usual", "left"):
        drawn = clip(title)
        frames = np.stack([drawn.image(frame) for frame in (20, 45)])
        found[title] = frames[:, 1::8, 1::8]
    return found


# Pictures


@net
def rendered():
    found = {}
    for size, letters, seed, share in ((28, "ABCL", 0, 0.1), (64, "RWY", 1, 1.0), (96, "KD", 2, 0)):
        hands = hand.sample_hands(letters, len(letters), seed=seed, left_share=share)
        found[f"size{size}"] = render(hands, size, seed=seed)
    return found


@net
def drawn_figures():
    return {
        "A": draw("A", 64),
        "left": draw("R", 64, side="left", skin=2),
        "signer": draw("L", 64, view="signer", background="#ffffff"),
        "fade": draw("Y", 64, fade=True, same_scale=True),
    }


@net
def drawn_images():
    gray, labels = sample_images("static", 6, 28, seed=0, gray=True, close=True)
    room, names = sample_images("kaggle", 4, 64, seed=1)
    return {"gray": gray, "gray.labels": labels, "room": room, "room.labels": names}


@net
def drawn_clips():
    found = {}
    for title, drawn in {
        "close": sample_clips(("A", "B"), 2, 2, 28, seed=0, signers=2, gray=True, close=True),
        "room": sample_clips(("C", "nothing", "space"), 1, 2, 64, seed=1, signers=3),
        "only": sample_clips("static", 3, 1, 28, seed=2, gray=True, only=[0, 30, 71]),
    }.items():
        found |= under(title, drawn)
    return found


@net
def scenes():
    names = ("images", "points", "labels", "signers", "rooms", "frames", "sides")
    found = {}
    for title, drawn in {
        "drawn": draw_scenes("AL", [(0, 0), (0, 1), (3, 0)], size=48),
        "film": draw_scenes("W", [(5, 2)], frames=3, holds=2, size=28, seed=1),
        "points": draw_scenes(STATIC_LETTERS, [(1, 1), (2, 4)], frames=4, holds=2, size=None),
        "left": draw_scenes("GQ", [(7, 3)], size=28, seed=2, left_handed=True),
    }.items():
        found |= under(title, {name: getattr(drawn, name) for name in names})
    del found["points.images"]
    return found


@net
def masks_of_hands():
    points, _ = hand.sample_landmarks(STATIC_LETTERS, 8, seed=6, left_share=0.5)
    even = landmarks.normalise(points)
    return {
        "skeleton28": skeleton_mask(even[:4], 28),
        "skeleton64": skeleton_mask(even[4:6], 64),
        "silhouettes": silhouettes(points[:4], 28),
        "silhouettes64": (255 * silhouettes(points[4:6], 64)).round().astype(np.uint8),
        "not_found": silhouettes(np.full((1, 21, 3), np.nan), 8),
    }


@net
def backdrops():
    scenes = clutter(4, 64, seed=0)
    light = tf.constant(scenes[:, ::2, ::2] / np.float32(255))
    return {
        "clutter64": scenes,
        "clutter28": clutter(2, 28, seed=1),
        "recolour": recolour(light, tf.constant([1, 2])).numpy(),
    }


@net
def augmented():
    images, _ = sample_images("static", 4, 28, seed=3, gray=True, close=True)
    light = tf.constant(images / np.float32(255))
    every = {
        "turn": 20.0, "shift": 0.1, "zoom": 0.2, "stretch": 0.1, "shear": 0.1, "mirror": 0.5,
        "brightness": 0.1, "contrast": 0.2, "shade": 0.2, "blur": 0.4, "noise": 0.05, "cutout": 0.2,
    }  # fmt: skip
    pair = tf.constant([3, 4])
    found = {
        name: augmentation.vary(light, pair, augmentation.Variation(**{name: value})).numpy()
        for name, value in every.items()
    }
    found["all"] = augmentation.vary(light, pair, augmentation.Variation(**every)).numpy()
    return found


# Landmarks


def hands_of_both_sides():
    return hand.sample_landmarks(STATIC_LETTERS, 48, seed=7, left_share=0.5)[0]


@net
def normalised():
    points = hands_of_both_sides()
    wide = points * np.array([0.75, 1, 0.75], np.float32)
    even = landmarks.normalise(points)
    return {
        "estimate": even,
        "given": landmarks.normalise(wide, 0.75),
        "unmirrored": landmarks.normalise(points, 1.0, mirror=False),
        "mirrored": landmarks.normalise(points * np.array([-1, 1, 1], np.float32), 1.0),
        "aspect": landmarks.estimate_aspect(wide),
        "side": landmarks.right_handedness(points),
        "palm": landmarks.palm_length(points),
        "features": landmarks.features(even),
        "usable": landmarks.usable(np.concatenate([points[:2], np.full((1, 21, 3), np.nan)])),
        "mask_input": landmarks.encoder((40, 40, 2))(even[:4]),
    }


@net
def tracker_noise():
    points = hands_of_both_sides()
    rng = np.random.default_rng
    with mock.patch.object(noise, "_DEPTH", 0):
        square = add_tracker_noise(points, rng(1), measured=False, stretch=0)
    with mock.patch.multiple(noise, _SWAP=0.5, _COLLAPSE=0.5):
        slips = add_tracker_noise(points, rng(2), measured=False, flip=1)
    return {
        "described": add_tracker_noise(points, rng(0), measured=False),
        "square": square,
        "slips": slips,
        "measured": add_tracker_noise(points, rng(3)),
    }


# Letters that move


def filmed(clips) -> dict:
    return {
        "kinds": [clip.kind for clip in clips],
        "lengths": [len(clip.times) for clip in clips],
        "times": np.concatenate([clip.times for clip in clips]),
        "points": np.concatenate([clip.points for clip in clips]),
        "fps": np.array([clip.fps for clip in clips]),
        "found": np.concatenate([clip.found for clip in clips]),
        "letters": [[stroke.letter for stroke in clip.strokes] for clip in clips],
        "strokes": np.array(
            [(s.start, s.half, s.ready, s.end) for clip in clips for s in clip.strokes]
        ),
        "feints": np.array([feint for clip in clips for feint in clip.feints]),
    }


@net
def motion_stories():
    found = {}
    for kind in stories.KINDS:
        story = stories.KINDS[kind](np.random.default_rng(11))
        angles, turns, places = np.split(story.states, [21, 24], axis=1)
        values = {"times": story.times, "angles": angles, "turns": turns, "places": places}
        found |= under(kind, values)
        found[f"{kind}.feints"] = np.array(story.feints)
    return found


@net
def motion_films():
    one_pace = {"fps": 20.0, "noise": 0, "mirrored": 0}
    return {
        **under("usual", filmed(film.sample_clips(12, seed=0))),
        **under("clear", filmed(film.sample_clips(6, 1, {"J": 0.5, "Z": 0.5}, **one_pace))),
        **under("mirrored", filmed(film.sample_clips(6, seed=2, mirrored=1.0, noise=0))),
    }


@net
def motion_windows():
    found = {}
    for title, options in (("usual", {}), ("clear", {"noise": 0})):
        tracks, seen, labels = film.sample_windows(40, 0, **options)
        made = stroke_features(tracks, seen)
        values = {"tracks": tracks, "seen": seen, "labels": labels, "features": made}
        found |= under(title, values)
    return found


@net
def motion_events():
    clips = film.sample_clips(24, seed=5, noise=0)
    events = judge_clips(MotionReader(model_of("motion")), clips)
    counts = [events.strokes, events.found, events.swapped, events.false]
    return {"counts": counts, "delays": np.array(events.delays), "seconds": events.seconds}


# Data sets and their splits


def parts_of(name: str, split: str, seed: int, **options) -> dict:
    try:
        data = load(name, split, seed=seed, verbose=False, **options)
    except AslError:
        return {"refused": True}
    found = {}
    for part in ("train", "validation", "test"):
        images, labels = data.arrays(part)
        found |= under(part, {"indices": data.indices(part), "labels": labels})
        if split == "blocks":
            found[f"{part}.images"] = images
    found["info"] = [data.info.shape, data.info.is_real, data.info.sizes, data.info.sha256]
    found["classes"] = list(data.info.class_names)
    return found


def splits_of(name: str) -> dict:
    found = {}
    for split in ("blocks", "official", "signer", "random"):
        found |= under(f"{split}.0", parts_of(name, split, 0))
    return found | under("blocks.3", parts_of(name, "blocks", 3, limit=4, size=20))


@net
def sets_there_are():
    return {
        name: [list(entry.class_names), list(entry.shape), entry.license, entry.kaggle, entry.count]
        for name, entry in CATALOG.items()
    }


for name in ("sign_language_mnist", "asl_alphabet", "asl_synthetic"):
    NETS[f"splits_{name}"] = partial(splits_of, name)
NETS["splits_asl_rooms"] = partial(parts_of, "asl_rooms", "blocks", 0)


@net
def leaks():
    found = {}
    for split in ("blocks", "random"):
        data = load("sign_language_mnist", split, verbose=False, limit=60)
        leak = leakage(data, sample=60)
        found |= under(split, {"distance": leak.distance, "copies": leak.copies})
    return found


@net
def pipeline_order():
    data = load("sign_language_mnist", seed=2, verbose=False, limit=12)
    epochs = [np.array([label for _, label in data.train.as_numpy_iterator()]) for _ in range(2)]
    return {"first": epochs[0], "second": epochs[1]}


# Shipped models


def answers_of(name: str, aspect) -> dict:
    model = model_of(name)
    points, _ = hand.sample_landmarks(STATIC_LETTERS, 15, seed=8, left_share=0.5)
    points = np.concatenate([points, hand.sample_negatives(5, seed=8).image])
    return {
        "answers": model.probabilities(points, aspect),
        "normalised": model.probabilities(landmarks.normalise(points), aspect),
        "letters": model.read(points, aspect),
        "classes": list(model.classes),
        "threshold": model.threshold,
        "temperature": model.card["temperature"],
        "parameters": model.network.count_params(),
        "input": list(model.network.input_shape),
    }


NETS["model_landmarks"] = partial(answers_of, "landmarks", 1.0)
NETS["model_masks"] = partial(answers_of, "masks", "estimate")


@net
def model_motion():
    model = model_of("motion")
    tracks, seen, _ = film.sample_windows(20, seed=9, noise=0)
    return {
        "answers": model.probabilities(stroke_features(tracks, seen)),
        "classes": list(model.classes),
        "threshold": model.threshold,
        "temperature": model.card["temperature"],
    }


@net
def judged():
    points, labels = hand.sample_landmarks(LETTERS, 78, seed=10, left_share=0.5)
    points = add_tracker_noise(points, np.random.default_rng(1), measured=False, jitter=0.05)
    points[5] = np.nan
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hands.npz"
        np.savez(path, landmarks=points, labels=np.array(LETTERS)[labels])
        facts = judge("landmarks", path, "all").as_dict()
    del facts["assumptions"]
    return facts


# Reading in real time


TEXTS = (
    "HELLO", "JAZZ", "QUICK", "ZEBRA", "COFFEE", "BALL", "WATER", "YELLOW", "MUSIC", "FISH",
    "RUN", "VEXED", "PIZZA", "JUNE", "GARDEN", "KITCHEN", "XQJZK", "RSTUV", "NAME", "LOW FLY",
)  # fmt: skip
BLANK = np.zeros((480, 640, 3), np.uint8)


class Given:
    """A tracker that finds the hands of a drawn clip where they are in the picture."""

    def show(self, drawn):
        self.points = list(drawn.landmarks)
        self.sides = "left" if drawn.signer.person.left[0] else "right"

    def track(self, image, milliseconds=None):
        points = self.points.pop(0)
        inside = (points[:, :2] > 0) & (points[:, :2] < 1)
        return [Hand(points, self.sides, 1.0)] if inside.mean() > 0.9 else []

    def close(self):
        pass


@cache
def spelled_clip(text: str, seed: int):
    return draw_clip(text, 50 + seed, speed=1 + 0.1 * seed, double=("release", "slide")[seed % 2])


def events_of(smoothing: str) -> dict:
    """Return letters and their times, and what a session with gestures writes."""
    found = {}
    for seed, text in enumerate(TEXTS):
        drawn = spelled_clip(text, seed)
        tracker = Given()
        tracker.show(drawn)
        reader = LetterReader(model_of("landmarks"), smoothing=smoothing, tracker=tracker)
        events = []
        with Session(reader) as session:
            for time in drawn.times:
                events += session.step(Frame(BLANK, float(time))).events
        found[f"{text}.letters"] = [event.letter for event in events]
        found[f"{text}.times"] = [round(event.time, 3) for event in events]
        found[f"{text}.sure"] = np.array([event.confidence or 0.0 for event in events])
        found[f"{text}.text"] = session.speller.text
    return found


for smoothing in ("steady", "neutral", "majority"):
    NETS[f"events_{smoothing}"] = partial(events_of, smoothing)


@net
def events_tracked():
    found = {}
    for text, seed, left in (("LAB", 1, False), ("FLY", 6, True)):
        drawn = draw_clip(text, seed, fps=12.0, signer=sample_signer(seed, left=left))
        with Session(LetterReader(model_of("landmarks"))) as session:
            for image, time in zip(drawn.images(), drawn.times, strict=True):
                session.step(Frame(image, float(time)))
        found[text] = session.speller.text
    return found


# What becomes of events


@net
def spelled():
    speller, found = Speller("go "), []
    for event in ("space", "H", "I", "I", "del", "space", "space", "Y", "O"):
        found.append(speller.add(event))
    found += [speller.accept("you"), speller.word, speller.undo(), speller.word]
    found += [speller.clear(), speller.undo(), *(speller.undo() for _ in range(10))]
    return {"texts": found}


@net
def gestures():
    open_hand = hand.pose("B").image[0]
    wide = draw_idle("wave", 1.0, seed=7).landmarks * np.array([4 / 3, 1, 4 / 3], np.float32)
    watch, events = Gestures(), []
    steps = (
        [(None, False, False)] * 10
        + [(open_hand, True, False)] * 3 + [(open_hand, True, True)]
        + [(None, False, False)] * 8 + [(open_hand, True, True)]
        + [(wide[0], False, False)] * 25 + [(None, False, False)] * 3
        + [(points, False, False) for points in wide]
        + [(open_hand, True, True)]
    )  # fmt: skip
    for number, step in enumerate(steps):
        if said := watch.update(number / 10, *step):
            events.append([number, said])
    return {
        "events": events,
        "open": [is_open(hand.pose(letter).image[0]) for letter in LETTERS],
        "wave": [is_open(points) for points in wide],
    }


@net
def pairs_of_letters():
    table = [[pair_frequencies(before)[after] for after in LETTERS] for before in (None, *LETTERS)]
    words = {"HELLO": 100, "HELP": 50, "JELLO": 1, "LETTER": 30, "COFFEE": 20, "SEA": 9}
    asked = ("HELO", "HE", "JELL", "LETER", "COFFE", "SEAM", "", "MEA")
    return {"table": np.array(table), "suggestions": [suggest(word, words=words) for word in asked]}


# Sums


@net
def counted():
    model = model_of("masks").network
    core = next(layer for layer in model.layers if hasattr(layer, "layers"))
    return {"model": counting.count_multiply_adds(core)}


@net
def rates():
    steps = range(0, 301, 50)
    slope = np.array([1.0, 20.0])
    start = np.array([3.0, -2.0])
    walkers = {
        "descent": optimizers.GradientDescent(0.05),
        "rmsprop": optimizers.RMSprop(0.05),
        "adam": optimizers.Adam(0.05),
    }
    return {
        "cosine": np.array([optimizers.cosine_decay(step, 0.1, 250) for step in steps]),
    } | {
        name: optimizers.walk(walker, lambda place: slope * place, start, 8)
        for name, walker in walkers.items()
    }


@net
def sweep_tables():
    import pandas as pd

    runs = grid(rate=[0.1, 0.01], seed=[0, 1, 2])
    rows = [
        run | {"val_loss": (7 * k % 5) / 10, "val_accuracy": (3 * k % 7) / 7, "error": ""}
        for k, run in enumerate(runs)
    ]
    table = pd.DataFrame(rows)
    return {
        "grid": runs,
        "summary": summarise(table, "rate", ["val_loss"], choose="val_loss").to_dict("records"),
        "paired": paired(table, "rate", 0.1, "val_loss").to_dict("records"),
    }
