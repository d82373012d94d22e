"""How a value is held: whole where machines agree on it, by numbers with a tolerance elsewhere.

Whole numbers, strings and flags are held by their bytes. Of real numbers and pictures a few facts
are kept (shape, type, mean, spread, sums with fixed signs, some values), within ``ATOL``; a hash
of all values, rounded, is compared as well on the kind of machine that recorded it, where draws
repeat to the bit. Small pictures are kept themselves and may differ by one grey level.
"""

import hashlib
import json
import os
import platform
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import tensorflow as tf

HERE = Path(__file__).parent
JSON, IMAGES = HERE / "nets.json", HERE / "images.npz"

ATOL = 1e-5
LOOSE = {"model_landmarks": 1e-4, "model_masks": 1e-4, "model_motion": 1e-4}
LOOSE |= dict.fromkeys(("events_steady", "events_neutral", "events_majority"), 0.001)
LOOSE |= {"judged": 1e-3}
"""Tolerances of nets through a network, whose sums another processor orders differently."""

UNHASHED = ("motion_stories", "motion_films", "motion_windows", "motion_events")
"""Nets of sums that may be taken in another order: held within ``ATOL``, not to the last digit."""

HERE_ONLY = ("tracker_noise/measured", "motion_films/usual", "motion_windows/usual")
"""Draws that repeat on one kind of processor only: `np.argpartition` orders its finds freely."""

KEPT = ("rendered", "drawn_figures", "drawn_images", "drawn_clips", "scenes", "masks_of_hands")
KEPT += ("backdrops", "draw_clip_frames")
"""Nets whose pictures are kept, pixel by pixel."""

_SHOWN, _SUMS = 8, 4
_MANY = 100_000  # of more numbers than this some are left out, except in the hash


def machine() -> str:
    """Return what decides the last bits: processor features, NumPy, TensorFlow, Python."""
    simd = np._core._multiarray_umath.__cpu_features__
    features = ",".join(sorted(name for name, there in simd.items() if there))
    parts = (platform.machine(), sys.version_info[:2], sysconfig.get_platform(), features)
    parts += (np.__version__, tf.__version__, PIL.__version__)
    parts += (os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def held(value: Any) -> Any:
    """Return what nets.json holds of a value."""
    if not isinstance(value, np.ndarray):
        return json.loads(json.dumps(value, default=lambda one: one.item()))
    about = {"shape": list(value.shape), "dtype": value.dtype.name}
    if value.dtype.kind == "U":
        about["dtype"] = "str"
    if value.dtype == np.uint8 and value.ndim >= 2:
        return about | {"pictures": _facts(value), "sha": _hash(value)}
    if value.dtype.kind == "f":
        return about | {"numbers": _facts(value), "sha": _hash(np.round(value, 6) + 0.0)}
    flat = value.astype(np.int64) if value.dtype.kind in "iub" else value
    return about | {"exact": _hash(flat), "first": value.ravel()[:_SHOWN].tolist()}


def differences(name: str, was: Any, now: Any, images: dict, same: bool) -> list[str]:
    """Return what is different between what was held and the value of today, in words."""
    if name.startswith(HERE_ONLY) and not same:
        return []
    net = name.split("/")[0]
    new, loose = held(now), LOOSE.get(net, ATOL)
    if not isinstance(was, dict) or "shape" not in was:
        return [] if _alike(was, new, loose) else [f"{name}: was {was}, is {new}"]
    if not isinstance(new, dict) or "shape" not in new:
        return [f"{name}: was an array, is {new}"]
    found = [
        f"{name}: {part} was {was[part]}, is {new[part]}"
        for part in ("shape", "dtype", "exact")
        if was.get(part) != new.get(part)
    ]
    if found:
        return found
    if name in images:
        off = int(np.abs(images[name].astype(int) - now.astype(int)).max(initial=0))
        found += [f"{name}: a pixel differs by {off} grey levels"] if off > 1 else []
    elif "pictures" in was and not _alike(was["pictures"], new["pictures"], 0.6):
        found.append(f"{name}: pictures were {was['pictures']}, are {new['pictures']}")
    if "numbers" in was:
        scale = max(1.0, *(abs(edge) for edge in was["numbers"]["edges"]))
        if not _alike(was["numbers"], new["numbers"], loose * scale):
            found.append(f"{name}: numbers were {was['numbers']}, are {new['numbers']}")
    if same and loose == ATOL and net not in UNHASHED and "sha" in was and was["sha"] != new["sha"]:
        found.append(f"{name}: a value has changed (hash), if not one of those kept here")
    return found


def _facts(array: np.ndarray) -> dict:
    """Return mean, spread, edges, sums with fixed signs and some values of an array."""
    flat = array.ravel()
    flat = flat[:: 1 + flat.size // _MANY].astype(np.float64)
    lost = ~np.isfinite(flat)
    flat = np.where(lost, 0.0, flat)
    signs = np.random.default_rng(0).integers(0, 2, (_SUMS, flat.size)) * 2 - 1
    places = np.random.default_rng(1).permutation(flat.size)[:_SHOWN]
    edges = [float(flat.min()), float(flat.max())] if flat.size else [0.0, 0.0]
    return {
        "lost": int(lost.sum()),
        "mean": _short(flat.mean()) if flat.size else 0.0,
        "spread": _short(flat.std()) if flat.size else 0.0,
        "edges": [_short(edge) for edge in edges],
        "sums": [_short(one) for one in signs @ flat / max(1.0, flat.size) ** 0.5],
        "some": [_short(one) for one in flat[places]],
    }


def _short(value: float) -> float:
    return round(float(value), 7)


def _hash(array: np.ndarray) -> str:
    if array.dtype.kind == "U":
        return hashlib.sha256("\n".join(array.ravel().tolist()).encode()).hexdigest()
    whole = np.ascontiguousarray(array)
    return hashlib.sha256(whole.astype(whole.dtype.newbyteorder("<")).tobytes()).hexdigest()


def _alike(was: Any, now: Any, atol: float) -> bool:
    if isinstance(was, dict) and isinstance(now, dict):
        return was.keys() == now.keys() and all(_alike(was[k], now[k], atol) for k in was)
    if isinstance(was, list) and isinstance(now, list):
        return len(was) == len(now) and all(
            _alike(one, other, atol) for one, other in zip(was, now, strict=True)
        )
    if isinstance(was, float) and isinstance(now, int | float):
        return abs(was - now) <= atol
    return was == now
