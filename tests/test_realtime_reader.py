"""From frames to letters, before a tracker that says what it is told and before the real one."""

import keras
import numpy as np
import pytest

from asl_helpers import classifier, hand
from asl_helpers.alphabet import KAGGLE_CLASSES, STATIC_LETTERS
from asl_helpers.errors import AslError
from asl_helpers.hand.clip import Clip, draw_clip, sample_signer
from asl_helpers.hand.signing import Timeline, spell
from asl_helpers.realtime.reader import LetterReader, Session
from asl_helpers.realtime.sources import Frame, open_source
from asl_helpers.tracking import Hand

WIDE = np.zeros((48, 96, 3), np.uint8)


@pytest.fixture(scope="module")
def recogniser():
    return classifier.load("landmarks")


class Tracker:
    """Finds the hands that it was told to."""

    def __init__(self, *found):
        self.found, self.times, self.images, self.closed = list(found), [], [], False

    def track(self, image, milliseconds):
        self.images.append(image)
        self.times.append(milliseconds)
        return self.found.pop(0) if self.found else []

    def close(self):
        self.closed = True


def in_wide(letter, side="right"):
    """Return the typical hand as a tracker gives it for a picture twice as wide as high."""
    points = hand.pose(letter, side=side).image[0] * [0.5, 1, 0.5]
    return Hand(points.astype(np.float32), side, 0.9)


def test_a_held_letter_becomes_one_event_with_time_and_latency(recogniser):
    tracker = Tracker(*[[in_wide("L")]] * 20)
    with LetterReader(recogniser, tracker=tracker) as reader:
        readings = [reader.read(Frame(WIDE, k / 25)) for k in range(25)]
    events = [reading.event for reading in readings if reading.event]
    assert [event.letter for event in events] == ["L"]
    assert 0 < events[0].time < 0.5 and events[0].confidence > 0.8
    assert readings[0].letter == "L" and readings[0].hand.side == "right"
    assert readings[0].probabilities.sum() == pytest.approx(1, abs=1e-3)
    assert readings[24].hand is None and readings[24].probabilities.sum() == 0
    for reading in readings:
        parts = reading.latency_ms
        assert parts["total"] == pytest.approx(
            parts["tracker"] + parts["model"] + parts["smoothing"], abs=1e-6
        )
    assert tracker.closed


@pytest.mark.parametrize("letter", ["B", "G", "L", "Q"])
def test_the_pictures_aspect_does_not_change_the_letter(recogniser, letter):
    square = Hand(hand.pose(letter).image[0], "right", 0.9)
    readings = [
        LetterReader(recogniser, tracker=Tracker([found])).read(Frame(image, 0.0))
        for found, image in ((square, np.zeros((48, 48, 3), np.uint8)), (in_wide(letter), WIDE))
    ]
    np.testing.assert_allclose(readings[0].probabilities, readings[1].probabilities, atol=1e-4)


def test_another_model_may_be_in_more_doubt_whether_a_hand_spells(recogniser):
    sharp = LetterReader(recogniser, tracker=Tracker()).smoothing
    soft = LetterReader("masks", tracker=Tracker()).smoothing
    assert sharp.max_none_probability < soft.max_none_probability < 0.5


def test_a_movement_is_a_letter_and_its_last_shape_is_none(recogniser):
    class Motion:
        """Says J at one time; remembers what it was given."""

        def __init__(self):
            self.points = []

        def update(self, points, time):
            self.points.append(points)
            return ("J", 0.8) if time == 0.08 else (None, 0.1)

    for smoothing in ("steady", "majority"):
        tracker = Tracker(*[[in_wide("L")]] * 19)
        reader = LetterReader(recogniser, smoothing=smoothing, tracker=tracker)
        reader.motion = Motion()
        readings = [reader.read(Frame(WIDE, k / 25)) for k in range(20)]
        (event,) = [reading.event for reading in readings if reading.event]
        assert (event.letter, event.confidence, event.time) == ("J", 0.8, 0.08)
        points = reader.motion.points
    assert points[19] is None and points[0].shape == (21, 3)
    np.testing.assert_allclose(points[0][:, :2], hand.pose("L").image[0, :, :2], atol=1e-6)


def test_only_the_side_that_was_asked_for_is_read(recogniser):
    both = [in_wide("Y", "left"), in_wide("L", "right")]
    for side, hands, letter in (
        ("right", both, "L"),
        ("left", both, "Y"),
        (None, both, "Y"),
        ("left", both[1:], None),
    ):
        reader = LetterReader(recogniser, side=side, tracker=Tracker(hands))
        assert reader.read(Frame(WIDE, 0.0)).letter == letter


