"""Spelling in time: which angles a hand has at each moment while it spells a text.

Letters are held; between them every hinge, the wrist and the hand's place move smoothly from one
shape to the next. J and Z move along the paths of `hand.motion`. A letter that comes twice is
shown twice by a release (the hand opens a little and closes again) or by a slide (it moves
sideways while it keeps its shape), as signers do. At a space, and before and after the text, the
hand is down and out of the picture.
"""

from dataclasses import dataclass

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.hand import body
from asl_helpers.hand.body import People
from asl_helpers.hand.motion import PATHS
from asl_helpers.hand.poses import variants

_RELAXED = np.array(
    [35, 20, 10, 15, 15, 25, 3, 25, 10, 28, 0, 30, 12, 32, -3, 32, 12, 35, -6, 32, 12], np.float32
)
_OPEN = np.array([50, 10, 0, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, -8, 0, 0, 0, -18, 0, 0], np.float32)
_TURNED = np.array([0.0, 0.0, -20.0], np.float32)
_DOWN = 4.0  # palm lengths: out of the picture
_SLIDE = 0.7  # palm lengths sideways between the two of a double letter
_RELEASE = 0.6  # how far the hand opens between them, of the way to the relaxed hand
_MOVES = {"J": 0.7, "Z": 0.8}  # seconds that the movement of a letter takes at least
_TREMOR = (0.02, 1.5, 0.7)  # palm lengths, degrees of the wrist, degrees of the hinges

DOUBLES = ("release", "slide")
"""How a letter that comes twice is told from one that is held."""
SPACES = ("down", "pose")
"""What a space is: the hand goes down, or it forms the interface class ``space``."""
IDLE = ("rest", "wave")
"""What a hand can do in the picture without spelling."""


class ClipError(AslError):
    """A clip that cannot be drawn: characters without a sign, or impossible numbers."""


@dataclass(frozen=True)
class Spelled:
    """One letter (or space) of a clip, and when its sign stands: seconds from the clip's start."""

    letter: str
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """A hand's way through a text.

    Attributes
    ----------
    states:
        (k, 26) float32, one row a frame: 21 hinges and 3 wrist turns in degrees, and the place
        (x, y) in palm lengths from where the signer usually spells. Of a right hand.
    times:
        (k,) float64 seconds, from 0.
    spelled:
        What is signed when.
    """

    states: np.ndarray
    times: np.ndarray
    spelled: tuple[Spelled, ...]


def spell(
    text: str,
    person: People,
    rng: np.random.Generator,
    *,
    speed: float = 2.0,
    fps: float = 25.0,
    double: str = "release",
    space: str = "down",
    lead: float = 0.4,
) -> Timeline:
    """Return how one ``person`` spells ``text``.

    Parameters
    ----------
    text:
        Letters A to Z and spaces; lower case will do.
    person:
        One person (`body.sample_people`): proportions and habits.
    rng:
        Decides which form of each letter this person uses, small deviations, and tremor.
    speed:
        Letters a second.
    fps:
        Frames a second.
    double, space:
        One of `DOUBLES`, one of `SPACES`.
    lead:
        Seconds without a hand before and after.

    Raises
    ------
    ClipError
        For characters without a sign, or numbers that are not positive.
    """
    letters = _checked(text, speed, fps, double, space)
    way = _Way(person, rng)
    period = 1 / speed
    passing = float(np.clip(0.45 * period, 0.1, 0.35))
    holding = period - passing
    way.stay(lead)
    before = None
    for letter in letters:
        if letter == " " and space == "down":
            way.move(way.rest(_DOWN), max(passing, 0.3))
            way.hold(" ", max(holding, 0.5))
        elif letter == before and letter not in PATHS:
            way.again(double, passing)
            way.hold(letter, holding)
        else:
            away = before in (None, " ")
            way.move(way.shape(letter), max(passing, 0.35) if away else passing)
            if letter in PATHS:
                way.trace(letter, max(period, _MOVES[letter]))
            else:
                way.hold(letter, holding)
        before = letter
    way.move(way.rest(_DOWN), 0.35)
    way.stay(lead)
    return way.sample(fps)


def idle(
    kind: str, seconds: float, person: People, rng: np.random.Generator, fps: float = 25.0
) -> Timeline:
    """Return a hand that spells nothing for some seconds: ``"rest"`` or ``"wave"``.

    At rest, it hangs relaxed in the picture and shifts now and then; waving, it is open and
    swings to and fro.
    """
    if kind not in IDLE:
        raise ClipError(f"No idle hand {kind!r}. Known: {', '.join(IDLE)}.")
    way = _Way(person, rng)
    way.state = way.rest(0.0)
    if kind == "wave":
        way.state[:21] = _OPEN
    while way.now < seconds:
        aim = way.state.copy()
        if kind == "wave":
            swing = 25 if aim[21] <= 0 else -25
            aim[21], aim[24] = swing + 5 * rng.standard_normal(), swing / 60
            way.move(aim, rng.uniform(0.25, 0.45))
        else:
            aim = way.rest(0.0)
            aim[21:24] += [rng.uniform(-60, 60), rng.uniform(-30, 30), rng.uniform(-90, 90)]
            aim[:21] = body.clamp(aim[:21] + 6 * rng.standard_normal(21))
            aim[24:] = 0.3 * rng.standard_normal(2)
            way.move(aim, rng.uniform(0.5, 1.5))
            way.stay(rng.uniform(1, 4))
    return way.sample(fps)


