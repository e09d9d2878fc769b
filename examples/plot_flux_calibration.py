"""
Flux calibration of a slitless survey
=====================================

Each star with a predicted energy distribution is a flux standard. Here a hundred and
fifty of them, of which some are wrong, give back the response that simulated counts
were made with.
"""

# %%
# Spectra of the stars
# --------------------
# Many stars in the field of a slitless survey have a spectrum from elsewhere, such as
# LAMOST's: resolution 2000, some calibrated and some normalised, some of it noisy. Here
# a simulator makes them, of which the true energy distributions are known.

import astropy.units as u
import matplotlib.pyplot as plt
import numpy as np
from astropy.nddata import StdDevUncertainty
from specutils import Spectrum

from galspec import SEDPredictor
from galspec.flux_calibration import response
from galspec.sed import WAVELENGTH
from galspec.simulation import (
    EmpiricalCorrection,
    EmulatedFlux,
    EnergyPrior,
    EnergySimulator,
    StellarEmulator,
)

n_stars = 150
templates = EmulatedFlux(
    StellarEmulator.load("energy"),
    EmpiricalCorrection.load("energy"),
    EmpiricalCorrection.load("energy-lines"),
    teff=(5000, 9500),
)
simulator = EnergySimulator(templates, prior=EnergyPrior(snr=(20, 80)))
spectra, truth = simulator.draw(n_stars, seed=7)
teff = np.asarray(truth["teff"])

# %%
# Predicted distributions
# -----------------------
# They are 1 at 5500 Å, and their errors are small there and larger towards the ends.
# Stars that look unlike the training set are flagged, and will not be used:

estimator = SEDPredictor.pretrained()
predicted_sed = estimator.predict(spectra)
flagged = predicted_sed.meta["flags"] > 0
print(f"{np.count_nonzero(flagged)} stars are unlike those of the training set")

figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
for star in np.argsort(teff)[[0, n_stars // 2, -1]]:
    flux = predicted_sed.flux[star].value
    error = predicted_sed.uncertainty.array[star]
    axis.fill_between(WAVELENGTH, flux - error, flux + error, alpha=0.3)
    axis.plot(WAVELENGTH, flux, label=f"{teff[star]:.0f} K")
axis.set_xlabel("wavelength [Å]")
axis.set_ylabel("flux, 1 at 5500 Å")
axis.legend(frameon=False)

# %%
# Counts without a slit
# ---------------------
# What the detector counts: the light of the stars times the response, on a background.
# One star in ten is not what it is taken for: it is blended with a bluer or redder one.

rng = np.random.default_rng(7)
true = np.exp(np.asarray(truth["log_sed"]))
grid = np.arange(2600, 10000, 8.0)


def known_response(wavelength):
    """What shall be found."""
    bell = np.exp(-0.5 * ((wavelength - 6200) / 2300) ** 2)
    return 400 * bell * (1 + 0.1 * np.sin(wavelength / 500))


light = np.stack([np.interp(grid, WAVELENGTH, star) for star in true])
blended = np.arange(n_stars) < n_stars // 10
colour = rng.uniform(0.8, 2.5, n_stars) * rng.choice([-1, 1], n_stars)
light[blended] *= 1 + (grid / 5500) ** colour[blended, None]
brightness = 10 ** rng.uniform(-0.5, 1, (n_stars, 1))
background = 30
electrons = rng.poisson(known_response(grid) * brightness * light + background)
observed_counts = Spectrum(
    spectral_axis=grid * u.AA,
    flux=(electrons - background) * u.ct,
    uncertainty=StdDevUncertainty(np.sqrt(electrons + 1.0)),
)

figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
for star in (20, 60, 100):
    axis.plot(grid, observed_counts.flux[star], lw=0.7)
axis.set_xlabel("wavelength [Å]")
axis.set_ylabel("counts")

# %%
# The response
# ------------
# The distributions have no unit, and so the brightness of each star is fitted too:

curve = response(observed_counts, predicted_sed)
print(curve)
print(f"{np.count_nonzero(curve.rejected[blended])} of {blended.sum()} blends rejected")
print(f"{np.count_nonzero(curve.rejected[~blended & ~flagged])} good stars rejected")
curve.plot()

# %%
# Against the one that made the counts, up to the scale, which shapes do not tell:

known = np.isfinite(curve.value)
error = (curve.error / curve.value).value[known]
ratio = curve.value.value[known] / known_response(WAVELENGTH[known])
ratio /= np.average(ratio, weights=error**-2)
figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
axis.fill_between(WAVELENGTH[known], 1 - error, 1 + error, alpha=0.3, label="error")
axis.plot(WAVELENGTH[known], ratio, label="found / true")
axis.set_xlabel("wavelength [Å]")
axis.legend(frameon=False)

# %%
# Calibrated spectra
# ------------------
# Any counts of the instrument become fluxes, with the error of the response in theirs:

calibrated = curve.calibrate(observed_counts)
star = 60
figure, axis = plt.subplots(figsize=(8, 3.5), layout="constrained")
axis.plot(grid, calibrated.flux[star], lw=0.7, label="calibrated")
axis.plot(WAVELENGTH, true[star] * curve.scales[star], color="black", label="true")
axis.set_ylim(bottom=0)
axis.set_xlabel("wavelength [Å]")
axis.set_ylabel("flux")
axis.legend(frameon=False)
