"""How a drawn hand looks: skin tone, light, arm, background and camera, as one Look a picture."""

from dataclasses import dataclass, replace

import numpy as np

from asl_helpers.errors import AslError

SKIN_TONES = (
    "#f6ede4",
    "#f3e7db",
    "#f7ead0",
    "#eadaba",
    "#d7bd96",
    "#a07e56",
    "#825c43",
    "#604134",
    "#3a312a",
    "#292420",
)
"""The ten tones of the Monk Skin Tone Scale, light to dark.

Ellis Monk, *The Monk Skin Tone Scale* (2019; published with Google in 2022), CC BY 4.0.
"""

BACKGROUNDS = ("paper", "plain", "gradient", "noise", "room")
"""The kinds of background that :mod:`asl_helpers.hand.backgrounds` draws."""


class LookError(AslError):
    """A look names something that the renderer does not have."""


@dataclass(frozen=True)
class Look:
    """Everything but the hand itself. Colours are linear RGB, 1.0 = white paper in full light.

    Attributes
    ----------
    skin:
        Index into SKIN_TONES.
    tint:
        (3,) factor on the skin tone, for the differences between people of one tone.
    light:
        (3,) unit vector towards the main light (x right, y down, z away: -z is the camera).
    light_colour, fill_colour:
        (3,) main light, and the light from everywhere else.
    gloss:
        Strength of the highlight on the skin, 0 to 1.
    shadow:
        Depth of cast shadows and of the dark between touching fingers, 0 to 1.
    elbow:
        (3,) unit vector from the wrist along the forearm; None lets the hand decide.
    cuff:
        Where the sleeve begins, palm lengths from the wrist; None for a bare arm.
    cloth:
        (3,) colour of the sleeve.
    fade:
        Where the arm begins and ends to melt into the background, palm lengths from the wrist;
        None draws it to the edge of the picture.
    background:
        One of BACKGROUNDS.
    palette:
        (4, 3) colours of the background; "paper" and "plain" take the first, "gradient" two.
    scene:
        Seed of the background's own shapes: pictures of one clip share it.
    exposure:
        Factor on all light.
    white:
        (3,) white balance.
    blur:
        (x, y) length of the motion blur, in parts of the picture's side.
    defocus:
        Radius of the camera's blur, in parts of the picture's side.
    noise:
        Standard deviation of the sensor's noise, in grey levels of 0-255.
    """

    skin: int = 4
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: tuple[float, float, float] = (-0.45, -0.62, -0.64)
    light_colour: tuple[float, float, float] = (0.80, 0.77, 0.72)
    fill_colour: tuple[float, float, float] = (0.36, 0.37, 0.40)
    gloss: float = 0.35
    shadow: float = 0.8
    elbow: tuple[float, float, float] | None = None
    cuff: float | None = None
    cloth: tuple[float, float, float] = (0.08, 0.12, 0.22)
    fade: tuple[float, float] | None = None
    background: str = "plain"
    palette: tuple = ((0.80, 0.74, 0.66),) * 4
    scene: int = 0
    exposure: float = 1.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: tuple[float, float] = (0.0, 0.0)
    defocus: float = 0.0
    noise: float = 0.0

    def __post_init__(self):
        """Refuse a skin index or a background that does not exist."""
        if not 0 <= self.skin < len(SKIN_TONES):
            raise LookError(f"skin={self.skin} is not one of 0-{len(SKIN_TONES) - 1} (SKIN_TONES).")
        if self.background not in BACKGROUNDS:
            raise LookError(f"No background {self.background!r}. Known: {', '.join(BACKGROUNDS)}.")


def to_linear(hexadecimal: str) -> np.ndarray:
    """Return the linear RGB, float64 of shape (3,), of a colour such as ``"#a07e56"``."""
    digits = hexadecimal.lstrip("#")
    try:
        value = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
    except ValueError:
        raise LookError(f"{hexadecimal!r} is not a colour such as '#a07e56'.") from None
    # IEC 61966-2-1 (sRGB); rounded, so that every machine's power function gives the same.
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.round(linear, 6)


def studio(skin: int = 4, background: str = "#f3ead9") -> Look:
    """Return the clean look of the figures: soft light from the upper left, plain paper."""
    colour = tuple(to_linear(background))
    return Look(skin=skin, background="paper", palette=(colour,) * 4)


def _between(rng, low, high):
    return low + (high - low) * rng.random()


