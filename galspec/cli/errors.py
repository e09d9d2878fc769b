"""The error of a wrong call."""

__all__ = ["CommandError"]


class CommandError(Exception):
    """The command was called wrongly; the message says how to call it rightly."""
