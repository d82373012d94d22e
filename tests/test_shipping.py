import json

import pytest

from asl_helpers import files, shipping


def test_model_and_facts_are_written_together(tmp_path):
    target = tmp_path / "folder" / "small.keras"
    facts = shipping.ship(target, lambda path: path.write_bytes(b"weights"), {"name": "small"})
    assert target.read_bytes() == b"weights"
    assert json.loads(target.with_suffix(".json").read_text()) == facts
    assert facts["name"] == "small"
    files.check_sha256(target, facts["sha256"])


def test_a_model_that_cannot_be_written_leaves_the_old_pair(tmp_path):
    target = tmp_path / "small.keras"
    shipping.ship(target, lambda path: path.write_bytes(b"old"), {})

    def fail(path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(files.FilesError, match="disk full"):
        shipping.ship(target, fail, {})
    card = json.loads(target.with_suffix(".json").read_text())
    files.check_sha256(target, card["sha256"])
