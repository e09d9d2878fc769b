"""What the card of CEMPParams reports of real stars, as tables."""

import csv
import re

import astropy.units as u
import numpy as np
from astropy.table import Table

from galspec import SpectrumBatch, read_spectra
from galspec.constants import SPEED_OF_LIGHT
from galspec.evaluation import residual_summary
from galspec.training.splits import split_by_object

__all__ = ["carbon_of", "casper", "lamost", "library", "words"]

#: S/N that the spectra of a library are taken to have.
LIBRARY_SNR = 100.0
#: Logarithmic abundances of the Sun: Asplund et al. 2009, ARA&A 47, 481, table 1.
SOLAR = {"C": 8.43, "Fe": 7.50}


def casper(estimator, folder):
    """Truth and result of low-resolution spectra of stars with high-resolution labels.

    Their radial velocity is not known.
    """
    truth = Table.read(folder / "labels.csv", format="ascii.csv")
    results = []
    for name in truth["file"]:
        spectrum = np.loadtxt(folder / name, delimiter=",", skiprows=1).T
        results.append(_predicted(estimator, *spectrum))
    return _joined(truth, results)


def _predicted(estimator, wavelength, flux):
    """Result of one spectrum in air, from its scatter alone."""
    from specutils import Spectrum

    spectrum = Spectrum(flux=flux * u.one, spectral_axis=wavelength * u.AA)
    return estimator.predict(spectrum, medium="air")


def lamost(estimator, folder):
    """Truth of the survey's pipeline and result, of LAMOST spectra of stars."""
    truth = Table.read(folder / "labels.csv", format="ascii.csv")
    batch = read_spectra([str(folder / name) for name in truth["file"]])
    redshift = np.asarray(truth["rv"], float) / SPEED_OF_LIGHT
    table = estimator.predict(batch.replace(redshift=redshift), progress_bar=False)
    return _joined(truth, [table])


def library(estimator, stars, part="test"):
    """Truth and result of the stars of a library that belong to a part of the split."""
    rows = split_by_object(stars.names) == part
    flux = stars.flux[rows]
    batch = SpectrumBatch.from_arrays(
        stars.wavelength,
        flux,
        ivar=np.where(flux > 0, LIBRARY_SNR / np.where(flux > 0, flux, 1), 0) ** 2,
        redshift=np.zeros(len(flux)),
    )
    truth = Table({"name": stars.names[rows]})
    for index, name in enumerate(("teff", "logg", "feh", "cfe")):
        truth[name] = stars.labels[rows, index]
    return _joined(truth, [estimator.predict(batch, progress_bar=False)])


def _joined(truth, results):
    """One table with the columns of the truth as ``true_X``."""
    from astropy.table import vstack

    for result in results:
        result.meta.clear()
    table = vstack(results)
    for name in truth.colnames:
        table["true_" + name] = truth[name]
    return table


def words(table, rows=slice(None), names=("teff", "logg", "feh", "cfe")):
    """Bias and NMAD of the labels that are known, in words."""
    parts = []
    for name in names:
        if "true_" + name not in table.colnames:
            continue
        true = np.asarray(table["true_" + name], float)[rows]
        m = residual_summary(true, np.asarray(table[name].value)[rows])
        digits = 0 if name == "teff" else 3
        parts.append(
            f"{name} {m['bias']:+.{digits}f} bias, {m['nmad']:.{digits}f} NMAD, "
            f"{m['sigma']:.{digits}f} standard deviation"
        )
    return "; ".join(parts)


def carbon_of(names, path):
    """[C/Fe] of stars by name, medians of the papers in JINAbase.

    Abohalima & Frebel 2018, ApJS 238, 36.

    Parameters
    ----------
    names : sequence of str
    path : path-like
        CSV file with ``Name``, ``Simbad_Identifier``, ``C-H`` and ``Fe I``, logarithmic
        abundances.

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        NaN where a star is not there.
    """
    known = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if _measured(row["C-H"]) and _measured(row["Fe I"]):
                iron = float(row["Fe I"]) - SOLAR["Fe"]
                cfe = float(row["C-H"]) - SOLAR["C"] - iron
                for key in {_plain(row["Name"]), _plain(row["Simbad_Identifier"])}:
                    known.setdefault(key, []).append(cfe)
    return np.array([np.median(known.get(_plain(n), [np.nan])) for n in names])


def _measured(abundance):
    """Whether it is there, and no limit."""
    return bool(abundance) and abundance[0] not in "<>"


def _plain(name):
    """A name without blanks and leading zeros: catalogues differ in them."""
    name = re.sub(r"[\s_:]", "", name.upper())
    return re.sub(r"^([A-Z]+[+-]?)0*", r"\1", name)
