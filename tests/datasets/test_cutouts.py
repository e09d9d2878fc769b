"""Cutouts, from a server on this machine in the place of the viewer."""

import collections
import http.server
import io
import threading
import urllib.parse

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits

from galspec.datasets import DatasetError, fetch_cutouts
from galspec.io import read_cutouts

RA, DEC = np.array([150.1, 150.2, 150.3]), np.array([2.2, -2.3, 0.0])


def cutout(query):
    """The file that the viewer sends: the right ascension in each pixel of g."""
    n, bands = int(query["size"]), query["bands"]
    header = fits.Header({"BANDS": bands})
    header.update({f"BAND{k}": band for k, band in enumerate(bands)})
    scale = float(query["pixscale"]) / 3600
    for axis, (name, sign) in enumerate((("ra", -1), ("dec", 1)), 1):
        header[f"CTYPE{axis}"] = ["RA---TAN", "DEC--TAN"][axis - 1]
        header[f"CRVAL{axis}"] = float(query[name])
        header[f"CRPIX{axis}"] = (n + 1) / 2
        header[f"CDELT{axis}"] = sign * scale
    cube = np.ones((len(bands), n, n), np.float32)
    cube *= float(query["ra"]) + np.arange(len(bands))[:, None, None]
    stream = io.BytesIO()
    fits.PrimaryHDU(cube if len(bands) > 1 else cube[0], header).writeto(stream)
    return stream.getvalue()


class Viewer:
    """What was asked, when, and what is answered instead of a cutout."""

    def __init__(self, clock):
        self.clock = clock
        self.asked, self.times = [], []
        self.instead = collections.defaultdict(list)  # by right ascension

    def answer(self, query):
        self.asked.append(query)
        self.times.append(self.clock.now)
        if self.instead[query["ra"]]:
            return self.instead[query["ra"]].pop(0)
        return 200, {}, cutout(query)

    def refuse(self, ra, code, times=1, headers=None):
        self.instead[f"{ra:.6f}"] += [(code, headers or {}, b"no")] * times


