"""The one error of sweeps, in a place of its own, so that every part can raise it."""

from asl_helpers.errors import AslError


class SweepError(AslError):
    """A sweep cannot run as asked, or its table on disk is not what it should be."""
