"""The page about one star: what it says, and what it does without."""

import matplotlib
import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.star_page import plot_star

VALUES = {
    "rank": 3,
    "obsid": "12345",
    "file": "folder/star.fits",
    "p_cemp": 0.874,
    "teff": 4820.0,
    "teff_err": 60.0,
    "feh": -2.5,
    "feh_err": 0.1,
    "snr_g": 31.4,
    "flags": 32,
}


def star(low=3700, high=9100, z=1e-4):
    wavelength = np.linspace(low, high, 3000)
    flux = 1 - 0.5 * (abs(wavelength / (1 + z) - 4300) < 15)
    return SpectrumBatch.from_arrays(wavelength, flux, redshift=z)


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text)]


def test_says_what_is_known():
    told = " ".join(words(plot_star(VALUES, star())))
    for part in ("3.  12345", "P(CEMP) = 0.87", "4820 ± 60 K", "[Fe/H] = −2.50 ± 0.10"):
        assert part in told
    for part in ("star.fits", "S/N g 31", "OUT_OF_DOMAIN", "Hβ", "Ca T", "CN"):
        assert part in told
    assert "[C/Fe]" not in told


def test_a_file_name_serves_where_there_is_no_number():
    assert "3.  star.fits" in words(plot_star(VALUES | {"obsid": ""}, star()))


@pytest.mark.parametrize("z", [0.0, 0.002])
def test_lines_are_drawn_at_rest(z):
    (axis,) = [
        a for a in plot_star(VALUES, star(z=z)).axes if a.get_title("left")[:1] == "G"
    ]
    (line,) = [each for each in axis.lines if len(each.get_xdata()) > 2]
    wavelength, flux = line.get_data()
    assert np.mean(wavelength[flux < 0.75]) == pytest.approx(4300, abs=1)


def test_a_star_to_compare_with_is_named():
    caption = "grey: 54321"
    figure = plot_star(VALUES, star(), star(z=0.001), caption)
    assert caption in words(figure)
    assert [
        len([x for x in a.lines if len(x.get_xdata()) > 2]) for a in figure.axes
    ] == [2] * 5


def test_what_was_not_observed_is_said():
    assert words(plot_star(VALUES, star(high=5200))).count("not observed") == 1
    nothing = star().replace(mask=np.ones((1, 3000), bool))
    assert words(plot_star(VALUES, nothing)).count("not observed") == 5


def test_is_saved_without_a_display(tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    plot_star(VALUES, star(), path=tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
