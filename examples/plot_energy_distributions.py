"""
Energy distributions of stars
=============================

From the lines in a spectrum to the flux from 2500 to 10475 Å, with errors, and to
magnitudes. The spectra come with galspec. They are simulated, in the format of
LAMOST's tenth data release: reddened, and calibrated no better than LAMOST does.
"""

# %%
# Predict
# -------
# `~galspec.SEDPredictor` is made for stars of 5000 to 9750 K. Where a star is unlike
# its training set, a flag says so:

import astropy.units as u
import matplotlib.pyplot as plt
import numpy as np

from galspec import SEDPredictor, example_spectra, example_truth, read_spectra
from galspec.flags import describe

stars = read_spectra(example_spectra("stars"))
truth = example_truth("stars")
estimator = SEDPredictor.pretrained()
seds = estimator.predict(stars)
print(seds.flux.shape)
for row, flags in enumerate(seds.meta["flags"]):
    print(seds.meta["obsid"][row], f"{truth['teff'][row]:.0f} K", describe(flags))

# %%
# As the telescope sees them
# --------------------------
# Lines do not know of dust: the prediction is that of the star alone. With E(B-V),
# here what the simulator took and otherwise what a map of dust says, and with a
# magnitude, it becomes the flux that arrives:

unit = u.erg / u.s / u.cm**2 / u.AA
brightness = np.linspace(13.5, 16, len(stars)) * u.ABmag
observed = estimator.predict(
    stars, ebv=np.asarray(truth["ebv"]), scale_to=("sdss2010-r", brightness)
)
print(observed.flux.unit)

# %%
# Magnitudes
# ----------
# of any bands that speclite has, with errors:

bands = ("sdss2010-u", "sdss2010-g", "sdss2010-r", "sdss2010-i", "sdss2010-z")
magnitudes = observed.synthetic_photometry(bands)
for name in magnitudes.colnames:
    magnitudes[name].info.format = ".2f"
magnitudes.pprint(max_width=-1)

# %%
# The figure
# ----------
# In grey what LAMOST saw, scaled to the prediction at 5500 Å: its slope is that of
# star, dust and calibration together. In colour what its lines between 4000 and 7000 Å
# say of the flux, with the 68 % band, from the ultraviolet on. Points are magnitudes.

centres = np.array([3551, 4686, 6166, 7480, 8932])
wavelength = observed.spectral_axis.to_value(u.AA)
figure, axes = plt.subplots(3, 2, figsize=(11, 8.5), sharex=True, layout="constrained")
colours = plt.cm.plasma(np.linspace(0.05, 0.75, len(stars)))
for panel, row in enumerate(np.argsort(truth["teff"])[::-1]):
    axis, colour = axes.flat[panel], colours[panel]
    flux = observed.flux[row].value
    error = observed.uncertainty.array[row]
    scale = np.nanmax(flux)
    rest = stars.wavelength / (1 + stars.redshift[row])
    good = ~stars.mask[row] & (rest > 3750)
    here = good & (abs(rest - 5500) < 50)
    near = np.interp(5500, wavelength, flux) / np.median(stars.flux[row][here])
    seen = np.where(good, stars.flux[row] * near / scale, np.nan)
    axis.plot(rest, seen, color="0.7", lw=0.5, label="LAMOST")
    low, high = (flux - error) / scale, (flux + error) / scale
    axis.fill_between(wavelength, low, high, color=colour, alpha=0.35, lw=0)
    axis.plot(wavelength, flux / scale, color=colour, lw=1.2, label="predicted")
    ab = np.array([magnitudes[name][row].value for name in bands])
    points = (ab * u.ABmag).to_value(unit, u.spectral_density(centres * u.AA))
    axis.plot(centres, points / scale, "o", color=colour, mec="white", ms=7)
    words = f"{truth['teff'][row]:.0f} K, [Fe/H] {truth['feh'][row]:.1f}"
    words += f", E(B-V) {truth['ebv'][row]:.2f}\n"
    words += " ".join(describe(observed.meta["flags"][row]))
    axis.text(0.97, 0.95, words, transform=axis.transAxes, ha="right", va="top")
    axis.set(ylim=(-0.02, 1.35), xlim=(2500, 10475))
axes[0, 0].legend(frameon=False, loc="upper left", ncols=2)
figure.suptitle("Flux of stars from their lines")
figure.supxlabel("wavelength (Å, vacuum)")
figure.supylabel("relative flux per wavelength")
plt.show()

# %%
# The star that is flagged is rich in carbon, [C/Fe] = 1.8, as few stars are. Its errors
# are larger too.
#
# With many such stars an instrument is calibrated: :doc:`plot_flux_calibration`.
#
# Keep it
# -------
# ``galspec predict sed-predictor FILES -o seds.fits`` writes a table of all of this;
# the :doc:`page of the method </sed_predictor>` tells more.
