"""What a network sees of photometry: columns of numbers, and stamps behind them."""

import numpy as np

from galspec.photometric_features import (
    dereddened_magnitude,
    dereddened_magnitudes,
    wei2025_features,
)

__all__ = ["GROUPS", "photometric_input"]

#: Largest error of a magnitude that is told from others, and the smallest.
ERRORS = (1e-3, 10.0)


def photometric_input(batch, groups):
    """Stack what a network sees of each object.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
        Behind its recipe.
    groups : tuple of str
        Some of `GROUPS`, in the order of the columns:

        - ``magnitudes``: dereddened asinh magnitudes, a column a band;
        - ``colours``: differences of adjacent bands;
        - ``errors``: natural logarithm of the errors of the magnitudes;
        - ``apertures``: magnitude in each aperture less that in total;
        - ``ebv``: E(B-V);
        - ``wei2025``: see `galspec.photometric_features.wei2025_features`;
        - ``stamps``: images, dereddened, in nanomaggies a pixel, flattened; they come
          last, and are left out where the batch has none.

    Returns
    -------
    `numpy.ndarray`, shape (n, 1, width), float32
        NaN where something is not known.

    Raises
    ------
    ValueError
        If there is no such group, or stamps are not the last.
    """
    unknown = [name for name in groups if name not in GROUPS]
    if unknown or "stamps" in groups[:-1] or not groups:
        raise ValueError(
            f"inputs are {groups!r}; they can be some of {', '.join(GROUPS)}, stamps "
            "the last of them"
        )
    columns = [GROUPS[name](batch) for name in groups]
    return np.concatenate(columns, axis=1, dtype=np.float32)[:, None]


def _magnitudes(batch):
    return dereddened_magnitudes(batch)[0]


def _colours(batch):
    return -np.diff(dereddened_magnitudes(batch)[0], axis=1)


def _errors(batch):
    return np.log(np.clip(dereddened_magnitudes(batch)[1], *ERRORS))


def _apertures(batch):
    """A column a radius of each band; NaN where the batch has no such aperture."""
    total = dereddened_magnitudes(batch)[0]
    columns = []
    for number, band in enumerate(batch.bands):
        radii = batch.survey.apertures.get(band, ())
        part = np.full((len(batch), len(radii)), np.nan, np.float32)
        if band in batch.aperture_flux:
            flux, ivar = batch.aperture_flux[band], batch.aperture_ivar[band]
            part = dereddened_magnitude(batch, band, flux, ivar)[0]
        columns.append(part - total[:, number : number + 1])
    return np.concatenate(columns, axis=1)


def _reddening(batch):
    return batch.ebv[:, None]


def _stamps(batch):
    if batch.stamps is None:
        return np.empty((len(batch), 0), np.float32)
    extinction = [batch.survey.extinction.get(band, 0.0) for band in batch.bands]
    bright = 10 ** (0.4 * np.multiply.outer(batch.ebv, extinction))
    stamps = batch.stamps * bright[:, :, None, None].astype(np.float32)
    return stamps.reshape(len(batch), -1)


#: What a network can see of photometry.
GROUPS = {
    "magnitudes": _magnitudes,
    "colours": _colours,
    "errors": _errors,
    "apertures": _apertures,
    "ebv": _reddening,
    "wei2025": wei2025_features,
    "stamps": _stamps,
}
