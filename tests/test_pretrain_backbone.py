from types import SimpleNamespace

import numpy as np
import pytest

import tools.pretrain_backbone as pretraining


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Draw 40 images per chunk instead of 2,000."""
    monkeypatch.setattr(pretraining, "CHUNK", 40)
    return tmp_path


def test_chunks_are_drawn_once_and_each_epoch_shows_an_image_at_most_once(folder, monkeypatch):
    images, labels = pretraining.drawn_chunk(1, folder)
    assert images.shape == (40, 96, 96, 3) and set(labels) <= set(range(29))
    assert not np.array_equal(images, pretraining.drawn_chunk(0, folder)[0])
    monkeypatch.setattr(pretraining.hand, "sample_images", lambda *_, **__: pytest.fail("drawn"))
    np.testing.assert_array_equal(pretraining.drawn_chunk(1, folder)[0], images)
    twice = list(pretraining.batches(folder, chunks=2, epochs=2, seed=0))
    assert len(twice) == 4  # 32 of each chunk's 40: the rest waits for another order
    epoch = np.concatenate([images for images, _ in twice[:2]])
    assert len(np.unique(epoch.reshape(len(epoch), -1), axis=0)) == len(epoch)
    assert not np.array_equal(twice[2][0], twice[0][0])
    assert len(list(pretraining.batches(folder, chunks=2, epochs=0.5, seed=0))) == 1


def test_last_chunk_is_held_out(monkeypatch):
    labels = np.arange(40) % 29
    answers = np.eye(29)[labels]
    answers[:10] = np.roll(answers[:10], 1, axis=1)  # ten wrong answers
    chunks = {pretraining.CHUNKS - 1: (np.zeros((40, 96, 96, 3), np.uint8), labels)}
    monkeypatch.setattr(pretraining, "drawn_chunk", lambda number, folder: chunks[number])
    model = SimpleNamespace(predict=lambda *_, **__: answers)
    assert pretraining.held_out_accuracy(model) == 0.75
