"""What is drawn how often: kinds, abundances, strengths of lines, dust, starlight."""

import dataclasses

import numpy as np

from galspec.simulation.lines import BALMER, reddening

__all__ = ["GalaxyPrior", "draw_truth", "stellar_metallicity", "young_light"]

#: Sources that are models; galaxies of any other are weighed as real ones.
_METAL_POOR_SOURCES = ("hcm-popstar", "nebulabayes-hii")
_METAL_RICH_SOURCE = "nebulabayes-rich"
_MODELS = (*_METAL_POOR_SOURCES, _METAL_RICH_SOURCE)
_MODELS += ("hcm-agn", "nebulabayes-nlr", "hcm-pagb")

#: What a galaxy can be.
KINDS = ("star-forming", "composite", "agn", "retired", "passive")


@dataclasses.dataclass(frozen=True)
class GalaxyPrior:
    """How often each sort of galaxy is drawn, and over which ranges.

    Parameters
    ----------
    kinds : dict of str to float
        Share of each kind: "star-forming", "composite", "agn", "retired", "passive".
    metal_poor : float
        Share of the star-forming galaxies whose lines come from models of
        metal-poor gas, 12 + log10(O/H) from 7.15 to about 8.4.
    metal_rich : float
        Share of the star-forming galaxies whose lines come from models of metal-rich
        gas, 8.7 to 9.05, with [O III] too faint for samples of measured lines.
    weak : float
        Share of the star-forming, composite and active galaxies whose H-alpha has an
        equivalent width of 2-8 angstrom, too weak for a sample of measured lines.
    scatter : float
        In dex, of line ratios about those of the objects that they are drawn from: it
        fills the gaps between objects, and the class is that of the scattered ratios.
        Errors of measured ratios are 0.04 to 0.14 dex.
    flatten : float
        0 keeps the abundances of the real galaxies as they are distributed, 1
        makes them uniform between 8.1 and 8.9.
    redshift : tuple of float
        Range of redshift, within 0 to 0.30; half uniform, half a hump near 0.07.
    snr : tuple of float
        Range of the median S/N per pixel in r, uniform in its logarithm.

    Raises
    ------
    ValueError
        If a kind is unknown, shares do not sum to one, or a range makes no sense.
    """

    kinds: dict = dataclasses.field(
        default_factory=lambda: {
            "star-forming": 0.50,
            "composite": 0.14,
            "agn": 0.12,
            "retired": 0.12,
            "passive": 0.12,
        }
    )
    metal_poor: float = 0.08
    metal_rich: float = 0.03
    weak: float = 0.0
    scatter: float = 0.0
    flatten: float = 0.6
    redshift: tuple = (0.002, 0.30)
    snr: tuple = (3.0, 60.0)

    def __post_init__(self):
        unknown = set(self.kinds) - set(KINDS)
        if unknown:
            raise ValueError(f"no kind {sorted(unknown)}: there are {', '.join(KINDS)}")
        shares = list(self.kinds.values())
        if min(shares, default=0) < 0 or not np.isclose(sum(shares), 1.0):
            raise ValueError(
                f"kinds are {self.kinds}: shares are positive and sum to 1, "
                f"not to {sum(shares):g}"
            )
        models = np.array([self.metal_poor, self.metal_rich])
        # 1 - 0.9 - 0.1 is a little less than 0
        if not ((models >= 0).all() and models.sum() < 1 + 1e-9):
            raise ValueError(
                f"metal_poor {self.metal_poor} and metal_rich {self.metal_rich} are no "
                "shares of one whole"
            )
        if not 0 <= self.flatten <= 1:
            raise ValueError(f"flatten is {self.flatten}: from 0 to 1")
        if not 0 <= self.weak <= 1:
            raise ValueError(f"weak is {self.weak}; a share is within 0 to 1")
        if not 0 <= self.scatter < 0.5:
            raise ValueError(f"scatter is {self.scatter} dex; it is within 0 to 0.5")
        if not 0 <= self.redshift[0] < self.redshift[1] <= 0.30:
            raise ValueError(
                f"redshift is {self.redshift}: within 0 to 0.30, ascending"
            )
        if not 0 < self.snr[0] < self.snr[1] < np.inf:
            raise ValueError(f"snr is {self.snr}: positive and ascending")