def sample_look(rng: np.random.Generator, skin: int, setting: str = "room") -> Look:
    """Draw one look for a skin tone: a room, a light, a sleeve or none, a camera with faults.

    ``setting="wall"`` puts a light wall behind the hand instead of anything at all. Only
    ``rng.random()`` is used, whose stream is the same on every machine.
    """
    u = rng.random
    # Main light: anywhere in the camera's half, mostly from above; sometimes behind the hand.
    x, y = _between(rng, -1, 1), _between(rng, -1, 0.35)
    z = _between(rng, -1.1, -0.25) if u() < 0.9 else _between(rng, -0.1, 0.5)
    length = (x * x + y * y + z * z) ** 0.5
    warm = _between(rng, -0.12, 0.12)
    strength = _between(rng, 0.35, 1.0)
    fill = _between(rng, 0.18, 0.55)
    noise = _between(rng, 0.5, 7.0)
    palette = tuple(_wall(rng) for _ in range(4))
    kind = ("plain", "gradient", "gradient", "noise", "room", "room", "room")[int(u() * 7)]
    if setting == "wall":
        strength, fill, noise = strength + 0.1, 0.6 * fill, 0.4 * noise
        light_grey, shade = _between(rng, 0.35, 0.75), _between(rng, 0.5, 1.0)
        palette = ((light_grey,) * 3, (light_grey * shade,) * 3, *palette[2:])
        kind = ("gradient", "gradient", "gradient", "plain", "room")[int(u() * 5)]
    return Look(
        skin=int(skin),
        tint=_complexion(rng),
        light=(x / length, y / length, z / length),
        light_colour=(strength * (1 + warm), strength, strength * (1 - warm)),
        fill_colour=(fill * (1 - warm / 2), fill, fill * (1 + warm / 2)),
        gloss=_between(rng, 0.15, 0.7),
        shadow=_between(rng, 0.45, 1.0),
        cuff=_between(rng, 0.35, 1.5) if u() < 0.45 else None,
        cloth=_cloth(rng),
        background=kind,
        palette=palette,
        scene=int(u() * 2**31),
        exposure=_metered(rng, skin, palette, strength, fill),
        white=(_between(rng, 0.94, 1.10), 1.0, _between(rng, 0.90, 1.08)),
        blur=(_between(rng, -0.025, 0.025), _between(rng, -0.025, 0.025)) if u() < 0.25 else (0, 0),
        defocus=_between(rng, 0.002, 0.010) if u() < 0.3 else 0.0,
        noise=noise,
    )


def _metered(rng, skin, palette, strength, fill):
    """Expose as a camera does, mostly for the hand, a little too dark or too bright."""
    hand = to_linear(SKIN_TONES[skin]).mean() * (fill + 0.5 * strength)
    wall = np.mean(palette[:2]) * (fill + 0.8 * strength)
    return float(np.clip(_between(rng, 0.16, 0.36) / (0.65 * hand + 0.35 * wall), 0.6, 3.0))


def _complexion(rng):
    """People of one tone differ: lighter or darker, rosier or more golden, never greenish."""
    value = _between(rng, 0.88, 1.10)
    rose = _between(rng, -1.0, 1.0)
    return (value * (1.02 + 0.04 * rose), value * (1.0 - 0.03 * rose), value * (0.97 + 0.05 * rose))


def _wall(rng):
    """A wall or furniture colour: mostly greyish, from dark to white."""
    value = _between(rng, 0.05, 0.95) ** 1.5
    strong = 0.10 if rng.random() < 0.75 else 0.5
    return tuple(value * (1 + strong * _between(rng, -1, 1)) for _ in range(3))


def _cloth(rng):
    value = _between(rng, 0.02, 0.6)
    return tuple(value * _between(rng, 0.5, 1.2) for _ in range(3))


def nudge(look: Look, rng: np.random.Generator, amount: float = 1.0) -> Look:
    """Return the look of the next frame of a clip: the same scene, camera and light breathing."""
    wave = [amount * _between(rng, -1, 1) for _ in range(5)]
    return replace(
        look,
        exposure=look.exposure * (1 + 0.03 * wave[0]),
        light=tuple(np.array(look.light) + 0.03 * np.array(wave[1:4])),
        blur=(look.blur[0] * (1 + 0.5 * wave[4]), look.blur[1] * (1 - 0.5 * wave[4])),
    )