class Clock:
    """Time that passes while one sleeps only."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    fake = type("time", (), {"sleep": clock.sleep, "monotonic": lambda: clock.now})
    for module in ("cutouts", "service"):
        monkeypatch.setattr(f"galspec.datasets.{module}.time", fake)
    return clock


@pytest.fixture
def viewer(clock, monkeypatch):
    viewer = Viewer(clock)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            code, headers, body = viewer.answer(query)
            self.send_response(code)
            for name, value in ({"Content-Length": len(body)} | headers).items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/viewer/fits-cutout"
        viewer.address = address
        monkeypatch.delenv("GALSPEC_OFFLINE", raising=False)
        yield viewer
        server.shutdown()
        thread.join()


@pytest.fixture
def fetch(viewer, tmp_path):
    def fetch(ra=RA, dec=DEC, **options):
        options = {"folder": tmp_path / "cutouts", "service": viewer.address} | options
        return fetch_cutouts(ra, dec, progress_bar=False, **options)

    return fetch


def test_stamps_in_the_order_of_the_positions(fetch, viewer):
    cutouts = fetch()
    assert cutouts.problems.tolist() == [""] * 3
    stamps = read_cutouts(cutouts.files, survey="ls-dr10", ra=RA, dec=DEC)
    assert stamps.images.shape == (3, 6, 64, 64)
    assert stamps.problems.tolist() == [""] * 3
    expected = RA[:, None, None, None] + np.arange(4)[:, None, None]
    np.testing.assert_allclose(stamps.images[:, :4] - expected, 0, atol=1e-4)
    # WISE in nanomaggies (AB) of pixels 10.5 times as small
    vega = 10 ** (-0.4 * 2.699) * (0.262 / 2.75) ** 2
    wise = np.broadcast_to(RA[:, None, None] * vega, (3, 64, 64))
    np.testing.assert_allclose(stamps.images[:, 4], wise, rtol=1e-3)
    np.testing.assert_allclose(stamps.centres, 31.5, atol=1e-6)


def test_what_the_viewer_is_asked(fetch, viewer):
    fetch(RA[:1], DEC[:1])
    optical, wise = viewer.asked
    assert optical == {
        "ra": "150.100000",
        "dec": "2.200000",
        "layer": "ls-dr10",
        "pixscale": "0.262",
        "bands": "griz",
        "size": "64",
    }
    assert (wise["layer"], wise["bands"]) == ("unwise-neo7", "12")
    assert wise["pixscale"] == "2.75"
    assert int(wise["size"]) * 2.75 > 64 * 0.262 + 2 * 2.75


def test_some_bands_of_another_release(fetch, viewer):
    cutouts = fetch(RA[:1], DEC[:1], survey="ls-dr9", bands=["z"], size=32)
    (query,) = viewer.asked
    assert (query["layer"], query["bands"], query["size"]) == ("ls-dr9", "z", "32")
    stamps = read_cutouts(cutouts.files, survey="ls-dr9", size=32)
    np.testing.assert_allclose(stamps.images[0, 2], RA[0], rtol=1e-6)
    assert np.isnan(stamps.images[0, [0, 1, 3, 4]]).all()


def test_no_more_requests_a_second_than_allowed(fetch, viewer):
    fetch(per_second=4)
    np.testing.assert_allclose(np.diff(viewer.times), 0.25)


def test_what_is_there_is_not_asked_for_again(fetch, viewer, tmp_path):
    fetch(RA[:2], DEC[:2])
    again = fetch()
    assert len(viewer.asked) == 6
    assert viewer.asked[4]["ra"] == "150.300000"
    assert [len(files) for files in again.files] == [2, 2, 2]
    assert len(list((tmp_path / "cutouts").iterdir())) == 6  # and nothing is left over


def test_a_file_that_was_damaged_is_fetched_anew(fetch, viewer):
    (name, _), *_ = fetch().files
    with open(name, "r+b") as stream:
        stream.truncate(5000)
    assert fetch().problems.tolist() == [""] * 3
    assert len(viewer.asked) == 7
    assert viewer.asked[-1] == viewer.asked[0]


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_later(fetch, viewer, code):
    viewer.refuse(RA[1], code)
    assert fetch().problems.tolist() == [""] * 3
    assert len(viewer.asked) == 7
    assert np.diff(viewer.times).max() == pytest.approx(5, abs=0.6)


def test_a_server_says_how_long_to_wait(fetch, viewer):
    viewer.refuse(RA[1], 429, headers={"Retry-After": "70"})
    assert fetch().problems.tolist() == [""] * 3
    assert np.diff(viewer.times).max() == pytest.approx(70, abs=0.6)


@pytest.mark.parametrize("broken", ["page", "half", "other size"])
def test_what_is_no_cutout_is_asked_for_again_and_not_kept(
    fetch, viewer, tmp_path, broken
):
    good = cutout({"ra": "1", "dec": "1", "bands": "griz", "size": 64, "pixscale": 1})
    body = {
        "page": b"<html>the server is busy</html>",
        "half": good[:8000],
        "other size": cutout(
            {"ra": "1", "dec": "1", "bands": "griz", "size": 9, "pixscale": 1}
        ),
    }[broken]
    viewer.instead["150.200000"] += [(200, {}, body)] * 3
    cutouts = fetch()
    assert [len(files) for files in cutouts.files] == [2, 1, 2]
    assert "image" in cutouts.problems[1]
    assert "ra=150.200000" in cutouts.problems[1]
    assert len(list((tmp_path / "cutouts").iterdir())) == 5
    assert len(viewer.asked) == 8
    assert fetch().problems.tolist() == [""] * 3
    assert len(viewer.asked) == 9


@pytest.mark.parametrize(("code", "times"), [(404, 1), (400, 1), (500, 2)])
def test_where_the_viewer_has_nothing_stamps_are_nan(fetch, viewer, code, times):
    viewer.refuse(RA[1], code, times=2 * times)  # for either layer
    cutouts = fetch()
    assert len(viewer.asked) == 4 + 2 * times
    assert cutouts.files[1] == []
    assert cutouts.problems[[0, 2]].tolist() == ["", ""]
    assert f"HTTP Error {code}" in cutouts.problems[1]
    stamps = read_cutouts(cutouts.files, survey="ls-dr10", ra=RA, dec=DEC)
    assert np.isnan(stamps.images[1]).all()
    assert np.isfinite(stamps.images[[0, 2]]).all()
    assert stamps.problems[1]


def test_many_positions_without_images_do_not_end_it(fetch, viewer):
    ra = 10.0 + np.arange(8)
    for x in ra:
        viewer.refuse(x, 500, times=4)
    cutouts = fetch([*ra, RA[0]], np.zeros(9))
    assert all(cutouts.problems[:8])
    assert cutouts.problems[8] == ""


def test_positions_that_are_none(fetch, viewer):
    cutouts = fetch([np.nan, RA[0], 3], [0, DEC[0], 91])
    assert len(viewer.asked) == 2
    assert cutouts.files[0] == cutouts.files[2] == []
    assert cutouts.problems[2] == "there is no place 3.0, 91.0 on the sky"
    assert fetch([], []).files == []


def test_positions_with_units(fetch, viewer):
    fetch([10] * u.hourangle, [120] * u.arcmin, bands=["g"])
    fetch([359.9999999, -0.25], [0, 0], bands=["g"])
    asked = [(query["ra"], query["dec"]) for query in viewer.asked]
    assert asked[0] == ("150.000000", "2.000000")
    assert [ra for ra, _ in asked[1:]] == ["0.000000", "359.750000"]


def test_offline_only_what_is_there(fetch, viewer, monkeypatch):
    fetch(RA[:1], DEC[:1])
    cutouts = fetch(offline=True)
    assert [len(files) for files in cutouts.files] == [2, 0, 0]
    assert "offline=True" in cutouts.problems[1]
    monkeypatch.setenv("GALSPEC_OFFLINE", "1")
    assert "GALSPEC_OFFLINE=1" in fetch().problems[2]
    assert len(viewer.asked) == 2


def test_a_server_that_is_not_there_ends_it(fetch, viewer):
    fetch(RA[:1], DEC[:1])
    with pytest.raises(DatasetError, match=r"5 cutouts in a row.*kept"):
        fetch(np.arange(9), np.zeros(9), service="http://127.0.0.1:9/nobody")


def test_a_server_that_stays_busy_ends_it(fetch, viewer):
    for ra in RA:
        viewer.refuse(ra, 503, times=9)
    with pytest.raises(DatasetError, match="HTTP Error 503"):
        fetch()
    assert len(viewer.asked) == 15


def test_the_cache_of_galspec_by_default(viewer, tmp_path):
    from astropy.config.paths import temporary_cache_dir_path

    with temporary_cache_dir_path(tmp_path, namespace="galspec"):
        cutouts = fetch_cutouts(
            RA[:1], DEC[:1], service=viewer.address, progress_bar=False
        )
    assert cutouts.files[0][0].startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"survey": "sdss"}, "no cutouts of survey 'sdss'; it has those of ls-dr9"),
        ({"survey": "ls-dr9", "bands": ["i"]}, "no cutouts in i: it has those in g, r"),
        ({"per_second": 0}, "per_second is 0"),
        ({"dec": [1]}, "3 values of ra and 1 of dec"),
    ],
)
def test_wrong_calls(fetch, options, message):
    with pytest.raises(ValueError, match=message):
        fetch(**options)


@pytest.mark.remote_data
def test_the_real_viewer(tmp_path):
    cutouts = fetch_cutouts([150.1], [2.2], folder=tmp_path, progress_bar=False)
    assert cutouts.problems[0] == ""
    stamps = read_cutouts(cutouts.files, survey="ls-dr10")
    assert np.isfinite(stamps.images).mean() > 0.9
