"""The package behind the course: data, the drawn hand, networks, training, and reading letters.

Importing it is cheap: TensorFlow and the plotting libraries load where they are first used.
"""

import os
from importlib import import_module

# TensorFlow reads it at its import, wherever that happens first: faster convolutions on a CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"

_LAZY = {
    "load": "asl_helpers.datasets.load",
    "glue": "asl_helpers.records",
    "pick": "asl_helpers.files",
    "user_data_dir": "asl_helpers.files",
}
_MODULES = (
    "alphabet",
    "counting",
    "datasets",
    "evaluation",
    "hand",
    "judge",
    "landmarks",
    "layers",
    "networks",
    "figures",
    "classifier",
    "scratch",
    "tracking",
    "training",
)

__all__ = ["__version__", *_LAZY, *_MODULES]


def __getattr__(name: str):
    """Import the lazy names and the submodules at their first use, not with the package."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _MODULES:
        return import_module(f"asl_helpers.{name}")
    raise AttributeError(f"module 'asl_helpers' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the lazy names too, so that completion finds them."""
    return sorted(__all__)
