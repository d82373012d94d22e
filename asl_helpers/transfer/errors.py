"""The one exception of everything about transfer learning."""

from asl_helpers.errors import AslError


class TransferError(AslError):
    """Weights, a head, a model file or a picture that does not fit.

    Attributes
    ----------
    reason:
        Why weights are out of reach, in few words; empty for other errors.
    """

    reason = ""
