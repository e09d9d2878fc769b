"""
Photometric redshifts
=====================

From a table of fluxes to the redshift of each galaxy, as a density; and what to do
for a survey that galspec has no weights for.
"""

# %%
# A table of fluxes
# -----------------
# Twelve galaxies come with galspec, simulated as the Legacy Surveys (DR10) would see
# them, so that their redshifts are known. Any table of the survey looks alike: fluxes
# and inverse variances in g r i z W1 W2, and the E(B-V) of the Milky Way.

import matplotlib.pyplot as plt
import numpy as np

from galspec import ELGPhotoZ, example_cutouts, example_photometry, example_truth
from galspec.datasets import fetch_cutouts
from galspec.flags import describe
from galspec.io import read_cutouts, read_photometry
from galspec.simulation import LS_DR9, ELGPrior, ELGSimulator, GalaxyTemplates
from galspec.simulation.galaxy_templates import WAVELENGTH

batch = read_photometry(example_photometry(), survey="ls-dr10")
true_z = np.asarray(example_truth("photometry")["z"])
print(batch)

# %%
# Of three of them there are images, as ``galspec cutouts`` fetches them for the objects
# of a table. Those of which there are none go by their photometry alone.

ra, dec = batch.ids["ra"], batch.ids["dec"]
files = fetch_cutouts(
    ra, dec, folder=example_cutouts(), offline=True, progress_bar=False
).files
images = read_cutouts(files, survey="ls-dr10", ra=ra, dec=dec).images
batch = batch.with_stamps(images)

# %%
# Redshifts
# ---------
# One line. The table has a density for each galaxy, and numbers that tell of it:

estimator = ELGPhotoZ.pretrained()
redshifts = estimator.predict(batch)
for row, z in zip(redshifts, true_z, strict=True):
    print(
        f"{row['z_phot']:.3f} ± {row['z_phot_err']:.3f}, true {z:.3f}, odds "
        f"{row['z_phot_odds']:.2f} {' '.join(describe(row['flags']))}"
    )

# %%
# Densities say more than a number and its error. Some have two peaks, where two
# redshifts give the same colours. Lines are ``z_phot``, the true redshifts are dashed.
# ``redshifts.plot(z_spec=true_z, path="densities.png")`` draws the like into a file.

figure, axes = plt.subplots(3, 4, figsize=(9, 5), sharex=True, layout="constrained")
for axis, row, z in zip(axes.flat, redshifts, true_z, strict=True):
    axis.stairs(row["z_phot_pdf"], redshifts.z_edges, fill=True, alpha=0.4)
    axis.axvline(row["z_phot"], lw=1, color="0.2")
    axis.axvline(z, lw=1, ls="--", color="C3")
    axis.set(yticks=[], xlim=(0, 1.6))
figure.supxlabel("redshift")
figure.supylabel("density")

# %%
# Another survey
# --------------
# Weights know the filters that they were trained in. For others an estimator learns
# from redshifts that you have. Here these are simulated too: galaxies of a few hundred
# simple spectra, a power law with a break at 4000 Å and emission lines, drawn as a
# survey in g, r and z would see them. With a real table, leave this block out.

rng = np.random.default_rng(3)
slope, depth = rng.uniform(0.5, 2.5, (400, 1)), rng.uniform(0.1, 0.5, (400, 1))
width = rng.lognormal(3.4, 0.8, (400, 1))  # of H-alpha, angstrom
spectra = (WAVELENGTH / 5500) ** -slope
spectra *= 1 - depth / (1 + np.exp((WAVELENGTH - 3950) / 80))
spectra[:, WAVELENGTH < 1216] = 0
for line, share in ((3728, 0.9), (4862, 0.3), (5008, 0.6), (6565, 1.0)):
    profile = np.exp(-0.5 * ((WAVELENGTH - line) / 6) ** 2) / (6 * np.sqrt(2 * np.pi))
    spectra += share * width * profile * (line / 5500) ** -slope
templates = GalaxyTemplates.from_arrays([f"model {k}" for k in range(400)], spectra)
simulator = ELGSimulator(templates, survey=LS_DR9, prior=ELGPrior(agn=0))
galaxies, truth = simulator.draw(4000, seed=1, stamps=False)
z_spec = np.asarray(truth["z"])

# %%
# Three thousand galaxies train, the others tell how good it is:

own = ELGPhotoZ.for_survey("ls-dr9", ("g", "r", "z"))
options = own.fit_options(epochs=15)
own.fit(galaxies[:3000], z_spec[:3000], options=options, progress_bar=False)
table, z_test = own.predict(galaxies[3000:]), z_spec[3000:]

# %%
# How good are they
# -----------------
# The usual figures: scatter of dz = (z_phot - z) / (1 + z) by its median absolute
# deviation, and the share that is off by more than 0.15. Calibrated densities have true
# redshifts at uniform quantiles.

z_phot = np.asarray(table["z_phot"])
dz = (z_phot - z_test) / (1 + z_test)
nmad = 1.48 * np.median(abs(dz - np.median(dz)))
cumulative = np.cumsum(table["z_phot_pdf"] * np.diff(table.z_edges), axis=1)
quantile = [
    np.interp(z, table.z_edges, [0, *row])
    for z, row in zip(z_test, cumulative, strict=True)
]

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
sure = table["z_phot_odds"] > 0.5
left.plot([0, 1.6], [0, 1.6], lw=0.8, color="0.5")
left.plot(z_test[~sure], z_phot[~sure], ".", ms=3, color="0.7", label="odds below 0.5")
left.plot(z_test[sure], z_phot[sure], ".", ms=3, label="odds above 0.5")
left.set(xlabel="true redshift", ylabel="z_phot", aspect="equal")
left.set_title(f"g r z: NMAD {nmad:.3f}, {100 * np.mean(abs(dz) > 0.15):.1f} % off")
left.legend(markerscale=3, frameon=False)
right.hist(quantile, bins=20, range=(0, 1), density=True, color="0.8")
right.axhline(1, lw=0.8, color="0.3")
right.set(xlabel="quantile of the true redshift", ylabel="density")
right.set_title("calibration")
plt.show()

# %%
# Beyond z = 1 the break has left the last band, and three bands tell little: ``odds``
# knows it.
#
# ``own.save("own.safetensors")`` keeps it, for ``ELGPhotoZ.pretrained(path=...)`` and
# for ``galspec predict elg-photoz --weights``. With some hundred redshifts in a survey
# that there are weights for, ``fine_tune`` is the better way: see :doc:`/elg_photoz`.
