"""What can be wrong with a model or with data to judge it on."""

from asl_helpers.errors import AslError


class JudgeError(AslError):
    """A model or data that cannot be judged, or that do not fit each other."""
