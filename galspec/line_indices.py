"""Equivalent widths of absorption features between two pseudo-continua."""

import dataclasses
import functools

import numpy as np

from galspec.transforms import RestFrame, Window

__all__ = ["CH4300", "LineIndex"]

#: A band of which less than this share can be used tells nothing.
_LEAST_COVERAGE = 0.8


@dataclasses.dataclass(frozen=True)
class LineIndex:
    """An absorption-line index: the equivalent width below a straight continuum.

    The mean fluxes of two side bands define the continuum, and the index is the
    integral of 1 - flux / continuum over the band between them (Trager et al. 1998,
    ApJS 116, 1, eqs. 1 and 2). It is measured at the resolution that a spectrum has,
    so that values on the Lick system, of 8-11 angstrom, are a little different.

    Parameters
    ----------
    name : str
    band, blue, red : tuple of float
        Limits in angstrom, as published: in air.
    description : str
        What absorbs there.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.line_indices import CH4300
    >>> wavelength = np.linspace(4200, 4400, 801)
    >>> flux = 1 - 0.3 * (abs(wavelength - 4300) < 10)
    >>> star = SpectrumBatch.from_arrays(wavelength, flux, redshift=0.0)
    >>> CH4300.measure(star)[0].round(1)
    array([5.9])
    """

    name: str
    band: tuple
    blue: tuple
    red: tuple
    description: str

    def measure(self, batch):
        """The index of every spectrum of a batch.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            In native pixels, with a redshift where a value is wanted.

        Returns
        -------
        value, error : `numpy.ndarray`, shape (n,)
            Angstrom in the rest frame. The error is that of the inverse variances, to
            first order, those of the side bands included. Both are NaN where a fifth
            of a band or more cannot be used, the redshift is not known, or a
            continuum is not positive.
        """
        blue, band, red = _vacuum((self.blue, self.band, self.red))
        batch = RestFrame()(_around(batch, blue[0] - 10, red[1] + 10))
        if batch.flux.shape[1] < 2:
            return (np.full(len(batch), np.nan),) * 2
        good = ~batch.mask
        flux = np.where(good, batch.flux, 0).astype(float)
        variance = np.divide(1, batch.ivar, out=np.zeros(flux.shape), where=good)
        inside, enough = zip(
            *(_inside(batch.wavelength, good, each) for each in (blue, band, red)),
            strict=True,
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            value, slopes, continuum = _equivalent_width(
                batch.wavelength, flux, *inside, band[1] - band[0]
            )
            error = np.sqrt(np.sum(slopes**2 * variance, axis=1))
        known = np.all(enough, axis=0) & np.all(continuum > 0, axis=0)
        return np.where(known, value, np.nan), np.where(known, error, np.nan)


#: The G band. Trager et al. (1998, ApJS 116, 1, table 2: G4300).
CH4300 = LineIndex(
    name="ch4300",
    band=(4281.375, 4316.375),
    blue=(4266.375, 4282.625),
    red=(4318.875, 4335.125),
    description="CH in the G band",
)


def _around(batch, low, high):
    """The pixels that lie between two rest wavelengths in any spectrum."""
    stretch = 1 + batch.redshift[np.isfinite(batch.redshift)]
    low, high = low * stretch.min(initial=1), high * stretch.max(initial=1)
    return Window(((low, high),))(batch)


@functools.cache
def _vacuum(bands):
    import astropy.units as u

    from galspec.conversion import vacuum_angstrom

    return [tuple(vacuum_angstrom(band * u.AA, "air").tolist()) for band in bands]


def _inside(wavelength, good, band):
    """Angstroms of each good pixel that lie inside a band; whether they are enough."""
    step = np.gradient(wavelength, axis=1)
    low = np.maximum(wavelength - step / 2, band[0])
    high = np.minimum(wavelength + step / 2, band[1])
    inside = np.maximum(high - low, 0) * good
    return inside, inside.sum(axis=1) > _LEAST_COVERAGE * (band[1] - band[0])


def _equivalent_width(wavelength, flux, blue, band, red, width):
    """Value, its derivatives by the flux of each pixel, and levels of the side bands.

    Side bands count at the mean wavelength of what is left of them, so that a straight
    line has no equivalent width whatever is masked.
    """
    shares = [side / side.sum(axis=1, keepdims=True) for side in (blue, red)]
    left, right = (np.sum(s * wavelength, axis=1, keepdims=True) for s in shares)
    levels = [np.sum(s * flux, axis=1, keepdims=True) for s in shares]
    towards_red = (wavelength - left) / (right - left)
    continuum = levels[0] * (1 - towards_red) + levels[1] * towards_red
    # what is missing of the band counts as what is there of it
    weight = band * width / band.sum(axis=1, keepdims=True)
    value = width - np.sum(weight * flux / continuum, axis=1)
    slopes = -weight / continuum
    by_level = weight * flux / continuum**2
    for share, part in zip(shares, (1 - towards_red, towards_red), strict=True):
        slopes = slopes + share * np.sum(by_level * part, axis=1, keepdims=True)
    return value, slopes, np.concatenate(levels, axis=1).T
