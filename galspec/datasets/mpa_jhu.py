"""The MPA-JHU labels out of the SDSS database, plate by plate, kept on disk."""

import pathlib
import time

import numpy as np

from galspec.datasets.mpa_jhu_columns import COLUMNS, label_table
from galspec.datasets.service import DatasetError, patiently, require_astroquery
from galspec.evaluation.tables import MISSING

__all__ = ["fetch_mpa_jhu"]

#: Plates a question: at most 32 000 rows, where 500 000 and 600 s are allowed.
PLATES = 50
#: Seconds that an answer may take, and between questions: one a second is allowed.
#: https://skyserver.sdss.org/dr8/en/help/docs/limits.asp
TIMEOUT, PAUSE = 600, 1.5


def fetch_mpa_jhu(folder, *, plates=(266, 2999), release=17, progress_bar=True):
    """Fetch the MPA-JHU labels of SDSS galaxies.

    The tables galSpecExtra, galSpecInfo and SpecObjAll are joined by the service, for
    50 plates at a time. Each answer is kept in ``folder``, and nothing is asked for
    twice: a call that was interrupted goes on from where it was.

    Parameters
    ----------
    folder : path-like
        Where the answers are kept; made if it does not exist.
    plates : tuple of int
        First and last plate; those of the first two phases of SDSS, on which the
        MPA-JHU pipeline was run, when not given.
    release : int
        SDSS data release; the labels are those of DR8 in all of them.
    progress_bar : bool
        Show one.

    Returns
    -------
    `~astropy.table.QTable`
        A row a spectrum: ``specObjID``, ``plate``, ``mjd``, ``fiberID``, ``run2d``,
        ``ra``, ``dec``, ``z``, ``snr_r``, ``sn_median``, ``reliable``, ``bptclass``,
        ``oh_p16``, ``oh_p50``, ``oh_p84``, ``lgm_tot_p50``, ``lgm_fib_p50``.

    Raises
    ------
    ImportError
        If astroquery is not installed.
    ValueError
        If the plates do not ascend.
    DatasetError
        If the service fails time and again, or gives something else.
    """
    from astropy.table import vstack
    from tqdm import tqdm

    first, last = plates
    if not 0 < first <= last:
        raise ValueError(f"plates is {plates}; first and last plate are needed")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(first // PLATES * PLATES, last + 1, PLATES)
    bar = tqdm(starts, "labels", disable=not progress_bar, unit="query")
    table = vstack([_kept(folder, start, release) for start in bar])
    table = table[(table["plate"] >= first) & (table["plate"] <= last)]
    return label_table(dict(table.columns), f"SDSS DR{release}")


def _kept(folder, start, release):
    """The labels of some plates, as they were fetched."""
    from astropy.table import Table

    from galspec.io.tables import write_table

    path = folder / f"mpa-jhu-dr{release}-{start:04d}.fits"
    if not path.exists():
        sdss = require_astroquery().SDSS
        answer = patiently(
            lambda: _asked(sdss, start, release), f"labels of plates from {start} on"
        )
        write_table(answer, path)
        time.sleep(PAUSE)
    table = Table.read(path)
    table.convert_bytestring_to_unicode()
    return table


def _asked(sdss, start, release):
    """Ask the service for the labels of some plates."""
    from astropy.table import Table

    # what it answers is kept here, and a failure must not be kept by anyone
    answer = sdss.query_sql(
        query(start), timeout=TIMEOUT, data_release=release, cache=False
    )
    if answer is None:  # no rows
        return Table({n: np.empty(0, column.dtype) for n, column in COLUMNS.items()})
    missing = [name for name in COLUMNS if name not in answer.colnames]
    if missing:
        raise DatasetError(
            f"the answer of the SDSS database has no column {', '.join(missing)}; it "
            f"has {', '.join(answer.colnames)[:200]}"
        )
    plain = {name: np.ma.filled(answer[name], MISSING) for name in COLUMNS}
    return Table({n: values.astype(COLUMNS[n].dtype) for n, values in plain.items()})


def query(start):
    """The question about the labels of some plates.

    Parameters
    ----------
    start : int
        The first plate.

    Returns
    -------
    str
        SQL.
    """
    names = ", ".join(f"{column.sql} AS {name}" for name, column in COLUMNS.items())
    return (
        f"SELECT {names} FROM galSpecExtra AS e "
        "JOIN galSpecInfo AS i ON i.specObjID = e.specObjID "
        "JOIN SpecObjAll AS s ON s.specObjID = e.specObjID "
        f"WHERE s.plate BETWEEN {start} AND {start + PLATES - 1}"
    )
