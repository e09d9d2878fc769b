"""Pictures of probability densities of redshift, one small panel each."""

import numpy as np

from galspec.flags import describe
from galspec.plotting import INK, QUIET, SPECTRUM, STYLE, WARNING, require_matplotlib

__all__ = ["plot_densities"]

#: Panels unless rows are chosen, and how many stand side by side.
PANELS, COLUMNS = 12, 4


def plot_densities(table, rows=None, *, z_spec=None, path=None):
    """Draw densities; see `galspec.redshift_table.RedshiftTable.plot`.

    Parameters
    ----------
    table : `~galspec.redshift_table.RedshiftTable`
    rows, z_spec, path
        As for the method.

    Returns
    -------
    `matplotlib.figure.Figure`
    """
    require_matplotlib()
    import matplotlib

    true = np.full(len(table), np.nan) if z_spec is None else np.asarray(z_spec, float)
    if true.shape != (len(table),):
        raise ValueError(f"the table has {len(table)} rows, z_spec shape {true.shape}")
    every = np.arange(len(table))
    rows = every[:PANELS] if rows is None else np.atleast_1d(every[rows])
    with matplotlib.rc_context(STYLE):
        figure = _panels(table[rows], true[rows])
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


def _panels(table, true):
    from matplotlib.figure import Figure

    wide = min(max(len(table), 1), COLUMNS)
    high = -(-max(len(table), 1) // wide)
    size = (2.5 * wide + 0.3, 1.7 * high + 0.5)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(high, wide, sharex=True, squeeze=False).ravel()
    for axis in axes[len(table) :]:
        axis.set_axis_off()
    for axis, row, z in zip(axes, table, true, strict=False):
        _density(axis, row, table.z_edges)
        _marks(axis, row, z)
    axes[0].set_xlim(0, _range(table, true))
    _legend(figure, axes)
    figure.supxlabel("redshift z", fontsize=9.5)
    figure.supylabel("density dP/dz", fontsize=9.5)
    return figure


def _density(axis, row, edges):
    axis.set_yticks([])
    # panels above an empty place in the last row need their numbers too
    axis.tick_params(labelbottom=True, labelsize=7.5)
    words = ", ".join(describe(row["flags"])) if "flags" in row.colnames else ""
    axis.set_title(words, loc="right", fontsize=7.5, color=WARNING, pad=2)
    if not np.isfinite(row["z_phot"]):
        axis.set_title("no value", loc="left", fontsize=8, color=QUIET, pad=2)
        return
    pdf = np.asarray(row["z_phot_pdf"], float)
    axis.stairs(pdf, edges, fill=True, color=SPECTRUM, alpha=0.25, lw=0)
    axis.stairs(pdf, edges, color=SPECTRUM, lw=0.8, baseline=None)
    axis.set_ylim(0, 1.1 * pdf.max())


def _marks(axis, row, z_spec):
    if np.isfinite(row["z_phot"]):
        axis.axvspan(
            row["z_phot_lo68"], row["z_phot_hi68"], color=QUIET, alpha=0.25, lw=0
        )
        axis.axvline(row["z_phot"], color=INK, lw=1, label="z_phot")
        text = f"{row['z_phot']:.3f} ± {row['z_phot_err']:.3f}"
        axis.set_title(text, loc="left", fontsize=8, pad=2)
    if np.isfinite(z_spec):
        axis.axvline(z_spec, color=WARNING, lw=1, ls=(0, (3, 2)), label="z_spec")


def _legend(figure, axes):
    lines = {line.get_label(): line for axis in axes for line in axis.lines}
    if lines:
        figure.legend(
            lines.values(),
            lines.keys(),
            loc="outside upper right",
            ncols=2,
            fontsize=8,
            frameon=False,
        )


def _range(table, true):
    """From 0 to a little above all that is of interest."""
    ends = np.concatenate([table["z_phot_hi95"], table["z_phot"], true])
    ends = ends[np.isfinite(ends)]
    top = table.bins.z_max
    return min(1.2 * ends.max() + 0.02, top) if ends.size else top
