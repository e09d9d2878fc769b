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
# Against what the simulator put in:

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
