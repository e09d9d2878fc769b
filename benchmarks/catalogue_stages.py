"""What a catalogue costs beside reading and networks, which are its floor."""

import functools
import pathlib
import tempfile

import numpy as np
from catalogue_runs import WRITTEN, run
from timing import in_turns

#: Spectra that are worked on together, as ``galspec catalog`` does.
BATCH = 128


def stages(names, methods, more, rounds):
    """Seconds a spectrum of a whole catalogue and of its stages, on one core in turns.

    Parameters
    ----------
    names : list of str
        Files.
    methods : dict of str to `galspec.SpectralEstimator`
        "classifier" and "estimator".
    more : list of str
        Options of the command that name these methods.
    rounds : int

    Returns
    -------
    dict of str to list of float
        "catalogue" (the call, from names to a file on disk), "reading", "classifier"
        and "estimator" (networks alone, on arrays that are prepared), all for each
        file; "start" is the seconds of a process that makes a catalogue of one file.
    """
    with tempfile.TemporaryDirectory() as folder:
        catalogue = functools.partial(_catalogue, names, folder, methods)
        batches = _batches(names)
        chosen = np.split(_estimated(catalogue()), range(BATCH, len(names), BATCH))
        jobs = {
            "catalogue": (len(names), catalogue),
            "reading": (len(names), functools.partial(_read, names)),
        }
        everything = [slice(None)] * len(batches)
        for role, rows in (("classifier", everything), ("estimator", chosen)):
            forward = _forward(methods[role], batches, rows)
            jobs[role] = (len(names), forward)
        jobs["start"] = (1, functools.partial(_start, names[0], folder, more))
        return in_turns(jobs, rounds)


def _catalogue(names, folder, methods):
    from galspec.catalog import metallicity_catalog

    output = pathlib.Path(folder, "catalog.fits")
    return metallicity_catalog(names, output, workers=1, overwrite=True, **methods)


def _batches(names):
    from galspec.io import read_spectra

    starts = range(0, len(names), BATCH)
    return [read_spectra(names[start : start + BATCH]) for start in starts]


def _read(names):
    from galspec.io import read_spectra

    for start in range(0, len(names), BATCH):
        read_spectra(names[start : start + BATCH])


def _estimated(table):
    """For which files the second network was run."""
    return np.isfinite(table["oh"].value)


def _forward(method, batches, rows):
    """A job that only runs the networks of a method, on what they would see."""
    from galspec.prediction import has_value, prepare

    inputs = []
    for batch, chosen in zip(batches, rows, strict=True):
        prepared, flags = prepare(batch[chosen], method.recipe, method.network)
        inputs.append(prepared[has_value(flags)])
    ensemble = method._learned.ensemble

    def forward():
        for each in inputs:
            ensemble.run(each)

    return forward


def _start(name, folder, more):
    ended = run(name, pathlib.Path(folder, "one.fits"), [*more, "--overwrite"])
    if ended.code not in WRITTEN:
        raise SystemExit(f"the command failed with exit code {ended.code}")
