"""What observed stars correct in synthetic spectra.

Line lists are incomplete and their strengths wrong: at the same labels, lines of
observed stars differ from synthetic ones by some ten per cent. The ratio of the two,
pixel by pixel, is a quadratic polynomial of Teff, log g and [Fe/H] over a library of
observed stars, as The Cannon has it for the flux itself (Ness et al. 2015, ApJ 808, 16,
eq. 5). Carbon, which the library does not tell, stays with the synthesis.
"""

import dataclasses

import numpy as np

__all__ = ["EmpiricalCorrection", "fit_correction"]

#: Under which the store of weights knows corrections.
NAME = "stellar-correction"
#: No correction goes beyond this, natural logarithm.
_MOST = 0.5
#: Of coefficients against the scatter of the stars, in stars: a weak one. Hardly any on
#: the mean, which few stars tell well.
_RIDGE, _RIDGE_OF_MEAN = 3.0, 0.01
#: Residuals above so many of their scatter do not count in a second fit.
_CLIP = 4.0


@dataclasses.dataclass(frozen=True, eq=False)
class EmpiricalCorrection:
    """Ratio of observed to synthetic spectra, by labels.

    Parameters
    ----------
    coefficients : ndarray, shape (10, n_pix)
        Of the natural logarithm of the ratio, on
        `~galspec.simulation.stellar_layout.LOG_WAVELENGTH` or, for energy
        distributions, `galspec.sed.WAVELENGTH`.
    middle, spread : ndarray, shape (3,)
        By which 5040 K / Teff, log g and [Fe/H] are scaled.
    low, high : ndarray, shape (3,)
        Range of these over the library; beyond, the correction is that at its border.
    fwhm : ndarray, shape ()
        Resolution of the library, angstrom.
    """

    coefficients: np.ndarray
    middle: np.ndarray
    spread: np.ndarray
    low: np.ndarray
    high: np.ndarray
    fwhm: np.ndarray

    def __call__(self, labels):
        """Factors on the synthetic spectra of stars.

        Parameters
        ----------
        labels : ndarray, shape (n, 3) or more
            Teff, log g and [Fe/H] first.

        Returns
        -------
        ndarray, shape (n, n_pix), float32
        """
        x = np.clip(_quantities(labels), self.low, self.high)
        design = _design((x - self.middle) / self.spread).astype(np.float32)
        return np.exp(np.clip(design @ self.coefficients, -_MOST, _MOST))

    @classmethod
    def load(cls, tag="default", *, path=None, offline=False):
        """Read a correction, as weights are read.

        Parameters
        ----------
        tag : str
            Which of the published ones.
        path : str or pathlib.Path, optional
            A file of `save` instead.
        offline : bool
            Never touch the network.

        Returns
        -------
        EmpiricalCorrection

        Raises
        ------
        galspec.weights.WeightsError
            If there is none, or its file is damaged.
        """
        from galspec import weights

        bundle = weights.load(NAME, tag, path=path, offline=offline)
        bundle.require("correction")
        return cls(**{f.name: bundle.tensors[f.name] for f in dataclasses.fields(cls)})

    def save(self, path, card=""):
        """Write the correction.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends in ``.safetensors``.
        card : str
            What it was made of.
        """
        from galspec.weights import write_bundle

        tensors = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        write_bundle(path, tensors, {"format": 1, "correction": NAME}, card)


def fit_correction(labels, log_ratio, known, fwhm):
    """Fit a correction to stars whose labels are known.

    Parameters
    ----------
    labels : ndarray, shape (n, 3) or more
        Teff, log g and [Fe/H] first; no others are looked at.
    log_ratio : ndarray, shape (n, n_pix)
        Natural logarithm of observed over synthetic flux, each over its continuum.
    known : ndarray of bool, shape (n, n_pix)
        Where it is to be trusted.
    fwhm : float
        Resolution of both, angstrom.

    Returns
    -------
    EmpiricalCorrection
        0 in pixels that too few stars tell.
    """
    x = _quantities(labels)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    design = _design((x - middle) / spread)
    values = np.where(known, np.clip(log_ratio, -_MOST, _MOST), 0)
    first = _solved(design, values, known)
    residual = np.abs(values - design @ first)
    told = known.any(axis=0)
    scatter = np.zeros(len(told))
    seen = np.where(known, residual, np.nan)[:, told]
    scatter[told] = 1.4826 * np.nanmedian(seen, axis=0)
    good = known & (residual < _CLIP * scatter)
    return EmpiricalCorrection(
        _solved(design, values, good).astype(np.float32),
        middle,
        spread,
        *np.quantile(x, [0.01, 0.99], axis=0),
        np.array(float(fwhm)),
    )


def _solved(design, values, known):
    """Coefficients of each pixel, (10, n_pix), by least squares."""
    products = design[:, :, None] * design[:, None]
    normal = np.tensordot(known.astype(float).T, products, axes=1)
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = _RIDGE_OF_MEAN
    normal += np.diag(ridge)
    moment = (values * known).T @ design
    return np.linalg.solve(normal, moment[..., None])[..., 0].T


def _quantities(labels):
    """What the correction depends on, (n, 3)."""
    return np.stack([5040 / labels[:, 0], labels[:, 1], labels[:, 2]], axis=1)


def _design(x):
    """Quadratic polynomials of three quantities, (n, 10)."""
    first, second = np.triu_indices(3)
    return np.concatenate([np.ones((len(x), 1)), x, x[:, first] * x[:, second]], axis=1)
