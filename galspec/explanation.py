"""Why an estimator says what it says: which wavelengths its value comes from."""

import dataclasses

import numpy as np

from galspec.flags import describe
from galspec.integrated_gradients import found_redshift, relevance_by_gradient
from galspec.occlusion import occluded, relevance_of_windows, sliding_windows
from galspec.prediction import has_value
from galspec.spectral_features import named_features

__all__ = ["METHODS", "Explanation", "explain"]

#: How relevance can be found.
METHODS = ("occlusion", "gradient")


@dataclasses.dataclass(frozen=True, eq=False)
class Explanation:
    """Which wavelengths the value of one spectrum comes from.

    Parameters
    ----------
    target : str
        The column of a result that is explained.
    method : {'occlusion', 'gradient'}
    value, error : `~astropy.units.Quantity`
        Of that column, as ``predict`` gives them; the error is NaN where there is none.
    redshift : float
        That the windows stand at; NaN where it is not known.
    spectrum : `~astropy.table.QTable`
        ``wavelength`` (observed, in vacuum), ``flux``, ``mask`` (True where a pixel is
        not used) and ``relevance``, in the unit of the target per angstrom. It is
        positive where the spectrum raises the value, and its integral over a stretch is
        the effect of that.
    windows : `~astropy.table.QTable`
        ``name``, ``low`` and ``high`` (observed, in vacuum) and ``effect``, by how much
        the value is higher than without what is seen there; NaN where nothing of it was
        observed, or there is no value without it. By occlusion also ``error_effect``,
        that on the error, and the ``flags`` of the prediction without the window:
        NO_DATA where nothing was observed. Its ``meta`` has the provenance of the
        estimator, and all of the above.
    """

    target: str
    method: str
    value: object
    error: object
    redshift: float
    spectrum: object
    windows: object

    def __repr__(self):
        return (
            f"<Explanation of {self.target} = {self.value:.4g} by {self.method}: "
            f"{len(self.windows)} windows, {len(self.spectrum)} pixels>"
        )

    def plot(self, path=None, axes=None):
        """Draw the spectrum and, below it, what is relevant; with names of lines.

        Parameters
        ----------
        path : str or path-like, optional
            Where to save the picture; its suffix says in which format.
        axes : pair of `matplotlib.axes.Axes`, optional
            Of a figure of yours, for the spectrum and for what is relevant.

        Returns
        -------
        `matplotlib.figure.Figure`
            Unless it is yours, independent of pyplot and of any display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        from galspec.explanation_plotting import plot_explanation

        return plot_explanation(self, path, axes)


def explain(estimator, batch, *, target=None, method="occlusion", windows=None):
    """Explain one value; see `galspec.SpectralEstimator.explain`.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    batch : `~galspec.SpectrumBatch`
        Of one spectrum.
    target, method, windows
        As for `galspec.SpectralEstimator.explain`.

    Returns
    -------
    Explanation
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; it can be one of {METHODS}")
    if len(batch) != 1:
        raise ValueError(
            f"there are {len(batch)} spectra; give one: others are explained one by one"
        )
    column = Column.chosen(estimator, target)
    batch = _at_known_redshift(estimator, batch)
    redshift = float(batch.redshift[0])
    value, error, table = predicted(estimator, batch, column)
    if not np.isfinite(value[0]):
        raise ValueError(
            f"{column} has no value that could be explained: {_why(table[0])}"
        )
    places = _places(estimator, batch, windows, redshift, method)
    if method == "gradient":
        pixels = relevance_by_gradient(estimator, batch, column)
        effects = {"effect": _integrals(pixels, places)}
    else:
        copies = occluded(batch, [limits for _, limits in places])
        values, errors, left = predicted(estimator, copies, column)
        effects = {"effect": value[0] - values, "error_effect": error[0] - errors}
        effects["flags"] = np.asarray(left["flags"])
        pixels = relevance_of_windows(batch, places, effects["effect"])
    return _result(estimator, column, method, redshift, table, pixels, places, effects)


@dataclasses.dataclass(frozen=True)
class Column:
    """What is explained: a column of results, or the mean of some of its pixels."""

    name: str
    pixels: tuple | None = None
    words: str = ""

    def __str__(self):
        return self.name + self.words

    @classmethod
    def chosen(cls, estimator, target):
        """The column that ``target`` stands for; see `SpectralEstimator.explain`."""
        first = estimator.targets[0]
        if target is None or isinstance(target, str):
            known = [t.name for t in (*estimator.targets, *estimator.derived)]
            name = first.name if target is None else target
            if name not in known:
                raise ValueError(
                    f"target is {name!r}; it can be one of {', '.join(known)}"
                )
            return cls(name)
        if estimator.target_wavelength is None:
            raise TypeError(
                f"target is {target!r}; {type(estimator).__name__} needs the name of a "
                f"column, such as {first.name!r}"
            )
        return cls(first.name, *_pixels(estimator.target_wavelength, target))

    def of(self, table, suffix=""):
        """Its values in a result, one a row; NaN where the table has none."""
        if self.name + suffix not in table.colnames:
            return np.full(len(table), np.nan)
        values = table[self.name + suffix]
        values = np.asarray(getattr(values, "value", values), float)
        if values.ndim == 1:
            return values
        pixels = slice(None) if self.pixels is None else list(self.pixels)
        return values[:, pixels].mean(axis=1)


