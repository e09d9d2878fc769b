"""The pictures show every spectrum, its value, its flags and its lines."""

import astropy.units as u
import numpy as np
import pytest

from galspec import Flags, SpectrumBatch, Target
from galspec.plotting import MAX_PANELS, plot_predictions
from galspec.results import result_table

TARGETS = (
    Target("oh", u.dex, "12 + log10(O/H)", valid=(7, 9)),
    Target("teff", u.K, "temperature", valid=(3000, 9000)),
)


def made(n, seed=1):
    random = np.random.default_rng(seed)
    wavelength = np.linspace(4000, 9000, 300)
    redshift = np.full(n, np.nan)
    redshift[0] = 0.1
    batch = SpectrumBatch.from_arrays(
        wavelength,
        random.normal(5, 1, (n, 300)),
        mask=np.repeat([[i == 1] for i in range(n)], 300, axis=1),
        redshift=redshift,
        ids={"file": [f"folder/{i}.fits" for i in range(n)]},
    )
    flags = np.zeros(n, int)
    flags[1] = Flags.NO_DATA | Flags.LOW_SN
    rows = {**batch.ids, "redshift": redshift, "flags": flags}
    value = np.where(flags, np.nan, 8.6104)
    rows |= {"oh": value, "oh_err": value * 0 + 0.0523}
    rows |= {"teff": value * 0 + 5772.3, "teff_err": value * 0 + 80.0}
    return result_table(TARGETS, [rows], {}), batch


def words(axis):
    texts = [text.get_text() for text in axis.texts]
    return "\n".join([axis.get_title(loc="left"), *texts])


def test_a_panel_for_each_spectrum_with_its_values():
    figure = plot_predictions(*made(3))
    first, second, third = figure.axes
    assert "12 + log10(O/H) = 8.61 ± 0.05\ntemperature = 5772 ± 80 K" in words(first)
    assert "0.fits" in words(first)
    assert "12 + log10(O/H): no value" in words(second)
    assert second.get_title(loc="right") == "NO_DATA, LOW_SN"
    assert third.get_title(loc="right") == ""


def test_lines_are_marked_where_the_redshift_is_known():
    first, _, third = plot_predictions(*made(3)).axes
    assert "Hα + [N II]" in words(first)
    assert "Hα" not in words(third)
    marks = [line.get_xdata()[0] for line in first.lines if len(line.get_xdata()) == 2]
    assert min(abs(np.array(marks) - 6564.6 * 1.1)) < 1


def test_spectra_are_drawn_relative_to_their_median():
    line = plot_predictions(*made(3)).axes[0].lines[0]
    assert np.nanmedian(line.get_ydata()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("spectra", [True, False])
def test_many_rows_become_a_histogram_a_target(spectra):
    table, batch = made(MAX_PANELS + 1)
    axes = plot_predictions(table, batch if spectra else None).axes
    assert [axis.get_xlabel() for axis in axes] == [
        "12 + log10(O/H)",
        "temperature [K]",
    ]
    heights = [patch.get_height() for patch in axes[0].patches]
    assert sum(heights) == MAX_PANELS


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_saves_in_the_format_of_the_suffix(tmp_path, suffix):
    path = tmp_path / f"plot.{suffix}"
    plot_predictions(*made(2), path)
    assert path.stat().st_size > 1000


def test_nothing_usable_is_drawn_all_the_same():
    table, batch = made(2)
    figure = plot_predictions(table[1:], batch[1:])
    assert len(figure.axes) == 1
    assert plot_predictions(table[1:]).axes
    assert plot_predictions(table[:0], batch[:0]).axes


def test_a_batch_of_other_length_is_a_wrong_call():
    table, batch = made(3)
    with pytest.raises(ValueError, match="3 rows, the batch 2"):
        plot_predictions(table, batch[:2])


def test_drawing_leaves_no_trace_in_pyplot():
    import matplotlib.pyplot as plt

    before = dict(plt.rcParams), plt.get_fignums()
    plot_predictions(*made(2))
    assert (dict(plt.rcParams), plt.get_fignums()) == before
