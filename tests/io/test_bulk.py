"""Many files to one batch: order, axes, and files that are not what they should be."""

import gzip
import os

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galspec.flags import Flags
from galspec.io import iter_batches, read_spectra


def _damaged(tmp_path, make_lamost):
    """Files that cannot be read, by what the reason has to say."""
    good = make_lamost("dr10", name="good.fits").read_bytes()
    packed = gzip.compress(good)
    image = make_lamost("dr7", name="image.fits").read_bytes()
    contents = {
        "empty": b"",
        "not a FITS file": b"wavelength flux\n4000 1\n" * 300,
        "truncated: 1": good[: len(good) - 5000],
        "truncated: a header": good[:1000],
        "truncated gzip": packed[:-100],
        "damaged gzip": packed[:300] + bytes(200) + packed[500:],
        "truncated: 11": image.replace(b"NAXIS1  =                  300",
                                       b"NAXIS1  =               568300"),
        "NAXIS1": image.replace(b"NAXIS1  =                  300",
                                b"NAXIS1  =                  3:0"),
        "bzip2": b"BZh91AY&SY" + bytes(100),
    }  # fmt: skip
    for number, (reason, content) in enumerate(contents.items()):
        path = tmp_path / f"damaged-{number}.fits"
        path.write_bytes(content)
        yield path, reason
    yield tmp_path, "directory"
    yield tmp_path / "nowhere.fits", "No such file"
    yield tmp_path / "bad\0name", "null byte"
    foreign = tmp_path / "foreign.fits"
    fits.PrimaryHDU(np.ones((5, 50))).writeto(foreign)
    yield foreign, "no LAMOST, SDSS spec or DESI coadd"


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_files_are_masked_rows_with_a_reason(tmp_path, make_lamost, workers):
    good = make_lamost("dr10", seed=7)
    damaged = list(_damaged(tmp_path, make_lamost))
    paths = [path for path, _ in damaged]
    batch = read_spectra([good, *paths, good], workers=workers)
    assert len(batch) == len(paths) + 2
    assert batch.flags.tolist() == [0, *[Flags.UNREADABLE] * len(paths), 0]
    assert batch.mask[1:-1].all()
    for (path, reason), problem in zip(damaged, batch.ids["problem"][1:], strict=False):
        assert reason in problem, path
    assert batch.ids["file"].tolist() == [str(p) for p in (good, *paths, good)]
    assert batch.ids["problem"][[0, -1]].tolist() == ["", ""]
    np.testing.assert_array_equal(batch.flux[0], batch.flux[-1])


def test_columns_of_different_lengths_are_a_problem(make_lamost, tmp_path):
    path = tmp_path / "short-flux.fits"
    with fits.open(make_lamost("dr10")) as hdus:
        data = hdus[1].data
        lengths = {name: 300 - (name == "FLUX") for name in data.names}
        columns = [
            fits.Column(name, f"{n}E", array=data[name][:, :n])
            for name, n in lengths.items()
        ]
        table = fits.BinTableHDU.from_columns(columns, name="COADD")
        fits.HDUList([hdus[0].copy(), table]).writeto(path)
    problems = read_spectra([make_lamost("dr7"), path]).ids["problem"]
    assert problems.tolist() == ["", "flux has shape (1, 299), not (1, 300)"]


def test_only_bad_files_still_make_a_batch():
    batch = read_spectra(["nowhere.fits", "nor-here.fits"])
    assert len(batch) == 2
    assert batch.mask.all()
    assert np.all(np.diff(batch.wavelength) > 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.fits")
    problem = read_spectra([tmp_path / "pipe.fits"]).ids["problem"][0]
    assert "not a regular file" in problem


def test_decompression_bomb(tmp_path, monkeypatch):
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", str(2**20))
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(2**21)))
    (tmp_path / "members.gz").write_bytes(gzip.compress(bytes(2**19)) * 3)
    batch = read_spectra(sorted(tmp_path.iterdir()))
    assert all("unpacks to more than" in text for text in batch.ids["problem"])


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(at=st.integers(0, 8639), bit=st.integers(0, 7), layout=st.sampled_from("17"))
def test_flipped_bits_never_raise(make_lamost, tmp_path, at, bit, layout):
    path = tmp_path / f"dr{layout}0.fits"
    if not path.exists():
        make_lamost({"1": "dr10", "7": "dr7"}[layout], name=path.name)
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << bit
    flipped = tmp_path / "flipped.fits"
    flipped.write_bytes(content)
    batch = read_spectra([flipped])
    assert len(batch) == 1
    assert bool(batch.flags[0] & Flags.UNREADABLE) == bool(batch.ids["problem"][0])
    assert np.isfinite(batch.flux).all()


