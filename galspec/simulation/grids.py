"""The formats of the photoionisation grids."""

import gzip

import numpy as np

__all__ = ["HCM_LINES", "NB_LINES", "read_hcm"]

#: Columns of the HII-CHI-mistry grids (Perez-Montero 2014, MNRAS 441, 2663; version 6)
# and the lines they stand for, relative to H-beta.
HCM_LINES = {
    "OII": 3,
    "NeIII_3869": 4,
    "OIII_4363": 5,
    "OIII_5007": 6,
    "NII_5755": 7,
    "SIII_6312": 8,
    "NII_6584": 9,
    "SII": 10,
}

#: Columns of the NebulaBayes grids (Thomas et al. 2018, ApJ 856, 89) by line.
NB_LINES = {
    "OII_3726": "OII3726",
    "OII_3729": "OII3729",
    "NeIII_3869": "NeIII3869",
    "OIII_4363": "OIII4363",
    "HeI_4471": "HeI4472",
    "HeII_4686": "HeII4686",
    "OIII_5007": "OIII5007",
    "NII_5755": "NII5755",
    "HeI_5876": "HeI5876",
    "OI_6300": "OI6300",
    "SIII_6312": "SIII6312",
    "NII_6584": "NII6583",
    "HeI_6678": "HeI6678",
    "SII_6716": "SII6716",
    "SII_6731": "SII6731",
    "HeI_7065": "HeI7065",
}


def read_hcm(path):
    """Read a HII-CHI-mistry grid.

    Parameters
    ----------
    path : str or pathlib.Path
        The gzipped text file.

    Returns
    -------
    ndarray, shape (m, 13)
        12 + log10(O/H), log N/O, log U and ten lines relative to H-beta, sorted by
        these parameters.
    """
    with gzip.open(path, "rt") as lines:
        rows = [line.split() for line in lines if line[:1].isdigit()]
    table = np.array([row for row in rows if len(row) == 13 and "+" not in row[0]])
    table = table.astype(float)
    return table[np.lexsort(table[:, 2::-1].T)]
