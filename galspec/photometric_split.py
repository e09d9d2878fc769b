"""Two estimators of redshifts, one for bright galaxies and one for faint ones."""

import dataclasses

import numpy as np

from galspec.photometric_estimator import PhotometricEstimator
from galspec.photometric_features import dereddened_magnitudes

__all__ = ["SplitByMagnitude", "magnitude_in"]

#: What the column ``model`` says.
BRIGHT, FAINT = "bright", "faint"


@dataclasses.dataclass(frozen=True)
class SplitByMagnitude:
    """Predict bright galaxies by one estimator and faint ones by another.

    Wei et al. (2025, arXiv:2505.24175) split at r = 21.5. For them it made nearly no
    difference (sigma_NMAD 0.0139 instead of 0.0140, outliers 2.70 % instead of 2.57 %),
    and on 5497 galaxies of zCOSMOS two models were slightly worse than one that learns
    from all (``scripts/compare_split_models.py``).

    Parameters
    ----------
    bright, faint : `~galspec.ELGPhotoZ`
        Trained, each of one side. Their bins of redshift are the same.
    band : str
        One that ``bright`` works on.
    at : float
        Magnitude (AB) at which they meet.

    Raises
    ------
    ValueError
        If ``bright`` has no such band, or bins differ.

    Examples
    --------
    >>> from galspec import ELGPhotoZ
    >>> from galspec.photometric_split import SplitByMagnitude
    >>> SplitByMagnitude(
    ...     ELGPhotoZ.pretrained(path="bright.safetensors"),
    ...     ELGPhotoZ.pretrained(path="faint.safetensors"),
    ... ).predict("sweep.fits")  # doctest: +SKIP
    """

    bright: PhotometricEstimator
    faint: PhotometricEstimator
    band: str = "r"
    at: float = 21.5

    def __post_init__(self):
        bands = self.bright.recipe.transformers[0].bands
        if self.band not in bands:
            raise ValueError(
                f"band is {self.band!r}; the estimator works on {', '.join(bands)}"
            )
        ours, theirs = _bins(self.bright), _bins(self.faint)
        if ours != theirs:
            raise ValueError(
                f"the estimator of bright galaxies has {ours[0]} bins up to redshift "
                f"{ours[1]:g}, that of faint ones {theirs[0]} up to {theirs[1]:g}; one "
                "table of densities needs the same"
            )

    def is_bright(self, batch):
        """Which objects are above the split.

        Parameters
        ----------
        batch : `~galspec.PhotometryBatch`

        Returns
        -------
        `numpy.ndarray` of bool, shape (n,)
            False where the magnitude is not known.
        """
        return magnitude_in(self.bright, batch, self.band) < self.at

    def predict(
        self, data, *, survey=None, columns=None, ebv=None, dust_map=None, **options
    ):
        """Estimate redshifts, each object by the estimator of its side.

        Parameters
        ----------
        data, survey, columns, ebv, dust_map, **options
            As for `~galspec.ELGPhotoZ.predict`.

        Returns
        -------
        `~galspec.redshift_table.RedshiftTable`
            In the order of the input, with a column ``model``: "bright" or "faint".
            Objects whose magnitude is not known are "faint".
        """
        from astropy.table import vstack

        reading = {"survey": survey, "columns": columns, "ebv": ebv}
        batch = self.bright.gather(data, **reading, dust_map=dust_map)
        bright = self.is_bright(batch)
        parts = [
            _part(self.bright, batch[bright], BRIGHT, options),
            _part(self.faint, batch[~bright], FAINT, options),
        ]
        # provenance differs, which is no conflict: that of the faint ones is added
        table = vstack(parts, metadata_conflicts="silent")
        table.meta = parts[0].meta | {
            f"faint_{key}": parts[1].meta[key]
            for key in ("weights", "sha256")
            if key in parts[1].meta
        }
        table.meta |= {"split_band": self.band, "split_at": float(self.at)}
        order = np.concatenate([np.flatnonzero(bright), np.flatnonzero(~bright)])
        return table[np.argsort(order)]


def magnitude_in(estimator, batch, band):
    """Magnitudes as an estimator sees them.

    Parameters
    ----------
    estimator : `~galspec.ELGPhotoZ`
    batch : `~galspec.PhotometryBatch`
        As it was gathered.
    band : str
        One that the estimator works on.

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        Dereddened asinh magnitudes, AB; NaN where not observed.
    """
    behind = estimator.recipe(batch)
    return dereddened_magnitudes(behind)[0][:, behind.bands.index(band)]


def _bins(estimator):
    return estimator.network.outputs, estimator.targets[0].valid[1]


def _part(estimator, batch, name, options):
    table = estimator.predict(batch, **options)
    table["model"] = np.full(len(table), name, "U6")
    return table
