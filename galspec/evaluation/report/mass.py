"""Section on the mass-metallicity relation of galaxies."""

import numpy as np

from galspec.evaluation.metrics import residual_summary
from galspec.evaluation.report.blocks import Figure, LeftOut, Section, Table, Text
from galspec.evaluation.report.figures import (
    COLORS,
    axis_label,
    cloud,
    legend_above,
    limits,
    panel,
    running,
)
from galspec.evaluation.tables import EvaluationError
from galspec.metallicity_scales import SCALES, convert_oh

__all__ = ["mass_metallicity", "tremonti2004"]

#: Range of log10(M*/Msun) where the relation holds, and where a quadratic is fitted.
VALID = (8.5, 11.5)
#: Tremonti et al. (2004, ApJ 613, 898), eq. 3, on their scale; total masses.
TREMONTI = (-1.492, 1.847, -0.08026)
#: Feng, Wang & Li (2025): the fit to their catalogue; fibre masses.
FENG = (-1.412, 1.986, -0.094)
#: Fewer galaxies say nothing of a curve.
FEWEST = 20


def tremonti2004(mass, scale="T04"):
    """Mass-metallicity relation of Tremonti et al. (2004, ApJ 613, 898), eq. 3.

    Parameters
    ----------
    mass : array_like
        log10(M*/Msun).
    scale : str
        One of `galspec.metallicity_scales.SCALES`.

    Returns
    -------
    `numpy.ndarray`
        12 + log10(O/H); NaN outside 8.5 to 11.5, and where the conversion to the scale
        does not hold.

    Examples
    --------
    >>> from galspec.evaluation import tremonti2004
    >>> round(float(tremonti2004(10.0)), 3)
    8.952
    """
    mass = np.asarray(mass, float)
    inside = (mass >= VALID[0]) & (mass <= VALID[1])
    oh = np.where(inside, _quadratic(TREMONTI, mass), np.nan)
    return oh if scale == "T04" else np.asarray(convert_oh(oh, "T04", scale))


def mass_metallicity(data, target):
    """Abundance against stellar mass, the reference curve and a fitted quadratic."""
    key = ("targets", target.name, "mass_metallicity")
    title = "Mass-metallicity relation"
    if (mass := data.role("mass")) is None:
        missing = LeftOut("A column 'mass' with log10(M*/Msun) would give it.")
        return Section(title, [missing], {}, key)
    column = data.columns["mass"]
    mass = _checked(mass, data.table[column].unit, column)
    predicted, true = data.predicted(target), data.true(target)
    fits = {"Tremonti et al. (2004)": TREMONTI, "Feng, Wang & Li (2025)": FENG}
    if (fitted := _fit(mass, predicted)) is None:
        n = int(_usable(mass, predicted).sum())
        missing = LeftOut(
            f"Left out: {n} galaxies with a mass of 8.5-11.5 are too few."
        )
        return Section(title, [missing], {}, key)
    fits["estimates, this set"] = fitted
    if true is not None and (of_labels := _fit(mass, true)) is not None:
        fits["labels, this set"] = of_labels
    scale = data.provenance.get("scale", "")
    header = ("relation", "constant", "x", "x²", "slope at 10")
    rows = [_row(name, fit) for name, fit in fits.items()]
    blocks = [
        _figure(data, target, mass, predicted, fitted, scale),
        Table("12 + log10(O/H) as a quadratic of x = log10(M*/Msun)", header, rows),
        Text(_mass_note(column, data.table[column].info.description)),
        Text(_slope_note(true, predicted, scale)),
    ]
    metrics = {"mass_column": column, "relations": fits}
    return Section(title, blocks, metrics, key)


def _checked(mass, unit, column):
    """Masses as logarithms; solar masses are turned into them."""
    middle = np.nanmedian(mass) if np.isfinite(mass).any() else 10.0
    if unit is not None and unit.to_string() in ("solMass", "Msun"):
        mass = np.where(mass > 0, mass, np.nan)
        return np.log10(mass, out=np.full(len(mass), np.nan), where=mass > 0)
    if not 5 < middle < 14:
        raise EvaluationError(
            f"column {column!r} has the median {middle:.3g}, which is no "
            "log10(M*/Msun): give logarithms, or the unit solMass"
        )
    return mass


def _quadratic(fit, mass):
    return fit[0] + fit[1] * mass + fit[2] * mass**2


def _usable(mass, oh):
    return np.isfinite(oh) & (mass >= VALID[0]) & (mass <= VALID[1])


def _fit(mass, oh):
    usable = _usable(mass, oh)
    if usable.sum() < FEWEST or np.ptp(mass[usable]) < 0.5:
        return None
    return tuple(np.polyfit(mass[usable], oh[usable], 2)[::-1].tolist())


def _figure(data, target, mass, predicted, fitted, scale):
    x = np.linspace(*VALID, 200)
    curves = [("Tremonti et al. (2004)", tremonti2004(x), ":", "black")]
    if scale in SCALES and scale != "T04":
        label = f"the same on {scale}"
        curves.append((label, tremonti2004(x, scale), "-", "black"))
    ends = limits(predicted, *(curve[1] for curve in curves))
    near = x[(x >= np.nanmin(mass)) & (x <= np.nanmax(mass))]
    curves.append(("fit to the estimates", _quadratic(fitted, near), "--", COLORS[2]))
    label = axis_label(target, "estimated")
    with panel("log10(M* / Msun)", label, height=4.6) as (figure, axis):
        cloud(axis, mass, predicted, (*limits(mass, VALID), *ends))
        running(axis, mass, predicted)
        for name, values, style, color in curves:
            grid = near if len(values) == len(near) else x
            axis.plot(grid, values, ls=style, color=color, lw=1.4, label=name)
        legend_above(axis)
    caption = "Estimated abundance against stellar mass."
    return Figure(f"mass_metallicity_{target.name}", figure, caption)


def _row(name, fit):
    constant, linear, square = fit
    cells = (f"{constant:.3f}", f"{linear:.3f}", f"{square:.4f}")
    return (name, *cells, f"{linear + 2 * square * 10:.3f}")


def _mass_note(column, description):
    words = f"{column} {description or ''}".lower()
    kind = "does not say whether it is the mass within the fibre or the total one"
    if "fib" in words:
        kind = "is the mass within the fibre"
    elif "tot" in words:
        kind = "is the total mass"
    return (
        f"Mass: column {column}, which {kind}. The reference relation is of total "
        "masses; masses within a fibre are lower, which moves the relation to the left."
    )


def _slope_note(true, predicted, scale):
    text = (
        f"Scale of the estimates: {scale or 'not stated'}. The published relations are "
        "on that of Tremonti et al. (2004): compare shapes, not levels."
    )
    if true is None:
        return text + " Without labels nothing says how much the estimates flatten."
    slope = residual_summary(true, predicted)["slope"]
    return text + (
        f" Slope of predicted against true values here: {slope:.2f}. One below 1 "
        "flattens the relation by about that factor."
    )
