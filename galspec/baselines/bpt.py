"""What ionises the gas, by the diagram of Baldwin, Phillips & Terlevich (1981)."""

import numpy as np

from galspec.baselines.line_table import line_arrays
from galspec.line_ratios import is_agn, is_star_forming

__all__ = ["BPT_CLASSES", "BPT_LINES", "bpt_class", "bpt_table"]

#: Classes, from the lower left of the diagram to the upper right; "" where unknown.
BPT_CLASSES = ("star-forming", "composite", "AGN")
#: The four lines of the diagram.
BPT_LINES = ("OIII_5007", "Hbeta", "NII_6584", "Halpha")


def bpt_class(log_o3hb, log_n2ha):
    """Class of line ratios.

    "star-forming" lies below the curve of Kauffmann et al. (2003, MNRAS 346, 1055,
    eq. 1), "AGN" above that of Kewley et al. (2001, ApJ 556, 121, eq. 5), "composite"
    neither.

    Parameters
    ----------
    log_o3hb : array_like
        log10 of [O III] 5007 over H-beta.
    log_n2ha : array_like
        log10 of [N II] 6584 over H-alpha.

    Returns
    -------
    `numpy.ndarray` of str
        One of `BPT_CLASSES`, or "" where a ratio is not known.

    Examples
    --------
    >>> from galspec.baselines.bpt import bpt_class
    >>> bpt_class([-0.5, 0.0, 1.0], [-0.5, -0.1, 0.1]).tolist()
    ['star-forming', 'composite', 'AGN']
    """
    y, x = np.broadcast_arrays(*np.atleast_1d(log_o3hb, log_n2ha))
    y, x = y.astype(float), x.astype(float)
    known = np.isfinite(x) & np.isfinite(y)
    young, mixed, active = BPT_CLASSES
    # the curves cross at -1.3: very metal-poor gas below Kauffmann's forms stars
    label = np.where(is_agn(y, x), active, mixed)
    label = np.where(is_star_forming(y, x), young, label)
    return np.where(known, label, "")


def bpt_table(lines, *, snr=3.0):
    """Line ratios and class of line fluxes.

    Parameters
    ----------
    lines : `~astropy.table.Table` or mapping
        Fluxes and errors as `galspec.line_fitting.fit_lines` gives them.
    snr : float
        Signal-to-noise ratio that each of the four lines has to exceed.

    Returns
    -------
    `~astropy.table.Table`
        One row a row of ``lines``: ``log_o3hb`` and ``log_n2ha``, NaN where a line is
        too weak, and ``bpt``, see `bpt_class`.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> from galspec.baselines.bpt import bpt_table
    >>> lines = {"OIII_5007": [5.0], "Hbeta": [10.0], "NII_6584": [9.0],
    ...     "Halpha": [30.0], "OIII_5007_err": [1.0], "Hbeta_err": [1.0],
    ...     "NII_6584_err": [0.3], "Halpha_err": [0.3]}
    >>> bpt_table(lines)["bpt"][0]
    np.str_('star-forming')
    """
    from astropy.table import Table

    flux, error = line_arrays(lines, BPT_LINES)
    with np.errstate(invalid="ignore"):
        clear = np.all((flux > 0) & (error >= 0) & (flux > snr * error), axis=1)
    o3, hb, n2, ha = np.log10(np.where(clear[:, None], flux, np.nan)).T
    columns = {"log_o3hb": o3 - hb, "log_n2ha": n2 - ha}
    return Table(columns | {"bpt": bpt_class(o3 - hb, n2 - ha)})
