"""What networks see of spectra, and work in parallel over groups of them."""

import collections
import concurrent.futures
import operator
import os
import sys

import numpy as np

__all__ = [
    "CHANNELS",
    "at_least_one",
    "channel_names",
    "network_input",
    "ordered_map",
    "threads",
]

#: What a network can see of a spectrum.
CHANNELS = ("flux", "good", "redshift", "continuum", "depth", "ivar")


def channel_names(inputs):
    """The channels that a network's ``inputs`` stand for.

    Parameters
    ----------
    inputs : int or tuple of str
        A number stands for so many of `CHANNELS` from the first on.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If there is no such channel.

    Examples
    --------
    >>> from galspec.inference import channel_names
    >>> channel_names(2)
    ('flux', 'good')
    """
    counted = isinstance(inputs, int)
    names = CHANNELS[: max(inputs, 0)] if counted else tuple(inputs)
    right = len(names) == inputs if counted else set(names) <= set(CHANNELS)
    if not (names and right):
        raise ValueError(
            f"inputs are {inputs!r}; they can be some of {CHANNELS}, or how many of "
            "them from the first on"
        )
    return names


def network_input(batch, channels):
    """Stack what a network sees of each spectrum.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Behind its recipe, with one axis for all rows.
    channels : int or tuple of str
        As for `channel_names`.

        - ``flux``: masked pixels keep what the recipe filled them with, unless ``good``
          tells which they are; then they are 0.
        - ``good``: 1 where a pixel is good, 0 where it is masked.
        - ``redshift``: log10(1 + z) in every pixel, NaN where it is not known.
        - ``continuum``: its natural logarithm, less the mean over the good pixels, so
          that a factor does not matter; 0 where it is masked. The recipe has to have
          a `~galspec.transforms.Normalise`.
        - ``depth``: one minus the flux, 0 where it is masked: what lines take from a
          spectrum behind a `~galspec.transforms.Normalise`.
        - ``ivar``: inverse variance, 0 where it is masked.

    Returns
    -------
    `numpy.ndarray`, shape (n, channels, n_pix), float32

    Raises
    ------
    ValueError
        If there is no such channel, or no continuum.
    """
    names = channel_names(channels)
    if names == ("flux",):
        return batch.flux[:, None]
    inputs = np.empty((len(batch), len(names), batch.flux.shape[1]), np.float32)
    for place, name in enumerate(names):
        if name == "flux" and "good" in names:
            np.multiply(batch.flux, ~batch.mask, out=inputs[:, place])
        else:
            inputs[:, place] = _channel(batch, name)
    return inputs


def _channel(batch, name):
    """One channel, (n, n_pix) or (n, 1)."""
    if name == "flux":
        return batch.flux
    if name == "good":
        return ~batch.mask
    if name == "redshift":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log10(1 + batch.redshift)[:, None]
    if name == "depth":
        return (1 - batch.flux) * ~batch.mask
    if name == "ivar":
        return batch.ivar * ~batch.mask
    if batch.continuum is None:
        raise ValueError(
            "the network sees the continuum, and the recipe finds none: add Normalise"
        )
    good = ~batch.mask & (batch.continuum > 0)
    log = np.log(batch.continuum, out=np.zeros_like(batch.continuum), where=good)
    mean = log.sum(axis=1) / np.maximum(np.count_nonzero(good, axis=1), 1)
    return np.where(good, log - mean[:, None].astype(np.float32), 0)


def ordered_map(function, items, workers):
    """Map over an iterator in threads, in order, holding few items at a time.

    Where torch is loaded, every thread runs it on one core: two threads inside one
    operation collapse when both cores are busy.

    Parameters
    ----------
    function : callable
    items : iterable
    workers : int or None
        Threads; as many as cores when None.

    Yields
    ------
    object
        What ``function`` gives, in the order of ``items``.
    """
    workers = threads(workers)
    with concurrent.futures.ThreadPoolExecutor(workers, "galspec") as pool:
        waiting = collections.deque()
        for item in items:
            waiting.append(pool.submit(_on_one_core, function, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _on_one_core(function, item):
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    return function(item)


def at_least_one(name, value):
    """A whole number that has to be 1 or more, such as of threads.

    Parameters
    ----------
    name : str
        What to call it in messages.
    value : int

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; it has to be a whole number") from None
    if number < 1:
        raise ValueError(f"{name} is {number}; it has to be 1 or more")
    return number


def threads(workers):
    """How many threads ``workers`` stands for.

    Parameters
    ----------
    workers : int or None
        As many as cores that this process may use when None.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If it is no number of threads.
    """
    if workers is not None:
        return at_least_one("workers", workers)
    if hasattr(os, "sched_getaffinity"):  # not every system can tell
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
