"""Continua and denoising: all spectra together, and one by one as a user would."""

import numpy as np
from files import WAVELENGTH, simulate
from timing import in_turns

#: Spectra of the loop, which takes long, and of galspec.
FEW, MANY = 16, 256


def continuum(method, rounds):
    """Seconds a spectrum: clipped fits one by one, and by galspec, in turns.

    Parameters
    ----------
    method : {'polynomial', 'spline'}
        Fitted one by one with `numpy.polynomial.Chebyshev`, or
        `scipy.interpolate.make_lsq_spline`.
    rounds : int

    Returns
    -------
    dict of str to list of float
        And under "difference" the largest one of the continua, over the median.
    """
    from galspec import SpectrumBatch
    from galspec.transforms import PolynomialContinuum, SplineContinuum

    flux, ivar, _ = simulate(MANY)
    batch = SpectrumBatch.from_arrays(WAVELENGTH, flux, ivar=ivar)
    ours = {"polynomial": PolynomialContinuum(), "spline": SplineContinuum()}[method]
    theirs = CONTINUA[method]

    def loop():
        rows = zip(batch.flux[:FEW], batch.ivar[:FEW], strict=True)
        return np.array([_clipped(theirs, ours, *row) for row in rows])

    difference = _difference(ours.fit(batch)[:FEW], loop())
    jobs = {"loop": (FEW, loop), "galspec": (MANY, lambda: ours.fit(batch))}
    return in_turns(jobs, rounds) | {"difference": difference}


def _difference(found, expected):
    """The largest one, over the median of each row."""
    relative = np.abs(found - expected) / np.median(expected, axis=1, keepdims=True)
    return float(relative.max())


def _clipped(fit, options, flux, ivar):
    flux, weight = flux.astype(float), np.sqrt(ivar.astype(float))
    kept = np.ones(len(flux), bool)
    for _ in range(options.rounds - 1):
        residual = (flux - fit(options, flux, weight, kept)) * weight
        scatter = np.sqrt(np.mean(residual[kept] ** 2))
        low, high = -options.low * scatter, options.high * scatter
        kept = (residual >= low) & (residual <= high)
    return fit(options, flux, weight, kept)


def _polynomial(options, flux, weight, kept):
    fitted = np.polynomial.Chebyshev.fit(
        WAVELENGTH[kept], flux[kept], options.degree, w=weight[kept]
    )
    return fitted(WAVELENGTH)


def _spline(options, flux, weight, kept):
    from scipy.interpolate import make_lsq_spline

    span = WAVELENGTH[-1] - WAVELENGTH[0]
    pieces = int(span // options.spacing)
    knots = np.linspace(WAVELENGTH[0], WAVELENGTH[-1], pieces + 1)
    knots = np.pad(knots, 3, mode="edge")
    fitted = make_lsq_spline(
        WAVELENGTH[kept], flux[kept], knots, w=weight[kept], method="norm-eq"
    )
    return fitted(WAVELENGTH)


CONTINUA = {"polynomial": _polynomial, "spline": _spline}


def denoising(rounds):
    """Seconds a spectrum: PyWavelets on one after the other, and on all, in turns.

    Parameters
    ----------
    rounds : int

    Returns
    -------
    dict of str to list of float
        And under "difference" the largest one of the fluxes, over the median.
    """
    from galspec import SpectrumBatch
    from galspec.transforms import Denoise

    flux, ivar, _ = simulate(MANY)
    batch, denoise = SpectrumBatch.from_arrays(WAVELENGTH, flux, ivar=ivar), Denoise()

    def loop():
        return np.array([_denoised(row) for row in batch.flux[:FEW]])

    difference = _difference(denoise(batch).flux[:FEW], loop())
    jobs = {"loop": (FEW, loop), "galspec": (MANY, lambda: denoise(batch))}
    return in_turns(jobs, rounds) | {"difference": difference}


def _denoised(flux):
    import pywt

    smooth, *details = pywt.wavedec(flux, "db4", level=4)
    noise = np.median(np.abs(details[-1])) / 0.6745
    limit = noise * np.sqrt(2 * np.log(len(flux)))
    details = [pywt.threshold(detail, limit, "soft") for detail in details]
    return pywt.waverec([smooth, *details], "db4")[: len(flux)]
