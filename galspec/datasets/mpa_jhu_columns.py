"""The columns of an MPA-JHU label table: their origin, unit and meaning.

galSpecInfo and galSpecExtra are tables of the SDSS database and files of DR8, with the
same columns: https://www.sdss3.org/dr8/spectro/galspec.php and
https://data.sdss3.org/datamodel/files/SPECTRO_REDUX/galSpecInfo.html. SpecObjAll:
https://skyserver.sdss.org/dr9/en/help/browser/description.asp?n=SpecObjAll&t=U.
"""

import dataclasses

import numpy as np

from galspec.evaluation.tables import MISSING

__all__ = ["COLUMNS", "Column", "label_table"]


@dataclasses.dataclass(frozen=True)
class Column:
    """Where a column comes from, and what it is.

    Parameters
    ----------
    sql : str
        Table (s SpecObjAll, i galSpecInfo, e galSpecExtra) and column of the database.
    file : str
        The same of the files, where they have it.
    dtype : str
        As numpy has it.
    unit : str
        As astropy has it.
    description : str
        A line.
    """

    sql: str
    file: str
    dtype: str
    unit: str
    description: str


_OH = "12 + log10(O/H) of Tremonti et al. (2004)"
_MASS = "log10 of the stellar mass in solar masses"
#: Name to origin, in the order of the table.
COLUMNS = {
    "specObjID": Column("s.specObjID", "i.SPECOBJID", "i8", "", "SDSS's spectrum"),
    "plate": Column("s.plate", "i.PLATEID", "i4", "", "plate"),
    "mjd": Column("s.mjd", "i.MJD", "i4", "", "modified Julian date"),
    "fiberID": Column("s.fiberID", "i.FIBERID", "i4", "", "fibre"),
    "run2d": Column("s.run2d", "", "U16", "", "version of the SDSS reduction"),
    "ra": Column("s.ra", "i.RA", "f8", "deg", "right ascension"),
    "dec": Column("s.dec", "i.DEC", "f8", "deg", "declination"),
    "z": Column("s.z", "i.Z", "f8", "", "redshift"),
    "snr_r": Column("s.snMedian_r", "", "f8", "", "median S/N in r"),
    "sn_median": Column("i.sn_median", "i.SN_MEDIAN", "f8", "", "median S/N a pixel"),
    "reliable": Column("i.reliable", "i.RELIABLE", "i2", "", "1 if to be relied on"),
    "bptclass": Column("e.bptclass", "e.BPTCLASS", "i2", "", "class by its lines"),
    "oh_p16": Column("e.oh_p16", "e.OH_P16", "f8", "dex", f"16 % quantile of {_OH}"),
    "oh_p50": Column("e.oh_p50", "e.OH_P50", "f8", "dex", f"median of {_OH}"),
    "oh_p84": Column("e.oh_p84", "e.OH_P84", "f8", "dex", f"84 % quantile of {_OH}"),
    "lgm_tot_p50": Column("e.lgm_tot_p50", "e.LGM_TOT_P50", "f8", "dex", _MASS),
    "lgm_fib_p50": Column(
        "e.lgm_fib_p50", "e.LGM_FIB_P50", "f8", "dex", f"{_MASS}, within the fibre"
    ),
}


def label_table(columns, origin):
    """A table of labels with units and provenance.

    Parameters
    ----------
    columns : mapping of str to array_like
        Any of `COLUMNS`, and others, which go behind.
    origin : str
        Where they are from.

    Returns
    -------
    `~astropy.table.QTable`
        NaN where the value is -9999; ``meta`` has ``labels`` and ``scale``.
    """
    import astropy.units as u
    from astropy.table import QTable

    meta = {
        "labels": f"MPA-JHU galSpec, {origin} (Brinchmann et al. 2004, MNRAS 351, "
        "1151; Tremonti et al. 2004, ApJ 613, 898)",
        "scale": "T04",
    }
    table = QTable(meta=meta)
    for name in [n for n in COLUMNS if n in columns]:
        about = COLUMNS[name]
        values = np.asarray(columns[name]).astype(about.dtype)
        if about.dtype == "f8":
            values = np.where(values == MISSING, np.nan, values)
        table[name] = values * u.Unit(about.unit) if about.unit else values
        table[name].info.description = about.description
    for name in [n for n in columns if n not in COLUMNS]:
        table[name] = columns[name]
    return table
