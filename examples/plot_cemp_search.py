"""
A search for carbon-enhanced stars
==================================

From a folder of stellar spectra to candidates for carbon-enhanced metal-poor stars, and
a page about each. The six stars come with galspec; they are simulated, and so the truth
is known.
"""

# %%
# Labels
# ------
# One line gives temperatures, gravities and abundances with their errors:

import pathlib
import tempfile

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np

import galspec
from galspec import CEMPParams
from galspec.catalog import cemp_search

stars = galspec.example_spectra("stars")
truth = galspec.example_truth("stars")
table = CEMPParams.pretrained().predict(stars)
for name in ("teff", "teff_err"):
    table[name].info.format = ".0f"
for name in ("feh", "feh_err", "cfe", "cfe_err", "p_cemp"):
    table[name].info.format = ".2f"
table["teff", "feh", "feh_err", "cfe", "cfe_err", "metal_class", "p_cemp"].pprint(
    max_width=-1
)

# %%
# The plane that matters
# ----------------------
# Carbon-enhanced metal-poor stars lie in the upper left. Ellipses hold 68 % of the
# probability: [Fe/H] and [C/H] share their errors, and so [C/Fe] is not independent of
# [Fe/H]. Crosses are the truth.

figure, axis = plt.subplots(figsize=(8, 5.5), layout="constrained")
axis.fill_between([-4, -2], 0.7, 3, color="0.9", lw=0)
axis.text(-3.45, 2.55, "carbon-enhanced,\nmetal-poor", color="0.4")
angle = np.linspace(0, 2 * np.pi, 100)
circle = 1.515 * np.stack([np.cos(angle), np.sin(angle)])  # 68 % in two dimensions
for number, row in enumerate(table):
    colour = f"C{number}"
    feh, cfe, var_feh = row["feh"].value, row["cfe"].value, row["feh_err"].value ** 2
    shared = row["cov_feh_ch"].value - var_feh  # of [Fe/H] and [C/Fe] = [C/H] - [Fe/H]
    covariance = [[var_feh, shared], [shared, row["cfe_err"].value ** 2]]
    x, y = np.linalg.cholesky(covariance) @ circle
    axis.fill(feh + x, cfe + y, color=colour, alpha=0.4, lw=0)
    words = f"{row['teff'].value:.0f} K, P(CEMP) = {row['p_cemp']:.2f}"
    axis.plot(feh, cfe, "o", ms=5, color=colour, label=words)
axis.plot(truth["feh"], truth["cfe"], "x", color="black", label="truth")
axis.set(xlim=(-3.5, 0.5), ylim=(-0.8, 3), xlabel="[Fe/H]", ylabel="[C/Fe]")
axis.set_title("Six stars with LAMOST's resolution")
axis.legend(frameon=False, loc="upper right")
plt.show()

# %%
# All labels against what the simulator put in:

figure, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
words = {"teff": "Teff / K", "logg": "log g", "feh": "[Fe/H]", "cfe": "[C/Fe]"}
for axis, (name, title) in zip(axes, words.items(), strict=True):
    true = truth[name]
    axis.errorbar(
        true, table[name].value, table[name + "_err"].value, fmt="o", color="tab:blue"
    )
    axis.plot([min(true), max(true)], [min(true), max(true)], color="0.7", zorder=0)
    axis.set_title(title)
    axis.set_xlabel("true")
axes[0].set_ylabel("estimated")
figure.suptitle("Estimated and true labels")
plt.show()

# %%
# The search
# ----------
# Quality cuts first, then labels, then a rank by ``p_cemp``:

folder = pathlib.Path(tempfile.mkdtemp())
found = cemp_search(
    stars, folder / "candidates.fits", pages=folder / "pages", progress_bar=False
)
shown = found.candidates["rank", "obsid", "p_cemp", "feh", "cfe", "ch4300"]
shown.pprint(max_width=-1)

# %%
# Every other star comes with the reason why it is none:

found.spectra["obsid", "selected", "reason"].pprint(max_width=-1)

# %%
# A page about the first candidate, for inspection by eye:

page = matplotlib.image.imread(sorted((folder / "pages").glob("*.png"))[0])
figure = plt.figure(figsize=(11, 11 * page.shape[0] / page.shape[1]))
axis = figure.add_axes((0, 0, 1, 1))
axis.imshow(page)
axis.set_axis_off()