class _Way:
    """Collects stretches of movement, each a function from share of its time to a state."""

    def __init__(self, person: People, rng: np.random.Generator) -> None:
        self.person, self.rng = person, rng
        self.now = 0.0
        self.state = self.rest(_DOWN)
        self.stretches: list = []
        self.spelled: list[Spelled] = []
        self._forms: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def rest(self, below: float) -> np.ndarray:
        """Return the relaxed hand, ``below`` palm lengths under its usual place."""
        return np.concatenate([_RELAXED, _TURNED, [0, below]]).astype(np.float32)

    def shape(self, letter: str) -> np.ndarray:
        """Return this person's form of a letter, a little different each time."""
        name = "space" if letter == " " else letter
        if name not in self._forms:
            rows = variants(name)
            weights = np.array([row.weight for row in rows])
            row = rows[self.rng.choice(len(rows), p=weights / weights.sum())]
            low, high = row.wrist.T
            self._forms[name] = row.angles, low + self.rng.random(3) * (high - low)
        angles, wrist = self._forms[name]
        near = np.round((self.state[21:24] - wrist) / 360) * 360  # the shorter way round
        wrist = wrist + near + self.rng.normal(0, 4, 3)
        return np.concatenate([self._settled(angles), wrist, 0.08 * self.rng.standard_normal(2)])

    def _settled(self, base: np.ndarray) -> np.ndarray:
        """Return angles (21,) near ``base``, by habit and chance; no finger passes another."""
        sizes = np.repeat((*body.CALM, 0.2), 6)[:, None].astype(np.float32)
        habit = np.repeat(self.person.habit, len(sizes), axis=0)
        tried = body.clamp(base + sizes * body.angle_noise(habit, self.rng))
        joints = body.forward(tried, self.person.lengths, self.person.bases)
        through = body.worst_overlap(joints, np.repeat(self.person.flesh, len(sizes), axis=0))
        fits = np.flatnonzero(through <= body.GIVE)
        return tried[fits[0] if len(fits) else through.argmin()]

    def move(self, aim: np.ndarray, seconds: float) -> None:
        """Move to a state, starting and ending gently."""
        start = self.state
        self._add(seconds, lambda share: start + (aim - start) * share * share * (3 - 2 * share))
        self.state = aim

    def stay(self, seconds: float) -> None:
        """Stay as it is."""
        here = self.state
        self._add(seconds, lambda share: here)

    def hold(self, letter: str, seconds: float) -> None:
        """Stay, which is a letter."""
        self.spelled.append(Spelled(letter, self.now, self.now + seconds))
        self.stay(seconds)

    def trace(self, letter: str, seconds: float) -> None:
        """Move along the path of a letter that is a movement."""
        path, start = PATHS[letter], self.state
        steps = np.linspace(0, 1, len(path.place))
        way = np.concatenate([np.zeros((len(steps), 21)), path.turn, path.place], axis=1)

        def at(share: float) -> np.ndarray:
            eased = share + 0.5 * (share * share * (3 - 2 * share) - share)
            return start + np.array([np.interp(eased, steps, column) for column in way.T])

        self.spelled.append(Spelled(letter, self.now, self.now + seconds))
        self._add(seconds, at)
        self.state = at(1.0)

    def again(self, double: str, seconds: float) -> None:
        """Release the hand and close it again, or slide: the same letter once more."""
        if double == "slide":
            aim = self.state.copy()
            aim[24] -= _SLIDE
            self.move(aim, 1.3 * seconds)
        else:
            loose = self.state.copy()
            loose[:21] += _RELEASE * (_RELAXED - loose[:21])
            back = self.state
            self.move(loose, 0.8 * seconds)
            self.move(back, 0.8 * seconds)

    def _add(self, seconds: float, at) -> None:
        self.stretches.append((self.now, seconds, at))
        self.now += seconds

    def sample(self, fps: float) -> Timeline:
        """Return a state for each frame, tremor included."""
        times = np.arange(max(1, round(self.now * fps))) / fps
        starts = np.array([start for start, _, _ in self.stretches])
        states = np.empty((len(times), 26), np.float32)
        for row, time in enumerate(times):
            start, seconds, at = self.stretches[np.searchsorted(starts, time, side="right") - 1]
            states[row] = at(min((time - start) / max(seconds, 1e-9), 1.0))
        states += self._tremor(times)
        return Timeline(states, times, tuple(self.spelled))

    def _tremor(self, times: np.ndarray) -> np.ndarray:
        """Return slow small deviations (k, 26): no hand stands quite still."""
        sizes = np.repeat([_TREMOR[2], _TREMOR[1], _TREMOR[0]], [21, 3, 2])
        rate, phase = self.rng.uniform(0.3, 3.0, (2, 26)), 2 * np.pi * self.rng.random((2, 26))
        waves = np.sin(2 * np.pi * rate * times[:, None, None] + phase)
        return (sizes * waves.mean(axis=1)).astype(np.float32)


def _checked(text: str, speed: float, fps: float, double: str, space: str) -> list[str]:
    """Return the characters to sign; raise ClipError for what has no sign."""
    letters = list(" ".join(text.upper().split()))
    strange = sorted({letter for letter in letters if not ("A" <= letter <= "Z" or letter == " ")})
    if strange:
        raise ClipError(
            f"No sign for {', '.join(map(repr, strange))} in {text!r}. Spell with the letters A-Z "
            "and spaces."
        )
    if not letters:
        raise ClipError("There is no text to spell. Give some letters, such as 'CHAIR'.")
    if not (0.2 <= speed <= 8 and 2 <= fps <= 120):
        raise ClipError(
            f"speed={speed} letters/s, fps={fps}: expected 0.2 to 8 letters and 2 to 120 frames a "
            "second."
        )
    if double not in DOUBLES or space not in SPACES:
        raise ClipError(
            f"double={double!r}, space={space!r}: expected one of {', '.join(DOUBLES)}, and one of "
            f"{', '.join(SPACES)}."
        )
    return letters
