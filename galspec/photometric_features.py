"""Magnitudes and colours of a batch of photometry, as a network takes them."""

import numpy as np

from galspec.magnitudes import asinh_magnitude

__all__ = [
    "WEI2025_FEATURES",
    "dereddened_magnitude",
    "dereddened_magnitudes",
    "wei2025_features",
]

#: The features of Wei et al. (2025, PASA, arXiv:2505.24175), in their order, which is
#: that of importance by permutation. "G" is the total magnitude in g, "R1" that in the
#: first aperture of r, "W12" that in the second of W1, "MAG_G" the magnitude itself and
#: all else a difference.
WEI2025_FEATURES = tuple(
    """
    R-W2 I-W1 R-W1 I-W2 Z-W1 R-I G-W2 Z-W2 G-R I-Z G-I W12-W22 R-R1 R-Z G-G1 Z5-W15
    MAG_G G-W1 I-I1 W13-W23 MAG_I MAG_Z I7-Z7 Z-Z1 R6-I6 I6-Z6 W11-W21 MAG_R W21-W22
    I8-Z8 R7-I7 Z4-W14 G6-R6 G7-R7 G1-R1 W14-W24 Z1-W11 R8-I8 I1-I2 W11-W12 W23-W24
    R5-I5 W22-W23 R1-I1 G5-R5 I2-Z2 W24-W25 G8-R8 W1-W11 R2-I2 I5-Z5 G1-G2 W2-W21
    W14-W15 R1-R2 I1-Z1 MAG_W2 G-Z Z1-Z2 G4-R4 R4-I4 MAG_W1 Z3-W13 I7-I8 W1-W2 Z2-W12
    Z5-Z6 I4-Z4 G2-R2 R3-R4 I3-Z3 Z7-Z8 R7-R8 G4-G5 G3-R3 W15-W25 W12-W13 W13-W14
    R5-R6 I5-I6 G2-G3 Z3-Z4 R3-I3 Z6-Z7 I4-I5 ebv
    """.split()  # noqa: SIM905 (86 lines otherwise)
)
#: Names of the features to names of bands.
BANDS = {"G": "g", "R": "r", "I": "i", "Z": "z", "W1": "W1", "W2": "W2"}


def dereddened_magnitudes(batch):
    """Asinh magnitudes of the total fluxes, without the Milky Way's extinction.

    The fluxes are corrected by the extinction that the survey declares, and turned into
    the magnitudes of Lupton, Gunn & Szalay (1999) with its softening, so that an object
    which was observed and not detected has one too.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`

    Returns
    -------
    value, error : `numpy.ndarray`, shape (n, n_bands), float32
        NaN where a band was not observed, or E(B-V) is unknown.

    Examples
    --------
    >>> from galspec import PhotometryBatch
    >>> from galspec.photometric_features import dereddened_magnitudes
    >>> batch = PhotometryBatch.from_arrays(
    ...     [[10.0, -0.02]], [[900.0, 700.0]], survey="ls-dr10", bands=("g", "r"),
    ...     ebv=0.1)
    >>> value, error = dereddened_magnitudes(batch)
    >>> value.round(2), error.round(3)
    (array([[19.68, 26.39]], dtype=float32), array([[0.004, 0.628]], dtype=float32))
    """
    columns = [
        dereddened_magnitude(batch, band, batch.flux[:, number], batch.ivar[:, number])
        for number, band in enumerate(batch.bands)
    ]
    return tuple(
        np.stack(part, 1).astype(np.float32) for part in zip(*columns, strict=True)
    )


def wei2025_features(batch):
    """The 85 features of Wei et al. (2025), and E(B-V), of Legacy Survey photometry.

    Magnitudes are those of `dereddened_magnitudes`, in the apertures as in total.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
        With the apertures of the Legacy Surveys, as far as it has any.

    Returns
    -------
    `numpy.ndarray`, shape (n, 86), float32
        In the order of `WEI2025_FEATURES`; NaN where a band or an aperture that the
        feature takes was not observed, or E(B-V) is unknown. Nothing is filled in.

    Raises
    ------
    ValueError
        If the radii of the apertures are others.

    Examples
    --------
    >>> from galspec import PhotometryBatch
    >>> from galspec.photometric_features import WEI2025_FEATURES, wei2025_features
    >>> batch = PhotometryBatch.from_arrays(
    ...     [[10.0, 20.0]], [[900.0, 700.0]], survey="ls-dr10", bands=("g", "r"), ebv=0)
    >>> features = wei2025_features(batch)
    >>> features.shape, features[0, WEI2025_FEATURES.index("G-R")].round(4)
    ((1, 86), np.float32(0.7526))
    """
    _check_radii(batch)
    magnitudes = _named_magnitudes(batch)
    unknown = np.full(len(batch), np.nan)

    def feature(name):
        if name == "ebv":
            return batch.ebv
        if name.startswith("MAG_"):
            return magnitudes.get(name.removeprefix("MAG_"), unknown)
        one, other = name.split("-")
        return magnitudes.get(one, unknown) - magnitudes.get(other, unknown)

    return np.stack([feature(name) for name in WEI2025_FEATURES], 1).astype(np.float32)


def _named_magnitudes(batch):
    """Magnitudes by the names that features give them, in total and in apertures."""
    named = {}
    for name, band in BANDS.items():
        if band in batch.bands:
            number = batch.bands.index(band)
            flux, ivar = batch.flux[:, number], batch.ivar[:, number]
            named[name] = dereddened_magnitude(batch, band, flux, ivar)[0]
        if band in batch.aperture_flux:
            flux, ivar = batch.aperture_flux[band], batch.aperture_ivar[band]
            values = dereddened_magnitude(batch, band, flux, ivar)[0]
            named |= {
                f"{name}{k}": column for k, column in enumerate(values.T, start=1)
            }
    return named


def dereddened_magnitude(batch, band, flux, ivar):
    """As `dereddened_magnitudes`, for any fluxes of a batch in one band.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
    band : str
    flux, ivar : `numpy.ndarray`, shape (n, ...)
        Nanomaggies, in total or in apertures, and their inverse variance.

    Returns
    -------
    value, error : `numpy.ndarray`, shape (n, ...)
        NaN where E(B-V) is unknown.
    """
    # a band that the survey does not have was not observed, whatever it were dimmed by
    extinction = batch.survey.extinction.get(band, 0.0) * batch.ebv
    bright = 10 ** (0.4 * extinction).reshape(-1, *[1] * (flux.ndim - 1))
    return asinh_magnitude(
        flux * bright, ivar / bright**2, batch.survey.softening_of(band)
    )


def _check_radii(batch):
    from galspec.surveys import SURVEYS

    wanted = SURVEYS["ls-dr10"].apertures
    for band, radii in batch.apertures.items():
        if band in wanted and tuple(radii) != wanted[band]:
            raise ValueError(
                f"apertures in {band} have radii {radii}; these features are of "
                f"{wanted[band]} arcsec"
            )
