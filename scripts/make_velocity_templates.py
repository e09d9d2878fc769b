"""Write the templates that radial velocities are measured with.

python scripts/make_velocity_templates.py OUT.safetensors [--emulator FILE]

Without --emulator, the published one is taken.
"""

import argparse

import numpy as np

from galspec import SpectrumBatch
from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation.instrument import LAMOST
from galspec.simulation.stellar_emulator import LOG_WAVELENGTH, StellarEmulator
from galspec.velocity import VelocityTemplates

# teff, logg, feh, cfe, alpha, nfe, srat, c1213, vt: see LABELS of the emulator.
STARS = (
    # giants, from metal-rich to extremely metal-poor
    (4200, 1.0, -0.5, 0.0, 0.2, 0.0, 0.0, 15, 1.8),
    (4900, 2.6, -0.2, 0.0, 0.1, 0.0, 0.0, 30, 1.5),
    (4500, 1.5, -1.5, 0.0, 0.4, 0.0, 0.0, 15, 1.8),
    (4500, 1.2, -2.5, 0.0, 0.4, 0.0, 0.0, 15, 1.8),
    (5000, 2.3, -2.5, 0.0, 0.4, 0.0, 0.0, 30, 1.6),
    (4800, 1.6, -3.5, 0.5, 0.4, 0.0, 0.0, 20, 1.8),
    # rich in carbon, and in the elements of the s-process
    (4600, 1.5, -2.5, 1.8, 0.4, 1.0, 1.5, 10, 1.8),
    (5000, 2.3, -2.0, 1.5, 0.4, 1.0, 1.0, 10, 1.6),
    (6300, 4.0, -2.3, 1.8, 0.4, 1.0, 1.0, 20, 1.3),
    # dwarfs and subgiants
    (4400, 4.6, 0.0, 0.0, 0.0, 0.0, 0.0, 80, 1.0),
    (5000, 4.5, -0.3, 0.0, 0.1, 0.0, 0.0, 80, 1.0),
    (5600, 4.4, 0.0, 0.0, 0.0, 0.0, 0.0, 80, 1.0),
    (5800, 4.3, -1.0, 0.0, 0.3, 0.0, 0.0, 80, 1.2),
    (6300, 4.2, -0.3, 0.0, 0.1, 0.0, 0.0, 80, 1.3),
    (6300, 4.0, -2.0, 0.0, 0.4, 0.0, 0.0, 80, 1.3),
    (5500, 3.5, -3.3, 0.3, 0.4, 0.0, 0.0, 50, 1.5),
)

CARD = """# velocity-templates

{n} synthetic spectra of F, G and K stars at the resolution of LAMOST, divided by their
continua: templates of `galspec.velocity.radial_velocity`. They are drawn from the
stellar emulator by `scripts/make_velocity_templates.py`, which lists their labels.
"""


def templates(emulator):
    """Render the stars as the survey would see them without noise.

    Parameters
    ----------
    emulator : StellarEmulator

    Returns
    -------
    VelocityTemplates
    """
    from scipy.ndimage import gaussian_filter1d

    # labels that the grid does not reach become its nearest
    normalised, continuum = emulator(np.clip(STARS, emulator.low, emulator.high))
    # FWHM of the emulator's spectra is 1 angstrom
    have = SPEED_OF_LIGHT / 5000 / 2.3548
    pixel = SPEED_OF_LIGHT * np.log(10) * (LOG_WAVELENGTH[1] - LOG_WAVELENGTH[0])
    width = np.sqrt(LAMOST.dispersion(5000.0) ** 2 - have**2) / pixel
    flux = gaussian_filter1d(normalised * continuum, width, axis=1)
    batch = SpectrumBatch.from_arrays(10**LOG_WAVELENGTH, flux)
    return VelocityTemplates.from_batch(batch, CARD.format(n=len(STARS)))


def main(arguments=None):
    """Load the emulator, and write the templates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help="a .safetensors file")
    parser.add_argument("--emulator", metavar="FILE", help="instead of the published")
    options = parser.parse_args(arguments)
    emulator = StellarEmulator.load(path=options.emulator)
    templates(emulator).save(options.out)


if __name__ == "__main__":
    main()
