"""Which tests share a process when several run side by side, and a machine without any data."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a file together, whose fixtures are made once, unless they say more."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No data folder, no prepared copy, no network."""
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    monkeypatch.delenv("ASL_PROFILE", raising=False)
    monkeypatch.setenv("ASL_OFFLINE", "1")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
