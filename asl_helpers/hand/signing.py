"""A hand that signs in time: key poses, and the words, J, Z and rest that are made of them.

Letters are held; between them every hinge, the wrist and the hand's place move smoothly from one
shape to the next. J and Z draw their shape in the air. A letter that comes twice is shown twice by
a release (the hand opens a little and closes again) or by a slide (it moves sideways while it
keeps its shape), as signers do. At a space, and before and after the text, the hand is down and
out of the image.

A state is a row of 26 numbers: 21 hinges and 3 wrist turns in degrees, as in the table of poses,
and the place (x, y) of the wrist in palm lengths, x right and y down as the facing viewer sees a
right hand. Source: the manual alphabet as described in current ASL dictionaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asl_helpers.alphabet import LETTERS
from asl_helpers.errors import AslError
from asl_helpers.hand import body, sampling, scene
from asl_helpers.hand.body import LEFT_HANDED, People, eased
from asl_helpers.hand.poses import LOOSE, OPEN, choose_variant

PATHS = {
    "J": np.array(
        [
            [0, 0, 0, 0, 0],
            [0, 15, 0, 0, 0.5],
            [0, 35, -35, 0.05, 0.9],
            [10, 45, -80, 0.3, 1.1],
            [15, 30, -120, 0.6, 0.95],
            [15, 10, -140, 0.75, 0.6],
        ]
    ),
    "Z": np.array(
        [
            [0, 0, 0, 0, 0],
            [-4, 4, 0, -0.6, 0],
            [-8, 8, 0, -1.2, 0],
            [0, 12, 0, -0.6, 0.5],
            [8, 16, 0, 0, 1],
            [0, 16, 0, -0.6, 1],
            [-8, 16, 0, -1.2, 1],
        ]
    ),
}
"""The letters that are a movement: degrees added to the wrist's three turns, and the place (x, y),
at equal steps along the way. The viewer sees a right hand's J and Z mirrored: the signer draws them
for their own eyes, the J with the little finger while the forearm turns, the Z with the index."""

DOUBLES = ("release", "slide")  # how a letter that comes twice is told from one that is held
IDLE = ("rest", "wave")  # what a hand can do in the image without spelling

_TURNED = np.array([0.0, 0.0, -20.0], np.float32)  # the wrist of a hand at rest
_DOWN = 4.0  # palm lengths: out of the image
_SLIDE = 0.7  # palm lengths sideways between the two of a double letter
_RELEASE = 0.6  # how far the hand opens between them, of the way to the loose hand
_MOVES = {"J": 0.7, "Z": 0.8}  # seconds that the movement of a letter takes at least
_TREMOR = np.repeat([0.7, 1.5, 0.02], [21, 3, 2])  # degrees of hinges and wrist, palm lengths
_SWAY = np.array([2.0, 2.0, 2.0, 0.05, 0.05])  # degrees and palm lengths a held hand wanders
_FINE = 64  # keys of a movement that is drawn


def choose_form(letter: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw one way to form a letter, by its weight: angles (21,) and wrist turns (3,)."""
    chosen = choose_variant(letter, rng)
    return chosen.angles, chosen.turns(rng.random(3))


