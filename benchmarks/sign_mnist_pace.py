"""How fast the networks of `sign_mnist` train, and whether their pictures come fast enough."""

import time

import keras

from asl_helpers.datasets.load import DataSplits
from benchmarks.sign_mnist_recipes import Recipe
from benchmarks.sign_mnist_runs import Run


def input_pace(recipe: Recipe, data: DataSplits, batches: int = 40) -> dict[str, float]:
    """Return pictures a second that the varying pipeline gives alone, and that training takes.

    The first must be well above the second, or the network would wait for its pictures. Both are
    counted in seconds of processor time, so that a busy machine does not slow either.
    """
    run = Run(recipe, data, 0)
    stream = iter(run.stream(run.parts["train"], recipe.variation, recipe.batch))
    alone = recipe.batch / _core_seconds(lambda: next(stream), batches)
    learned = network_pace(recipe.network, data, recipe.batch, batches)
    return {
        "pipeline_images_per_core_second": round(alone),
        "training_images_per_core_second": round(learned),
        "times_faster": round(alone / learned, 1),
    }


def network_pace(network: str, data: DataSplits, batch: int = 64, batches: int = 40) -> float:
    """Return pictures a second of processor time that training a network takes."""
    run = Run(Recipe(network, 1), data, 0)
    images, labels = (part[:batch] for part in run.parts["train"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    run.model.compile("adam", loss, jit_compile=False)
    return len(labels) / _core_seconds(lambda: run.model.train_on_batch(images, labels), batches)


def _core_seconds(act, rounds: int) -> float:
    """Return the processor time of one call, the mean of ``rounds`` after a few to warm up."""
    for _ in range(3):
        act()
    start = time.process_time()
    for _ in range(rounds):
        act()
    return (time.process_time() - start) / rounds
