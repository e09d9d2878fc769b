"""Errors for spectra that come without any."""

import dataclasses

import numpy as np

from galspec.quantiles import good_median
from galspec.transforms.base import Transformer

__all__ = ["NoiseFromScatter"]

#: Of the second difference of unit noise.
_SCATTER = np.sqrt(6)


@dataclasses.dataclass(frozen=True)
class NoiseFromScatter(Transformer):
    """Give spectra without errors those that the scatter between pixels tells.

    Where no error was given, all good pixels have the same inverse variance. In blocks
    of pixels the noise is then the median difference of a pixel from those two before
    and behind it, as in DER_SNR (Stoehr et al. 2008, ASP Conf. Ser. 394, 505), and
    between their centres a straight line. Lines count as noise: errors are rather too
    large in crowded spectra.

    Parameters
    ----------
    block : int
        Pixels of a block.

    Raises
    ------
    ValueError
        If a block is too small to tell.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.transforms import NoiseFromScatter
    >>> flux = np.random.default_rng(1).normal(10, 2, (1, 3000))
    >>> batch = SpectrumBatch.from_arrays(np.linspace(4000, 7000, 3000), flux)
    >>> noise = NoiseFromScatter()(batch).ivar ** -0.5
    >>> bool(abs(noise.mean() - 2) < 0.1)
    True
    """

    block: int = 128

    def __post_init__(self):
        self._check(block=(self.block >= 16, "16 or more"))

    def __call__(self, batch):
        """Change the inverse variance of spectra without errors alone."""
        rows = np.flatnonzero(_untold(batch))
        if not len(rows) or batch.flux.shape[1] < self.block:
            return batch
        ivar = batch.ivar.copy()
        ivar[rows] = self._ivar(batch.flux[rows], ~batch.mask[rows])
        mask = batch.mask | (ivar == 0)
        return batch.replace(ivar=ivar, mask=mask)

    def _ivar(self, flux, good):
        """Inverse variance from the scatter, (n, n_pix); 0 where there is none."""
        usable = good[:, 2:-2] & good[:, :-4] & good[:, 4:]
        second = np.abs(2 * flux[:, 2:-2] - flux[:, :-4] - flux[:, 4:])
        count = flux.shape[1] // self.block
        blocks = np.array_split(np.arange(second.shape[1]), count)
        level = np.stack(
            [good_median(second[:, block], usable[:, block]) for block in blocks],
            axis=1,
        )
        known = np.isfinite(level) & (level > 0)
        # a block without pixels, or with nothing but one value, is like the others
        usual = good_median(level, known)[:, None]
        told = np.isfinite(usual)
        level = np.where(known, level, np.where(told, usual, 1))
        place = (np.arange(flux.shape[1]) + 0.5) / self.block - 0.5
        place = np.clip(place, 0, count - 1)
        left = np.minimum(place.astype(int), max(count - 2, 0))
        right = np.minimum(left + 1, count - 1)
        part = np.clip(place - left, 0, 1)
        noise = level[:, left] * (1 - part) + level[:, right] * part
        return np.where(good & told, (1.482602 / _SCATTER * noise) ** -2.0, 0)


def _untold(batch):
    """Rows whose good pixels all have the same inverse variance."""
    good = ~batch.mask
    high = np.max(batch.ivar, axis=1, where=good, initial=0)
    low = np.min(batch.ivar, axis=1, where=good, initial=np.inf)
    return (high == low) & (high > 0)
