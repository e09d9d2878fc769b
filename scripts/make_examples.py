"""Write the example galaxies that come with the package, from raw ingredients.

python scripts/make_examples.py --ingredients FOLDER
"""

import argparse
from pathlib import Path

import numpy as np

from galspec.simulation import (
    GalaxyIngredients,
    GalaxySimulator,
    write_lamost_fits,
)

FOLDER = Path(__file__).resolve().parents[1] / "galspec" / "data" / "examples"

# kind, 12 + log10(O/H), S/N, redshift that the examples should come closest to.
WANTED = (
    ("star-forming", 8.85, 40.0, 0.045),
    ("star-forming", 8.70, 20.0, 0.080),
    ("star-forming", 8.50, 12.0, 0.110),
    ("star-forming", 8.25, 25.0, 0.030),
    ("star-forming", 7.80, 18.0, 0.020),
    ("passive", np.nan, 22.0, 0.070),
)


def nearest(truth, kind, oh, snr, redshift):
    """Return the row of the drawn galaxy that is closest to a wish."""
    distance = np.abs(np.log10(truth["snr_r"] / snr)) / 0.15
    distance += np.abs(truth["redshift"] - redshift) / 0.02
    if np.isfinite(oh):
        distance += np.nan_to_num(np.abs(truth["oh"] - oh) / 0.05, nan=np.inf)
    return int(np.argmin(np.where(truth["kind"] == kind, distance, np.inf)))


def main(arguments=None):
    """Draw galaxies of the test split, choose six and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingredients", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=8)
    options = parser.parse_args(arguments)
    simulator = GalaxySimulator(GalaxyIngredients.load(options.ingredients))
    batch, truth = simulator.draw(4000, options.seed, split="test")
    rows = [nearest(truth, *wish) for wish in WANTED]
    batch, truth = batch[rows], truth[rows]
    names = [f"example-{k + 1}.fits.gz" for k in range(len(rows))]
    options.output.mkdir(parents=True, exist_ok=True)
    for k, name in enumerate(names):
        header = {
            "OBSID": 900000001 + k,
            "RA": 150.0 + k,
            "DEC": 2.0 + k,
            "Z": round(float(truth["redshift"][k]), 6),
            "Z_ERR": 1e-5,
        }
        # Bits far below the noise are dropped, so that gzip shrinks the files.
        flux, ivar = (rounded(a[k]) for a in (batch.flux, batch.ivar))
        write_lamost_fits(options.output / name, batch.wavelength, flux, ivar, header)
    truth.add_column(names, name="file", index=0)
    truth.remove_column("object_id")
    truth.round(4)
    truth.write(options.output / "truth.ecsv", overwrite=True)


def rounded(values, bits=10):
    """Return values rounded to so many bits of mantissa."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 2**bits) / 2**bits, exponent)


if __name__ == "__main__":
    main()
