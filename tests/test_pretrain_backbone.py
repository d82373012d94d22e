from types import SimpleNamespace

import numpy as np
import pytest

import tools.pretrain_backbone as pretraining


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Draw 40 pictures a chunk instead of 2,000."""
    monkeypatch.setattr(pretraining, "CHUNK", 40)
    return tmp_path


def test_a_chunk_is_drawn_once_and_the_same_again(few, monkeypatch):
    images, labels = pretraining.drawn_chunk(3, few)
    assert images.shape == (40, 96, 96, 3) and images.dtype == np.uint8
    assert set(labels) <= set(range(29))
    other, _ = pretraining.drawn_chunk(4, few)
    assert not np.array_equal(images, other)
    monkeypatch.setattr(pretraining.hand, "sample_images", lambda *_, **__: pytest.fail("drawn"))
    np.testing.assert_array_equal(pretraining.drawn_chunk(3, few)[0], images)


def test_an_epoch_shows_each_picture_at_most_once_in_a_new_order(few):
    epoch = list(pretraining.batches(few, chunks=2, epochs=1, seed=0))
    assert len(epoch) == 2  # 32 of each chunk's 40: the rest of a chunk waits for another order
    seen = np.concatenate([images for images, _ in epoch])
    assert len(np.unique(seen.reshape(len(seen), -1), axis=0)) == len(seen)
    twice = list(pretraining.batches(few, chunks=2, epochs=2, seed=0))
    assert len(twice) == 4
    np.testing.assert_array_equal(twice[0][0], epoch[0][0])
    assert not np.array_equal(twice[2][0], epoch[0][0])
    assert len(list(pretraining.batches(few, chunks=2, epochs=0.5, seed=0))) == 1


def test_the_last_chunk_is_held_out(few, monkeypatch):
    asked = []
    drawn = pretraining.drawn_chunk
    monkeypatch.setattr(
        pretraining, "drawn_chunk", lambda number, folder: asked.append(number) or drawn(0, folder)
    )
    _, labels = drawn(0, few)
    right = np.eye(29)[labels]
    right[:10] = np.roll(right[:10], 1, axis=1)  # ten wrong answers
    model = SimpleNamespace(predict=lambda *_, **__: right)
    assert pretraining.held_out_accuracy(model, few) == 0.75
    assert asked == [pretraining.CHUNKS - 1]
