"""The flesh around 21 projected joints: palm, thumb's ball, webs, fingers, forearm, sleeve.

Everything is in image units (x right, y down, z away from the camera). Proportions of the fleshy
parts were set by eye against anatomical drawings.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from asl_helpers.hand.solids import (
    FOREARM,
    PALM,
    SLEEVE,
    THUMB,
    Builder,
    Flesh,
    cross,
    unit_vector,
)

_FULLER = 1.12
"""Flesh over the radii of the hand model, which measure the joints."""

_CHAINS = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))


def finger_frames(points: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the palm's frame (3, 3) and the dorsal direction (5, 3, 3) of each phalanx.

    ``points`` is (21, 3). A finger's back is square to its bone and to the palm's width; the
    thumb's nail looks sideways and out, and away from its own bend.
    """
    mirror = -1.0 if side == "left" else 1.0
    across = unit_vector(points[5] - points[17])
    along = unit_vector(points[9] - points[0])
    palmar = unit_vector(cross(across, along)) * mirror
    across = cross(along, palmar) * mirror
    dorsal = np.empty((5, 3, 3))
    for finger, chain in enumerate(_CHAINS):
        for bone in range(3):
            axis = unit_vector(points[chain[bone + 1]] - points[chain[bone]])
            if finger == 0:
                bend = 2 * points[2] - points[1] - points[3] + 2 * points[3] - points[2] - points[4]
                bend = bend / max(np.sqrt(((points[4] - points[1]) ** 2).sum()), 1e-9)
                guess = 0.75 * across - 0.55 * palmar + 1.2 * bend
                guess = guess - axis * (guess * axis).sum()
            else:
                guess = cross(axis, across) * mirror
            dorsal[finger, bone] = unit_vector(guess)
    return np.array([across, along, palmar]), dorsal


@dataclass(frozen=True)
class _Hand:
    """What every part of the flesh is measured by."""

    p: np.ndarray  # (21, 3) joints
    r: np.ndarray  # (21,) radii
    across: np.ndarray  # unit vectors: to the thumb's side, to the fingers, out of the palm
    along: np.ndarray
    palmar: np.ndarray
    dorsal: np.ndarray  # (5, 3, 3), of each phalanx
    length: float  # of the palm, wrist to middle knuckle
    width: float  # index knuckle to little knuckle
    unit: float  # a knuckle's radius
    wrist: float  # radius of the wrist, which is wider than thick and so has two centres
    half: float  # distance of those centres from the middle

    def joint(self, index, factor=1.0):
        """Return a joint as (centre, radius)."""
        return self.p[index], factor * self.r[index]

    def at_wrist(self, sideways):
        """Return a point of the wrist as (centre, radius): -1 little finger's side, 1 thumb's."""
        return self.p[0] + self.across * self.half * sideways, self.wrist


def build(
    points: np.ndarray, radii: np.ndarray, side: str, elbow: np.ndarray, cuff: float | None
) -> Flesh:
    """Return the Flesh of one hand.

    Parameters
    ----------
    points, radii:
        (21, 3) and (21,) in image units.
    side:
        "left" or "right".
    elbow:
        (3,) unit vector from the wrist along the forearm.
    cuff:
        Where a sleeve begins, in palm lengths from the wrist; None for a bare arm.
    """
    p, r = points.astype(np.float64), _FULLER * radii.astype(np.float64)
    frame, dorsal = finger_frames(p, side)
    width = np.sqrt(((p[5] - p[17]) ** 2).sum())
    length = np.sqrt(((p[9] - p[0]) ** 2).sum())
    unit = max(0.5 * (r[5] + r[9]), 1e-4)
    half = max(0.62 * width * 0.5, 0.4 * unit)
    hand = _Hand(p, r, *frame, dorsal, length, width, unit, 0.80 * unit, half)
    made = Builder()
    made.on(PALM, -hand.palmar)
    _palm(made, hand)
    _ball_and_edge(made, hand)
    _finger_webs(made, hand)
    _fingers(made, hand)
    _arm(made, hand, elbow, cuff)
    return made.finish(frame, np.array([*p[0], width, length]), unit)


def _palm(made, hand):
    """A slab between the wrist and the four knuckles."""
    knuckles = [hand.joint(i) for i in (5, 9, 13, 17)]
    roots = [hand.at_wrist(sideways) for sideways in (0.9, 0.3, -0.3, -0.9)]
    for root, knuckle in zip(roots, knuckles, strict=True):
        made.cone(root, knuckle)
    for one, two in pairwise(knuckles):
        made.cone(one, two)
    made.cone(roots[0], roots[3])
    for i in range(3):
        made.quad(knuckles[i], roots[i], roots[i + 1], knuckles[i + 1])


