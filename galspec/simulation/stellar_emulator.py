"""Synthetic stellar spectra for any labels, between those that were computed.

Spectra are principal components whose coefficients are Gaussian processes of the labels
(Rasmussen & Williams 2006, eq. 2.25), fitted by `stellar_emulator_fit`.
"""

import dataclasses

import numpy as np

from galspec.simulation.line_spread import at_resolution
from galspec.simulation.stellar_layout import (
    LABELS,
    LOG_WAVELENGTH,
    SURVEY,
    Layout,
    features,
)

__all__ = ["LABELS", "LOG_WAVELENGTH", "StellarEmulator", "Surface"]

#: Normalised flux, at least, where continua follow from it.
_DARKEST = 0.01
#: Stars computed at a time.
_CHUNK = 512


@dataclasses.dataclass(frozen=True, eq=False)
class Surface:
    """One quantity on all pixels, as a function of the features.

    Parameters
    ----------
    mean : ndarray, shape (n_pix,)
        Over the stars of the fit.
    components : ndarray, shape (k, n_pix)
    points : ndarray, shape (n, n_features)
        Features of the stars of the fit, scaled.
    inverse_lengths : ndarray, shape (k, n_features)
        One over the length scale of each component along each feature.
    weights : ndarray, shape (n, k)
        Of each star of the fit, for each component.
    offsets : ndarray, shape (k,)
        Mean coefficients.
    """

    mean: np.ndarray
    components: np.ndarray
    points: np.ndarray
    inverse_lengths: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray

    def __call__(self, scaled):
        """Values on the pixels, (n_stars, n_pix), of scaled features."""
        return self.mean + self.coefficients(scaled) @ self.components

    def coefficients(self, scaled):
        """Coefficients of the components, (n_stars, k), of scaled features."""
        result = np.empty((len(scaled), len(self.components)), np.float32)
        # large weights of opposite signs cancel: single precision would not do
        scaled, points = scaled.astype(float), self.points.astype(float)
        # neighbours in the list were fitted with the same length scales
        changes = np.any(np.diff(self.inverse_lengths, axis=0) != 0, axis=1)
        for group in np.split(np.arange(len(result.T)), np.flatnonzero(changes) + 1):
            scale = self.inverse_lengths[group[0]]
            near = _kernel(scaled * scale, points * scale)
            result[:, group] = near @ self.weights[:, group] + self.offsets[group]
        return result


def _kernel(a, b):
    """exp(-distance**2 / 2) of every pair."""
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.exp(-0.5 * np.maximum(square, 0))


@dataclasses.dataclass(frozen=True, eq=False)
class StellarEmulator:
    """Spectra of stars with any labels within those of a grid.

    Parameters
    ----------
    lines : Surface
        Depth of the lines: one minus the continuum-normalised flux.
    continuum : Surface
        Natural logarithm of the continuum, 0 at 5500 angstrom; of the flux, if the
        layout has that as a whole.
    middle, spread : ndarray, shape (n_features,)
        Mean and scatter by which features are scaled.
    labels : ndarray, shape (n, n_labels)
        Of the stars that it was fitted to, in the order of the layout.
    fwhm : float
        Resolution in angstrom, unless the layout says a constant resolving power.
    layout : Layout
        Which labels and pixels these are.
    """

    lines: Surface
    continuum: Surface
    middle: np.ndarray
    spread: np.ndarray
    labels: np.ndarray
    fwhm: float = 1.0
    layout: Layout = SURVEY

    @classmethod
    def load(cls, tag="default", *, path=None, offline=False):
        """Read an emulator, as weights are read.

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
        StellarEmulator

        Raises
        ------
        galspec.weights.WeightsError
            If there is none, or its file is damaged or of something else.
        """
        from galspec import weights

        bundle = weights.load(NAME, tag, path=path, offline=offline)
        bundle.require("emulator", "labels")
        surfaces = {}
        for part in ("lines", "continuum"):
            names = [field.name for field in dataclasses.fields(Surface)]
            surfaces[part] = Surface(*(bundle.tensors[f"{part}.{n}"] for n in names))
        others = {name: bundle.tensors[name] for name in _ARRAYS}
        return cls(
            **surfaces,
            **others,
            fwhm=bundle.config.get("fwhm", cls.fwhm),
            layout=Layout.from_config(bundle.config),
        )

    def save(self, path, card=""):
        """Write the emulator.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends in ``.safetensors``.
        card : str
            What it was made of, and how well it does.
        """
        from galspec.weights import write_bundle

        tensors = {name: np.asarray(getattr(self, name)) for name in _ARRAYS}
        for part in ("lines", "continuum"):
            surface = getattr(self, part)
            for field in dataclasses.fields(surface):
                tensors[f"{part}.{field.name}"] = getattr(surface, field.name)
        config = {"format": 1, "emulator": NAME, "fwhm": self.fwhm}
        config |= self.layout.to_config()
        write_bundle(path, tensors, config, card)

    def smoothed(self, fwhm):
        """An emulator of the same stars at a lower resolution.

        Spectra are linear in the components, so that each of these is convolved once.

        Parameters
        ----------
        fwhm : float
            Full width at half maximum, angstrom.

        Returns
        -------
        StellarEmulator

        Raises
        ------
        ValueError
            If this one has a constant resolving power, or a lower resolution.
        """
        if self.layout.resolution is not None:
            raise ValueError(
                f"this emulator has a resolving power of {self.layout.resolution:g}, "
                f"not a FWHM that could become {fwhm} angstrom"
            )
        surface = self.lines
        parts = np.concatenate([surface.mean[None], surface.components])
        parts = at_resolution(parts, self.layout.log_wavelength, self.fwhm, fwhm)
        lines = dataclasses.replace(surface, mean=parts[0], components=parts[1:])
        return dataclasses.replace(self, lines=lines, fwhm=fwhm)

    def __call__(self, labels):
        """Compute spectra.

        Parameters
        ----------
        labels : array_like, shape (n, n_labels)
            In the order of the layout. Beyond those of ``labels``, spectra go over into
            a mean one.

        Returns
        -------
        normalised, continuum : ndarray, shape (n, n_pix), float32
            Flux over its continuum, and the continuum, 1 at 5500 angstrom, on the
            pixels of the layout.
        """
        scaled = (features(labels, self.layout) - self.middle) / self.spread
        scaled = scaled.astype(np.float32)
        parts = [scaled[i : i + _CHUNK] for i in range(0, len(scaled), _CHUNK)]
        depth = np.concatenate([self.lines(part) for part in parts])
        continuum = np.concatenate([self.continuum(part) for part in parts])
        if not self.layout.whole:
            return np.clip(1 - depth, 0, None), np.exp(continuum)
        normalised = np.clip(1 - depth, _DARKEST, None)
        return normalised, np.exp(continuum) / normalised


#: Under which the store of weights knows emulators.
NAME = "stellar-emulator"
_ARRAYS = ("middle", "spread", "labels")
