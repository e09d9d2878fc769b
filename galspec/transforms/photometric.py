"""What a network needs of photometry: its own bands, of a survey that it knows."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.transforms.base import Transformer

__all__ = ["Bands", "FreeOfDust"]


@dataclasses.dataclass(frozen=True)
class Bands(Transformer):
    """Bands in the order of a network, of surveys whose filters it has learned.

    A row that was observed or imaged in fewer bands than it takes gets the flag
    LOW_COVERAGE.

    Parameters
    ----------
    bands : tuple of str
        One that a batch lacks was not observed.
    surveys : tuple of str
        Names of `~galspec.surveys.Survey`. The first is that of tables of which nobody
        says where they are from.
    least : int
        Bands that a row needs.

    Examples
    --------
    >>> from galspec import PhotometryBatch
    >>> from galspec.transforms import Bands
    >>> batch = PhotometryBatch.from_arrays(
    ...     [[1.0, 2.0]], [[9.0, 9.0]], survey="ls-dr10", bands=("g", "r"))
    >>> Bands(("r", "g", "z"), ("ls-dr10",))(batch)
    <PhotometryBatch of 1 objects of ls-dr10 in r g z>
    """

    bands: tuple
    surveys: tuple
    least: int = 2

    def __call__(self, batch):
        """Select the bands, and flag rows that have too few.

        Raises
        ------
        ValueError
            If the batch is of another survey, or has none of the bands.
        """
        if batch.survey.name not in self.surveys:
            raise ValueError(
                f"this photometry is of {batch.survey.name}, and the estimator knows "
                f"the filters of {', '.join(self.surveys)}: take other weights, or fit "
                "some for this survey"
            )
        batch = batch.select(self.bands)
        few = (batch.observed | batch.pictured).sum(axis=1) < self.least
        return batch.replace(
            flags=batch.flags | np.where(few, int(Flags.LOW_COVERAGE), 0)
        )


@dataclasses.dataclass(frozen=True)
class FreeOfDust(Transformer):
    """Photometry of which E(B-V) is not known counts as corrected for the Milky Way.

    For catalogues that are, or of one small field, whose reddening is the same for all.
    """

    def __call__(self, batch):
        """Set unknown E(B-V) to 0."""
        return batch.replace(ebv=np.nan_to_num(batch.ebv))
