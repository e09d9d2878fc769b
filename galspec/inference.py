"""From prepared arrays to raw numbers: an ensemble of networks, in parallel."""

import collections
import concurrent.futures
import itertools
import os

import numpy as np

__all__ = ["choose_device", "network_input", "ordered_map", "run_ensemble"]

#: Rows at a time: eager torch is 2-4 times slower above, for lack of cache.
CHUNK = 16


def network_input(batch, channels):
    """Stack what a network sees: flux, which pixels are good, where the lines are.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Behind its recipe, with one axis for all rows.
    channels : {1, 2, 3}
        One: the flux; masked pixels keep what the recipe filled them with. Two: masked
        pixels are 0, and the second channel is 1 where a pixel is good. Three:
        log10(1 + z) in every pixel of the third, NaN where it is not known.

    Returns
    -------
    `numpy.ndarray`, shape (n, channels, n_pix), float32
    """
    if channels == 1:
        return batch.flux[:, None]
    inputs = np.empty((len(batch), channels, batch.flux.shape[1]), np.float32)
    np.logical_not(batch.mask, out=inputs[:, 1], casting="unsafe")
    np.multiply(batch.flux, inputs[:, 1], out=inputs[:, 0])
    if channels == 3:
        with np.errstate(invalid="ignore", divide="ignore"):
            inputs[:, 2] = np.log10(1 + batch.redshift)[:, None]
    return inputs


def run_ensemble(models, inputs):
    """Run every network of an ensemble over prepared inputs, a few rows at a time.

    Parameters
    ----------
    models : list of `torch.nn.Module`
        All on one device and in evaluation mode. One that gives (members, n, n_outputs)
        counts as so many.
    inputs : `numpy.ndarray`, shape (n, channels, n_pix)

    Returns
    -------
    outputs : `numpy.ndarray`, shape (n_models, n, n_outputs)
    features : `numpy.ndarray`, shape (n, n_features)
        What the first network saw; no columns where it does not tell.
    """
    import torch

    outputs, features = [], []
    device = _device_of(models[0])
    with torch.inference_mode():
        for start in range(0, max(len(inputs), 1), CHUNK):
            x = torch.from_numpy(inputs[start : start + CHUNK]).to(device)
            first, seen = _with_features(models[0], x)
            members = [first, *(model(x) for model in models[1:])]
            members = [y if y.ndim == 3 else y[None] for y in members]
            outputs.append(torch.cat(members).cpu().numpy())
            features.append(seen.cpu().numpy())
    return np.concatenate(outputs, axis=1), np.concatenate(features)


def _device_of(model):
    return next(itertools.chain(model.parameters(), model.buffers())).device


def _with_features(model, x):
    if hasattr(model, "with_features"):
        return model.with_features(x)
    return model(x), x.new_zeros((len(x), 0))


def choose_device(device):
    """The torch device that 'auto' or an explicit name stands for.

    Raises
    ------
    ValueError
        If the device does not exist here.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {device!r} cannot be used here: {error}") from error
    return device


def ordered_map(function, items, workers):
    """Map over an iterator in threads, in order, holding few items at a time.

    Every thread runs torch on one core: two threads inside one operation collapse when
    both cores are busy.

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
    import torch

    workers = _cores() if workers is None else workers
    with concurrent.futures.ThreadPoolExecutor(
        workers, "galspec", torch.set_num_threads, (1,)
    ) as pool:
        waiting = collections.deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _cores():
    """Cores that this process may use; not every system can tell."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
