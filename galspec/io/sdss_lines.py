"""Emission-line fluxes that the SDSS pipeline measured, from its spectrum files."""

__all__ = ["read_sdss_lines"]


def read_sdss_lines(path):
    """Line fluxes of one SDSS spec or spec-lite file, from its table SPZLINE.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    `~astropy.table.QTable`
        ``line`` (such as 'H_alpha' or '[O_III] 5007'), ``flux`` and ``flux_err`` in
        1e-17 erg / (s cm2); the error is not positive where the fit failed.

    Raises
    ------
    ValueError
        If the file has no such table.
    """
    import astropy.units as u
    from astropy.io import fits
    from astropy.table import QTable

    unit = u.Unit("1e-17 erg / (s cm2)")
    with fits.open(path) as hdus:
        if "SPZLINE" not in hdus:
            raise ValueError(f"{path} has no table SPZLINE: {[h.name for h in hdus]}")
        lines = hdus["SPZLINE"].data
        return QTable(
            {
                "line": [name.strip() for name in lines["LINENAME"]],
                "flux": lines["LINEAREA"].astype(float) * unit,
                "flux_err": lines["LINEAREA_ERR"].astype(float) * unit,
            }
        )
