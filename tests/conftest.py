"""A machine without any data, for the tests that ask for it."""

import pytest


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No data folder, no prepared copy, no network."""
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    monkeypatch.delenv("ASL_PROFILE", raising=False)
    monkeypatch.setenv("ASL_OFFLINE", "1")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
