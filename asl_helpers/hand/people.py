"""Sampled people: the proportions, flesh, flexibility, handedness and skin of who signs."""

from dataclasses import dataclass

import numpy as np

from asl_helpers.hand.skeleton import BASES, LENGTHS

LEFT_HANDED = 0.1
"""Share of left-handed people (Papadatou-Pastou et al., Psychological Bulletin 146(6), 2020)."""

SKIN_TONES = 10
"""Number of tones in the Monk Skin Tone scale (Monk, 2019), lightest first."""

# Flesh at each joint, in palm lengths: wrist, then thumb and fingers from palm to tip.
FLESH = np.array(
    [
        *(0.22,),
        *(0.17, 0.13, 0.11, 0.085),
        *(0.125, 0.097, 0.085, 0.072),
        *(0.125, 0.100, 0.087, 0.073),
        *(0.120, 0.093, 0.081, 0.069),
        *(0.110, 0.082, 0.071, 0.061),
    ],
    np.float32,
)
"""Flesh radius at each of the 21 joints of a typical adult, palm lengths."""


@dataclass
class People:
    """What stays the same from sign to sign, one row a person.

    Attributes
    ----------
    lengths:
        (p, 5, 3) float32, bone lengths beyond the palm, palm lengths.
    bases:
        (p, 5, 3) float32, first joint of each chain, palm lengths.
    flesh:
        (p, 21) float32, flesh radii, palm lengths.
    habit:
        (p, 21) float32, standard normal: how this person's angles differ from the table's.
    left:
        (p,) bool, signs with the left hand.
    skin:
        (p,) int64, index into the Monk Skin Tone scale, 0 lightest to 9 darkest.
    """

    lengths: np.ndarray
    bases: np.ndarray
    flesh: np.ndarray
    habit: np.ndarray
    left: np.ndarray
    skin: np.ndarray

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.left)


def sample_people(
    count: int, rng: np.random.Generator, *, vary: bool = True, left_share: float = LEFT_HANDED
) -> People:
    """Draw ``count`` people; with ``vary=False`` all have the typical hand.

    Skin tones are uniform over the scale: every tone is as frequent as any other.
    """
    spread = 1.0 if vary else 0.0

    def factor(shape: tuple[int, ...], sd: float) -> np.ndarray:
        return np.exp(spread * sd * np.clip(rng.standard_normal(shape), -2.5, 2.5))

    # Long or short fingers as a whole, then each finger, then each bone.
    lengths = LENGTHS * factor((count, 1, 1), 0.07) * factor((count, 5, 1), 0.03)
    lengths = lengths * factor((count, 5, 3), 0.04)
    bases = np.broadcast_to(BASES, (count, 5, 3)).copy()
    bases[:, :, 0] *= factor((count, 1), 0.10)  # broad or narrow palm
    bases += spread * 0.015 * rng.standard_normal((count, 5, 3))
    bases[:, 2] /= np.linalg.norm(bases[:, 2], axis=-1, keepdims=True)  # the unit of length
    flesh = FLESH * factor((count, 1), 0.10) * factor((count, 21), 0.03)
    return People(
        lengths=lengths.astype(np.float32),
        bases=bases.astype(np.float32),
        flesh=flesh.astype(np.float32),
        habit=(spread * rng.standard_normal((count, 21))).astype(np.float32),
        left=rng.random(count) < left_share,
        skin=rng.integers(0, SKIN_TONES, count),
    )