def _pixels(axis, target):
    """Pixels of a vector that a wavelength, or two limits, stand for; and words."""
    import astropy.units as u

    limits = np.atleast_1d(u.Quantity(target).to_value(u.AA, u.spectral()))
    if limits.size > 2 or not np.all(np.isfinite(limits)):
        raise ValueError(f"target is {target}; give a wavelength or the two of a band")
    low, high = limits.min(), limits.max()
    if low < axis[0] or high > axis[-1]:
        raise ValueError(
            f"target is {target}; the result reaches from {axis[0]:.0f} to "
            f"{axis[-1]:.0f} angstrom"
        )
    inside = np.flatnonzero((axis >= low) & (axis <= high))
    if not len(inside):  # one wavelength, or a band between two pixels
        inside = [np.abs(axis - (low + high) / 2).argmin()]
    words = f" at {low:.0f}" + (f"-{high:.0f}" if high > low else "") + " angstrom"
    return tuple(int(pixel) for pixel in inside), words


def predicted(estimator, batch, column):
    """Values and errors of a column, and the table, of the whole pipeline."""
    size = estimator.batch_size
    pieces = (batch[start : start + size] for start in range(0, len(batch), size))
    table = estimator.predict_batches(pieces)
    return column.of(table), column.of(table, "_err"), table


def _why(row):
    """What a row without a value says of that."""
    words = describe(row["flags"]) or ["no flag says why"]
    problem = str(row["problem"]) if "problem" in row.colnames else ""
    return ", ".join([*words, *[problem] * bool(problem)])


def _at_known_redshift(estimator, batch):
    """The spectrum at the redshift that is given, or that is measured in it.

    It is held there: what is left without a line shall not be read elsewhere.
    """
    whole, _ = estimator.complete(batch)
    redshift = whole.redshift
    if not np.isfinite(redshift[0]) and has_value(whole.flags)[0]:
        redshift = found_redshift(estimator, whole)
    return batch.replace(redshift=redshift)


def _places(estimator, batch, windows, redshift, method):
    """Names and observed limits (angstrom) of windows."""
    import astropy.units as u

    if isinstance(windows, u.Quantity):
        return sliding_windows(batch, windows)
    if not np.isfinite(redshift):
        if method == "gradient" and windows is None:
            return []
        raise ValueError(
            "the redshift is not known, so lines have no place: give redshift=, or a "
            "width such as windows=50 * u.AA"
        )
    if windows is None:
        windows = named_features(estimator.examples)
    places = []
    for name, limits in windows.items():
        low, high = u.Quantity(limits, u.AA).value
        if not 0 < low < high:
            raise ValueError(
                f"the window {name!r} is {limits}; it has to ascend from a positive "
                "wavelength"
            )
        places.append((name, (low * (1 + redshift), high * (1 + redshift))))
    return places


def _integrals(pixels, places):
    """Relevance of pixels in each window; NaN where there are none."""
    wavelength, mask = pixels["wavelength"], pixels["mask"]
    share = pixels["relevance"] * np.gradient(wavelength)
    effects = []
    for _, (low, high) in places:
        inside = (wavelength >= low) & (wavelength <= high) & ~mask
        effects.append(share[inside].sum() if inside.any() else np.nan)
    return np.array(effects)


def _result(estimator, column, method, redshift, table, pixels, places, effects):
    import astropy.units as u
    from astropy.table import QTable

    unit = table[column.name].unit or u.dimensionless_unscaled
    value, error = column.of(table)[0] * unit, column.of(table, "_err")[0] * unit
    unit = getattr(unit, "function_unit", unit)  # of what logarithms differ by
    provenance = {
        "target": str(column),
        "description": table[column.name].info.description or column.name,
        "method": method,
        "value": float(value.value),
        "error": float(error.value),
        "redshift": redshift,
    }
    meta = table.meta | provenance
    limits = np.array([place for _, place in places]).reshape(-1, 2)
    spectrum = {
        "wavelength": pixels["wavelength"] * u.AA,
        "flux": pixels["flux"],
        "mask": pixels["mask"],
        "relevance": pixels["relevance"] * unit / u.AA,
    }
    names = np.array([name for name, _ in places], dtype=str)
    rows = {"name": names, "low": limits[:, 0] * u.AA, "high": limits[:, 1] * u.AA}
    rows |= {k: v if k == "flags" else v * unit for k, v in effects.items()}
    return Explanation(
        target=str(column),
        method=method,
        value=value,
        error=error,
        redshift=redshift,
        spectrum=QTable(spectrum, meta=meta),
        windows=QTable(rows, meta=meta),
    )
