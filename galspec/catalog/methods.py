"""The methods that a catalogue is made with: found by name, and checked."""

__all__ = ["ready_method"]


def ready_method(role, method, target):
    """A method that can predict, found by its name where it is one.

    Parameters
    ----------
    role : str
        The keyword that it was given as, for the errors.
    method : object, str or tuple of str
        An estimator, its name, or its name and the tag of its weights.
    target : str
        What it must estimate.

    Returns
    -------
    `~galspec.SpectralEstimator`

    Raises
    ------
    TypeError, ValueError
        If it is nothing of that kind, or estimates something else.
    """
    from galspec.registry import get_estimator

    if isinstance(method, (str, tuple)):
        name, *tag = [method] if isinstance(method, str) else method
        method = get_estimator(name).pretrained(*tag)
    if isinstance(method, type) or not hasattr(method, "predict_batches"):
        raise TypeError(
            f"{role} is {method!r}; an estimator that is ready to predict, a name, or "
            "a name and a tag is needed"
        )
    names = [each.name for each in method.targets]
    if target not in names:
        raise ValueError(
            f"{role} gives {', '.join(names)}; one that gives {target} is needed"
        )
    return method
