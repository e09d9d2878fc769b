"""Stretches of the rest frame in which lines and bands lie, by name."""

import functools

from galspec.constants import WAVELENGTHS

__all__ = ["named_features"]

#: Angstrom on either side of an emission line: its wings at a resolution of 1800.
_REACH = 12.0

#: Emission lines of ionised gas; those that a low resolution blends are one.
_EMISSION = {
    "[O II] 3727": ("OII_3726", "OII_3729"),
    "[Ne III] 3869": ("NeIII_3869",),
    "Hδ": ("Hdelta",),
    "Hγ + [O III] 4363": ("Hgamma", "OIII_4363"),
    "Hβ": ("Hbeta",),
    "[O III] 4959": ("OIII_4959",),
    "[O III] 5007": ("OIII_5007",),
    "He I 5876": ("HeI_5876",),
    "[O I] 6300": ("OI_6300",),
    "Hα + [N II]": ("NII_6548", "Halpha", "NII_6584"),
    "[S II]": ("SII_6716", "SII_6731"),
}

# In air, as published. Lick indices: Trager et al. (1998, ApJS 116, 1, table 2) and
# Worthey & Ottaviani (1997, ApJS 111, 377, table 1); Ca II K: Beers et al. (1999, AJ
# 117, 981, K18), and as wide about Ca II H; Ca II triplet: Cenarro et al. (2001, MNRAS
# 326, 959, table 4); H-alpha: the line and its wings.
_ABSORPTION = {
    "Ca II K": (3924.7, 3942.7),
    "Ca II H": (3959.5, 3977.5),
    "Hδ": (4083.5, 4122.25),
    "CN 4160": (4142.125, 4177.125),
    "Ca I 4227": (4222.25, 4234.75),
    "CH (G band)": (4281.375, 4316.375),
    "Hγ": (4319.75, 4363.5),
    "Fe 4383": (4369.125, 4420.375),
    "C2 4668": (4634.0, 4720.25),
    "Hβ": (4847.875, 4876.625),
    "Mg b": (5160.125, 5192.625),
    "Fe 5270": (5245.65, 5285.65),
    "Fe 5335": (5312.125, 5352.125),
    "Na D": (5876.875, 5909.375),
    "TiO 6230": (6189.625, 6272.125),
    "Hα": (6550.0, 6575.0),
    "Ca II 8498": (8484.0, 8513.0),
    "Ca II 8542": (8522.0, 8562.0),
    "Ca II 8662": (8642.0, 8682.0),
}


def named_features(kind):
    """Lowest and highest vacuum wavelengths of lines and bands, in the rest frame.

    Parameters
    ----------
    kind : {'galaxies', 'stars'}
        Emission lines of gas and the features of starlight between them, or features
        of starlight alone.

    Returns
    -------
    dict of str to (float, float)
        In angstrom, in the order of wavelength.

    Examples
    --------
    >>> from galspec.spectral_features import named_features
    >>> named_features("galaxies")["[S II]"]
    (6706.29, 6744.67)
    """
    features = dict(_in_vacuum())
    if kind == "galaxies":
        gas = {name: _around(lines) for name, lines in _EMISSION.items()}
        alone = {k: v for k, v in features.items() if not _meets(v, gas.values())}
        features = gas | alone
    return dict(sorted(features.items(), key=lambda item: item[1]))


def _around(lines):
    places = [WAVELENGTHS[line] for line in lines]
    return min(places) - _REACH, max(places) + _REACH


def _meets(stretch, others):
    return any(stretch[0] < high and low < stretch[1] for low, high in others)


@functools.cache
def _in_vacuum():
    import astropy.units as u

    from galspec.conversion import vacuum_angstrom

    return {
        name: tuple(vacuum_angstrom(band * u.AA, "air").tolist())
        for name, band in _ABSORPTION.items()
    }
