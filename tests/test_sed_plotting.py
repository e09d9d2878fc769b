"""Energy distributions are drawn with their errors, over what was seen."""

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import StdDevUncertainty
from specutils import Spectrum

from galspec import Flags, SpectrumBatch
from galspec.sed import WAVELENGTH
from galspec.sed_plotting import plot_seds


def made(n):
    flux = np.tile((WAVELENGTH / 5500) ** -1.0, (n, 1))
    flux[:, :10] = np.nan
    flags = np.zeros(n, int)
    if n > 1:
        flux[1], flags[1] = np.nan, Flags.NO_DATA
    seds = Spectrum(
        flux=flux * u.dimensionless_unscaled,
        spectral_axis=WAVELENGTH * u.AA,
        spectral_axis_index=1,
        uncertainty=StdDevUncertainty(0.1 * flux),
        mask=np.isnan(flux),
        meta={"flags": flags, "file": np.array([f"folder/{i}.fits" for i in range(n)])},
    )
    axis = np.linspace(3900, 7100, 300)
    batch = SpectrumBatch.from_arrays(axis, np.full((n, 300), 500.0))
    return seds, batch


def test_each_star_has_a_panel_with_its_error_and_what_was_seen():
    first, second = plot_seds(*made(2)).axes
    seen, line = first.lines
    np.testing.assert_array_equal(line.get_xdata(), WAVELENGTH)
    assert len(first.collections) == 1
    assert first.get_title(loc="left") == "0.fits"
    assert second.get_title(loc="right") == "NO_DATA"
    # 500 counts are at the level of the prediction
    assert np.median(seen.get_ydata()) == pytest.approx(1, abs=0.1)


def test_one_star_may_come_alone():
    seds, _ = made(1)
    one = Spectrum(
        flux=seds.flux[0],
        spectral_axis=seds.spectral_axis,
        uncertainty=StdDevUncertainty(seds.uncertainty.array[0]),
        meta={"flags": 0},
    )
    assert len(plot_seds(one).axes) == 1


def test_a_cube_has_a_panel_for_each_star():
    seds, _ = made(4)
    cube = Spectrum(
        flux=seds.flux.reshape(2, 2, -1),
        spectral_axis=seds.spectral_axis,
        uncertainty=StdDevUncertainty(seds.uncertainty.array.reshape(2, 2, -1)),
        meta={name: value.reshape(2, 2) for name, value in seds.meta.items()},
    )
    axes = plot_seds(cube).axes
    assert [axis.get_title(loc="left") for axis in axes] == [
        f"{number}.fits" for number in range(4)
    ]
    assert axes[1].get_title(loc="right") == "NO_DATA"


def test_many_are_lines_in_one_panel(tmp_path):
    (axis,) = plot_seds(made(40)[0], path=tmp_path / "seds.png").axes
    assert len(axis.lines) == 40
    assert (tmp_path / "seds.png").stat().st_size > 1000


def test_other_spectra_are_an_error():
    with pytest.raises(ValueError, match="2 stars, the batch has 3"):
        plot_seds(made(2)[0], made(3)[1])
