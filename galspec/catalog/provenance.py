"""Where a catalogue comes from: flat entries that every file format keeps."""

import collections
import datetime
import importlib.metadata
import itertools
import pathlib
import platform
import tempfile

import numpy as np

from galspec.flags import WITHOUT_VALUE

__all__ = ["header", "method_entries"]

LIBRARIES = ("numpy", "astropy", "torch")


def method_entries(estimator, **options):
    """What a method says of itself in its results.

    Asking for the result of nothing also finds out, before any work is done, whether it
    is fitted and takes the options.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    **options
        Keywords for its ``predict``.

    Returns
    -------
    dict
        With the SHA-256 also of weights that have never been saved.
    """
    meta = estimator.predict_batches([], workers=1, **options).meta
    return {**meta, "sha256": _sha256(estimator, meta)}


def header(entries, inputs, rows):
    """The header of a catalogue.

    Parameters
    ----------
    entries : dict
        What the rows depend on beside the files: flat.
    inputs : `galspec.catalog.inputs.Inputs`
    rows : dict of str to `numpy.ndarray`
        The columns.

    Returns
    -------
    dict
        With the numbers of files, of spectra, of those without a value, of those
        selected and of those that each criterion left out; the SHA-256 of the list of
        files, the date (UTC), and versions.
    """
    words = (reason.split(",") for reason in rows["reason"] if reason)
    reasons = collections.Counter(itertools.chain.from_iterable(words))
    now = datetime.datetime.now(datetime.UTC)
    return {
        **entries,
        "n_files": len(inputs),
        "n_spec": len(rows["selected"]),
        "n_lost": int(np.count_nonzero(rows["flags"] & int(WITHOUT_VALUE))),
        "n_sel": int(rows["selected"].sum()),
        "reasons": ",".join(f"{name}={n}" for name, n in reasons.items()),
        "list_sha": inputs.digest(),
        "date": now.isoformat(timespec="seconds").replace("+00:00", ""),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def _sha256(estimator, meta):
    from galspec.estimator import NotFittedError

    if meta["weights"] != "unsaved":
        return meta["sha256"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            return estimator.save(pathlib.Path(folder, "weights.safetensors"))
        except NotFittedError:  # it needs no fit to predict
            return ""