def draw_truth(prior, lines, allowed, n, rng):
    """Draw the properties of galaxies.

    Parameters
    ----------
    prior : GalaxyPrior
        What is drawn how often.
    lines : LineVectors
        The line vectors to choose from.
    allowed : ndarray of bool, shape (len(lines),)
        Vectors that may be chosen.
    n : int
        Number of galaxies.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    truth : dict of str to ndarray, shape (n,)
        The columns that `GalaxySimulator.draw` describes.
    fluxes : ndarray, shape (n, len(LINES))
        Dust-free line fluxes relative to H-beta.
    """
    kind = rng.choice(list(prior.kinds), n, p=list(prior.kinds.values()))
    vectors = lines[_choose_rows(prior, lines, allowed, kind, rng)]
    if prior.scatter:
        vectors = vectors.scattered(prior.scatter, rng)
        kind = np.where(vectors.kind == "retired", kind, vectors.kind)
    log_o3, log_n2 = vectors.log_ratios()
    log_ew, ebv = _measurable_lines(kind, vectors, log_o3, log_n2, rng)
    if prior.weak:
        of_gas = np.isin(kind, ("star-forming", "composite", "agn"))
        weak = of_gas & (rng.random(n) < prior.weak)
        log_ew = np.where(weak, rng.uniform(*np.log10([2.0, 8.0]), n), log_ew)
    low, high = prior.redshift
    hump = np.clip(rng.gamma(3.0, 0.025, n), low, high)
    truth = {
        "oh": vectors.oh,
        "redshift": np.where(rng.random(n) < 0.5, hump, rng.uniform(low, high, n)),
        "snr_r": np.exp(rng.uniform(*np.log(prior.snr), n)),
        "kind": kind.astype("<U12"),
        "object_id": vectors.ids,
        "log_ew_ha": log_ew,
        "source": vectors.source,
        "ebv": ebv,
        "log_o3": log_o3,
        "log_n2": log_n2,
    }
    return truth, vectors.fluxes


def _choose_rows(prior, lines, allowed, kind, rng):
    """Return the row of the line vectors for each galaxy."""
    rows = np.empty(len(kind), dtype=int)
    for name in np.unique(kind):
        # Passive galaxies differ from retired ones in the strength of lines only.
        of_kind = lines.kind == ("retired" if name == "passive" else name)
        weight = _weights(prior, lines, name) * (of_kind & allowed)
        chosen = kind == name
        rows[chosen] = rng.choice(len(lines), chosen.sum(), p=weight / weight.sum())
    return rows


def _weights(prior, lines, kind):
    """Return the relative frequency of each line vector within a kind."""
    model = np.isin(lines.source, _MODELS)
    real = ~model & (lines.kind == kind)
    if kind != "star-forming":
        # Models reach ratios that nature does not favour: real galaxies lead.
        models = model & np.isin(lines.kind, (kind, "retired"))
        return 2.0 * real / max(real.sum(), 1) + models / max(models.sum(), 1)
    poor = np.isin(lines.source, _METAL_POOR_SOURCES)
    poor &= (lines.oh > 7.15) & (lines.oh < 8.45)
    rich = lines.source == _METAL_RICH_SOURCE
    weight = np.zeros(len(lines))
    for members, flatten, share in (
        (real, prior.flatten, max(1.0 - prior.metal_poor - prior.metal_rich, 0.0)),
        (poor, 1.0, prior.metal_poor),
        (rich, 1.0, prior.metal_rich),
    ):
        if not members.any():
            continue
        weight[members] = _flattened(lines.oh[members], lines.weight[members], flatten)
        weight[members] *= share
    return weight


def _flattened(oh, weight, power):
    """Return weights of unit sum, divided by a power of the density in O/H."""
    edges = np.arange(7.1, 9.11, 0.1)
    bins = np.digitize(oh, edges)
    count = np.bincount(bins, weight, len(edges) + 1)
    # Bins with less than 0.2 % of the weight are not raised further.
    weight = weight / np.maximum(count[bins], 0.002 * count.sum()) ** power
    return weight / weight.sum()


def _measurable_lines(kind, vectors, log_o3, log_n2, rng, tries=8):
    """Return strengths and dust of lines that give star-forming galaxies a label.

    A galaxy counts as star-forming where four lines are measured at S/N > 3 (Brinchmann
    et al. 2004, MNRAS 351, 1151, section 3). The label comes from a spectrum of another
    survey, whose depth has nothing to do with that of the spectrum to be simulated.
    """
    log_ew = _equivalent_widths(kind, vectors, rng)
    ebv = _line_dust(kind, vectors, rng)
    left = np.flatnonzero(kind == "star-forming")
    for _ in range(tries):
        snr = _significance(log_ew[left], ebv[left], log_o3[left], log_n2[left], rng)
        left = left[(snr + rng.normal(size=snr.shape) < 3).any(axis=0)]
        log_ew[left] = _equivalent_widths(kind[left], vectors[left], rng)
    return log_ew, ebv


