"""A page for every candidate: which spectra it shows, and where it is kept."""

import os
import pathlib
import re
import tempfile

import numpy as np

from galspec.catalog.cemp.rows import rest_redshift
from galspec.catalog.columns import floats
from galspec.io.bulk import read_spectra
from galspec.plotting import require_matplotlib
from galspec.star_page import plot_star

__all__ = ["check_pages", "write_pages"]

#: A star to compare with is carbon-normal, and alike within these differences.
NORMAL = {"p_cemp": 0.1, "cfe": 0.5}
ALIKE = {"teff": 300.0, "logg": 0.7, "feh": 0.5}


def check_pages(folder, overwrite=False):
    """Refuse, before any work is done, a folder that pages cannot be written to.

    Parameters
    ----------
    folder : path-like
    overwrite : bool
        Whether pages that are there may be replaced.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    OSError
        If it is no folder, cannot be made, or has pages.
    """
    require_matplotlib()
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"cannot write pages to {folder}: it is a file")
    if not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        raise OSError(f"cannot write pages to {folder}: no folder to write to")
    if not overwrite and any(_pages(folder)):
        raise FileExistsError(
            f"{folder} has pages of another search: give overwrite=True to replace them"
        )


def write_pages(folder, candidates, rows, progress_bar=False):
    """Draw a page for every candidate, called by rank and observation.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist; pages that are there are removed.
    candidates : `~astropy.table.QTable`
        Of `galspec.catalog.cemp.tables.candidate_table`.
    rows : dict of str to `numpy.ndarray`
        All spectra, among which stars to compare with are looked for.
    progress_bar : bool
        Show one.
    """
    from tqdm import tqdm

    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for page in _pages(folder):
        page.unlink()
    shown = tqdm(candidates, "pages", disable=not progress_bar, unit="page")
    for row in shown:
        # beside its destination, because a file moves in one step on one disk only
        with tempfile.TemporaryDirectory(dir=folder, prefix=".galspec-") as draft:
            path = pathlib.Path(draft, "page.png")
            _draw(row, rows, path)
            os.replace(path, folder / _name(row))


def _draw(row, rows, path):
    """One page, with a normal star for comparison if there is one."""
    single = {name: floats(row[name])[None] for name in ("redshift", "velocity")}
    single |= {name: [str(row[name])] for name in ("file", "obsid")}
    star = {name: floats(row[name]) for name in ALIKE if name in row.colnames}
    other = _comparison(star, rows)
    if other is None:
        plot_star(row, _spectrum(single, 0), path=path)
        return
    normal = {name: float(rows[name][other]) for name in (*ALIKE, "cfe")}
    caption = "grey: {obsid}, {teff:.0f} K, log g {logg:.1f}, [Fe/H] {feh:.1f}, "
    caption = (caption + "[C/Fe] {cfe:.1f}").format(
        obsid=rows["obsid"][other], **normal
    )
    plot_star(row, _spectrum(single, 0), _spectrum(rows, other), caption, path)


def _pages(folder):
    return sorted(folder.glob("rank-*.png"))


def _name(row):
    obsid = re.sub(r"[^\w.-]", "_", str(row["obsid"]))
    return f"rank-{row['rank']:04d}" + f"-{obsid}" * bool(obsid) + ".png"


def _spectrum(rows, index):
    """The spectrum of a row, read again; an empty one if its file is gone."""
    batch = read_spectra([str(rows["file"][index])])
    # a file of many spectra is told apart by the number of the observation
    same = np.flatnonzero(batch.ids["obsid"] == str(rows["obsid"][index]))
    row = same[0] if len(same) else 0
    redshift = rest_redshift(rows)[index]
    return type(batch).gather(batch[row], redshift=redshift)


def _comparison(star, rows):
    """The carbon-normal star that is most alike, or None."""
    if not star.keys() <= rows.keys() or star.keys() != ALIKE.keys():
        return None
    with np.errstate(invalid="ignore"):
        normal = [rows[name] < limit for name, limit in NORMAL.items()]
        apart = [(rows[name] - star[name]) / scale for name, scale in ALIKE.items()]
        distance = np.sqrt(np.mean(np.square(apart), axis=0))
        good = np.all(normal, axis=0) & (distance < 1)
    return int(np.argmin(np.where(good, distance, np.inf))) if good.any() else None
