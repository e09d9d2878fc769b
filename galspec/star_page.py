"""A page about one star, for inspection by eye: its spectrum, its bands, its labels."""

import os

import numpy as np

from galspec.constants import WAVELENGTHS
from galspec.flags import describe
from galspec.plotting import INK, QUIET, SPECTRUM, STYLE, WARNING, require_matplotlib
from galspec.transforms import RestFrame

__all__ = ["plot_star"]

#: Vacuum wavelengths in angstrom. Atoms: NIST Atomic Spectra Database.
LINES = {
    "K": 3934.78,
    "H": 3969.59,
    "Hδ": WAVELENGTHS["Hdelta"],
    "Hγ": WAVELENGTHS["Hgamma"],
    "Hβ": WAVELENGTHS["Hbeta"],
    "Mg b": 5185.05,
    "Na D": 5894.57,
    "Hα": WAVELENGTHS["Halpha"],
    "Ca T": 8664.52,
}
#: Members of a multiplet that are marked without a name.
UNNAMED = (5168.74, 5174.13, 8500.35, 8544.44)
#: Molecular bands, from the weakest trace to the head. Heads in air: Pearse & Gaydon
#: (1976, The Identification of Molecular Spectra): CN 3883.4 and 4216.0, C2 4737.1,
#: 5165.2 and 5635.5; CH by the G band of the Lick indices.
BANDS = {
    "CN": ((3850.0, 3884.5), (4180.0, 4217.2)),
    "CH": ((4282.6, 4317.6),),
    "C$_2$": ((4670.0, 4738.4), (5080.0, 5166.6), (5540.0, 5637.1)),
}
COLOURS = {"CN": "#c9b8dc", "CH": "#f2c48d", "C$_2$": "#b5d6b2"}
#: What the page shows, above, and where it looks closer.
ARMS = {"rest frame": (3800.0, 5750.0), "": (5750.0, 9000.0)}
ZOOMS = {
    "Ca II H & K": (3900.0, 4005.0),
    "G band": (4230.0, 4370.0),
    "C$_2$ and Mg b": (5050.0, 5250.0),
}
_PLACES = {"left": 0.06, "right": 0.975, "top": 0.87, "bottom": 0.06}
_PLACES |= {"hspace": 0.26, "wspace": 0.16}
#: Names of columns to symbols, digits and units.
VALUES = {
    "teff": ("$T_{eff}$", 0, " K"),
    "logg": ("log g", 2, ""),
    "feh": ("[Fe/H]", 2, ""),
    "cfe": ("[C/Fe]", 2, ""),
    "a_c": ("A(C)", 2, ""),
    "ch4300": ("G band", 2, " Å"),
}


