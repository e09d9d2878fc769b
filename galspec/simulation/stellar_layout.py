"""What an emulator of stars is of: labels, and the wavelengths of its spectra."""

import dataclasses

import numpy as np

__all__ = ["ENERGY", "LABELS", "LOG_WAVELENGTH", "SURVEY", "Layout", "features"]

#: Labels of a star, in this order: K, dex of cm/s2, then dex; the ratio of 12C to 13C;
#: km/s.
LABELS = ("teff", "logg", "feh", "cfe", "alpha", "nfe", "srat", "c1213", "vt")
#: log10 of C/O in the Sun: Asplund et al. 2009, ARA&A 47, 481, table 1.
_SOLAR_C_TO_O = 8.43 - 8.69
#: Width of the step at C/O = 1, dex.
_STEP = 0.3


@dataclasses.dataclass(frozen=True)
class Layout:
    """Labels and pixels of an emulator.

    Parameters
    ----------
    labels : tuple of str
        Some of `LABELS`; the first three always.
    log_start, log_step : float
        log10 of the vacuum wavelength of the first pixel in angstrom, and between
        pixels.
    n_pixels : int
    resolution : float, optional
        Resolving power, where it is constant; else a FWHM in angstrom is.
    carbon_stars : bool
        Whether carbon comes close to oxygen, so that their ratio counts by itself.
    whole : bool
        Whether the flux is emulated as a whole, beside its lines: where these are so
        many that a continuum times them would err by more.
    """

    labels: tuple = LABELS
    log_start: float = 3.5776
    log_step: float = 5e-5
    n_pixels: int = 7360
    resolution: float | None = None
    carbon_stars: bool = True
    whole: bool = False

    @property
    def log_wavelength(self):
        """log10 of the vacuum wavelength in angstrom of every pixel."""
        return self.log_start + self.log_step * np.arange(self.n_pixels)

    @property
    def wavelength(self):
        """Vacuum angstrom."""
        return 10**self.log_wavelength

    def to_config(self):
        """What a weight file keeps.

        Returns
        -------
        dict
        """
        return dataclasses.asdict(self) | {"labels": list(self.labels)}

    @classmethod
    def from_config(cls, config):
        """The layout of a weight file.

        Parameters
        ----------
        config : dict
            What it does not say is as of `SURVEY`.

        Returns
        -------
        Layout
        """
        known = {field.name for field in dataclasses.fields(cls)} & config.keys()
        values = {name: config[name] for name in known}
        return cls(**values | {"labels": tuple(config.get("labels", LABELS))})


#: Stellar labels from surveys: 3781-8822 angstrom, half of a pixel of the survey
#: spectrographs.
SURVEY = Layout()
#: Energy distributions: 2482-10569 angstrom, whole pixels, just as sharp as they show.
ENERGY = Layout(
    labels=("teff", "logg", "feh", "alpha", "vt"),
    log_start=3.3948,
    log_step=1e-4,
    n_pixels=6293,
    resolution=3000.0,
    carbon_stars=False,
    whole=True,
)
#: log10 of the vacuum wavelength in angstrom of every pixel of `SURVEY`.
LOG_WAVELENGTH = SURVEY.log_wavelength


def features(labels, layout=SURVEY):
    """What the spectrum depends on, in the form in which it does so most evenly.

    Abundances count relative to hydrogen. C/O decides between CO and free carbon, all
    the more suddenly the cooler a star is: it counts twice, evenly and as a step.

    Parameters
    ----------
    labels : ndarray, shape (n, n_labels)
        In the order of the layout.
    layout : Layout

    Returns
    -------
    ndarray, shape (n, n_features)
        11 for `SURVEY`.
    """
    star = dict(zip(layout.labels, np.asarray(labels, float).T, strict=True))
    feh = star["feh"]
    columns = [5040 / star["teff"], star["logg"], feh]
    elements = ("cfe", "alpha", "nfe", "srat")
    columns += [feh + star[name] for name in elements if name in star]
    columns += [np.log(star[name]) for name in ("c1213",) if name in star]
    columns += [star[name] for name in ("vt",) if name in star]
    if layout.carbon_stars:
        c_to_o = star["cfe"] - star["alpha"] + _SOLAR_C_TO_O
        columns += [10 ** np.clip(c_to_o, -3, 1), np.tanh(c_to_o / _STEP)]
    return np.stack(columns, axis=1)
