"""The light FITS reader agrees with astropy, or refuses."""

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from galspec.io import fits_light


def hdus_of(hdus, path):
    fits.HDUList(hdus).writeto(path)
    return list(fits_light.iter_hdus(fits_light.load(path)))


KEYWORDS = st.dictionaries(
    st.from_regex(r"[A-Z][A-Z0-9_]{0,4}Q", fullmatch=True),
    st.one_of(
        st.booleans(),
        st.integers(-(10**9), 10**9),
        st.floats(allow_nan=False, allow_infinity=False),
        # astropy 8 takes a slash behind a quote for a comment and loses the rest
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).filter(
            lambda text: "'" not in text or "/" not in text
        ),
    ),
    max_size=30,
)


@given(KEYWORDS)
def test_header_values_equal_astropys(cards):
    header = fits.PrimaryHDU().header
    header.update(cards)
    text = header.tostring(endcard=False, padding=False).encode()
    header = fits.Header.fromstring(text)  # cards round to 16 digits
    light = fits_light.Header(text)
    for key in cards:
        assert light.get(key) == header[key]
        assert type(light.get(key)) is type(header[key])
    assert light.get("ABSENT") is None


def test_images_and_scaled_images(tmp_path):
    image = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    unsigned = np.array([0, 1, 2**32 - 1], np.uint32)
    hdus = [fits.PrimaryHDU(image), fits.ImageHDU(unsigned, name="bits")]
    first, second = hdus_of(hdus, tmp_path / "a.fits")
    np.testing.assert_array_equal(first.image(), image)
    np.testing.assert_array_equal(second.image(), unsigned)
    assert second.name == "BITS"
    assert len(first.columns) == 0


def test_columns_of_each_type(tmp_path):
    arrays = {
        "3E": np.ones((2, 3), np.float32),
        "D": np.array([[1.5], [2.5]]),
        "K": np.array([[2**60], [-1]]),
        "2I": np.array([[1, 2], [3, 4]], np.int16),
        "B": np.array([[1], [255]], np.uint8),
    }
    columns = [
        fits.Column(f"c{code}", code, array=values.squeeze())
        for code, values in arrays.items()
    ]
    columns.insert(2, fits.Column("name", "7A", array=["one", "second"]))
    columns.insert(1, fits.Column("bits", "11X", array=np.ones((2, 11), bool)))
    table = fits.BinTableHDU.from_columns(columns)
    light = hdus_of([fits.PrimaryHDU(), table], tmp_path / "t.fits")[1]
    for code, values in arrays.items():
        np.testing.assert_array_equal(light.column(f"C{code}"), values)
    assert light.column("NAME").ravel().tolist() == [b"one", b"second"]
    with pytest.raises(fits_light.FitsFormatError, match="of type X"):
        light.column("BITS")
    with pytest.raises(fits_light.FitsFormatError, match="no column FLUX"):
        light.column("FLUX")


def test_sizes_left_behind_in_an_empty_primary_do_not_count(tmp_path):
    primary = fits.PrimaryHDU()
    path = tmp_path / "a.fits"
    fits.HDUList([primary, fits.ImageHDU(np.ones(4), name="after")]).writeto(path)
    # as LAMOST writes it; astropy itself would tidy these cards away
    content = path.read_bytes()
    end = content.index(b"END".ljust(80))
    left = b"".join(f"NAXIS{i}  ={3909:21d}".encode().ljust(80) for i in (1, 2))
    content = content[:end] + left + content[end : 2880 - len(left)] + content[2880:]
    assert [hdu.name for hdu in fits_light.iter_hdus(content)] == ["", "AFTER"]


def test_control_characters_in_a_header_are_refused(tmp_path):
    path = tmp_path / "a.fits"
    fits.PrimaryHDU(np.ones(4)).writeto(path)
    content = path.read_bytes().replace(b"EXTEND", b"EXT\x02ND")
    with pytest.raises(fits_light.FitsFormatError, match="characters"):
        list(fits_light.iter_hdus(content))


def test_large_plain_files_are_mapped(tmp_path, monkeypatch):
    monkeypatch.setattr(fits_light, "MAPPED_SIZE", 100)
    (hdu,) = hdus_of([fits.PrimaryHDU(np.arange(5.0))], tmp_path / "a.fits")
    assert hdu.image().tolist() == [0, 1, 2, 3, 4]
