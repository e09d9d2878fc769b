"""Spectra of SDSS, fetched one by one into a folder."""

import os
import pathlib
import shutil
import time
import urllib.error

import numpy as np

from galspec.datasets.service import (
    DatasetError,
    first_line,
    patiently,
    require_astroquery,
)

__all__ = ["fetch_spectra"]

NEEDED = ("plate", "mjd", "fiberID")
#: Seconds that the server may take, and that it is left alone between files.
TIMEOUT, PAUSE = 60, 0.1
#: So many files in a row that cannot be had mean that the server is not there.
MANY = 5


def fetch_spectra(table, folder, *, release=17, progress_bar=True):
    """Fetch SDSS spectra ("spec-lite" files, 0.2 MB each) into a folder.

    One file after another, those that are there already left out: a call that was
    interrupted goes on from where it was. A file appears in one step and only if it is
    a spectrum.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``plate``, ``mjd``, ``fiberID`` and, unless it is 26, ``run2d``: such as
        `fetch_mpa_jhu` gives.
    folder : path-like
        Where to; made if it does not exist.
    release : int
        SDSS data release.
    progress_bar : bool
        Show one.

    Returns
    -------
    `~astropy.table.Table`
        The same rows with ``file``, empty where it could not be had, and ``problem``,
        which says why.

    Raises
    ------
    ImportError
        If astroquery is not installed.
    ValueError
        If a column is missing.
    DatasetError
        If the server is not to be reached.
    """
    from tqdm import tqdm

    missing = [name for name in NEEDED if name not in table.colnames]
    if missing:
        raise ValueError(
            f"the table has no column {', '.join(missing)}; it has "
            f"{', '.join(table.colnames)}"
        )
    require_astroquery()
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files, problems, failed = [], [], 0
    for row in tqdm(table, "spectra", disable=not progress_bar, unit="file"):
        url = spectrum_url(row, release)
        path = folder / url.rpartition("/")[2]
        problem = "" if path.exists() else _fetched(url, path)
        failed = failed + 1 if problem.startswith(DatasetError.__name__) else 0
        if failed == MANY:
            raise DatasetError(
                f"{MANY} spectra in a row cannot be had, the last for {problem}. What "
                "was fetched is kept: the same call goes on from there"
            )
        files.append("" if problem else str(path))
        problems.append(problem)
    result = table.copy()
    result["file"] = np.array(files, dtype=str)
    result["problem"] = np.array(problems, dtype=str)
    return result


def spectrum_url(row, release):
    """Where the lite file of a spectrum is, in the form that astroquery knows.

    Parameters
    ----------
    row : mapping
    release : int

    Returns
    -------
    str
    """
    sdss = require_astroquery()
    names = getattr(row, "colnames", row)
    return sdss.SDSS.SPECTRA_URL_SUFFIX.format(
        base=sdss.conf.sas_baseurl,
        dr=release,
        # moved with DR18, as astroquery's get_spectra has it
        redux_path="spectro/sdss/redux" if release > 17 else "sdss/spectro/redux",
        run2d=str(row["run2d"]).strip() if "run2d" in names else "26",
        spectra_path="spectra/lite",
        plate=int(row["plate"]),
        mjd=int(row["mjd"]),
        fiber=int(row["fiberID"]),
    )


def _fetched(url, path):
    """Fetch one file; what is wrong with it, or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        problem = patiently(lambda: _downloaded(url, draft), url) or _unreadable(draft)
        if not problem:
            os.replace(draft, path)
    except DatasetError as error:
        problem = first_line(error)
    finally:
        draft.unlink(missing_ok=True)
    time.sleep(PAUSE)
    return problem


def _downloaded(url, draft):
    """Download a file; a reason if the server says that there is none."""
    from astropy.utils.data import download_file

    try:
        fetched = download_file(url, cache=False, show_progress=False, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return f"{url} does not exist"
        raise
    shutil.move(fetched, draft)
    return ""


def _unreadable(path):
    """Why a file is no spectrum: such as a page that says that all is not well."""
    from galspec.io import read_spectra

    return str(read_spectra([path]).ids["problem"][0])