def along_path(path: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Return the path's turns and places (..., 5) after a share of its way, 0-1."""
    steps = np.linspace(0, 1, len(path))
    return np.stack([np.interp(share, steps, column) for column in path.T], axis=-1)


def between(times: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return ``values`` (k, ...) at the wanted times (...): they change evenly between the keys."""
    after = np.searchsorted(times, wanted).clip(1, len(times) - 1)  # 0 for a single key
    start = times[after - 1]
    share = ((wanted - start) / np.maximum(times[after] - start, 1e-6)).clip(0, 1)
    share = share.astype(np.float32).reshape(*share.shape, *[1] * (values.ndim - 1))
    return values[after - 1] + share * (values[after] - values[after - 1])


def in_view(
    joints: np.ndarray, turns: np.ndarray, places: np.ndarray, views: np.ndarray
) -> np.ndarray:
    """Return joints (m, 21, 3) turned at the wrist, moved, and seen by cameras at ``views``."""
    joints = scene.rotate(scene.wrist_rotation(turns), joints)
    joints[..., :2] += places[:, None]
    return scene.rotate(scene.view_rotation(views), joints)


def project_states(
    states: np.ndarray, people: People, views: np.ndarray, distance, palm, wrist_at
) -> tuple[np.ndarray, np.ndarray]:
    """Project the hands of states (m, 26); ``people`` and ``views`` (m, 3) have a row for each.

    The camera, and what is returned, are as in `scene.project`; a left-handed person's hand is
    the mirror image.
    """
    joints = body.forward(body.clamp(states[:, :21]), people.lengths, people.bases)
    joints = in_view(joints, states[:, 21:24], states[:, 24:], views)
    joints[people.left, :, 0] *= -1
    return scene.project(joints, distance, palm, wrist_at)


class Keys:
    """Key poses in time: ``rows`` holds a time, in seconds, and a state (26,) for each key."""

    def __init__(self, rng: np.random.Generator, state: np.ndarray, parts: int = 4) -> None:
        """Begin at time 0; a smooth movement is made of so many ``parts``."""
        self.rng, self.parts = rng, parts
        self.time, self.state = 0.0, np.asarray(state, np.float32)
        self.rows = [(self.time, self.state)]

    def key(self, state: np.ndarray, time: float) -> None:
        """Come to a state evenly, at a time."""
        self.time, self.state = float(time), state
        self.rows.append((self.time, state))

    def hold(self, seconds: float) -> None:
        """Stay."""
        self.key(self.state, self.time + seconds)

    def move(self, aim: np.ndarray, seconds: float) -> None:
        """Change to a state, slowly at both ends."""
        begin, start = self.time, self.state
        for part in np.arange(1, self.parts + 1) / self.parts:
            state = start + np.float32(eased(part)) * (aim - start)
            self.key(state, begin + part * seconds)

    def along(self, changes: np.ndarray, seconds: float) -> None:
        """Change turns and place by ``changes`` (k, 5), from where they are, in even steps."""
        begin, start = self.time, self.state
        for step, change in enumerate(changes, 1):
            state = start.copy()
            state[21:] += change
            self.key(state, begin + seconds * step / len(changes))

    def told(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all times (k,) and states (k, 26) float32."""
        times, states = zip(*self.rows, strict=True)
        return np.array(times), np.array(states, np.float32)


# Words


@dataclass(frozen=True)
class Spelled:
    """One letter (or space) of a clip, and when its sign is held: seconds from the clip's start."""

    letter: str
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """A hand's way through a text, one row per frame."""

    states: np.ndarray  # (k, 26) float32, of a right hand
    times: np.ndarray  # (k,) float64, seconds from 0
    spelled: tuple[Spelled, ...]  # what is signed when


def spell(
    text: str,
    person: People,
    rng: np.random.Generator,
    *,
    speed: float = 2.0,
    fps: float = 25.0,
    double: str = "release",
    lead: float = 0.4,
) -> Timeline:
    """Return how one ``person`` spells ``text``, letters A to Z and spaces.

    ``rng`` decides which form of each letter this person uses, small deviations, and tremor.
    ``speed`` and ``fps`` are letters and frames per second, ``double`` is one of `DOUBLES`, and
    ``lead`` are the seconds without a hand before and after. Raises AslError for characters
    without a sign, or impossible numbers.
    """
    letters = " ".join(text.upper().split())
    strange = sorted(set(letters) - {*LETTERS, " "})
    if strange or not letters:
        named = ", ".join(map(repr, strange)) or "an empty text"
        raise AslError(f"No sign for {named} in {text!r}. Spell with the letters A-Z and spaces.")
    if not (0.2 <= speed <= 8 and 2 <= fps <= 120 and double in DOUBLES):
        raise AslError(
            f"speed={speed} letters/s, fps={fps}, double={double!r}: expected 0.2 to 8 letters and "
            f"2 to 120 frames per second, and one of {', '.join(DOUBLES)}."
        )
    hand = _Speller(person, rng, _at_rest(_DOWN))
    period = 1 / speed
    passing = float(np.clip(0.45 * period, 0.1, 0.35))
    holding = period - passing
    hand.hold(lead)
    before = " "
    for letter in letters:
        if letter == " ":
            hand.move(_at_rest(_DOWN), max(passing, 0.3))
            hand.sign(" ", max(holding, 0.5))
        elif letter == before and letter not in PATHS:
            hand.again(double, passing)
            hand.sign(letter, holding)
        else:
            hand.move(hand.shape(letter), max(passing, 0.35) if before == " " else passing)
            if letter in PATHS:
                hand.draw(letter, max(period, _MOVES[letter]))
            else:
                hand.sign(letter, holding)
        before = letter
    hand.move(_at_rest(_DOWN), 0.35)
    hand.hold(lead)
    return hand.timeline(fps)


def idle(
    kind: str, seconds: float, person: People, rng: np.random.Generator, fps: float = 25.0
) -> Timeline:
    """Return a hand that spells nothing for some seconds.

    At ``"rest"``, it hangs loose in the image and shifts now and then; in a ``"wave"``, it is open
    and swings to and fro.
    """
    if kind not in IDLE:
        raise AslError(f"No idle hand {kind!r}. Known: {', '.join(IDLE)}.")
    hand = _Speller(person, rng, _at_rest(0.0))
    if kind == "wave":
        hand.state[:21] = OPEN
    while hand.time < seconds:
        if kind == "wave":
            aim = hand.state.copy()
            swing = 25 if aim[21] <= 0 else -25
            aim[21], aim[24] = swing + 5 * rng.standard_normal(), swing / 60
            hand.move(aim, rng.uniform(0.25, 0.45))
        else:
            aim = _at_rest(0.0)
            aim[21:24] += [rng.uniform(-60, 60), rng.uniform(-30, 30), rng.uniform(-90, 90)]
            aim[:21] = body.clamp(aim[:21] + 6 * rng.standard_normal(21))
            aim[24:] = 0.3 * rng.standard_normal(2)
            hand.move(aim, rng.uniform(0.5, 1.5))
            hand.hold(rng.uniform(1, 4))
    return hand.timeline(fps)


class _Speller(Keys):
    """The key poses of one person who spells."""

    def __init__(self, person: People, rng: np.random.Generator, state: np.ndarray) -> None:
        super().__init__(rng, state, _FINE)
        self.person, self.spelled = person, []
        self._forms: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def shape(self, letter: str) -> np.ndarray:
        """Return the state of this person's form of a letter, a little different each time."""
        if letter not in self._forms:
            self._forms[letter] = choose_form(letter, self.rng)
        angles, wrist = self._forms[letter]
        near = np.round((self.state[21:24] - wrist) / 360) * 360  # the shorter way round
        wrist = wrist + near + self.rng.normal(0, 4, 3)
        return np.concatenate([self._settled(angles), wrist, 0.08 * self.rng.standard_normal(2)])

    def _settled(self, base: np.ndarray) -> np.ndarray:
        """Return angles (21,) near ``base``, by habit and chance; no finger passes another."""
        sizes = np.repeat((*body.CALM, 0.2), 6)[:, None].astype(np.float32)
        who = self.person[np.zeros(len(sizes), int)]
        tried = body.clamp(base + sizes * body.angle_noise(who.habit, self.rng))
        through = body.worst_overlap(body.forward(tried, who.lengths, who.bases), who.flesh)
        fits = np.flatnonzero(through <= body.GIVE)
        return tried[fits[0] if len(fits) else through.argmin()]

    def sign(self, letter: str, seconds: float) -> None:
        """Hold a letter."""
        self.spelled.append(Spelled(letter, self.time, self.time + seconds))
        self.hold(seconds)

    def draw(self, letter: str, seconds: float) -> None:
        """Move along the path of a letter that is a movement."""
        self.spelled.append(Spelled(letter, self.time, self.time + seconds))
        share = np.arange(1, 4 * _FINE + 1) / (4 * _FINE)
        share = share + 0.5 * (eased(share) - share)
        self.along(along_path(PATHS[letter], share), seconds)

    def again(self, double: str, seconds: float) -> None:
        """Release the hand and close it again, or slide: the same letter once more."""
        back, aim = self.state, self.state.copy()
        if double == "slide":
            aim[24] -= _SLIDE
            self.move(aim, 1.3 * seconds)
        else:
            aim[:21] += _RELEASE * (LOOSE - aim[:21])
            self.move(aim, 0.8 * seconds)
            self.move(back, 0.8 * seconds)

    def timeline(self, fps: float) -> Timeline:
        """Return a state for each frame, tremor included: no hand keeps quite still."""
        times = np.arange(max(1, round(self.time * fps))) / fps
        rate = self.rng.uniform(0.3, 3.0, (2, 26))
        phase = 2 * np.pi * self.rng.random((2, 26))
        waves = np.sin(2 * np.pi * rate * times[:, None, None] + phase).mean(axis=1)
        states = between(*self.told(), times) + (_TREMOR * waves).astype(np.float32)
        return Timeline(states, times, tuple(self.spelled))


def _at_rest(below: float) -> np.ndarray:
    """Return the state of a loose hand, ``below`` palm lengths under its usual place."""
    return np.concatenate([LOOSE, _TURNED, [0, below]]).astype(np.float32)


# Single letters, many at a time


def sample_motion(
    letters: Sequence[str],
    n: int,
    frames: int = 30,
    seed: int = 0,
    *,
    left_share: float = LEFT_HANDED,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``n`` sequences of landmarks, each letter equally often; J and Z move, others are held.

    Returns landmarks (n, frames, 21, 3) float32, image coordinates whose whole way lies inside the
    image, and labels (n,) int64, indices into ``letters``. The same seed gives the same sequences.
    """
    letters = list(letters)
    rng = np.random.default_rng(seed)
    label, angles, wrist, crowd = sampling.cast(letters, n, rng, left_share=left_share)
    people = crowd[np.arange(n) % len(crowd)]
    joints = body.form(angles, people, rng).repeat(frames, axis=0)
    turns, places = _ways([letters[i] for i in label], frames, rng)
    wrist = wrist + sampling.WRIST_SPREAD * rng.standard_normal((n, 3), np.float32)
    views = sampling.VIEW_SPREAD * rng.standard_normal((n, 3), np.float32)
    turns = (wrist[:, None] + turns).reshape(-1, 3)
    seen = in_view(joints, turns, places.reshape(-1, 2), views.repeat(frames, axis=0))
    seen = seen.reshape(n, -1, 3)
    seen[people.left, :, 0] *= -1
    # The way's nearest point keeps its distance from the camera.
    distance = sampling.distances(n, rng) - seen[..., 2].min(axis=1)
    image, _ = sampling.fit(seen, distance, *sampling.framing(n, rng))
    landmarks = image.reshape(n, frames, 21, 3)
    landmarks[..., 2] -= landmarks[:, :, :1, 2]
    return landmarks, label


def _ways(
    letters: list[str], frames: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return turns (n, frames, 3) and places (n, frames, 2): start, pace and size vary."""
    n = len(letters)
    time = np.linspace(0, 1, frames)
    first, last = rng.uniform(0, 0.2, n), rng.uniform(0.8, 1, n)
    done = np.clip((time - first[:, None]) / (last - first)[:, None], 0, 1)
    done = done ** np.exp(0.2 * rng.standard_normal((n, 1)))  # slower or faster at the start
    done = done + 0.5 * (eased(done) - done)
    size = np.exp(0.15 * rng.standard_normal((n, 1)))
    paths = [PATHS.get(letter.upper(), np.zeros((2, 5))) for letter in letters]
    ways = np.stack([along_path(*each) for each in zip(paths, done, strict=True)])
    speed, phase = rng.uniform(0.5, 2, (n, 1, 5)), rng.random((n, 1, 5))
    sway = np.sin(2 * np.pi * (speed * time[:, None] + phase))[..., [2, 3, 4, 0, 1]]
    ways = (size[..., None] * ways + _SWAY * sway).astype(np.float32)
    return ways[..., :3], ways[..., 3:]
