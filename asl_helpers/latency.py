"""How long an answer takes: latency and throughput, measured after warming up, call by call."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from asl_helpers.errors import AslError
from asl_helpers.lite import litert

Call = Callable[[np.ndarray], Any]


class LatencyError(AslError):
    """A measurement that would measure nothing."""


def measure_latency(
    calls: Call | Mapping[str, Call],
    x: np.ndarray,
    batch_sizes: Sequence[int] = (1, 32),
    repeats: int = 50,
    warmup: int = 5,
    clock: Callable[[], float] = perf_counter,
) -> pd.DataFrame:
    """Measure one or several ways to ask a model, in turn, so that all meet the same machine.

    Parameters
    ----------
    calls:
        A function of a batch, or a name -> such a function (see `ways`). Whatever it returns is
        made a NumPy array before the clock is read: a library that only queues its work, as it
        does on a graphics card, is waited for.
    x:
        (n, ...) inputs as the model takes them; batch after batch is taken from it, and after the
        last one the first again.
    batch_sizes:
        Inputs a call.
    repeats:
        Timed calls of each way and batch size.
    warmup:
        Calls before those, which build, compile and fill caches; they are not counted.
    clock:
        Gives seconds.

    Returns
    -------
    pandas.DataFrame
        A row for each way and batch size, the ways in their order: ``way``, ``batch``, ``calls``
        (timed ones), ``first_ms`` (the first call ever, warm-up or not), ``median_ms`` and
        ``p95_ms`` of a call, and ``images_per_second`` at the median.

    Raises
    ------
    LatencyError
        For no way, no inputs, fewer inputs than a batch, or no timed call.
    """
    ways = dict(calls) if isinstance(calls, Mapping) else {_name(calls): calls}
    _check(ways, x, batch_sizes, repeats, warmup)
    rows = []
    for batch in batch_sizes:
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(warmup + repeats):
            inputs = _taken(x, batch, turn)
            for name, call in ways.items():
                start = clock()
                np.asarray(call(inputs))
                seconds[name].append(clock() - start)
        for name, taken in seconds.items():
            counted = 1000 * np.array(taken[warmup:])
            median = float(np.median(counted))
            rows.append(
                {
                    "way": name,
                    "batch": batch,
                    "calls": len(counted),
                    "first_ms": 1000 * taken[0],
                    "median_ms": median,
                    "p95_ms": float(np.quantile(counted, 0.95)),
                    "images_per_second": 1000 * batch / median if median else float("inf"),
                }
            )
    table = pd.DataFrame(rows)
    order = {name: place for place, name in enumerate(ways)}
    return table.sort_values(
        "way", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )


def ways(model) -> dict[str, Call]:
    """Return four ways to ask a Keras model, each a function of a batch of float32 inputs.

    ``model.predict`` (made for data sets), ``model(x)`` (operation by operation),
    ``tf.function`` (one compiled graph) and ``LiteRT`` (the format for phones, see `litert`).
    """
    import tensorflow as tf

    graph = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    return {
        "model.predict": lambda x: model.predict(x, verbose=0),
        "model(x)": lambda x: model(x, training=False),
        "tf.function": lambda x: graph(tf.constant(x)),
        "LiteRT": litert(model),
    }


def _taken(x: np.ndarray, batch: int, turn: int) -> np.ndarray:
    """Return the inputs of one call: the next ``batch`` of them, from the front after the end."""
    return x[(turn * batch + np.arange(batch)) % len(x)]


def _name(call: Call) -> str:
    return getattr(call, "__name__", type(call).__name__)


def _check(ways: Mapping[str, Call], x, batch_sizes, repeats: int, warmup: int) -> None:
    """Raise LatencyError unless there is something to call, to give it and to time."""
    if not ways or not all(callable(call) for call in ways.values()):
        raise LatencyError(
            f"Expected a function of a batch, or names with one each; got {dict(ways)!r}. Pass "
            "latency.ways(model), or one of them."
        )
    if repeats < 1 or warmup < 0:
        raise LatencyError(
            f"repeats={repeats} and warmup={warmup}: expected at least one timed call and no "
            "negative number of calls before it."
        )
    if not len(batch_sizes) or min(batch_sizes) < 1 or max(batch_sizes) > len(x):
        raise LatencyError(
            f"batch_sizes={tuple(batch_sizes)} of {len(x)} inputs: expected sizes from 1 to the "
            "number of inputs. Pass more inputs, or smaller batches."
        )