def _ball_and_edge(made, hand):
    """The thumb's ball, the hand's edge and the pads below the fingers, raised out of the palm."""
    p, r, unit = hand.p, hand.r, hand.unit
    out = hand.palmar * unit
    ball = (0.55 * p[1] + 0.45 * p[2] + 0.12 * out, 1.22 * unit)
    made.cone((0.72 * hand.at_wrist(0.9)[0] + 0.28 * p[1], 0.95 * unit), ball)
    made.on(PALM, hand.dorsal[0, 0])
    made.cone(ball, hand.joint(2))
    made.on(PALM, -hand.palmar)
    aside = hand.across * hand.width
    low = (p[0] * 0.78 + p[17] * 0.22 - 0.25 * aside + 0.18 * out, 0.92 * unit)
    high = (p[0] * 0.32 + p[17] * 0.68 - 0.09 * aside + 0.18 * out, unit)
    made.cone(low, high)
    made.cone(high, hand.joint(17))
    down = 0.20 * out - hand.along * 0.12 * hand.length
    pads = [(p[i] + down, 0.95 * r[i]) for i in (5, 9, 13, 17)]
    for one, two in pairwise(pads):
        made.cone(one, two)
    # The web between thumb and index finger: thin, and it folds when the thumb closes.
    web = (0.55 * p[2] + 0.45 * p[5] + 0.12 * (p[0] - p[5]), 0.45 * unit)
    body = (0.5 * p[1] + 0.5 * p[0], 0.9 * unit)
    made.plate(hand.joint(5, 0.75), web, body)
    made.plate(hand.joint(2, 0.8), web, body)
    made.plate(ball, pads[0], body)
    made.plate(ball, web, pads[0])
    made.cone(hand.joint(5, 0.75), web)
    made.cone(web, hand.joint(2, 0.8))
    made.plate(pads[1], pads[2], high)
    made.plate(pads[2], pads[3], high)
    made.quad(low, high, pads[1], hand.at_wrist(0.3))


def _finger_webs(made, hand):
    """Webs between the fingers reach a third up the first phalanx, unless the fingers part."""
    p, r = hand.p, hand.r
    for (a, a_next, *_), (b, b_next, *_) in pairwise(_CHAINS[1:]):
        one, two = p[a_next] - p[a], p[b_next] - p[b]
        agree = (unit_vector(one) * unit_vector(two)).sum()
        reach = 0.34 * min(max((agree - 0.75) / 0.2, 0.0), 1.0)
        if reach > 0:
            tip_a, tip_b = (p[a] + reach * one, 0.72 * r[a]), (p[b] + reach * two, 0.72 * r[b])
            made.quad(hand.joint(a, 0.8), hand.joint(b, 0.8), tip_b, tip_a)
            made.cone(tip_a, tip_b)


def _fingers(made, hand):
    """Three bones a finger; each has a pad on its inner side, which leaves a notch at the joint."""
    p, r, dorsal = hand.p, hand.r, hand.dorsal
    for finger, chain in enumerate(_CHAINS):
        for bone, (i, j) in enumerate(pairwise(chain)):
            out = dorsal[finger, bone]
            # Half-way between two bones at their joint, so that a bend has no seam.
            before = dorsal[finger, bone - 1] if bone else (-hand.palmar if finger else out)
            after = dorsal[finger, min(bone + 1, 2)]
            made.on(THUMB + finger, (unit_vector(before + out), unit_vector(out + after)), bone + 1)
            made.cone(hand.joint(i), hand.joint(j))
            if finger == 0 and bone == 0:
                continue
            low, high = (0.25, 0.75) if bone < 2 else (0.35, 0.85)
            one = (p[i] + low * (p[j] - p[i]) - 0.10 * out * r[i], r[i] + low * (r[j] - r[i]))
            two = (p[i] + high * (p[j] - p[i]) - 0.10 * out * r[j], r[i] + high * (r[j] - r[i]))
            made.cone(one, two, (low, high))


def _arm(made, hand, elbow, cuff):
    """The forearm, which widens away from the wrist, and a sleeve over it."""
    spread = unit_vector(hand.across - elbow * (hand.across * elbow).sum()) * 0.9 * hand.half
    sides = (1, -1)

    def ring(away, wide, thick):
        centre = hand.p[0] + elbow * away * hand.length
        return [(centre + side * wide * spread, thick * hand.wrist) for side in sides]

    def tube(near, far):
        for one, two in zip(near, far, strict=True):
            made.cone(one, two)
        made.quad(near[0], near[1], far[1], far[0])

    made.on(FOREARM, -hand.palmar)
    waist, end = ring(0.35, 0.86, 0.92), ring(3.2, 1.25, 1.45)
    tube([hand.at_wrist(0.9 * side) for side in sides], waist)
    tube(waist, end)
    if cuff is not None:
        made.on(SLEEVE, -hand.palmar)
        opening = ring(cuff, 1.25, 1.28)
        made.cone(*opening)
        tube(opening, ring(3.2, 1.875, 1.9))
