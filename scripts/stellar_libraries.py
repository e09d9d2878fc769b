"""Libraries of observed stars, as templates of the simulator."""

import numpy as np

from galspec.simulation import EmpiricalStars
from galspec.simulation.stellar_emulator import LABELS

__all__ = ["miles"]

#: Effective temperatures that labels of stars are learned for, with some room, K.
TEFF = (3800.0, 7500.0)


def miles(path):
    """MILES (Falcon-Barroso et al. 2011, A&A 532, A95), stars whose labels are known.

    Parameters
    ----------
    path : path-like
        npz file with ``wave`` (air, angstrom), ``flux``, ``name``, ``teff``, ``logg``
        and ``feh``.

    Returns
    -------
    EmpiricalStars
        [C/Fe] is not known.
    """
    import astropy.units as u
    from specutils.utils.wcs_utils import air_to_vac

    with np.load(path, allow_pickle=False) as library:
        known = {name: library[name] for name in ("teff", "logg", "feh")}
        wavelength = air_to_vac(library["wave"].astype(float) * u.AA).to_value(u.AA)
        names, flux = library["name"], library["flux"].astype(float)
    labels = np.full((len(names), len(LABELS)), np.nan)
    for name, values in known.items():
        labels[:, LABELS.index(name)] = values
    inside = (known["teff"] > TEFF[0]) & (known["teff"] < TEFF[1])
    rows = inside & np.isfinite(known["logg"] + known["feh"])
    rows &= (flux > 0).all(axis=1)
    return EmpiricalStars(names[rows], labels[rows], wavelength, flux[rows], fwhm=2.5)
