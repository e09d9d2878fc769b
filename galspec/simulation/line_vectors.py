"""Sets of emission-line fluxes with what is known about the gas that made them."""

import dataclasses

import numpy as np

from galspec.constants import NII_RATIO, OIII_RATIO
from galspec.simulation.lines import (
    BALMER,
    case_b,
    column,
    direct_abundance,
    log_ratios,
    o3n2_abundance,
    spectral_class,
)

__all__ = ["LineVectors", "complete", "strong_line_abundance"]

# Fixed ratios for lines that a source does not give: (line, reference, ratio).
# [Ne III]/[O III]: Perez-Montero et al. 2007, MNRAS 381, 125; He I: case B at He/H
# = 0.085 (Osterbrock & Ferland 2006, table 4.6); the faint metal lines: the Orion
# and SDSS-composite values (Dobos et al. 2012, MNRAS 420, 1217), rounded.
_TYPICAL = (
    ("NeIII_3869", "OIII_5007", 0.075),
    ("OIII_4363", "OIII_5007", 0.004),
    ("HeI_4471", "Hbeta", 0.04),
    ("HeI_5876", "Hbeta", 0.12),
    ("HeI_6678", "Hbeta", 0.033),
    ("HeI_7065", "Hbeta", 0.025),
    ("SIII_6312", "Hbeta", 0.010),
    ("ArIII_7136", "Hbeta", 0.07),
    ("NII_5755", "NII_6584", 0.010),
    ("OII_7320", "OII_3729", 0.02),
)

# Ratios fixed by atomic physics: `galspec.constants` for [O III] and [N II];
# Osterbrock & Ferland 2006 for the others.
_TIED = (
    ("OIII_4959", "OIII_5007", 1 / OIII_RATIO),
    ("NII_6548", "NII_6584", 1 / NII_RATIO),
    ("NeIII_3968", "NeIII_3869", 0.30),
    ("OI_6364", "OI_6300", 1 / 3.0),
    ("OII_7330", "OII_7320", 0.81),
)

# Lines of one ion, which scatter together.
_SPECIES = (
    ("OII_3726", "OII_3729", "OII_7320", "OII_7330"),
    ("OIII_4363", "OIII_4959", "OIII_5007"),
    ("NII_5755", "NII_6548", "NII_6584"),
    ("SII_6716", "SII_6731"),
)

# [O I]/[S II] and He II/H-beta where young stars, both, and active nuclei ionise the
# gas: medians of the classes in Dobos et al. 2012. Between, they change smoothly: a
# step at the border of two classes would tell them apart, which nature does not.
_HARDNESS = (0.0, 1.0, 2.0)
# Medians of log [O III]/H-beta + log [N II]/H-alpha of the three in Khederlarian et al.
# 2024, MNRAS 531, 1454.
_MEDIANS = (-0.73, -0.43, 0.50)
_OI_TO_SII = (0.09, 0.14, 0.28)
_HEII_TO_HBETA = (0.0, 0.01, 0.12)


