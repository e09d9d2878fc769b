"""
A catalogue of metallicities
============================

From a folder of galaxy spectra to a catalogue: classify, select, estimate, check. The
six spectra come with galspec; they are simulated, in the format of LAMOST's tenth data
release. A real catalogue is made in the same way from a million files.
"""

# %%
# Make it
# -------
# The catalogue is written to a file, with a row for each spectrum, whatever becomes of
# it. An interrupted call goes on where it stopped when it is repeated.

import pathlib
import tempfile

import matplotlib.pyplot as plt
import numpy as np

import galspec
from galspec.catalog import Criteria, metallicity_catalog

folder = pathlib.Path(tempfile.mkdtemp())
files = galspec.example_spectra()
table = metallicity_catalog(files, folder / "catalog.fits")
for name in ("p_sf", "oh", "oh_err"):
    table[name].info.format = ".2f"
shown = ("obsid", "redshift", "p_sf", "label", "oh", "oh_err", "selected", "reason")
table[shown].pprint(max_width=-1)

# %%
# ``reason`` names each criterion that a spectrum fails. The criteria are those of Feng,
# Wang & Li (2025), and each can be changed:

strict = metallicity_catalog(files, criteria=Criteria(snr_min=15, p_sf_min=0.95))
print(*zip(strict["obsid"], strict["reason"], strict=True), sep="\n")

# %%
# What the header says
# --------------------
# Methods, weights, criteria, versions and numbers are part of the file:

for key in ("estimator", "weights", "scale", "classifier", "z_max", "snr_min", "n_sel"):
    print(f"{key:11} {table.meta[key]}")

# %%
# Look at it
# ----------
# Every spectrum with the probabilities of its classes, and what was selected:

spectra = galspec.read_spectra(files)
colours = {"sf": "tab:blue", "composite": "tab:olive", "agn": "tab:orange"}
colours["passive"] = "tab:red"
figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 5), width_ratios=(2.4, 1), sharey=True, layout="constrained"
)
for row in range(len(files)):
    offset = len(files) - 1 - row
    good = ~spectra.mask[row] & (spectra.wavelength > 3750)
    flux = np.where(good, spectra.flux[row], np.nan)
    flux = np.clip(0.2 * flux / np.nanmedian(flux), -0.1, 0.85)
    left.plot(
        spectra.wavelength,
        flux + offset,
        color=colours[str(table["label"][row])],
        linewidth=0.5,
    )
    start = 0.0
    for name, colour in colours.items():
        share = float(table[f"p_{name}"][row])
        right.barh(offset + 0.25, share, left=start, height=0.4, color=colour)
        start += share
    words = table["reason"][row]
    if table["selected"][row]:
        words = f"{table['oh'][row].value:.2f} ± {table['oh_err'][row].value:.2f}"
    right.text(0.02, offset + 0.55, words, fontsize=9)
for name, colour in colours.items():
    right.bar(0, 0, color=colour, label=name)
right.axvline(0.85, color="0.3", linewidth=0.8, linestyle=":")
figure.legend(ncols=4, loc="outside upper right", frameon=False)
left.set(xlabel="observed wavelength (Å, vacuum)", ylabel="relative flux", yticks=[])
right.set(xlim=(0, 1), xlabel="probability", title="12 + log(O/H), or why not")
plt.show()

# %%
# The dotted line is where the selection begins. From the command line the same
# catalogue is made by ``galspec catalog FOLDER -o catalog.fits``.
