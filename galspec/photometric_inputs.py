"""What a network sees of photometry: columns of numbers, and stamps behind them."""

import itertools

import numpy as np

from galspec.photometric_features import (
    WEI2025_FEATURES,
    dereddened_magnitude,
    dereddened_magnitudes,
    wei2025_features,
)

__all__ = ["GROUPS", "column_names", "photometric_input"]

#: Largest error of a magnitude that is told from others, and the smallest.
ERRORS = (1e-3, 10.0)


def photometric_input(batch, groups):
    """Stack what a network sees of each object.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
        Behind its recipe.
    groups : tuple of str
        Some of `GROUPS`, in the order of the columns, and stamps:

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
    catalogued = _checked(groups)
    magnitudes = dereddened_magnitudes(batch)
    columns = [GROUPS[name](batch, *magnitudes) for name in catalogued]
    width = sum(part.shape[1] for part in columns)
    images = batch.stamps if catalogued != groups else None
    numbers = 0 if images is None else images[0:1].size
    seen = np.empty((len(batch), 1, width + numbers), np.float32)
    np.concatenate(columns, axis=1, out=seen[:, 0, :width], casting="same_kind")
    if numbers:
        # straight to their place: they are large
        behind = seen[:, 0, width:].reshape(images.shape)
        np.multiply(images, _brightening(batch), out=behind)
    return seen


def column_names(batch, groups):
    """What the columns of `photometric_input` are called, group by group.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
        Behind its recipe.
    groups : tuple of str
        As for `photometric_input`.

    Returns
    -------
    dict of str to tuple of str
        Names of the columns of each group, in their order. A magnitude is called as its
        band, with its error behind ``err``; a magnitude in an aperture has the number
        of the aperture, from 1 on. Pixels of stamps have no names.

    Raises
    ------
    ValueError
        As of `photometric_input`.

    Examples
    --------
    >>> from galspec import PhotometryBatch
    >>> from galspec.photometric_inputs import column_names
    >>> batch = PhotometryBatch.from_arrays(
    ...     [[9.0, 20.0]], [[4.0, 4.0]], survey="ls-dr9", bands=("g", "r"))
    >>> column_names(batch, ("magnitudes", "colours", "ebv"))
    {'magnitudes': ('g', 'r'), 'colours': ('g-r',), 'ebv': ('E(B-V)',)}
    """
    _checked(groups)
    bands, radii = batch.bands, batch.survey.apertures
    names = {
        "magnitudes": bands,
        "colours": tuple(f"{a}-{b}" for a, b in itertools.pairwise(bands)),
        "errors": tuple(f"err {band}" for band in bands),
        "apertures": tuple(
            f"{band}{number}-{band}"
            for band in bands
            for number in range(1, 1 + len(radii.get(band, ())))
        ),
        "ebv": ("E(B-V)",),
        "wei2025": WEI2025_FEATURES,
        "stamps": (),
    }
    return {name: names[name] for name in groups}


def _checked(groups):
    """Those of the groups that are columns of a catalogue."""
    catalogued = groups[:-1] if groups[-1:] == ("stamps",) else groups
    if not catalogued or not set(catalogued) <= set(GROUPS):
        raise ValueError(
            f"inputs are {groups!r}; they can be one or more of {', '.join(GROUPS)}, "
            "and stamps behind them"
        )
    return catalogued


def _magnitudes(batch, value, error):
    return value


def _colours(batch, value, error):
    return -np.diff(value, axis=1)


def _errors(batch, value, error):
    return np.log(np.clip(error, *ERRORS))


def _apertures(batch, value, error):
    """A column a radius of each band; NaN where the batch has no such aperture."""
    columns = []
    for number, band in enumerate(batch.bands):
        radii = batch.survey.apertures.get(band, ())
        part = np.full((len(batch), len(radii)), np.nan, np.float32)
        if band in batch.aperture_flux:
            flux, ivar = batch.aperture_flux[band], batch.aperture_ivar[band]
            part = dereddened_magnitude(batch, band, flux, ivar)[0]
        columns.append(part - value[:, number : number + 1])
    return np.concatenate(columns, axis=1)


def _reddening(batch, value, error):
    return batch.ebv[:, None]


def _wei2025(batch, value, error):
    return wei2025_features(batch)


def _brightening(batch):
    """What takes the extinction of each band away, (n, n_bands, 1, 1)."""
    extinction = [batch.survey.extinction.get(band, 0.0) for band in batch.bands]
    bright = 10 ** (0.4 * np.multiply.outer(batch.ebv, extinction))
    return bright[:, :, None, None].astype(np.float32)


#: What a network can see of photometry besides stamps: functions of a batch and of its
#: dereddened magnitudes and their errors, which several take.
GROUPS = {
    "magnitudes": _magnitudes,
    "colours": _colours,
    "errors": _errors,
    "apertures": _apertures,
    "ebv": _reddening,
    "wei2025": _wei2025,
}