@dataclasses.dataclass(frozen=True, eq=False)
class LineVectors:
    """Dust-free line fluxes relative to H-beta, one row for each gas cloud.

    Parameters
    ----------
    ids : ndarray, shape (m,), str
        The object that a row comes from; rows that share it belong together.
    fluxes : ndarray, shape (m, len(LINES))
        Fluxes relative to H-beta, without dust.
    kind : ndarray, shape (m,), str
        "star-forming", "composite", "agn" or "retired".
    oh : ndarray, shape (m,)
        12 + log10(O/H); NaN where the gas is not ionised by young stars.
    log_ew_ha : ndarray, shape (m,)
        log10 of the equivalent width of H-alpha in angstrom; NaN if not given.
    ebv : ndarray, shape (m,)
        E(B-V) of the lines in magnitudes; NaN if not given.
    weight : ndarray, shape (m,)
        Relative weight among the rows of the same source.
    source : ndarray, shape (m,), str
        Where the row comes from.
    """

    ids: np.ndarray
    fluxes: np.ndarray
    kind: np.ndarray
    oh: np.ndarray
    log_ew_ha: np.ndarray
    ebv: np.ndarray
    weight: np.ndarray
    source: np.ndarray

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, rows):
        """Select rows by an index array, a boolean array or a slice."""
        fields = dataclasses.fields(self)
        return type(self)(*(getattr(self, field.name)[rows] for field in fields))

    def log_ratios(self):
        """Return log10 of [O III]5007/H-beta and of [N II]6584/H-alpha, each (m,)."""
        return log_ratios(self.fluxes)

    @classmethod
    def from_fluxes(cls, ids, fluxes, source, *, kind=None, **known):
        """Build the set from fluxes, filling in what is not known.

        Parameters
        ----------
        ids : array-like, shape (m,)
            Object identifiers, stored as text.
        fluxes : ndarray, shape (m, len(LINES))
            Dust-free fluxes relative to H-beta.
        source : str
            Where they come from.
        kind : str, optional
            The class of every row; from the BPT diagram unless given.
        **known : ndarray, shape (m,)
            ``log_ew_ha``, ``ebv`` (NaN unless given), ``weight`` (one).

        Returns
        -------
        LineVectors
            Abundances are those of `strong_line_abundance`, for star-forming rows only.
        """
        m = len(fluxes)
        kinds = spectral_class(fluxes) if kind is None else np.full(m, kind)
        oh = strong_line_abundance(fluxes)
        return cls(
            ids=np.asarray(ids).astype("<U32"),
            fluxes=fluxes,
            kind=kinds.astype("<U12"),
            oh=np.where(kinds == "star-forming", oh, np.nan),
            log_ew_ha=known.get("log_ew_ha", np.full(m, np.nan)),
            ebv=known.get("ebv", np.full(m, np.nan)),
            weight=known.get("weight", np.ones(m)),
            source=np.full(m, source).astype("<U16"),
        )

    def scattered(self, scatter, rng):
        """Draw line ratios near those of the objects, and the class that they have.

        Parameters
        ----------
        scatter : float
            Standard deviation in dex of [O II], [O III], [N II] and [S II] against the
            Balmer lines, independent of each other.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        LineVectors
            Rows in the same order. Retired ones stay retired.
        """
        fluxes = self.fluxes.copy()
        for names in _SPECIES:
            factor = 10 ** rng.normal(0.0, scatter, len(self))
            fluxes[:, [column(name) for name in names]] *= factor[:, None]
        retired = self.kind == "retired"
        kind = np.where(retired, self.kind, spectral_class(fluxes))
        oh = np.where(kind == "star-forming", strong_line_abundance(fluxes), np.nan)
        return dataclasses.replace(self, fluxes=fluxes, kind=kind, oh=oh)

    @classmethod
    def concatenate(cls, parts):
        """Join several sets.

        Parameters
        ----------
        parts : sequence of LineVectors
            The sets, in order.

        Returns
        -------
        LineVectors
            All their rows.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        columns = ([getattr(part, name) for part in parts] for name in names)
        return cls(*(np.concatenate(column) for column in columns))


def strong_line_abundance(fluxes):
    """Return the label of star-forming gas, from the lines that its spectrum shows.

    O3N2 loses its grip below 12 + log10(O/H) = 8.1 (Pettini & Pagel 2004, section
    4), where the R calibration of Pilyugin & Grebel 2016 goes on, tied to direct
    temperatures as PP04 is. The label passes smoothly from one to the other where
    log10([N II] 6548, 6584 / H-beta) goes from -0.90 to -0.65, near 8.15 and within the
    lower branch of the latter. The abundance that a photoionisation model was computed
    with is no label: at equal lines the grids disagree by 0.3 dex.

    Parameters
    ----------
    fluxes : ndarray, shape (m, len(LINES))
        Line fluxes without dust.

    Returns
    -------
    ndarray, shape (m,), float64
        12 + log10(O/H): PG16 R where [N II] is weaker, PP04 O3N2 where it is stronger.
    """
    nitrogen = fluxes[:, [column("NII_6548"), column("NII_6584")]].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_n2 = np.log10(nitrogen / fluxes[:, column("Hbeta")])
    x = np.clip((log_n2 + 0.90) / 0.25, 0.0, 1.0)
    share = x * x * (3.0 - 2.0 * x)
    metal_poor = direct_abundance(fluxes)
    # where the other has no share, it may be infinite
    metal_poor = np.where(share < 1, metal_poor, 0.0)
    return (1.0 - share) * metal_poor + share * o3n2_abundance(fluxes)


def complete(given, rng):
    """Fill the lines that a source does not give with physically tied ones.

    Parameters
    ----------
    given : dict of str to ndarray, shape (m,)
        Dust-free fluxes relative to H-beta by line; "OII" and "SII" may stand for
        the sum of the two lines of the doublet.
    rng : numpy.random.Generator
        Source of the scatter: 0.08 dex on typical ratios, and low-density doublets.

    Returns
    -------
    ndarray, shape (m, len(LINES)), float64
        Fluxes relative to H-beta of every line.
    """
    given = dict(given)
    m = len(next(iter(given.values())))
    for name, low, high in (("OII", 1.15, 1.48), ("SII", 1.15, 1.45)):
        if name in given:
            _split(given, name, rng.uniform(low, high, m))
    fluxes = case_b(m)
    for name, values in given.items():
        if name not in BALMER:
            fluxes[:, column(name)] = values
    for name, reference, ratio in _TYPICAL:
        if name not in given:
            scatter = 10 ** rng.normal(0.0, 0.08, m)
            fluxes[:, column(name)] = ratio * scatter * fluxes[:, column(reference)]
    _fill_by_class(fluxes, given, rng)
    for name, reference, ratio in _TIED:
        fluxes[:, column(name)] = ratio * fluxes[:, column(reference)]
    return fluxes


def _split(given, name, ratio):
    """Split a doublet's sum into its lines; ratio is 3729/3726 or 6716/6731."""
    total = given.pop(name)
    first, second = {
        "OII": ("OII_3729", "OII_3726"),
        "SII": ("SII_6716", "SII_6731"),
    }[name]
    given[first] = total * ratio / (1 + ratio)
    given[second] = total / (1 + ratio)


def _fill_by_class(fluxes, given, rng):
    """Set [O I], [N I] and He II 4686, which tell young stars from harder sources."""
    hardness = _hardness(fluxes)
    m = len(fluxes)
    sii = fluxes[:, column("SII_6716")] + fluxes[:, column("SII_6731")]
    if "OI_6300" not in given:
        ratio = np.interp(hardness, _HARDNESS, _OI_TO_SII)
        fluxes[:, column("OI_6300")] = sii * ratio * 10 ** rng.normal(0.0, 0.12, m)
    fluxes[:, column("NI_5199")] = 0.12 * fluxes[:, column("OI_6300")]
    if "HeII_4686" not in given:
        ratio = np.interp(hardness, _HARDNESS, _HEII_TO_HBETA)
        fluxes[:, column("HeII_4686")] = ratio * 10 ** rng.normal(0.0, 0.2, m)


def _hardness(fluxes):
    """Return 0 for gas of young stars, 1 for composites, 2 for active nuclei."""
    return np.interp(sum(log_ratios(fluxes)), _MEDIANS, _HARDNESS)
