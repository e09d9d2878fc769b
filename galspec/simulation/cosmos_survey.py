"""The COSMOS field as its catalogue of broad bands shows it."""

from pathlib import Path

import numpy as np

from galspec.simulation.elg_prior import ELGPrior, Selection
from galspec.simulation.imaging_surveys import Band, ImagingSurvey

__all__ = ["ZCOSMOS", "cosmos_survey"]

#: Galaxies to i = 22.5 and beyond, as of zCOSMOS-bright (Lilly et al. 2007, ApJS 172,
#: 70), star-forming or not; cut them at 22.5.
ZCOSMOS = ELGPrior(
    selections=(Selection("zcosmos", 1.0, (18.5, 23.9), (0.02, 1.4), 0.45),),
    passive=0.1,
    agn=0.04,
    ebv=(0.018, 0.1),
)

#: By band: file of the filter; depth (five sigma) from the errors of faint objects in
#: the catalogue; what its magnitudes are too faint by, as templates at the redshifts of
#: the spectra tell. Ilbert et al. 2009, ApJ 690, 1236, correct them in the same way.
_BANDS = {
    "u": ("capak_cfht_megaprime_sagem_u", 26.3, 0.04),
    "B": ("capak_subaru_suprimecam_B", 25.8, -0.17),
    "g": ("capak_subaru_suprimecam_g", 25.9, 0.09),
    "V": ("capak_subaru_suprimecam_V", 25.7, -0.05),
    "r": ("capak_subaru_suprimecam_r", 25.5, 0.02),
    "i": ("capak_subaru_suprimecam_i", 25.2, 0.015),
    "z": ("capak_subaru_suprimecam_z", 24.8, -0.01),
    "K": ("capak_cfht_wircam_Ks", 23.7, 0.0),
}


def cosmos_survey(folder):
    """Declare the survey with the filters of Capak et al. 2007, ApJS 172, 99.

    Parameters
    ----------
    folder : str or pathlib.Path
        ``kcorrect/data/responses`` wherever the package kcorrect lies (Blanton & Roweis
        2007, AJ 133, 734); nothing of it is imported.

    Returns
    -------
    ImagingSurvey
        Bands u B g V r i z K of CFHT and Subaru, without apertures. The catalogue has J
        besides, whose filter is not among these.

    Raises
    ------
    FileNotFoundError
        If files are missing; the message names them.
    """
    paths = {name: Path(folder) / f"{band[0]}.dat" for name, band in _BANDS.items()}
    missing = [path.name for path in paths.values() if not path.exists()]
    if missing:
        raise FileNotFoundError(f"no {', '.join(missing)} in {folder}")
    bands = {
        name: Band(_response(paths[name], name), depth, 0.9, 1e-6, 0.15, offset)
        for name, (_, depth, offset) in _BANDS.items()
    }
    return ImagingSurvey("cosmos", bands, depth_spread=0.1, calibration=0.015)


def _response(path, name):
    """Return a filter of a file, cut where it lets less than 1e-4 of its most pass."""
    from astropy import units as u
    from speclite.filters import FilterResponse

    lines = (line.strip("| \n").split("|") for line in path.open() if line[0] == "|")
    rows = [row for row in lines if row[0].strip() != "lambda"]
    wavelength, response = np.array(rows, dtype=float).T
    inside = np.flatnonzero(response > 1e-4 * response.max())
    kept = slice(max(inside[0] - 1, 0), inside[-1] + 2)
    wavelength, response = wavelength[kept], response[kept] / response.max()
    response[[0, -1]] = 0.0
    meta = {"group_name": "cosmos", "band_name": name}
    return FilterResponse(wavelength * u.AA, np.clip(response, 0.0, None), meta)
