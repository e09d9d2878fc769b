"""The one error of this package."""

__all__ = ["WeightsError"]


class WeightsError(RuntimeError):
    """Weights cannot be found, fetched, verified, read or written.

    The message names what was asked for, where it was looked for, and what to do.
    """
