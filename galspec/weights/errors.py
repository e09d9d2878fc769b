"""The one error of this package."""

import contextlib

__all__ = ["WeightsError", "blaming_weights"]


class WeightsError(RuntimeError):
    """Weights cannot be found, fetched, verified, read or written.

    The message names what was asked for, where it was looked for, and what to do.
    """


@contextlib.contextmanager
def blaming_weights(name):
    """Turn whatever a configuration can have wrong into a `WeightsError`.

    Parameters
    ----------
    name : str
        Of the estimator that the weights are for.

    Raises
    ------
    WeightsError
        For every error but those that say that a package is missing.
    """
    try:
        yield
    except (WeightsError, ImportError):
        raise
    except Exception as error:
        raise WeightsError(
            f"the weights of {name} cannot be used: their configuration is damaged, or "
            f"was written for something else ({error})"
        ) from error
