"""
Which galaxies form stars
=========================

From files to classes, beside the classical diagram of four emission lines, and what
becomes of both when the spectra get noisier. The six spectra come with galspec; they
are simulated, in the format of LAMOST's tenth data release, so that the truth is known.
"""

# %%
# Probabilities
# -------------
# One line gives the probability of each class. No redshift is needed, and no line has
# to be fitted:

import matplotlib.pyplot as plt
import numpy as np

from galspec import (
    StarFormingClassifier,
    example_spectra,
    example_truth,
    get_estimator,
    read_spectra,
)
from galspec.baselines.bpt import bpt_table
from galspec.line_fitting import fit_lines

spectra = read_spectra(example_spectra())
truth = example_truth()
classifier = StarFormingClassifier.pretrained()
table = classifier.predict(spectra)
classes = ("p_sf", "p_composite", "p_agn", "p_passive")
for name in classes:
    table[name].info.format = ".3f"
table["obsid", "snr", *classes, "label", "flags"].pprint(max_width=-1)

# %%
# The classical way
# -----------------
# The diagram of Baldwin, Phillips & Terlevich needs four lines, each well above its
# noise, and a redshift to find them by. LAMOST's files have one:

diagram = bpt_table(fit_lines(spectra))
for row in range(len(spectra)):
    print(truth["kind"][row], table["label"][row], repr(str(diagram["bpt"][row])))

# %%
# The passive galaxy has no lines and therefore no place in the diagram. For the
# classifier that is a class of its own.
#
# When the spectra get noisier
# ----------------------------
# Noise is added until the signal-to-noise ratio is a half, a quarter, ... of what it
# was, twenty times each; both know the redshift. A star-forming galaxy is recognised if
# its likeliest class says so, or its place in the diagram. Who calls everything
# star-forming recognises all of them: so the passive galaxy is counted too.

rng = np.random.default_rng(8)
galaxies = spectra[np.repeat(np.arange(len(spectra)), 20)]
forms_stars = np.repeat(np.asarray(truth["kind"]) == "star-forming", 20)
factors = 2.0 ** np.arange(0, 5.5, 0.5)
sigma = 1 / np.sqrt(np.where(galaxies.ivar > 0, galaxies.ivar, np.inf))
by_network, by_diagram, measured = [], [], []  # two shares each: forming stars, or not
for factor in factors:
    noise = np.sqrt(factor**2 - 1) * sigma * rng.normal(size=sigma.shape)
    noisy = galaxies.replace(
        flux=(galaxies.flux + noise).astype("f4"), ivar=galaxies.ivar / factor**2
    )
    result = classifier.predict(noisy)
    network = result["label"] == "sf"
    lines = bpt_table(fit_lines(noisy))["bpt"] == "star-forming"
    by_network.append((network[forms_stars].mean(), network[~forms_stars].mean()))
    by_diagram.append((lines[forms_stars].mean(), lines[~forms_stars].mean()))
    measured.append(np.median(result["snr"]))

# %%
# The figure
# ----------
# The curves are those of Kauffmann et al. (2003) and Kewley et al. (2001).

colours = {"sf": "tab:blue", "composite": "tab:olive", "agn": "tab:orange"}
colours["passive"] = "tab:red"
figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(12, 4.2), layout="constrained"
)

for row in range(len(table)):
    start = 0.0
    for name, colour in colours.items():
        share = float(table[f"p_{name}"][row])
        left.barh(row, share, left=start, height=0.6, color=colour)
        start += share
left.set(xlim=(0, 1), xlabel="probability", yticks=range(len(spectra)))
left.set_yticklabels([f"galaxy {row + 1}: {k}" for row, k in enumerate(truth["kind"])])
left.invert_yaxis()
left.set_title("the classifier")
bars = [left.bar(0, 0, color=colour, label=name) for name, colour in colours.items()]

x = np.linspace(-2.1, 0.03, 200)
middle.plot(x, 0.61 / (x - 0.05) + 1.3, "--", color="0.4")
x = np.linspace(-2.1, 0.43, 200)
middle.plot(x, 0.61 / (x - 0.47) + 1.19, color="0.4")
for row in np.flatnonzero(np.isfinite(diagram["log_o3hb"])):
    place = diagram["log_n2ha"][row], diagram["log_o3hb"][row]
    middle.plot(*place, "o", ms=9, color=colours[str(table["label"][row])])
    middle.annotate(row + 1, place, (-14, -8), textcoords="offset points")
middle.set(xlim=(-2.1, 0.6), ylim=(-1.3, 1.4))
middle.set(xlabel=r"log [N II] / H$\alpha$", ylabel=r"log [O III] / H$\beta$")
middle.set_title("the diagram of four lines")

for shares, colour, name in (
    (by_network, "tab:blue", "classifier"),
    (by_diagram, "0.4", "four lines above 3 sigma"),
):
    young, passive = np.transpose(shares)
    right.plot(measured, young, "o-", color=colour, label=name)
    right.plot(measured, passive, "o:", color=colour, mfc="white")
right.plot([], [], ":", color="0.4", label="of the passive galaxy")
right.set(xscale="log", ylim=(-0.03, 1.03), xlabel="signal-to-noise ratio per angstrom")
right.set_xticks((0.5, 1, 2, 5, 10), ("0.5", "1", "2", "5", "10"))
right.set(ylabel="share that is called star-forming", title="with more and more noise")
right.legend(frameon=False, loc=(0.4, 0.08), fontsize=9)
figure.legend(handles=bars, ncols=4, loc="outside lower left", frameon=False)
plt.show()

# %%
# Six galaxies are no survey: :doc:`the cards </star_forming>` have what was measured
# on many, of all classes and at the noise of LAMOST.
#
# How frequent the classes are
# ----------------------------
# A probability depends on how frequent the classes are in the sample. If you know it,
# say so. Here for the noisiest spectra, of which every one is a hard case:

shares = {"sf": 0.1, "composite": 0.1, "agn": 0.1, "passive": 0.7}
usual, rare = classifier.predict(noisy), classifier.predict(noisy, prior=shares)
for name, part in (("star-forming", forms_stars), ("passive", ~forms_stars)):
    means = [np.mean(result["p_sf"][part]) for result in (usual, rare)]
    print(f"{name}: mean p_sf {means[0]:.2f}, where few form stars {means[1]:.2f}")

# %%
# What comes next
# ---------------
# Those that form stars have a gas-phase metallicity, by a network or by the lines:

chosen = spectra[table["p_sf"] > 0.85]
for name in ("gas-metallicity", "strong-line-pp04-o3n2"):
    oh = get_estimator(name).pretrained().predict(chosen)["oh"]
    print(f"{name:22}", *(f"{value:.2f}" for value in oh.value))