def test_spectra_of_one_grid_share_its_union(make_lamost):
    starts = [35_690, 35_682, 35_700]
    paths = [make_lamost("dr7", first=first, seed=first) for first in starts]
    batch = read_spectra(paths)
    np.testing.assert_allclose(
        batch.wavelength, 10 ** (1e-4 * np.arange(35_682, 36_000)), rtol=1e-9
    )
    for row, first in enumerate(starts):
        inside = np.zeros(318, bool)
        inside[first - 35_682 :][:300] = True
        assert batch.mask[row, ~inside].all()
        assert (~batch.mask[row, inside]).sum() == 296
        single = read_spectra(paths[row])
        np.testing.assert_array_equal(batch.flux[row, inside], single.flux[0])


def test_different_grids_are_padded(make_lamost, make_desi):
    paths = [make_lamost("dr10"), "nowhere.fits", make_desi()]
    batch = read_spectra(paths)
    assert batch.wavelength.shape == (5, 300)
    assert (np.diff(batch.wavelength, axis=1) > 0).all()
    assert batch.mask[2:, 130:].all()
    assert not batch.mask[2:, :130].any()
    np.testing.assert_allclose(batch.wavelength[4, :130], 3600 + 0.8 * np.arange(130))
    assert batch.flags.tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_order_is_kept_with_any_number_of_workers(make_lamost, workers):
    paths = [
        make_lamost("dr10", cards={"OBSID": i}, name=f"{i}.fits") for i in range(70)
    ]
    batch = read_spectra(paths, workers=workers, progress_bar=False)
    assert batch.ids["obsid"].tolist() == [str(i) for i in range(70)]


@pytest.mark.parametrize("batch_size", [1, 2, 4, 100])
def test_batches_hold_the_rows_of_one_reading(make_lamost, make_desi, batch_size):
    paths = [make_lamost("dr1"), make_desi(n=5), "nowhere.fits", make_lamost("dr7")]
    batches = list(iter_batches(paths, batch_size, workers=2))
    sizes = [len(batch) for batch in batches]
    assert sizes[:-1] == [batch_size] * (8 // batch_size - (8 % batch_size == 0))
    assert sum(sizes) == 8
    whole = read_spectra(paths)
    for name in ("obsid", "file", "problem"):
        joined = np.concatenate([batch.ids[name] for batch in batches])
        assert joined.tolist() == whole.ids[name].tolist()
    sums = np.concatenate([batch.flux.sum(axis=1) for batch in batches])
    np.testing.assert_allclose(sums, whole.flux.sum(axis=1), rtol=1e-5)


def test_iteration_can_be_abandoned(make_lamost):
    batches = iter_batches([make_lamost("dr10")] * 50, 4, workers=2)
    assert len(next(batches)) == 4
    batches.close()
    assert list(batches) == []


def test_no_files_give_an_empty_batch():
    assert len(read_spectra([])) == 0
    assert list(iter_batches([], 8)) == []


def test_wrong_calls_raise(make_lamost):
    with pytest.raises(TypeError, match="int"):
        read_spectra([3])
    with pytest.raises(ValueError, match="workers is 0"):
        read_spectra(["a.fits"], workers=0)
    with pytest.raises(ValueError, match="batch_size is 0"):
        iter_batches(["a.fits"], 0)


def test_progress_bar_counts_files(make_lamost, capsys):
    read_spectra([make_lamost("dr10")] * 3, progress_bar=True)
    assert "3/3" in capsys.readouterr().err


def test_unusual_files_go_through_astropy(make_lamost):
    plain, scaled = make_lamost("dr10"), make_lamost("dr10", name="scaled.fits")
    fits.setval(scaled, "TSCAL1", value=2.0, ext=1)
    batch = read_spectra([plain, scaled])
    assert batch.ids["problem"].tolist() == ["", ""]
    np.testing.assert_allclose(batch.flux[1], 2 * batch.flux[0], rtol=1e-6)
