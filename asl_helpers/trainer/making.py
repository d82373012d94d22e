"""What is trained for a name: stages of one or two models, and the model that comes out of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from asl_helpers import networks, transfer
from asl_helpers.errors import did_you_mean, first_line
from asl_helpers.trainer.data import Pair, TrainingData
from asl_helpers.trainer.errors import TrainError

LANDMARKS = "landmarks"
NAMES = (*networks.NAMES, LANDMARKS)
"""What can be trained."""

FINE = 0.1
"""Fine-tuning's rate as a share of the head's: weights that are good already move slowly."""

_POOLED = "mean"  # the layer of a MobileNet that turns maps into a vector: the head follows it


@dataclass(frozen=True)
class Stage:
    """One training among those that make a model.

    Attributes
    ----------
    name:
        Of its folder of checkpoints.
    model:
        What is trained, from the inputs of ``data`` to logits.
    data:
        Has ``.train`` and ``.validation``, pairs of arrays.
    rate:
        Adam's learning rate.
    """

    name: str
    model: keras.Model
    data: Any
    rate: float


@dataclass(frozen=True)
class Plan:
    """The model that will be written, and the stages that train it, one after the other.

    Attributes
    ----------
    model:
        Pictures 0-255, or landmarks (n, 21, 3), to logits or probabilities.
    stages:
        Called with a folder for what may be kept, gives the stages; each must be trained before
        the next is asked for.
    stage_count:
        How many there are.
    """

    model: keras.Model
    stages: Callable[[Path], Iterator[Stage]]
    stage_count: int = 1


def reads(name: str) -> str:
    """Return what a model reads, "pictures" or "landmarks"; raise TrainError for unknown names."""
    if name not in NAMES:
        raise TrainError(f"No model {name!r}.{did_you_mean(name, NAMES)}")
    return LANDMARKS if name == LANDMARKS else "pictures"


def plan(
    name: str,
    data: TrainingData,
    rate: float,
    weights: str | None,
    fine_tune: int,
    settings: Mapping[str, Any],
) -> Plan:
    """Build a model and say how it is trained.

    With pretrained ``weights`` a MobileNet's head is trained on features that are computed once;
    then, with ``fine_tune``, its last so many blocks learn too. Everything else is trained whole.

    Raises
    ------
    TrainError
        For weights or settings that the model does not have or that do not fit it; `VariantError`,
        `ModelError` and `TransferError` for what cannot be built.
    """
    if name == LANDMARKS:
        return _landmarks(data, rate, weights, fine_tune, settings)
    shape, classes = data.train[0].shape[1:], len(data.class_names)
    mobile = name.startswith("mobilenet")
    if weights is None or not mobile:
        _refuse_fine_tuning(
            fine_tune, "needs mobilenet_v2 and its --weights; elsewhere all layers learn anyway"
        )
        model = networks.build(name, shape, classes, **settings)
        if weights is not None:
            _start_from(model, weights)
        return _whole(model, data, rate)
    return _pretrained(name, data, rate, weights, fine_tune, settings)


def _whole(model: keras.Model, data: TrainingData, rate: float) -> Plan:
    return Plan(model, lambda folder: iter([Stage("whole", model, data, rate)]))


def _refuse_fine_tuning(blocks: int, why: str) -> None:
    if blocks:
        raise TrainError(f"--fine-tune {blocks} {why}. Leave it out.")


def _start_from(model: keras.Model, weights: str) -> None:
    """Load a whole model's weights from a file into ``model``."""
    path = Path(weights)
    if weights in transfer.WEIGHTS:
        raise TrainError(
            f"{model.name} has no weights {weights!r}; they are MobileNetV2's. Leave --weights "
            "out, or name a .keras or .weights.h5 file of an earlier training."
        )
    if not path.is_file() or not path.name.endswith((".keras", ".weights.h5")):
        raise TrainError(f"--weights {weights}: no such .keras or .weights.h5 file.")
    try:
        model.load_weights(path)
    except Exception as error:  # Keras and h5py raise many kinds
        reason = first_line(error)
        raise TrainError(
            f"{path.name} does not fit {model.name} for pictures of {model.input_shape[1:]} and "
            f"{model.output_shape[-1]} classes: {reason} Give the --size and the data of the "
            "training that it comes from."
        ) from error


def _pretrained(name, data, rate, weights, fine_tune, settings) -> Plan:
    """Plan a MobileNet's head on frozen features, then its last blocks."""
    if name != "mobilenet_v2":
        _refuse_fine_tuning(fine_tune, f"is for mobilenet_v2, not {name}")
    if name.startswith("mobilenet_v2") and weights in transfer.WEIGHTS:
        settings = {"alpha": transfer.DRAWN_ALPHA, **settings}
    data = replace(data, train=_coloured(data.train), validation=_coloured(data.validation))
    shape, classes = data.train[0].shape[1:], len(data.class_names)
    model = networks.build(name, shape, classes, weights=weights, **settings)
    if name.endswith("_attention"):
        # The new attention stands between old layers: frozen features would pass through noise.
        for layer in model.layers:  # averages over far more pictures than there are here
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        return _whole(model, data, rate)
    pooled = model.get_layer(_POOLED)
    top = model.layers[model.layers.index(pooled) + 1 :]
    body = keras.Model(model.input, pooled.input, name=model.name)
    head = keras.Sequential([keras.Input(pooled.output.shape[1:]), *top], name="head")

    def stages(folder: Path) -> Iterator[Stage]:
        known = SimpleNamespace(
            **{
                part: (transfer.features(body, images, folder=folder), labels)
                for part, (images, labels) in (
                    ("train", data.train),
                    ("validation", data.validation),
                )
            }
        )
        yield Stage("head", head, known, rate)
        if fine_tune:
            transfer.unfreeze(model, last_blocks=fine_tune)
            yield Stage("fine", model, data, FINE * rate)

    return Plan(model, stages, 2 if fine_tune else 1)


def _coloured(pair: Pair) -> Pair:
    """Return grey pictures with three channels: pretrained weights expect colours."""
    images, labels = pair
    return (np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images), labels


def _landmarks(data, rate, weights, fine_tune, settings) -> Plan:
    """Plan the recogniser that reads landmarks and their mirror image."""
    from asl_helpers import recognisers

    _refuse_fine_tuning(fine_tune, "is not for landmarks")
    if weights is not None or settings:
        given = "--weights" if weights is not None else f"--set {next(iter(settings))}"
        raise TrainError(f"landmarks has no {given}: its network is fixed, and small.")
    core = recognisers.landmark_core(len(data.class_names))
    model = recognisers.landmark_recogniser(core)
    # It answers with the mean over a hand and its mirror image, so both are learnt from.
    points, labels = data.train
    mirrored = points * np.array([-1, 1, 1], np.float32)
    both = (np.concatenate([points, mirrored]), np.concatenate([labels, labels]))
    pairs = SimpleNamespace(train=both, validation=data.validation)
    stage = Stage("whole", recognisers.one_sided(core), pairs, rate)
    return Plan(model, lambda folder: iter([stage]))