def test_the_threshold_decides_what_is_an_answer(recogniser):
    for threshold, letter in ((0.0, "L"), (1.0, None)):
        tracker = Tracker([in_wide("L")])
        reader = LetterReader(recogniser, threshold=threshold, tracker=tracker)
        reading = reader.read(Frame(WIDE, 0.0))
        assert reading.letter == letter and reading.confidence > 0.5
    assert reader.threshold == 1.0
    assert LetterReader(recogniser, tracker=Tracker()).threshold == recogniser.threshold


def test_times_that_stand_still_still_grow_for_the_tracker(recogniser):
    tracker = Tracker()
    reader = LetterReader(recogniser, tracker=tracker)
    for time in (0.0, 0.04, 0.04, 0.0401, 0.08):
        reader.read(Frame(WIDE, time))
    assert all(np.diff(tracker.times) > 0) and tracker.times[:2] == [0, 40]


def own(shape, classes, **card):
    """Return a small untrained model of one's own."""
    layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(len(classes))]
    return classifier.wrap(keras.Sequential(layers), classes, "mine", card)


def test_ones_own_model_is_asked_and_its_nothing_is_no_letter():
    model = own((21, 3), KAGGLE_CLASSES, threshold=0.25)
    reader = LetterReader(model, tracker=Tracker([in_wide("L")]))
    assert reader.threshold == 0.25 and "nothing" not in reader.classes
    assert reader.classes.index("none") == KAGGLE_CLASSES.index("nothing")
    reading = reader.read(Frame(WIDE, 0.0))
    expected = model.probabilities(in_wide("L").points[None], 0.5)[0]
    np.testing.assert_allclose(reading.probabilities, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "classes", "words"),
    [
        ((21, 3), tuple("0123456789"), "cannot be spelled: 0, 1"),
        ((32, 32, 3), STATIC_LETTERS, "reads images.*landmarks or masks"),
    ],
)
def test_a_model_of_something_else_is_refused(shape, classes, words):
    with pytest.raises(AslError, match=words):
        LetterReader(own(shape, classes), tracker=Tracker())


# The real tracker


def test_the_drawn_signer_is_read_in_time_through_the_real_tracker(recogniser):
    with open_source("drawn:LOJ", seed=3, fps=20) as source, LetterReader(recogniser) as reader:
        events = [reader.read(frame).event for frame in source.frames()]
    spelled = [event for event in events if event]
    assert "".join(event.letter for event in spelled) == "LOJ"
    for event, sign in zip(spelled, draw_clip("LOJ", 3, fps=20).spelled, strict=True):
        assert sign.start - 0.3 < event.time < sign.end + 0.1


FPS, SEED = 12.0, 2
OPEN = np.array([50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0], np.float32)


def film(text, held):
    """Return a clip: a text is spelled, then the hand opens, and stays so for ``held`` seconds."""
    signer = sample_signer(SEED)
    line = spell(text, signer.person, np.random.default_rng(SEED), fps=FPS)
    states = line.states[line.times < line.spelled[-1].end]
    aim = np.concatenate([OPEN, np.zeros(5)])  # upright, where the letters were
    share = np.linspace(0, 1, round(0.4 * FPS))[:, None]
    opening = states[-1] + (aim - states[-1]) * share * share * (3 - 2 * share)
    rng = np.random.default_rng(SEED)
    tremor = rng.standard_normal((round(held * FPS), 26)) * np.repeat([0.3, 0.5, 0.01], [21, 3, 2])
    states = np.concatenate([states, opening, aim + tremor]).astype(np.float32)
    return Clip(Timeline(states, np.arange(len(states)) / FPS, line.spelled), signer, seed=SEED)


def test_a_pause_is_a_space_and_an_open_hand_deletes_before_the_real_tracker():
    clip, events = film("A BY", held=1.1), []
    with Session(LetterReader()) as session:
        for image, time in zip(clip.images(), clip.times, strict=True):
            events += session.step(Frame(image, float(time))).events
    assert [event.letter for event in events] == ["A", "space", "B", "Y", "del"]
    assert session.speller.text == "A B" and session.speller.undo() == "A BY"
    space, delete = events[1], events[4]
    assert space.confidence is None and delete.confidence is None
    assert space.time == events[2].time, "a space comes with the letter after it"
    opened = clip.times[-1] - 1.1
    assert opened + 0.6 < delete.time < opened + 1.1
