"""What the cards of ELGPhotoZ measure, as Markdown tables."""

import time

import numpy as np

from galspec.evaluation.photoz_scores import (
    compare_redshifts,
    parts_between,
    redshift_scores,
    summary_table,
)
from galspec.simulation.sersic import INDICES, within

__all__ = [
    "comparison_table",
    "elg_box",
    "lacking",
    "markdown",
    "parts_of_simulation",
    "speed",
    "summary_of",
]

#: Radius in arcseconds of a fibre of DESI.
FIBRE = 0.75
COLUMNS = {
    "n": "{:d}",
    "bias": "{:+.4f}",
    "sigma_nmad": "{:.4f}",
    "eta15": "{:.4f}",
    "eta10": "{:.4f}",
    "crps": "{:.4f}",
    "log_likelihood": "{:.3f}",
    "cde_loss": "{:.2f}",
    "pit_ks": "{:.3f}",
    "coverage68": "{:.3f}",
    "coverage95": "{:.3f}",
}
#: Those that are told with their bootstrap error.
WITH_ERROR = ("sigma_nmad", "eta15")


def markdown(rows, heading):
    """A Markdown table of lists of words."""
    lines = [" | ".join(row) for row in (heading, ["---"] * len(heading), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def summary_of(table, z_spec, parts, columns=tuple(COLUMNS)):
    """Metrics of parts of a sample, as a Markdown table."""
    summary = summary_table(redshift_scores(table, z_spec), parts, resamples=100)
    rows = [[row["part"], *(_cell(row, name) for name in columns)] for row in summary]
    return markdown(rows, ["", *columns])


def comparison_table(z_spec, tables, metrics=("sigma_nmad", "eta15", "crps")):
    """What other methods gain over the first, with the error of the difference."""
    rows = [
        [
            row["method"],
            row["metric"],
            f"{row['first']:.5f}",
            f"{row['value']:.5f}",
            f"{row['difference']:+.5f} +- {row['difference_err']:.5f}",
        ]
        for row in compare_redshifts(z_spec, tables, resamples=100)
        if row["metric"] in metrics
    ]
    first = next(iter(tables))
    return markdown(rows, ["", "", first, "this", "difference"])


def elg_box(batch, truth):
    """Galaxies with colours of DESI's emission-line galaxies at 0.6 < z < 1.6.

    The cuts of the main survey (Raichoor et al. 2023, AJ 165, 126, table 2: both
    priorities) on total magnitudes as observed, without the dust of the Milky Way; the
    flux in the fibre is that of the true profile in seeing of 1 arcsec.
    """
    from galspec.photometric_features import dereddened_magnitudes

    magnitude = dict(zip(batch.bands, dereddened_magnitudes(batch)[0].T, strict=True))
    g, r, z = (magnitude[band] for band in "grz")
    index = np.searchsorted(INDICES, np.array(truth["sersic"]))
    shape = np.array(truth["half_light"]), np.array(truth["axis_ratio"])
    share = within(index, *shape, np.full((len(truth), 1), FIBRE))
    in_fibre = g - 2.5 * np.log10(np.ravel(share))
    redshift = np.array(truth["z"])
    return (
        (g > 20)
        & (in_fibre < 24.1)
        & (r - z > 0.15)
        & (g - r < 0.5 * (r - z) + 0.1)
        & (g - r + 1.2 * (r - z) < 1.6)
        & (redshift > 0.6)
        & (redshift < 1.6)
    )


def parts_of_simulation(batch, truth):
    """Parts by magnitude, redshift, kind and colours."""
    r, z = np.array(truth["mag_r"]), np.array(truth["z"])
    kind = np.array(truth["type"])
    parts = {"all": np.ones(len(z), bool)}
    parts |= parts_between(r, (-np.inf, 21.5, np.inf), "r")
    parts |= {"ELG box, 0.6 < z < 1.6": elg_box(batch, truth)}
    parts |= parts_between(r, (17, 19, 20, 21, 22, 23, 24), "r")
    parts |= parts_between(z, (0, 0.3, 0.6, 0.9, 1.2, 1.6), "z")
    return parts | {str(name): kind == name for name in np.unique(kind)}


def lacking(batch, bands=(), *, columns=False, stamps=False):
    """The same galaxies without some bands, without photometry, or without images."""
    unseen = np.isin(batch.bands, bands) | columns
    images = None if stamps or batch.stamps is None else batch.stamps.copy()
    if images is not None:
        images[:, np.isin(batch.bands, bands)] = np.nan
    return batch.replace(
        flux=np.where(unseen, np.float32(np.nan), batch.flux),
        ivar=np.where(unseen, np.float32(0), batch.ivar),
        stamps=images,
    )


def speed(estimator, batch):
    """Objects a second, from the batch to the table."""
    estimator.predict(batch[: len(batch) // 4], progress_bar=False)
    start = time.perf_counter()
    estimator.predict(batch, progress_bar=False)
    return len(batch) / (time.perf_counter() - start)


def _cell(row, name):
    text = COLUMNS[name].format(row[name])
    error = COLUMNS[name].format(row[f"{name}_err"]) if name in WITH_ERROR else ""
    return f"{text} +- {error}" if error else text
