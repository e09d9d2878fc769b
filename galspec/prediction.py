"""From a batch to the columns of its result: the hot path of every prediction."""

import contextlib
import os
import threading

import numpy as np

from galspec.flags import WITHOUT_VALUE, Flags
from galspec.inference import network_input, ordered_map, threads

__all__ = [
    "embed_rows",
    "file_names",
    "has_value",
    "predict_rows",
    "prepare",
    "run_groups",
    "unreadable_alone",
    "with_identifiers",
]

#: Rows that pass a recipe together: enough to share its overhead, few enough to fit.
ROWS = 64


def has_value(flags):
    """Which rows may have a value, by their flags.

    Parameters
    ----------
    flags : `numpy.ndarray` of int

    Returns
    -------
    `numpy.ndarray` of bool
    """
    return (np.asarray(flags) & int(WITHOUT_VALUE)) == 0


def unreadable_alone(flags):
    """Flags of which nothing but UNREADABLE is left where that is set.

    Nothing else can be said of a file that was not read.

    Parameters
    ----------
    flags : `numpy.ndarray` of int

    Returns
    -------
    `numpy.ndarray` of int
    """
    return np.where(flags & Flags.UNREADABLE, Flags.UNREADABLE, flags)


def with_identifiers(batch, rows):
    """Identifiers of a batch in front of the columns of its result.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch` or `~galspec.PhotometryBatch`
    rows : dict of str to `numpy.ndarray`
        A user's own column of the same name becomes ``input_NAME``: it must not vanish.

    Returns
    -------
    dict of str to `numpy.ndarray`
    """
    ids = {"input_" * (name in rows) + name: v for name, v in batch.ids.items()}
    return ids | rows


def prepare(batch, recipe, network):
    """Run a recipe and stack the network's input.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
    recipe : `~galspec.transforms.Recipe`
    network : `~galspec.networks.NetworkConfig`

    Returns
    -------
    inputs : `numpy.ndarray`, shape (n, channels, n_pix), float32
    flags : `numpy.ndarray`, shape (n,), int64
        With the bits that the recipe has set.
    """
    inputs, flags = [], []
    for start in range(0, max(len(batch), 1), ROWS):
        part = recipe(batch[start : start + ROWS])
        inputs.append(network_input(part, network.inputs))
        flags.append(part.flags)
    return np.concatenate(inputs), np.concatenate(flags)


def predict_rows(estimator, learned, batch, interval=None, **options):
    """Predict one batch.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Whose targets, recipe and network are used.
    learned : `~galspec.learned.Learned`
        Its networks and their calibration.
    batch : `~galspec.SpectrumBatch` or `~galspec.PhotometryBatch`
    interval : float, optional
        Level of the interval that is given beside the error.
    **options
        What else the estimator's ``predict`` was asked for.

    Returns
    -------
    dict of str to `numpy.ndarray`
        The columns of the result, in order, without units.
    """
    whole, measured = estimator.complete(batch)
    inputs, flags = estimator.prepare(whole)
    snr = estimator.signal_to_noise(batch)
    good = has_value(flags)
    # images are large: no copy unless there is a bad row
    columns, distance, doubts = learned.columns(
        inputs if good.all() else inputs[good],
        snr[good],
        estimator,
        interval,
        **options,
    )
    rows = {"redshift": batch.redshift} | measured
    rows |= {name: _spread(values, good) for name, values in columns.items()}
    rows["snr"] = np.where(good, snr, np.nan)
    rows["domain"] = _spread(distance, good)
    flags[good] |= doubts
    lowest = (learned.snr_range[0], np.inf)
    rows["flags"] = (
        unreadable_alone(flags)
        | _flag(rows["snr"], lowest, Flags.LOW_SN)
        | _flag(rows["domain"], (-np.inf, 1), Flags.OUT_OF_DOMAIN)
        | _flag(whole.redshift, learned.redshift_range, Flags.REDSHIFT_OUT_OF_RANGE)
    )
    return with_identifiers(batch, rows)


def embed_rows(estimator, learned, batch):
    """Embed one batch.

    Parameters
    ----------
    estimator, learned, batch
        As for `predict_rows`.

    Returns
    -------
    dict of str to `numpy.ndarray`
        Identifiers, ``redshift``, ``vector`` and ``flags``.
    """
    whole, _ = estimator.complete(batch)
    inputs, flags = estimator.prepare(whole)
    good = has_value(flags)
    places = learned.places(inputs[good])
    vectors = np.full((len(batch), places.shape[1]), np.nan, np.float32)
    vectors[good] = places
    rows = {"redshift": batch.redshift, "vector": vectors}
    return with_identifiers(batch, rows | {"flags": unreadable_alone(flags)})


def run_groups(
    predict, groups, *, progress_bar=False, total=None, workers=None, unit="spectra"
):
    """Predict groups of batches in threads, each group as one task.

    A group is read while it is iterated over: in the thread that predicts it.

    Parameters
    ----------
    predict : callable
        From a `~galspec.SpectrumBatch` to result columns.
    groups : iterable of iterables of `~galspec.SpectrumBatch`
    progress_bar : bool
        Show one.
    total : int, optional
        Number of spectra, for the progress bar.
    workers : int, optional
        Threads; as many as cores when not given.
    unit : str
        What the progress bar counts.

    Returns
    -------
    list of dict of str to `numpy.ndarray`
        Result columns of every batch, in order.
    """
    pieces, workers = [], threads(workers)
    turn = threading.Semaphore((workers + 1) // 2)
    with _bar(progress_bar, total, unit) as update:
        for several in ordered_map(
            lambda group: [*map(predict, _in_turn(group, turn))], groups, workers
        ):
            pieces.extend(several)
            update(sum(len(rows["flags"]) for rows in several))
    return pieces


def _in_turn(batches, turn):
    """Read while it is one's turn.

    Threads that read wait for Python's lock hundreds of times for each file. If half of
    them may, the others run networks meanwhile, which need no lock.
    """
    batches = iter(batches)
    while True:
        with turn:
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


@contextlib.contextmanager
def _bar(shown, total, unit):
    """What moves a progress bar on; tqdm is imported only where one is shown."""
    if not shown:
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=unit) as bar:
        yield bar.update


def file_names(data):
    """The file names that an input consists of.

    Parameters
    ----------
    data : object

    Returns
    -------
    list of str or path-like
        Empty if the input is anything else.
    """
    names = [data] if isinstance(data, (str, os.PathLike)) else data
    if not isinstance(names, (list, tuple)):
        return []
    return names if all(isinstance(n, (str, os.PathLike)) for n in names) else []


def _spread(values, good):
    """Values of the good rows among NaN, empty words or zeros for the others."""
    if values.dtype.kind in "Ui":
        column = np.zeros(len(good), values.dtype)
    else:
        column = np.full((len(good), *values.shape[1:]), np.nan)
    column[good] = values
    return column


def _flag(values, limits, bit):
    """The bit where a value lies outside its limits; NaN tells nothing."""
    return np.where((values < limits[0]) | (values > limits[1]), int(bit), 0)
