"""Write the example stars that come with the package.

    python scripts/make_star_examples.py --emulator emulator.safetensors \\
        --correction correction.safetensors
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
from make_examples import rounded

from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    StarPrior,
    StarSimulator,
    StellarEmulator,
    write_lamost_fits,
)

FOLDER = Path(__file__).resolve().parents[1] / "galspec" / "data" / "example_stars"

# teff, logg, feh, cfe, alpha, nfe, srat, c1213, vt; S/N
WANTED = (
    # carbon-enhanced and metal-poor: a giant, and a star at the turn-off
    ((5000, 2.3, -2.6, 1.8, 0.4, 0.8, 1.0, 12, 1.6), 45.0),
    ((6200, 4.0, -2.4, 1.9, 0.4, 0.8, 1.0, 20, 1.3), 50.0),
    # metal-poor with the usual carbon
    ((4800, 1.8, -2.5, 0.1, 0.4, 0.1, 0.0, 15, 1.7), 60.0),
    # of the disc: a dwarf like the Sun, and a giant
    ((5770, 4.4, 0.0, 0.0, 0.0, 0.0, 0.0, 80, 1.0), 70.0),
    ((4700, 2.6, -0.2, -0.1, 0.1, 0.2, 0.0, 30, 1.5), 40.0),
    # too hot and too noisy for its carbon to be seen
    ((6400, 4.1, -2.8, 0.3, 0.4, 0.0, 0.0, 50, 1.3), 15.0),
)


@dataclasses.dataclass(frozen=True)
class OneStar:
    """Always the same star, as an emulator makes it."""

    emulator: StellarEmulator
    labels: tuple

    @property
    def fwhm(self):
        """That of the emulator."""
        return self.emulator.fwhm

    def draw(self, n, rng, split):
        """The star, n times."""
        labels = np.tile(np.array(self.labels, float), (n, 1))
        normalised, continuum = self.emulator(labels)
        return labels, np.arange(n), normalised * continuum


def main():
    """Simulate every star, and write it with its truth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emulator", type=Path, required=True)
    parser.add_argument("--correction", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    from astropy.table import vstack

    correction = EmpiricalCorrection.load(path=options.correction)
    emulator = StellarEmulator.load(path=options.emulator)
    smooth = emulator.smoothed(float(correction.fwhm))
    truths = []
    for number, (labels, snr) in enumerate(WANTED, start=1):
        prior = StarPrior(snr=(snr, snr), ends_early=0, ebv=0.05)
        templates = CorrectedStars(OneStar(smooth, labels), correction)
        batch, truth = StarSimulator(templates, prior=prior).draw(1, number)
        name = f"star-{number}.fits.gz"
        header = {
            "OBSID": 910000000 + number,
            "RA": 30.0 + number,
            "DEC": 12.0 + number,
            "OBJTYPE": "STAR",
            "CLASS": "STAR",
            "Z": round(float(batch.redshift[0]), 8),
            "Z_ERR": 2.7e-5,
        }
        flux, ivar = (rounded(a[0]) for a in (batch.flux, batch.ivar))
        write_lamost_fits(options.output / name, batch.wavelength, flux, ivar, header)
        truth.add_column([name], name="file", index=0)
        truths.append(truth)
    table = vstack(truths)
    table.remove_columns(["object_id", "velocity_given"])
    table.round(4)
    table.write(options.output / "truth.ecsv", overwrite=True)


if __name__ == "__main__":
    main()
