"""Draws, splits, models and readings are what they were: a refactoring changes none of them.

Red means that a number changed. If that was meant, record it anew (`nets/record.py`), and say why.
"""

import json

import numpy as np
import pytest

from nets.calls import NETS
from nets.holding import IMAGES, JSON, differences, machine

HELD = json.loads(JSON.read_text("utf-8"))


@pytest.fixture(scope="module")
def images():
    with np.load(IMAGES, allow_pickle=False) as kept:
        return dict(kept)


def test_every_net_is_held():
    assert list(HELD["nets"]) == list(NETS)


@pytest.mark.parametrize("name", NETS)
def test_it_is_as_it_was(name, images, bare):
    if name == "events_tracked":
        pytest.importorskip("mediapipe")
    was, now = HELD["nets"][name], NETS[name]()
    assert list(was) == list(now)
    same = HELD["machine"] == machine()
    found = [
        line
        for key, value in now.items()
        for line in differences(f"{name}/{key}", was[key], value, images, same)
    ]
    assert not found, "\n".join(found)
