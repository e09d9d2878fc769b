"""Write the templates that radial velocities are measured with.

    python scripts/make_velocity_templates.py OUT.safetensors \\
        --emulator emulator.safetensors --correction correction.safetensors
"""

import argparse
import pathlib

import numpy as np

from galspec import SpectrumBatch
from galspec.simulation import EmpiricalCorrection, StellarEmulator
from galspec.simulation.line_spread import at_resolution
from galspec.simulation.stellar_emulator import LOG_WAVELENGTH
from galspec.velocity import VelocityTemplates

#: Resolution of the blue arm of LAMOST, angstrom.
FWHM = 2.7
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
stellar emulator, corrected by observed stars, by `scripts/make_velocity_templates.py`,
which lists their labels.
"""


def templates(emulator, correction):
    """Render the stars as the survey would see them without noise.

    Parameters
    ----------
    emulator : StellarEmulator
    correction : EmpiricalCorrection

    Returns
    -------
    VelocityTemplates
    """
    # labels that the grid does not reach become its nearest
    low, high = emulator.labels.min(axis=0), emulator.labels.max(axis=0)
    labels = np.clip(STARS, low, high)
    normalised, continuum = emulator(labels)
    flux = at_resolution(normalised * continuum, LOG_WAVELENGTH, emulator.fwhm, FWHM)
    batch = SpectrumBatch.from_arrays(10**LOG_WAVELENGTH, flux * correction(labels))
    return VelocityTemplates.from_batch(batch, CARD.format(n=len(STARS)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--correction", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    emulator = StellarEmulator.load(path=arguments.emulator)
    correction = EmpiricalCorrection.load(path=arguments.correction)
    templates(emulator, correction).save(arguments.out)


if __name__ == "__main__":
    main()
