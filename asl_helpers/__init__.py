"""The package behind the course: alphabet -> hand -> datasets -> models -> training -> evaluation.

Importing it is cheap: TensorFlow and the plotting libraries load where they are first used.
"""

from importlib import import_module

__version__ = "0.1.0"

_LAZY = {"load": "asl_helpers.datasets", "glue": "asl_helpers.records"}
_MODULES = (
    "alphabet",
    "checks",
    "datasets",
    "evaluation",
    "hand",
    "models",
    "plots",
    "scratch",
    "settings",
    "training",
)

__all__ = ["__version__", *_LAZY, *_MODULES]


def __getattr__(name: str):
    """Import ``asl.load`` and the submodules at their first use, not with the package."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _MODULES:
        return import_module(f"asl_helpers.{name}")
    raise AttributeError(f"module 'asl_helpers' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the lazy names too, so that completion finds them."""
    return sorted(__all__)
