"""Batches of photometry put together, row by row."""

import dataclasses

import numpy as np

__all__ = ["join"]


def join(batches):
    """See `galspec.PhotometryBatch.concatenate`.

    Parameters
    ----------
    batches : list of `~galspec.PhotometryBatch`

    Returns
    -------
    `~galspec.PhotometryBatch`

    Raises
    ------
    ValueError
        If they do not fit together.
    """
    if not batches:
        raise ValueError("there are no batches to concatenate")
    _check(batches)
    first = batches[0]
    bands = [b for b in first.bands if any(b in each.aperture_flux for each in batches)]
    names = list(dict.fromkeys(name for batch in batches for name in batch.ids))
    joined = {
        name: np.concatenate([getattr(batch, name) for batch in batches])
        for name in ("flux", "ivar", "ebv", "flags")
    }
    stamps = first.stamps is not None
    return first.replace(
        aperture_flux={band: _apertures(batches, "flux", band) for band in bands},
        aperture_ivar={band: _apertures(batches, "ivar", band) for band in bands},
        ids={name: _identifiers(batches, name) for name in names},
        stamps=np.concatenate([b.stamps for b in batches]) if stamps else None,
        **joined,
    )


def _check(batches):
    first = batches[0]
    for other in batches[1:]:
        # what its columns were called makes no difference any more
        mine, its = (
            (batch.bands, dataclasses.replace(batch.survey, columns=()))
            for batch in (first, other)
        )
        if mine != its:
            raise ValueError(
                f"cannot join {first!r} with {other!r}: bands and survey must equal"
            )
        if (first.stamps is None) != (other.stamps is None):
            raise ValueError(f"cannot join {first!r} with {other!r}: stamps for all")


def _apertures(batches, kind, band):
    radii = len(batches[0].survey.apertures[band])
    missing = np.nan if kind == "flux" else 0
    return np.concatenate(
        [
            getattr(batch, f"aperture_{kind}").get(
                band, np.full((len(batch), radii), missing, np.float32)
            )
            for batch in batches
        ]
    )


def _identifiers(batches, name):
    """A column of all; "", -1 or NaN where a batch does not have it."""
    kinds = {batch.ids[name].dtype.kind for batch in batches if name in batch.ids}
    blank = "" if kinds & set("US") else -1 if kinds <= set("iu") else np.nan
    return np.concatenate(
        [batch.ids.get(name, np.full(len(batch), blank)) for batch in batches]
    )
