"""Asking services on the network: with patience, and errors that say what to do."""

import time

__all__ = ["DatasetError", "first_line", "patiently", "require_astroquery"]

#: Seconds to wait before a question is asked again; then it has failed.
PAUSES = (5, 30)
#: Seconds that a service is given if it asks for more.
LONGEST = 300


class DatasetError(RuntimeError):
    """Data cannot be had, or are not what they should be."""


def require_astroquery():
    """Import what asks the services of SDSS.

    Returns
    -------
    module
        ``astroquery.sdss``.

    Raises
    ------
    ImportError
        That says how to install it.
    """
    try:
        import astroquery.sdss
    except ImportError as error:
        raise ImportError(
            f"fetching needs {error.name}: pip install 'astro-galspec[datasets]'"
        ) from error
    return astroquery.sdss


def patiently(question, what):
    """Ask a service, and again after a while if it fails.

    Parameters
    ----------
    question : callable
        Without arguments.
    what : str
        What is asked for, for the error.

    Returns
    -------
    object
        The answer.

    Raises
    ------
    DatasetError
        If it failed every time.
    """
    for pause in PAUSES:
        try:
            return question()
        except Exception as error:  # services fail in many ways
            asked = _asked_for(error)
        time.sleep(max(pause, asked))
    try:
        return question()
    except Exception as error:
        raise DatasetError(
            f"cannot get {what}: {first_line(error)}. What was fetched before is kept: "
            "the same call goes on from there"
        ) from error


def _asked_for(error):
    """Seconds that a service that is busy asks to be left alone."""
    headers = getattr(error, "headers", None) or {}
    seconds = str(headers.get("Retry-After", ""))
    return min(int(seconds), LONGEST) if seconds.isdecimal() else 0


def first_line(error):
    """What an error says, in one line of bearable length.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str
    """
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
