"""The imaging surveys that galspec knows, and how to declare any other.

Those of `SURVEYS` are known by name; one for another table takes a few lines:

>>> from galspec.surveys import Columns, Survey
>>> mine = Survey(
...     "mine", bands=("g", "r"), extinction={"g": 3.172, "r": 2.271},
...     columns=(Columns("{band}mag", "e_{band}mag", unit="mag"),))
>>> mine.columns[0].names("r")
('rmag', 'e_rmag')
"""

from galspec.survey import Columns, Survey

__all__ = ["SURVEYS", "Columns", "Survey", "get_survey"]

#: Radii of the aperture fluxes of the Legacy Surveys, arcseconds.
_OPTICAL_RADII = (0.5, 0.75, 1.0, 1.5, 2.0, 3.5, 5.0, 7.0)
_WISE_RADII = (3.0, 5.0, 7.0, 9.0, 11.0)
#: A/E(B-V) in the filters of DECam, as E. Schlafly computed them for the Legacy
#: Surveys, and of WISE by the law of Fitzpatrick (1999): description of the catalogues
#: of DR9, "Galactic Extinction Coefficients".
_LS_EXTINCTION = {
    "g": 3.214,
    "r": 2.165,
    "i": 1.592,
    "z": 1.211,
    "W1": 0.184,
    "W2": 0.113,
}
#: One standard deviation of the flux of a point source: a fifth of that at the depths
#: 24.8, 24.3, 24.0, 23.4, 21.3 and 20.5 mag (5 sigma; Dey et al. 2019, AJ 157, 168,
#: and the descriptions of the releases).
_LS_SOFTENING = {
    "g": 0.024,
    "r": 0.038,
    "i": 0.050,
    "z": 0.087,
    "W1": 0.60,
    "W2": 1.26,
}
#: WISE in the images of the Legacy Surveys: pixels of 2.75 arcsec, and magnitudes of
#: Vega, by the conversions of the description of DR10.
_WISE_SCALE = 2.75
_WISE_OFFSETS = {"W1": 2.699, "W2": 3.339}
_LS_COLUMNS = tuple(
    Columns(
        value,
        "flux_ivar_{band}",
        apertures=f"apflux_{{band}}{number}",
        aperture_errors=f"apflux_ivar_{{band}}{number}",
        dereddened=dereddened,
    )
    for value, dereddened in (
        ("flux_{band}", ()),
        ("dered_flux_{band}", ("value",)),
    )
    for number in ("", "_{aperture}")
)
_LS_IDENTIFIERS = (
    "release",
    "brickid",
    "brickname",
    "objid",
    "fullid",
    "ra",
    "dec",
    "type",
)


def _legacy(name, bands):
    return Survey(
        name,
        bands=bands,
        extinction={band: _LS_EXTINCTION[band] for band in bands},
        columns=_LS_COLUMNS,
        softening={band: _LS_SOFTENING[band] for band in bands},
        apertures={
            band: _WISE_RADII if band in ("W1", "W2") else _OPTICAL_RADII
            for band in bands
        },
        transmission="mw_transmission_{band}",
        image_scales=dict.fromkeys(_WISE_OFFSETS, _WISE_SCALE),
        image_offsets=_WISE_OFFSETS,
        identifiers=_LS_IDENTIFIERS,
    )


#: Schlafly & Finkbeiner (2011, ApJ 737, 103), table 6, R_V = 3.1: SDSS u g r i z, B and
#: V of Landolt, J and K of UKIRT. COSMOS has filters of Subaru, CFHT and UltraVISTA
#: that are close to these, and E(B-V) = 0.02: the difference is below 0.005 mag.
_SDSS_EXTINCTION = {"u": 4.239, "g": 3.303, "r": 2.285, "i": 1.698, "z": 1.263}
_COSMOS_EXTINCTION = _SDSS_EXTINCTION | {"B": 3.626, "V": 2.742, "J": 0.709, "K": 0.302}
_COSMOS_BANDS = ("u", "B", "g", "V", "r", "i", "z", "J", "K")

#: The surveys that galspec knows by name.
SURVEYS = {
    "ls-dr9": _legacy("ls-dr9", ("g", "r", "z", "W1", "W2")),
    "ls-dr10": _legacy("ls-dr10", ("g", "r", "i", "z", "W1", "W2")),
    "sdss": Survey(
        "sdss",
        bands=("u", "g", "r", "i", "z"),
        extinction=_SDSS_EXTINCTION,
        columns=(
            Columns("modelflux_{band}", "modelfluxivar_{band}"),
            Columns("model_flux_{band}", "model_ivar_{band}"),
            Columns("modelmag_{band}", "modelmagerr_{band}", unit="asinh mag"),
            Columns("mag_{band}", "magerr_{band}", unit="mag"),
        ),
        # Stoughton et al. (2002, AJ 123, 485), table 21
        softening={"u": 0.14, "g": 0.09, "r": 0.12, "i": 0.18, "z": 0.74},
        # columns with extinction are by Schlegel, Finkbeiner & Davis (1998), table 6
        absorption=("extinction_{band}", "ext_{band}"),
        absorption_per_ebv={
            "u": 5.155,
            "g": 3.793,
            "r": 2.751,
            "i": 2.086,
            "z": 1.479,
        },
        identifiers=("objid", "specobjid", "ra", "dec"),
        pixel_scale=0.396,
    ),
    "cosmos": Survey(
        "cosmos",
        bands=_COSMOS_BANDS,
        extinction={band: _COSMOS_EXTINCTION[band] for band in _COSMOS_BANDS},
        columns=(Columns("mag_{band}", "magerr_{band}", unit="mag"),),
        # errors of faint objects of zCOSMOS-bright: the 16th percentile of those of the
        # fluxes, to two digits
        softening={
            "u": 0.0063,
            "B": 0.0096,
            "g": 0.0087,
            "V": 0.011,
            "r": 0.013,
            "i": 0.017,
            "z": 0.025,
            "J": 0.027,
            "K": 0.069,
        },
        pixel_scale=0.15,
    ),
}


def get_survey(survey):
    """The survey of that name.

    Parameters
    ----------
    survey : str or Survey

    Returns
    -------
    Survey

    Raises
    ------
    ValueError
        If there is none of that name.
    TypeError
        If it is neither a name nor a survey.

    Examples
    --------
    >>> from galspec.surveys import get_survey
    >>> get_survey("ls-dr10").bands
    ('g', 'r', 'i', 'z', 'W1', 'W2')
    """
    if isinstance(survey, Survey):
        return survey
    if not isinstance(survey, str):
        raise TypeError(
            f"a survey is a name or a galspec.surveys.Survey, not {survey!r}"
        )
    if survey not in SURVEYS:
        raise ValueError(
            f"there is no survey {survey!r}: known are {', '.join(SURVEYS)}; declare "
            "any other as a galspec.surveys.Survey"
        )
    return SURVEYS[survey]
