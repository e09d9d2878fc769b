"""The carbon that a giant had before it mixed."""

import numpy as np

__all__ = ["natal_carbon"]

#: Fitted to the corrections of 616 stars by Placco et al. 2014, ApJ 797, 21: rms 0.024
#: dex, 0.038 dex below log g = 2.2, 0.14 dex at most. The height; place and width of
#: the step in log g; the place of the step in [C/Fe], how it moves with [Fe/H] + 2.5
#: and with log g - 1.5, and its width.
_HEIGHT, _LOGG, _LOGG_WIDTH = 0.766, 1.538, 0.174
_CARBON, _BY_IRON, _BY_LOGG, _CARBON_WIDTH = 1.497, -1.116, 0.567, 0.455
#: [Fe/H] of the stars of the fit, and above which no correction is given.
_IRON, _HIGHEST = (-5.65, -2.0), -1.5
#: What the fit leaves, dex.
_REST = 0.04


def natal_carbon(logg, feh, cfe, *, logg_err=0.0, cfe_err=0.0):
    """[C/Fe] of metal-poor stars before they climbed the giant branch.

    Giants turn carbon into nitrogen as they climb, and mix it to their surface: most
    by far below log g = 1.5, and the less the more carbon there is. Fitted to the
    corrections of Placco et al. (2014, ApJ 797, 21), whose stars have [Fe/H] < -2: up
    to -1.5 the correction at -2 is taken.

    Parameters
    ----------
    logg, feh, cfe : array_like
        Gravity (dex of cm/s2), [Fe/H] and present [C/Fe] (dex).
    logg_err, cfe_err : array_like, optional
        Their errors.

    Returns
    -------
    natal, error : `numpy.ndarray`
        In dex; NaN above [Fe/H] = -1.5.

    Examples
    --------
    >>> from galspec.carbon_evolution import natal_carbon
    >>> natal, _ = natal_carbon(logg=[4.0, 1.0, 1.0], feh=-2.5, cfe=[0.3, -0.4, 1.8])
    >>> natal.round(2)
    array([0.3 , 0.31, 1.96])
    """
    from scipy.special import expit

    logg, feh, cfe = np.broadcast_arrays(*np.atleast_1d(logg, feh, cfe))
    iron = np.clip(feh, *_IRON)
    place = _CARBON + _BY_IRON * (iron + 2.5) + _BY_LOGG * (logg - 1.5)
    climbed = expit((_LOGG - logg) / _LOGG_WIDTH)
    spared = expit((place - cfe) / _CARBON_WIDTH)
    gain = _HEIGHT * climbed * spared
    by_carbon = 1 - gain * (1 - spared) / _CARBON_WIDTH
    by_logg = gain * (
        (1 - spared) * _BY_LOGG / _CARBON_WIDTH - (1 - climbed) / _LOGG_WIDTH
    )
    error = np.sqrt(
        (by_carbon * cfe_err) ** 2 + (by_logg * logg_err) ** 2 + _REST**2 * climbed
    )
    known = feh <= _HIGHEST
    return np.where(known, cfe + gain, np.nan), np.where(known, error, np.nan)
