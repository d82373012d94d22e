"""Transfer learning with MobileNetV2: pretrained weights, cached features, a head, fine-tuning.

>>> base = transfer.backbone(size=96)  # doctest: +SKIP
>>> known = transfer.features(base, images, folder="cache")  # doctest: +SKIP
>>> head = transfer.head(known.shape[1], classes=29)  # doctest: +SKIP
>>> model = transfer.join(base, head)  # doctest: +SKIP
>>> transfer.unfreeze(model, last_blocks=3)  # doctest: +SKIP
"""

from asl_helpers.transfer.backbones import ALPHAS, architecture, backbone, drawn_card, load_weights
from asl_helpers.transfer.caching import features
from asl_helpers.transfer.download import imagenet_weights
from asl_helpers.transfer.errors import TransferError
from asl_helpers.transfer.finetuning import (
    LayerwiseAdam,
    head,
    join,
    layerwise_adam,
    schedule,
    unfreeze,
)
from asl_helpers.transfer.reading import load, load_picture, predict, save, uploaded

__all__ = [
    "ALPHAS",
    "LayerwiseAdam",
    "TransferError",
    "architecture",
    "backbone",
    "drawn_card",
    "features",
    "head",
    "imagenet_weights",
    "join",
    "layerwise_adam",
    "load",
    "load_picture",
    "load_weights",
    "predict",
    "save",
    "schedule",
    "unfreeze",
    "uploaded",
]
