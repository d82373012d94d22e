"""Space and delete as somebody makes them: a drawn hand before the real tracker."""

import numpy as np

from asl_helpers.hand.clip import Clip, sample_signer
from asl_helpers.hand.timeline import Timeline, spell
from asl_helpers.realtime.reader import LetterReader, Session
from asl_helpers.realtime.sources import Frame
from asl_helpers.realtime.text import Gestures

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
    with Session(LetterReader(), gestures=Gestures()) as session:
        for image, time in zip(clip.images(), clip.times, strict=True):
            events += session.step(Frame(image, float(time))).events
    assert [event.letter for event in events] == ["A", "space", "B", "Y", "del"]
    assert session.speller.text == "A B" and session.speller.undo() == "A BY"
    space, delete = events[1], events[4]
    assert space.confidence is None and delete.confidence is None
    assert space.time == events[2].time, "a space comes with the letter after it"
    opened = clip.times[-1] - 1.1
    assert opened + 0.6 < delete.time < opened + 1.1
