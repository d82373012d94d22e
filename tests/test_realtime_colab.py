"""MediaPipe is brought to Colab, once, and nowhere else."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import pytest

from asl_helpers.realtime import colab


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pip(asked):
    def run(command, **options):
        asked.append(command)
        return SimpleNamespace(returncode=0, stderr="")

    return run


@pytest.fixture
def in_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


@pytest.fixture
def without_mediapipe(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "mediapipe" else found(name)
    )


def test_elsewhere_nothing_is_installed(pip, asked, without_mediapipe, capsys):
    assert not colab.in_colab()
    colab.prepare(pip)
    assert asked == [] and capsys.readouterr().out == ""


def test_colab_gets_what_it_lacks_and_none_of_its_own_packages_is_moved(
    pip, asked, in_colab, without_mediapipe
):
    colab.prepare(pip)
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"] and "--no-deps" in command
    assert "mediapipe>=1.0" in command and not any("opencv" in word for word in command)


def test_what_is_there_is_not_installed_again(monkeypatch, pip, asked, in_colab):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there")
    colab.prepare(pip)
    assert asked == []


def test_a_failure_says_what_pip_said(in_colab, without_mediapipe):
    failed = SimpleNamespace(returncode=1, stderr="...\nERROR: no network\n")
    with pytest.raises(colab.ColabError, match="no network"):
        colab.prepare(lambda command, **options: failed)
