"""
What a value comes from
=======================

Which lines does a network look at? Here a galaxy and a star that come with galspec show
what their metallicity and their carbon come from.
"""

# %%
# A galaxy
# --------
# Each line in turn is replaced by a straight line, and the metallicity predicted again:

import matplotlib.pyplot as plt
import numpy as np

from galspec import CEMPParams, GasMetallicity, example_spectra

galaxy = example_spectra()[0]
metallicity = GasMetallicity.pretrained()
found = metallicity.explain(galaxy)
strongest = np.argsort(-np.abs(np.nan_to_num(found.windows["effect"].value)))[:5]
for name in ("low", "high"):
    found.windows[name].info.format = ".0f"
for name in ("effect", "error_effect"):
    found.windows[name].info.format = ".3f"
found.windows[strongest].pprint(max_width=-1)

# %%
# The ratio of [N II] and Hα raises the metallicity, that of [O III] and Hβ lowers it:
# the network has found what is known as O3N2. Its gradients tell the same of each
# pixel, within the lines as well:

size = {"figsize": (9, 4.6), "layout": "constrained", "height_ratios": (1.3, 1)}
figure, axes = plt.subplots(2, 1, sharex=True, **size)
metallicity.explain(galaxy, method="gradient").plot(axes=axes)
plt.show()

# %%
# A star
# ------
# For [C/Fe] it is the G band of CH; lines of calcium and of hydrogen tell what else
# would make it as deep.

star = example_spectra("stars")[2]
stellar = CEMPParams.pretrained()
figure, axes = plt.subplots(2, 1, sharex=True, **size)
stellar.explain(star, target="cfe", method="gradient").plot(axes=axes)
plt.show()

# %%
# For the temperature the same network looks at hydrogen:

figure, axes = plt.subplots(2, 1, sharex=True, **size)
stellar.explain(star, target="teff", method="gradient").plot(axes=axes)
plt.show()
