"""The counting of latencies on a clock that is moved by hand, and four ways that agree."""

import numpy as np
import pytest

from asl_helpers.errors import AslError
from asl_helpers.latency import measure_latency, ways

X = np.arange(10.0)[:, None]


class Machine:
    """A clock and calls that move it."""

    def __init__(self):
        self.now, self.asked = 0.0, []

    def call(self, name, *durations):
        """A call that takes these seconds in turn, the last one ever after."""
        left = list(durations)

        def answer(x):
            self.asked.append((name, x[:, 0].tolist()))
            self.now += left.pop(0) if len(left) > 1 else left[0]
            return x

        return answer


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr("asl_helpers.latency.perf_counter", lambda: machine.now)
    return machine


def test_the_first_calls_are_not_counted(machine):
    call = machine.call("slow start", 9, 3, 0.010, 0.010, 0.010, 0.050)
    table = measure_latency({"slow start": call}, X, [1], repeats=4, warmup=2)
    (row,) = table.to_dict("records")
    assert row["calls"] == 4
    assert row["first_ms"] == 9000
    assert row["median_ms"] == pytest.approx(10)
    assert row["p95_ms"] == pytest.approx(np.quantile([10, 10, 10, 50], 0.95))
    assert row["images_per_second"] == pytest.approx(100)


def test_throughput_counts_the_pictures_of_a_batch(machine):
    table = measure_latency({"a": machine.call("a", 0.02)}, X, [1, 4], repeats=2)
    assert table["batch"].tolist() == [1, 4]
    np.testing.assert_allclose(table["images_per_second"], [50, 200])


def test_ways_take_turns_on_the_same_inputs(machine):
    calls = {"b": machine.call("b", 2), "a": machine.call("a", 1)}
    table = measure_latency(calls, X, [1, 2], repeats=2, warmup=1)
    assert table[["way", "batch"]].values.tolist() == [["b", 1], ["b", 2], ["a", 1], ["a", 2]]
    assert table["median_ms"].tolist() == [2000, 2000, 1000, 1000]
    asked = [("b", [0]), ("a", [0]), ("b", [1]), ("a", [1]), ("b", [2]), ("a", [2])]
    assert machine.asked[:6] == asked
    assert [inputs for name, inputs in machine.asked[6:] if name == "a"] == [[0, 1], [2, 3], [4, 5]]


def test_the_clock_waits_for_the_answer(machine):
    class Queued:
        """An answer that is computed only when its numbers are asked for."""

        def __array__(self, dtype=None, copy=None):
            machine.now += 3
            return np.zeros(1)

    table = measure_latency({"queued": lambda x: Queued()}, X, [1], repeats=1, warmup=0)
    assert table["median_ms"][0] == 3000


def test_a_batch_larger_than_the_inputs_is_refused():
    with pytest.raises(AslError, match="A batch of 11 from 10 inputs"):
        measure_latency({}, X, [11])


def test_the_four_ways_give_the_same_logits():
    import keras

    from asl_helpers import networks

    keras.utils.set_random_seed(1)
    model = networks.baseline_cnn((12, 12, 1), classes=3)
    images = np.random.default_rng(0).random((4, 12, 12, 1), np.float32)
    expected = np.asarray(model(images))
    calls = ways(model)
    assert list(calls) == ["model.predict", "model(x)", "tf.function", "LiteRT"]
    for call in calls.values():
        for batch in (images[:1], images, images[:1]):  # LiteRT lays out its memory anew
            np.testing.assert_allclose(np.asarray(call(batch)), expected[: len(batch)], atol=1e-5)
