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

__all__ = ["header", "provenance"]

LIBRARIES = ("numpy", "astropy", "torch")


def provenance(maker):
    """What the rows depend on beside the files.

    Asking the methods for the result of nothing also finds out, before any work is
    done, whether they are fitted and take the options.

    Parameters
    ----------
    maker : `galspec.catalog.rows.RowMaker`

    Returns
    -------
    dict of str to str, float or bool
        Entries of the estimator as in each of its results, those of the classifier,
        the criteria, and the prior.
    """
    estimator = maker.estimator.predict_batches([], scale=maker.scale, workers=1).meta
    classifier = maker.classifier.predict_batches(
        [], workers=1, **maker.classifier_options()
    ).meta
    prior = maker.prior or {}
    return {
        **estimator,
        "sha256": _sha256(maker.estimator, estimator),
        "classifier": classifier["estimator"],
        "c_weights": classifier["weights"],
        "c_sha256": _sha256(maker.classifier, classifier),
        "c_recipe": classifier["recipe"],
        "prior": ",".join(f"{name}={prior[name]:g}" for name in sorted(prior)),
        **maker.criteria.to_meta(),
    }


def header(entries, inputs, rows):
    """The header of a catalogue.

    Parameters
    ----------
    entries : dict
        Of `provenance`.
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
    """That of the weights, also of those that have never been saved."""
    from galspec.estimator import NotFittedError

    if meta["weights"] != "unsaved":
        return meta["sha256"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            return estimator.save(pathlib.Path(folder, "weights.safetensors"))
        except NotFittedError:  # it needs no fit to predict
            return ""
