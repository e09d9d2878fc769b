"""Oxygen abundance from fitted lines: what a spectrum with known redshift gives."""

import numpy as np

from galspec.baselines.bpt import BPT_LINES
from galspec.baselines.calibrations import CALIBRATIONS
from galspec.line_fitting import fit_lines
from galspec.line_ratios import is_star_forming

__all__ = ["oh_from_lines", "oh_line_fit"]


def oh_line_fit(batch, *, snr=3.0):
    """12 + log10(O/H) by O3N2 of lines fitted to spectra of known redshift.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Spectra without a redshift have no value.
    snr : float
        Least signal-to-noise ratio of each of the four lines.

    Returns
    -------
    `~astropy.table.Table`
        See `oh_from_lines`.
    """
    return oh_from_lines(fit_lines(batch), snr=snr)


def oh_from_lines(lines, *, snr=3.0):
    """12 + log10(O/H) by O3N2 of line fluxes.

    Parameters
    ----------
    lines : `~astropy.table.Table`
        Fluxes and errors as `galspec.line_fitting.fit_lines` gives them.
    snr : float
        Least signal-to-noise ratio of each of the four lines.

    Returns
    -------
    `~astropy.table.Table`
        ``oh`` (PP04 O3N2, see `galspec.baselines.calibrations`) and its error
        ``oh_err``, that of the fluxes alone; ``log_o3hb`` and ``log_n2ha``; NaN where
        a line is too weak. ``star_forming``: whether the ratios are known and those
        of H II regions (`galspec.line_ratios.is_star_forming`); the abundance of
        others has no meaning.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from galspec.baselines.line_fit import oh_from_lines
    >>> lines = Table({"OIII_5007": [10.0], "Hbeta": [10.0], "NII_6584": [3.0],
    ...     "Halpha": [30.0], "OIII_5007_err": [1.0], "Hbeta_err": [1.0],
    ...     "NII_6584_err": [0.3], "Halpha_err": [0.3]})
    >>> round(float(oh_from_lines(lines)["oh"][0]), 2)
    8.41
    """
    from astropy.table import Table

    flux = np.array([lines[name] for name in BPT_LINES], float)
    error = np.array([lines[name + "_err"] for name in BPT_LINES], float)
    with np.errstate(invalid="ignore", divide="ignore"):
        clear = np.all((error > 0) & (flux >= snr * error), axis=0)
        logs = np.log10(np.where(clear, flux, np.nan))
        spread = 0.32 / np.log(10) * np.sqrt(np.sum((error / flux) ** 2, axis=0))
    o3hb, n2ha = logs[0] - logs[1], logs[2] - logs[3]
    oh = CALIBRATIONS["PP04 O3N2"].from_indices(O3N2=o3hb - n2ha)
    return Table(
        {
            "oh": oh,
            "oh_err": np.where(np.isfinite(oh), spread, np.nan),
            "log_o3hb": o3hb,
            "log_n2ha": n2ha,
            "star_forming": is_star_forming(o3hb, n2ha),
        }
    )
