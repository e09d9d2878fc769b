"""Spectra of whole galaxies from the ultraviolet to the infrared, as templates."""

import dataclasses
from pathlib import Path

import numpy as np

from galspec.simulation.continuum import calzetti

__all__ = [
    "WAVELENGTH",
    "GalaxyTemplates",
    "attenuation",
    "equivalent_width",
    "rebinned",
]

#: Step of the grid of templates in ln(wavelength); 300 km/s.
LN_STEP = 1e-3
#: Vacuum wavelengths of all templates in angstrom: 900 angstrom to 6 micron.
WAVELENGTH = 900.0 * np.exp(LN_STEP * np.arange(4200))
#: Borders of the pixels of ``WAVELENGTH``.
EDGES = 900.0 * np.exp(LN_STEP * (np.arange(4201) - 0.5))

_H_ALPHA = 6564.61
#: Above an equivalent width of H-alpha of 50 angstrom SDSS calls a galaxy a starburst;
#: Bolton et al. 2012, AJ 144, 144. With [N II] these are 65.
_STARBURST = 65.0
#: Below this one stars older than those that formed last ionise the gas: Cid Fernandes
#: et al. 2011, MNRAS 413, 1687.
_PASSIVE = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class GalaxyTemplates:
    """Spectra of galaxies on ``WAVELENGTH``.

    Parameters
    ----------
    names : ndarray, shape (n,), str
        What each template is called.
    groups : ndarray, shape (n,), str
        The galaxy or model behind a template: variants of one share it, and fall in
        the same part of a split.
    kinds : ndarray, shape (n,), str
        "star-forming", "starburst", "agn" or "passive".
    flux : ndarray, shape (n, n_wavelength), float32
        Flux per angstrom in any unit.
    ew_ha : ndarray, shape (n,)
        Equivalent width of H-alpha with [N II], angstrom, positive in emission.
    ebv : ndarray, shape (n,)
        E(B-V) of the stars in magnitudes; of observed galaxies that which was added.
    age : ndarray, shape (n,)
        Gyr since the first twentieth of the stars formed; NaN where unknown.
    """

    names: np.ndarray
    groups: np.ndarray
    kinds: np.ndarray
    flux: np.ndarray
    ew_ha: np.ndarray
    ebv: np.ndarray
    age: np.ndarray

    def __len__(self):
        return len(self.names)

    def __getitem__(self, rows):
        """Select templates by an index array, a boolean array or a slice."""
        fields = dataclasses.fields(self)
        return type(self)(*(getattr(self, field.name)[rows] for field in fields))

    @classmethod
    def from_arrays(cls, names, flux, **known):
        """Complete templates by what their spectra tell.

        Parameters
        ----------
        names : array-like, shape (n,)
            What each is called.
        flux : ndarray, shape (n, n_wavelength)
            Flux per angstrom on ``WAVELENGTH``.
        **known : array-like, shape (n,)
            ``groups`` (the names unless given), ``kinds`` (by the equivalent width of
            H-alpha: "passive" below 3 angstrom, "starburst" above 65), ``ebv`` (zero),
            ``age`` (NaN).

        Returns
        -------
        GalaxyTemplates
            The templates.

        Raises
        ------
        ValueError
            If the spectra are not on ``WAVELENGTH``.
        """
        flux = np.asarray(flux, dtype=np.float32)
        if flux.ndim != 2 or flux.shape[1] != len(WAVELENGTH):
            raise ValueError(
                f"spectra of shape {flux.shape}: templates lie on WAVELENGTH, which "
                f"has {len(WAVELENGTH)} pixels"
            )
        names = np.asarray(names).astype("<U40")
        ew_ha = equivalent_width(flux)
        by_width = np.digitize(ew_ha, [_PASSIVE, _STARBURST])
        kinds = np.array(["passive", "star-forming", "starburst"])[by_width]
        return cls(
            names=names,
            groups=np.asarray(known.get("groups", names)).astype("<U40"),
            kinds=np.asarray(known.get("kinds", kinds)).astype("<U12"),
            flux=flux,
            ew_ha=ew_ha,
            ebv=np.asarray(known.get("ebv", np.zeros(len(names))), dtype=float),
            age=np.asarray(known.get("age", np.full(len(names), np.nan)), dtype=float),
        )

    @classmethod
    def from_brown(cls, folder):
        """Read the atlas of 129 galaxies of Brown et al. 2014, ApJS 212, 18.

        Parameters
        ----------
        folder : str or pathlib.Path
            Folder of its ``*_spec.dat`` files: wavelength in angstrom and flux per
            angstrom in the first two columns.

        Returns
        -------
        GalaxyTemplates
            One template a galaxy, in the order of their names.

        Raises
        ------
        FileNotFoundError
            If the folder holds no such file.
        """
        paths = sorted(Path(folder).glob("*_spec.dat"))
        if not paths:
            raise FileNotFoundError(f"no *_spec.dat in {folder}")
        spectra = (np.loadtxt(path, usecols=(0, 1)).T for path in paths)
        flux = [rebinned(wavelength, values, EDGES) for wavelength, values in spectra]
        names = [path.name.removesuffix("_spec.dat") for path in paths]
        return cls.from_arrays(names, np.stack(flux))

    @classmethod
    def concatenate(cls, parts):
        """Join several sets.

        Parameters
        ----------
        parts : sequence of GalaxyTemplates
            The sets, in order.

        Returns
        -------
        GalaxyTemplates
            All their templates.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        columns = ([getattr(part, name) for part in parts] for name in names)
        return cls(*(np.concatenate(column) for column in columns))

    def reddened(self, ebv):
        """Return the templates behind more dust of their own.

        Parameters
        ----------
        ebv : array-like, shape (n,)
            E(B-V) in magnitudes that is added: Calzetti et al. 2000, ApJ 533, 682.

        Returns
        -------
        GalaxyTemplates
            Variants, of the same groups.
        """
        ebv = np.asarray(ebv, dtype=float)
        dust = 10 ** (-0.4 * ebv[:, None] * attenuation())
        names = [
            f"{name} E{value:+.2f}" for name, value in zip(self.names, ebv, strict=True)
        ]
        return dataclasses.replace(
            self,
            names=np.array(names).astype("<U40"),
            flux=(self.flux * dust).astype(np.float32),
            ebv=self.ebv + ebv,
        )


def attenuation(slope=0.0):
    """Return A / E(B-V) of galaxies on ``WAVELENGTH``.

    Parameters
    ----------
    slope : float or ndarray, shape (n, 1)
        Power of the wavelength by which the curve differs from that of starbursts, as
        of Noll et al. 2009, A&A 507, 1793; negative ones are steeper.

    Returns
    -------
    ndarray, shape (n_wavelength,) or (n, n_wavelength)
        `galspec.simulation.continuum.calzetti`, kept at its value of 1200 angstrom
        below, falling to zero at 2.5 micron and zero beyond.
    """
    curve = np.clip(calzetti(np.clip(WAVELENGTH, 1200.0, 25000.0)), 0.0, None)
    return curve * (WAVELENGTH / 5500.0) ** np.asarray(slope)


def equivalent_width(flux):
    """Return the equivalent width of H-alpha and [N II].

    Parameters
    ----------
    flux : ndarray, shape (n, n_wavelength)
        Flux per angstrom on ``WAVELENGTH``.

    Returns
    -------
    ndarray, shape (n,)
        Angstrom, positive in emission.
    """
    velocity = np.abs(np.log(WAVELENGTH / _H_ALPHA))
    line, beside = velocity < 0.0065, (velocity > 0.008) & (velocity < 0.02)
    continuum = np.median(flux[:, beside], axis=1, keepdims=True)
    excess = flux[:, line] / continuum - 1.0
    return (excess * np.diff(EDGES)[line]).sum(axis=1)


def rebinned(x, values, edges):
    """Return means over bins of what is given at points.

    Parameters
    ----------
    x : ndarray, shape (m,)
        Positions of the values, ascending.
    values : ndarray, shape (..., m)
        The values.
    edges : ndarray, shape (n + 1,)
        Borders of the bins, ascending.

    Returns
    -------
    ndarray, shape (..., n)
        Means by the trapezoidal rule, so that integrals are kept; outside of the
        positions the values count as zero.
    """
    from scipy.integrate import cumulative_trapezoid

    total = cumulative_trapezoid(values, x, axis=-1, initial=0.0)
    flat = total.reshape(-1, len(x))
    borders = np.stack([np.interp(edges, x, row) for row in flat])
    means = np.diff(borders, axis=-1) / np.diff(edges)
    return means.reshape(*total.shape[:-1], len(edges) - 1)