def _significance(log_ew, ebv, log_o3, log_n2, rng):
    """Return S/N of H-alpha, [N II], H-beta and [O III] in labelling spectra, (4, n).

    Their S/N per pixel of 69 km/s is 12 to 30, as of SDSS spectra of plates 266-295; a
    line is measured to the noise of the continuum in three pixels.
    """
    ew_ha = 10**log_ew
    dust = 10 ** (0.4 * reddening("Hbeta", "Halpha") * ebv)
    # 0.85: continuum ratio 6563/4861, see line_sources.
    ew_hb = 0.85 * ew_ha / (BALMER["Halpha"] * dust)
    widths = np.stack([ew_ha, ew_ha * 10**log_n2, ew_hb, ew_hb * 10**log_o3])
    pixel = np.array([1.51, 1.51, 1.12, 1.15])[:, None]
    return widths * np.exp(rng.uniform(*np.log([12, 30]), len(ew_ha))) / (3 * pixel)


def _equivalent_widths(kind, vectors, rng):
    """Return log10 of the rest-frame equivalent width of H-alpha in angstrom."""
    n = len(kind)
    known = vectors.log_ew_ha + np.clip(rng.normal(0.0, 0.12, n), -0.3, 0.3)
    # Metal-poor gas goes with strong lines: in DESI BGS (Khederlarian et al. 2024)
    # the median rises from 1.55 at 12 + log10(O/H) = 8.6 to 2.14 at 8.1, with 0.17
    # dex of scatter; weaker and stronger ones are kept for nearby dwarfs.
    poor = np.clip(rng.normal(2.2, 0.3, n), 1.3, 2.9)
    rich = np.clip(rng.normal(1.5, 0.2, n), 1.0, 2.2)
    forming = np.where(vectors.oh > 8.6, rich, poor)
    drawn = np.where(kind == "star-forming", forming, rng.normal(1.1, 0.4, n))
    log_ew = np.where(np.isnan(known), drawn, known)
    log_ew = np.where(kind == "retired", rng.uniform(-0.4, 0.48, n), log_ew)
    return np.where(kind == "passive", rng.uniform(-1.6, -0.4, n), log_ew)


def _line_dust(kind, vectors, rng):
    """Return E(B-V) of the lines in magnitudes."""
    n = len(kind)
    little = np.abs(rng.normal(0.0, 0.12, n))
    other = np.where(kind == "agn", np.abs(rng.normal(0.3, 0.2, n)), little)
    known = np.clip(vectors.ebv + rng.normal(0.10, 0.14, n), 0.0, 1.2)
    return np.where(np.isnan(known), other, known)


def young_light(truth, rng):
    """Return the share of light of ongoing star formation.

    Parameters
    ----------
    truth : dict
        Columns of `draw_truth`.
    rng : numpy.random.Generator
        Source of scatter.

    Returns
    -------
    ndarray, shape (n,)
        Share of the light at 5500 angstrom; the rest is older.
    """
    kind, n = truth["kind"], len(truth["kind"])
    # H-alpha of 180 angstrom for the light of young stars alone, with scatter; a
    # tenth stays with older stars even in bursts.
    young = 10 ** (truth["log_ew_ha"] - np.log10(180.0) + rng.normal(0.0, 0.2, n))
    young = np.where(kind == "agn", rng.uniform(0.0, 0.25, n), young)
    old = np.isin(kind, ("retired", "passive"))
    return np.clip(np.where(old, 0.0, young), 0.0, 0.9)


def stellar_metallicity(truth, rng):
    """Return log10 of stellar metallicity over solar; follows the gas with scatter.

    Parameters
    ----------
    truth : dict
        Columns of `draw_truth`.
    rng : numpy.random.Generator
        Source of scatter, 0.25 dex.

    Returns
    -------
    ndarray, shape (n,)
        Between 0.2 and 2.5 solar.
    """
    n = len(truth["kind"])
    # Solar 12 + log10(O/H) = 8.69: Asplund et al. 2009, ARA&A 47, 481.
    gas = np.where(np.isnan(truth["oh"]), rng.normal(8.85, 0.2, n), truth["oh"]) - 8.69
    return np.clip(gas - 0.05 + rng.normal(0.0, 0.25, n), -0.7, 0.4)
