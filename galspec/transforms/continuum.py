"""The family of continua, and division by one of them."""

import dataclasses

import numpy as np

from galspec.configurable import Configurable
from galspec.flags import Flags
from galspec.transforms.base import Transformer
from galspec.transforms.bridging import bridge_masked
from galspec.transforms.stretches import stretches

__all__ = ["Continuum", "Normalise"]


@dataclasses.dataclass(frozen=True)
class Continuum(Configurable, family="continuum"):
    """How the continuum of spectra is found.

    A subclass is a frozen dataclass whose fields are its whole configuration and which
    defines ``curve(wavelength, flux, weight)`` for stretches without a gap.
    """

    def fit(self, batch):
        """Find the continuum of every spectrum.

        Stretches of the wavelength grid that are separated by a gap (a step of more
        than three times the usual one, as behind ``Window``) have continua of their
        own.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`

        Returns
        -------
        `numpy.ndarray`, shape (n, n_pix), float32
            In the unit of the flux; 0 where no good pixel tells it. What lies under
            the mask has no influence.
        """
        continuum = np.zeros(batch.flux.shape, np.float32)
        axes = np.broadcast_to(batch.wavelength, batch.flux.shape)
        for rows, columns in stretches(batch.wavelength, len(batch)):
            weight = np.where(batch.mask[rows, columns], 0, batch.ivar[rows, columns])
            told = weight.any(axis=1)
            rows, weight = rows[told], weight[told].astype(np.float64)
            if not len(rows):
                continue
            weight /= weight.max(axis=1, keepdims=True)
            flux = np.where(weight > 0, batch.flux[rows, columns], np.float64(0))
            curve = self.curve(axes[rows, columns], flux, weight)
            continuum[rows, columns] = np.where(np.isfinite(curve), curve, 0)
        return continuum

    def curve(self, wavelength, flux, weight):
        """Find the continuum of rows that have no gap.

        Parameters
        ----------
        wavelength : `numpy.ndarray`, shape (n, n_pix)
        flux : `numpy.ndarray`, shape (n, n_pix)
            0 where masked.
        weight : `numpy.ndarray`, shape (n, n_pix)
            Inverse variance over the largest one of the row, 0 where masked; no row
            is masked altogether.

        Returns
        -------
        `numpy.ndarray`, shape (n, n_pix)
        """
        raise NotImplementedError(f"{type(self).__name__} defines no curve")


@dataclasses.dataclass(frozen=True)
class Normalise(Transformer):
    """Divide spectra by their continuum, and keep that beside them.

    The batch that comes out has the continuum as ``continuum``, which ``Resample`` and
    ``Window`` carry along, and from which a network can take the channel ``continuum``:
    see `galspec.inference.network_input`. Masked pixels are bridged first, so that
    their values never matter. Inverse variances are multiplied by the squared
    continuum; the error of the continuum itself is not part of them.

    Parameters
    ----------
    continuum : Continuum
        Such as ``GaussianContinuum``, ``SplineContinuum``, ``PolynomialContinuum`` or
        ``MedianContinuum``.

    Raises
    ------
    TypeError
        If ``continuum`` is anything else.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.transforms import Normalise, PolynomialContinuum
    >>> wavelength = np.linspace(4000, 5000, 500)
    >>> flux = 3 * wavelength
    >>> flux[250] *= 0.6
    >>> batch = SpectrumBatch.from_arrays(wavelength, flux)
    >>> result = Normalise(PolynomialContinuum(degree=1))(batch)
    >>> result.flux[0, 249:252].round(3)
    array([1. , 0.6, 1. ], dtype=float32)
    >>> result.continuum[0, :2].round()
    array([12000., 12006.], dtype=float32)
    """

    continuum: Continuum

    def __post_init__(self):
        if not isinstance(self.continuum, Continuum):
            raise TypeError(
                f"continuum is {self.continuum!r}; a Continuum is needed, such as "
                "GaussianContinuum()"
            )

    def __call__(self, batch):
        """Normalise; pixels without a positive continuum become 0 and are masked."""
        continuum = self.continuum.fit(batch)
        flux = bridge_masked(batch.wavelength, batch.flux, batch.mask)
        with np.errstate(over="ignore", invalid="ignore"):
            inverse = np.divide(1, continuum, out=0 * continuum, where=continuum > 0)
            flux, ivar = flux * inverse, batch.ivar * continuum * continuum
        bad = (inverse == 0) | ~np.isfinite(flux) | ~np.isfinite(ivar)
        flux[bad], ivar[bad] = 0, 0
        mask = batch.mask | bad
        empty = np.where(mask.all(axis=1), Flags.NO_DATA, 0)
        return batch.replace(
            flux=flux,
            ivar=ivar,
            mask=mask,
            continuum=continuum,
            flags=batch.flags | empty,
        )
