"""What the card of SEDPredictor reports of real stars, as tables."""

import csv

import numpy as np
from astropy.io import fits
from astropy.table import Table
from energy_libraries import calspec, miles_energies, pairs
from sed_residuals import (
    BANDS,
    Measured,
    band_names,
    cell,
    coverage,
    flagged,
    inside,
    markdown,
)
from sed_tuning_stars import library

from galspec import SpectrumBatch
from galspec.sed import at_r200, normalised

__all__ = [
    "domain_table",
    "kurucz_table",
    "mean_bias",
    "miles_table",
    "observed",
    "pair_table",
    "paired",
]

#: Bands in which MILES tells the flux well.
LIBRARY_BANDS = ((3600, 4000), (4000, 7000))
#: Effective temperatures of stars far outside what can be simulated, K.
COOL, HOT = (2500.0, 4800.0), (10500.0, 50000.0)
#: log10 of the first wavelength of the models, and step (vacuum angstrom).
KURUCZ = (3.47712135315, 1e-4)


def observed(wavelength, flux):
    """Spectra at rest whose errors are not known.

    Parameters
    ----------
    wavelength : ndarray, shape (m,)
        Vacuum angstrom.
    flux : ndarray, shape (n, m)
        NaN, or not positive, where not known.

    Returns
    -------
    SpectrumBatch
    """
    good = flux > 0
    level = np.nanmedian(np.where(good, flux, np.nan), axis=1, keepdims=True)
    return SpectrumBatch.from_arrays(
        wavelength,
        np.where(good, flux, 0) / level,
        mask=~good,
        redshift=np.zeros(len(flux)),
    )


def paired(estimator, folder):
    """The test of the whole: spectra of one library, flux of another.

    Parameters
    ----------
    estimator : SEDPredictor
    folder : pathlib.Path
        As for `energy_libraries.pairs`.

    Returns
    -------
    list of (str, str, ndarray)
        Name, library that tells the flux, and ln(predicted / true), (574,).
    """
    with open(folder / "sed_pairs.csv", newline="") as table:
        told = {row["star"]: row["sed_hst"].split()[0] for row in csv.DictReader(table)}
    return [
        (name, told[name], Measured(estimator, batch, {"log_sed": log_sed}).ratio[0])
        for name, batch, log_sed in pairs(folder)
    ]


def mean_bias(ratio, band):
    """Mean over stars of their mean residual in a band, its error, and rms.

    Parameters
    ----------
    ratio : ndarray, shape (n, 574)
        NaN where not known.
    band : tuple of float

    Returns
    -------
    bias, error, rms : float
        The error is the scatter between stars over the root of their number; rms is
        over all pixels.
    """
    part = ratio[:, inside(band)]
    each = np.nanmean(part, axis=1)
    error = each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan
    return each.mean(), error, np.sqrt(np.nanmean(part**2))


def pair_table(found):
    """Mean and rms of each star, then of all stars of a library, and of both.

    Parameters
    ----------
    found : list of (str, str, ndarray)
        What `paired` gives.
    """
    rows = []
    for name, told, ratio in found:
        every = [mean_bias(ratio[None], band) for band in BANDS]
        rows.append([name, told, *(f"{b:+.4f}, {rms:.4f}" for b, _, rms in every)])
    for library_of in ("calspec", "ngsl", ""):
        ratio = np.stack([r for _, told, r in found if told.startswith(library_of)])
        every = [mean_bias(ratio, band) for band in BANDS]
        cells = [f"{b:+.4f} ± {error:.4f}, {rms:.4f}" for b, error, rms in every]
        rows.append([f"{len(ratio)} stars", library_of or "both", *cells])
    return markdown(["star", "flux", *band_names()], rows)


def miles_table(estimator, path):
    """Stars of the test part of MILES, which nothing was fitted to.

    Parameters
    ----------
    estimator : SEDPredictor
    path : path-like

    Returns
    -------
    str
        Bias, NMAD, rms and coverage in per cent, by Teff.
    """
    stars = library(path, test=True)
    truth = {"log_sed": stars.log_sed}
    measured = Measured(estimator, observed(stars.wavelength, stars.flux), truth)
    rows = []
    for low, high in ((5000, 6000), (6000, 7000), (7000, 9750), (5000, 9750)):
        of = (stars.labels[:, 0] > low) & (stars.labels[:, 0] < high)
        ratio, width = measured.ratio[of], measured.width[of]
        cells = [
            f"{cell(ratio[:, inside(b)])}, {100 * coverage(ratio, width, b):.0f}"
            for b in LIBRARY_BANDS
        ]
        rows.append([f"{low}-{high}", len(ratio), *cells])
    return markdown(["K", "n", *band_names(LIBRARY_BANDS)], rows)


def kurucz_table(estimator, path):
    """Models of F stars that SDSS calibrates its flux by: another theory.

    Parameters
    ----------
    estimator : SEDPredictor
    path : path-like

    Returns
    -------
    str
        Bias, NMAD and rms by band and [Fe/H].
    """
    with fits.open(path) as file:
        flux, labels = file[0].data.astype(float), Table(file[1].data)
    start, step = KURUCZ
    wavelength = 10 ** (start + step * np.arange(flux.shape[1]))
    inner = wavelength > 3010
    wavelength, flux = wavelength[inner], flux[:, inner]
    truth = {"log_sed": np.log(normalised(at_r200(wavelength, flux)))}
    measured = Measured(estimator, observed(wavelength, flux), truth)
    rows = []
    for feh in np.unique(labels["FEH"]):
        ratio = measured.ratio[np.asarray(labels["FEH"] == feh)]
        cells = [cell(ratio[:, inside(band)]) for band in BANDS[1:]]
        rows.append([f"{feh:.1f}", len(ratio), *cells])
    return markdown(["[Fe/H]", "n", *band_names(BANDS[1:])], rows)


def domain_table(estimator, folder):
    """Share of stars flagged OUT_OF_DOMAIN, of kinds that are and that are not.

    Parameters
    ----------
    estimator : SEDPredictor
    folder : pathlib.Path
        With miles.npz and calspec.npz.
    """
    miles, standards = folder / "miles.npz", folder / "calspec.npz"
    kinds = {
        "MILES, below 4800 K": miles_energies(miles, COOL),
        "MILES, above 10 500 K": miles_energies(miles, HOT),
        "CALSPEC above 15 000 K, R = 550": calspec(standards, hot=True),
        "MILES test part, 4900-9900 K": library(miles, test=True),
        "CALSPEC, 5000-10 400 K, R = 550": calspec(standards),
    }
    rows = []
    for kind, stars in kinds.items():
        batch = observed(stars.wavelength, stars.flux)
        found = flagged(estimator.predict(batch, progress_bar=False))
        rows.append([kind, len(found), f"{100 * found.mean():.0f}"])
    return markdown(["stars", "n", "flagged, %"], rows)
