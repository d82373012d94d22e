"""What all tests share: a part of the cores for each worker, and a machine without any data."""

import os

import pytest

# Side by side, each keeps to its share of the cores: more threads than cores wait for each other.
if _workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(_name, str(max(1, (os.cpu_count() or 1) // _workers)))


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No data folder, no prepared copy, no network."""
    monkeypatch.delenv("ASL_DATA_DIR", raising=False)
    monkeypatch.delenv("ASL_PROFILE", raising=False)
    monkeypatch.setenv("ASL_OFFLINE", "1")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
