"""A picture of a response curve."""

import numpy as np

from galspec.plotting import QUIET, SPECTRUM, STYLE, WARNING, require_matplotlib

__all__ = ["plot_response"]


def plot_response(response, path=None):
    """Draw a response; see `galspec.flux_calibration.Response.plot`."""
    require_matplotlib()
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5), layout="constrained")
        curve, errors = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        _curve(curve, response)
        _errors(errors, response)
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


def _curve(axis, response):
    wavelength, value = response.wavelength.value, response.value.value
    error = response.error.value
    axis.fill_between(
        wavelength, value - error, value + error, color=SPECTRUM, alpha=0.3, lw=0
    )
    axis.plot(wavelength, value, color=SPECTRUM, lw=1.2)
    axis.set_ylim(bottom=0)
    axis.set_ylabel(f"response [{response.value.unit}]")
    used = np.count_nonzero(~response.rejected)
    axis.set_title(
        f"{used} stars, {len(response.rejected) - used} rejected",
        loc="right",
        fontsize=7.5,
        color=QUIET,
    )


def _errors(axis, response):
    wavelength = response.wavelength.value
    percent = 100 * response.error.value / response.value.value
    axis.plot(wavelength, percent, color=SPECTRUM, lw=1.2, label="error of the curve")
    axis.plot(
        wavelength,
        100 * response.scatter,
        color=WARNING,
        lw=0.8,
        label="scatter of stars beyond their errors",
    )
    axis.set_ylim(bottom=0)
    axis.set_ylabel("%")
    axis.set_xlabel("wavelength in vacuum [Å]")
    axis.legend(frameon=False, fontsize=7.5)
