"""
Gas-phase metallicities of galaxies
===================================

From files to oxygen abundances with errors and flags, and a figure that shows whether
they can be believed. The six spectra come with galspec. They are simulated, in the
format of LAMOST's tenth data release, so that the truth is known.
"""

# %%
# Predict
# -------
# An estimator is loaded once and can then be used for any number of spectra. A list of
# file names will do:

import pathlib
import tempfile
import textwrap

import matplotlib.pyplot as plt
import numpy as np

import galspec
from galspec.flags import EXPLANATIONS, Flags, describe

files = galspec.example_spectra()
estimator = galspec.GasMetallicity.pretrained()
table = estimator.predict(files)
for name in ("snr", "oh", "oh_err", "domain"):
    table[name].info.format = ".2f"
table["obsid", "snr", "oh", "oh_err", "domain", "flags"].pprint(max_width=-1)

# %%
# ``oh`` is 12 + log10(O/H). On which scale, and from which weights, the table says:

for key, value in table.meta.items():
    print(f"{key:10} {value}")

# %%
# Heed the flags
# --------------
# Where something speaks against a value, a flag says what:

for file, flags in zip(files, table["flags"], strict=True):
    print(file.name, describe(flags))
    for name in describe(flags):
        print(textwrap.indent(textwrap.fill(EXPLANATIONS[Flags[name]], 70), "    "))

# %%
# Compare with the truth
# ----------------------
# The last of the six galaxies forms no stars: its oxygen abundance has no true value,
# and whatever is predicted for it has no meaning.

truth = galspec.example_truth()
spectra = galspec.read_spectra(files)

lines = {
    "[O II]": (3728.5, "center"),
    r"H$\beta$": (4862.7, "right"),
    "[O III]": (5008.2, "left"),
    r"H$\alpha$": (6564.6, "right"),
    "[S II]": (6725.5, "left"),
}
figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 6), width_ratios=(1.7, 1), layout="constrained"
)
colours = plt.cm.viridis(np.linspace(0.05, 0.85, len(files)))

wavelength = spectra.wavelength
for row in range(len(files)):
    good = ~spectra.mask[row] & (wavelength > 3750)
    flux = np.where(good, spectra.flux[row], np.nan)
    flux = np.clip(flux / np.nanmedian(flux), -0.5, 4)
    rest = wavelength / (1 + truth["redshift"][row])
    offset = 3.5 * (len(files) - 1 - row)
    left.plot(rest, flux + offset, color=colours[row], linewidth=0.5)
    given = f"{table['oh'][row].value:.2f} ± {table['oh_err'][row].value:.2f}"
    left.text(8050, offset + 1.5, given, color=colours[row], fontsize=9)
top = left.get_xaxis_transform()
for name, (centre, side) in lines.items():
    left.axvline(centre, color="0.6", linewidth=0.6, linestyle=":", zorder=0)
    left.text(centre, 1.01, name, transform=top, ha=side, fontsize=9)
left.set(
    xlim=(3500, 9000),
    ylim=(-0.8, 3.5 * len(files) + 0.8),
    yticks=[],
    xlabel="rest-frame wavelength (Å, vacuum)",
    ylabel="relative flux, shifted",
)

has_truth = np.isfinite(truth["oh"])
flagged = table["flags"] != 0
for row in np.flatnonzero(has_truth):
    right.errorbar(
        truth["oh"][row],
        table["oh"][row].value,
        table["oh_err"][row].value,
        fmt="o",
        color=colours[row],
        markerfacecolor="white" if flagged[row] else colours[row],
        capsize=2,
    )
limits = (7.4, 9.2)
right.plot(limits, limits, color="0.6", linewidth=0.8, zorder=0)
right.set(
    xlim=limits,
    ylim=limits,
    xticks=np.arange(7.5, 9.3, 0.5),
    yticks=np.arange(7.5, 9.3, 0.5),
    aspect="equal",
    xlabel="12 + log(O/H), true",
    ylabel=f"12 + log(O/H), predicted ({table.meta['scale']})",
)
plt.show()

# %%
# Open symbols are flagged. The error bars are meant as they are drawn: about two in
# three should reach the line. The same as numbers, in units of the predicted error:

pull = (table["oh"].value - truth["oh"]) / table["oh_err"].value
print(np.round(pull[has_truth], 1))

# %%
# Keep the result
# ---------------
# The table is an astropy `~astropy.table.QTable` and can be written as one. The
# provenance goes with it into ECSV and FITS files.

with tempfile.TemporaryDirectory() as folder:
    name = pathlib.Path(folder) / "metallicities.ecsv"
    table.write(name)
    print(*name.read_text().splitlines()[:12], sep="\n")