def plot_star(row, batch, comparison=None, caption="", path=None):
    """Draw a star in its rest frame, its bands of carbon from near, and its labels.

    Parameters
    ----------
    row : `~astropy.table.Row` or mapping
        Values by name: ``p_cemp``, ``teff``, ``logg``, ``feh``, ``cfe``, ``a_c``,
        ``ch4300`` with errors, ``snr_g``, ``snr_i``, ``flags``, ``file``, ``obsid``,
        ``rank`` as far as they are there.
    batch : `~galspec.SpectrumBatch`
        The spectrum, of one row, with its redshift.
    comparison : `~galspec.SpectrumBatch`, optional
        Another star, drawn in grey behind it.
    caption : str
        What that is.
    path : str or path-like, optional
        Where to save the picture; its suffix says in which format.

    Returns
    -------
    `matplotlib.figure.Figure`
        Independent of pyplot and of any display.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    require_matplotlib()
    import matplotlib
    from matplotlib.figure import Figure

    values = {name: row[name] for name in row.keys()}  # noqa: SIM118
    stars = [(_curve(batch), SPECTRUM)]
    if comparison is not None:
        stars.insert(0, (_curve(comparison), "#b9c0c8"))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 9))
        grid = figure.add_gridspec(3, 3, **_PLACES)
        _tell(figure, values, caption)
        for place, (name, span) in enumerate(ARMS.items()):
            _panel(figure.add_subplot(grid[place, :]), stars, name, span)
        for place, (name, span) in enumerate(ZOOMS.items()):
            _panel(figure.add_subplot(grid[2, place]), stars, name, span)
        figure.supylabel("flux / median", x=0.012, y=0.43, fontsize=9.5)
        figure.supxlabel("wavelength in vacuum [Å]", y=0.012, fontsize=9.5)
        if path is not None:
            figure.savefig(path, dpi=110)
    return figure


def _curve(batch):
    """Wavelengths and flux of the good pixels at rest, the others NaN."""
    at_rest = RestFrame()(batch)
    return at_rest.wavelength[0], np.where(at_rest.mask[0], np.nan, at_rest.flux[0])


def _panel(axis, stars, name, span):
    axis.set_title(name, loc="left", fontsize=9.5)
    _draw(axis, stars, span)
    _mark(axis, span)


def _draw(axis, stars, span):
    """Stars over their medians; the range of the last one, which is in front."""
    axis.set_xlim(*span)
    axis.locator_params(axis="y", nbins=4)
    for (wavelength, flux), colour in stars:
        inside = (wavelength >= span[0]) & (wavelength <= span[1])
        known = inside & np.isfinite(flux)
        if not known.any():
            continue
        scaled = flux / (abs(np.median(flux[known])) or 1)
        axis.plot(wavelength[inside], scaled[inside], color=colour, lw=0.7)
        axis.set_ylim(*_limits(scaled[known]))
    if not known.any():
        axis.set_yticks([])
        axis.text(0.5, 0.5, "not observed", transform=axis.transAxes, color=QUIET)


def _limits(flux):
    """Show the deepest lines, not single wild pixels."""
    low, high = np.percentile(flux, [0.1, 99.8])
    spread = max(high - low, 1e-3)
    return low - 0.1 * spread, high + 0.25 * spread


def _mark(axis, span):
    """Bands as stripes and lines as dashes, their names above."""
    for name, bands in BANDS.items():
        for low, high in bands:
            if span[0] < high < span[1]:
                axis.axvspan(low, high, color=COLOURS[name], alpha=0.55, lw=0, zorder=0)
                middle = (max(low, span[0]) + min(high, span[1])) / 2
                put = {"ha": "center", "va": "bottom", "color": INK}
                _name(axis, name, (middle, 0.02), (0, 0), put)
    places = [*LINES.values(), *UNNAMED]
    for place in places:
        if span[0] < place < span[1]:
            axis.axvline(place, color=QUIET, lw=0.6, ls=(0, (2, 3)), zorder=0)
    for name, place in LINES.items():
        if span[0] < place < span[1]:
            put = {"ha": "left", "va": "top", "color": QUIET}
            _name(axis, name, (place, 0.99), (2, 0), put)


def _name(axis, name, place, offset, put):
    axis.annotate(
        name,
        place,
        xycoords=("data", "axes fraction"),
        xytext=offset,
        textcoords="offset points",
        fontsize=7.5,
        **put,
    )


def _tell(figure, values, caption):
    """The labels in two lines, what to beware of, and what is drawn in grey."""
    left, right, bold = _PLACES["left"], _PLACES["right"], {"weight": "bold"}
    rank = f"{values['rank']}.  " if "rank" in values else ""
    figure.text(left, 0.965, f"{rank}{_title(values)}", fontsize=14, **bold)
    p = f"P(CEMP) = {_number(values['p_cemp']):.2f}"
    figure.text(right, 0.965, p, fontsize=14, ha="right", **bold)
    told = "    ".join(_told(values, name) for name in VALUES if name in values)
    figure.text(left, 0.93, told.replace("-", "−"), fontsize=10.5)
    figure.text(left, 0.903, _quality(values), fontsize=9, color=QUIET)
    warning = ", ".join(describe(values["flags"]))
    figure.text(right, 0.903, warning, fontsize=9, color=WARNING, ha="right")
    figure.text(right, 0.878, caption, fontsize=8.5, color=QUIET, ha="right")


def _title(values):
    obsid = str(values.get("obsid", ""))
    return obsid or os.path.basename(str(values.get("file", "")))


def _told(values, name):
    symbol, digits, unit = VALUES[name]
    value, error = (_number(values[key]) for key in (name, f"{name}_err"))
    return f"{symbol} = {value:.{digits}f} ± {error:.{digits}f}{unit}"


def _quality(values):
    words = [os.path.basename(str(values.get("file", "")))]
    if np.isfinite(_number(values.get("ra", np.nan))):
        ra, dec = (_number(values[name]) for name in ("ra", "dec"))
        words.append(f"RA {ra:.5f}  Dec {dec:+.5f}")
    for name, symbol in (("snr_g", "S/N g"), ("snr_i", "S/N i")):
        if name in values:
            words.append(f"{symbol} {_number(values[name]):.0f}")
    return "     ".join(words)


def _number(value):
    return float(getattr(value, "value", value))
