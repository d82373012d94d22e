"""What can be wrong with a training that was asked for from a shell."""

from asl_helpers.errors import AslError


class TrainError(AslError):
    """A training that cannot be begun, or whose output belongs to another one."""
