"""The overlay: readable on any background, the frame untouched, every state in words."""

from types import SimpleNamespace

import numpy as np
import pytest

from asl_helpers import hand
from asl_helpers.realtime import overlay
from asl_helpers.realtime.overlay import draw_overlay, state


def reading(letter="V", confidence=0.9, event=None, seen=True):
    points = hand.pose("V").image[0] * (0.5, 0.5, 0.5) + (0.35, 0.3, 0)
    return SimpleNamespace(
        hand=SimpleNamespace(points=points) if seen else None,
        letter=letter,
        confidence=confidence,
        event=event,
        latency_ms={"total": 12.4},
    )


def luminance(pixels):
    """WCAG's relative luminance of RGB, uint8 (..., 3)."""
    linear = pixels / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(one, other):
    low, high = np.sort([luminance(np.array(one)), luminance(np.array(other))])
    return (high + 0.05) / (low + 0.05)


def blank(colour=(128, 128, 128), height=480, width=640):
    return np.full((height, width, 3), colour, np.uint8)


def words(monkeypatch, *arguments, **options):
    """Return what is written onto a frame."""
    said = []
    real = overlay.ImageDraw.ImageDraw.text
    monkeypatch.setattr(
        overlay.ImageDraw.ImageDraw,
        "text",
        lambda pen, place, text, *rest, **more: (
            said.append(text),
            real(pen, place, text, *rest, **more),
        ),
    )
    draw_overlay(*arguments, **options)
    return said


@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (255, 255, 255), (119, 119, 119), (200, 30, 30), (224, 172, 105)]
)
def test_bones_stand_out_on_any_background(colour):
    frame = blank(colour)
    drawn = draw_overlay(frame, reading())
    points = reading().hand.points[:, :2] * (640, 480)
    for start, end in hand.BONES:
        x, y = ((points[start] + points[end]) / 2).round().astype(int)
        near = drawn[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3)
        assert max(contrast(pixel, colour) for pixel in near) >= 4.5


def test_words_stand_out_from_their_panel():
    assert contrast(overlay.LIGHT, overlay.DARK) >= 7
    assert contrast(overlay.ACCENT, overlay.DARK) >= 4.5


def test_the_frame_is_not_changed_and_the_size_kept():
    for height, width in ((480, 640), (720, 1280), (40, 30)):
        frame = blank(height=height, width=width)
        drawn = draw_overlay(frame, reading(), "A TEXT", 0.8, 30)
        assert drawn.shape == frame.shape and drawn.dtype == np.uint8
        assert (frame == 128).all() and (drawn != 128).any()
        drawn[0, 0] = 0  # the caller's own


def test_every_state_is_a_word(monkeypatch):
    frame, event = blank(), SimpleNamespace(letter="V")
    for given, said in [
        (reading(seen=False, letter=None, confidence=0.0), "no hand"),
        (reading(letter=None, confidence=0.5), "not sure 50%"),
        (reading(), "seen 90%"),
        (reading(event=event), "written 90%"),
    ]:
        assert said in words(monkeypatch, frame, given)
        assert said.startswith(state(given))


def test_letter_speed_and_text_are_written(monkeypatch):
    said = words(monkeypatch, blank(), reading(), "CHA", 0.8, 29.6)
    assert {"V", "CHA_", "12 ms · 30 fps"} <= set(said)
    assert "12 ms" in words(monkeypatch, blank(), reading())


def test_of_a_long_text_the_end_is_shown(monkeypatch):
    said = words(monkeypatch, blank(), reading(), "BEGINNING " * 20 + "END")[-1]
    assert said.startswith("…") and said.endswith("END_") and len(said) < 60


def test_a_wide_frame_is_shown_as_wide_as_a_screen():
    assert draw_overlay(blank(height=1500, width=2000), reading()).shape == (960, 1280, 3)


def test_the_bar_is_as_long_as_the_confidence():
    shares = []
    for confidence in (0.0, 0.25, 1.0, 7.0):
        drawn = draw_overlay(blank(), reading(confidence=confidence))
        row = drawn[10 + 126, 22:148]  # through the middle of the bar
        shares.append((row == 255).all(axis=-1).mean())
    assert np.allclose(shares, [0.0, 0.25, 1.0, 1.0], atol=0.03)


def test_a_mirror_turns_frame_and_hand_but_no_words():
    frame = blank()
    frame[:, :100] = 10
    plain = draw_overlay(frame, reading(), "TEXT", 0.8)
    flipped = draw_overlay(frame, reading(), "TEXT", 0.8, flip=True)
    middle = slice(180, 400)
    assert np.abs(plain[middle, ::-1].astype(int) - flipped[middle]).mean() < 3
    assert np.array_equal(plain[430:], flipped[430:])
    assert np.array_equal(plain[20:150, 20:150], flipped[20:150, 20:150])
