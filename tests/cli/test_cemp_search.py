"""``galspec cemp-search``: spectra in, candidates out, and what the user is told."""

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec.catalog import cemp_search
from galspec.catalog.columns import texts

METHOD = '''
import astropy.units as u
import numpy as np

from galspec import Flags, SpectralEstimator, Target
from galspec.weights import WeightsError


class Seeker(SpectralEstimator):
    """The nearer, the more carbon."""

    name = "seeker"
    targets = (
        Target("feh", u.dex, "[Fe/H]", valid=(-4, 1)),
        Target("cfe", u.dex, "[C/Fe]", valid=(-1, 4)),
    )
    derived = (Target("p_cemp", u.dimensionless_unscaled, "P(CEMP)", (0, 1)),)
    options = ("criterion",)
    references = ("2026A&A...000A...1A",)

    @classmethod
    def pretrained(cls, tag="default", *, path=None, offline=False, device="auto"):
        if tag != "default":
            raise WeightsError(f"there are no weights {tag!r}")
        return cls()

    def check_options(self, *, criterion="default", **options):
        super().check_options(**options)
        if criterion not in ("default", "aoki2007"):
            raise ValueError(f"criterion is {criterion!r}; it can be aoki2007")

    def _predict_batch(self, batch, interval, criterion="default"):
        p = np.clip(1 - 5 * batch.redshift, 0, 1)
        p[(batch.flags & Flags.UNREADABLE) != 0] = np.nan
        p = p if criterion == "default" else p / 2
        rows = {**batch.ids, "redshift": batch.redshift}
        for name, value in (("feh", -3 + p), ("cfe", p)):
            rows |= {name: value, f"{name}_err": 0.1 + 0 * value}
        return {**rows, "p_cemp": p, "flags": batch.flags}
'''
ALL = ["--cut", "snr_g=0", "--no-cut", "snr_i", "--no-cut", "rv_err"]


@pytest.fixture(autouse=True)
def method(plugin):
    """The estimator "seeker", installed beside "brightness"."""
    with open(plugin / "entry_points.txt", "a") as points:
        points.write("seeker = seeker_plugin:Seeker\n")
    (plugin.parent / "seeker_plugin.py").write_text(METHOD)


@pytest.fixture
def search(galspec):
    """Run ``galspec cemp-search`` with this method."""

    def run(*arguments):
        return galspec("cemp-search", *arguments, "--estimator", "seeker")

    return run


def test_writes_candidates_and_all_spectra(search, examples, broken, tmp_path):
    out = tmp_path / "found.fits"
    code, stdout, stderr = search(*examples, broken, "-o", out, *ALL)
    candidates, spectra = QTable.read(out), QTable.read(tmp_path / "found.spectra.fits")
    assert list(texts(spectra["file"])) == [*examples, broken]
    assert 0 < len(candidates) < 6
    assert (np.diff(candidates["p_cemp"]) <= 0).all()
    assert (code, stdout) == (1, "")
    assert stderr.startswith(f"7 spectra, {len(candidates)} candidates\nleft out: ")
    assert "unreadable 1" in stderr
    assert f"p_cemp_low {6 - len(candidates)}" in stderr


def test_is_what_the_function_gives(search, examples, tmp_path):
    from seeker_plugin import Seeker

    out = tmp_path / "found.ecsv"
    assert search(*examples, "-o", out, *ALL)[0] == 0
    cuts = {"snr_g": 0, "snr_i": None, "rv_err": None}
    expected = cemp_search(examples, estimator=Seeker(), cuts=cuts).candidates
    table = QTable.read(out)
    assert table.colnames == expected.colnames
    np.testing.assert_array_equal(table["p_cemp"], expected["p_cemp"])
    assert {**table.meta, "date": ""} == {**expected.meta, "date": ""}


def test_the_summary_counts_who_fails_which_cut(search, examples, tmp_path):
    out = tmp_path / "found.ecsv"
    limits = ["--cut", "snr_g=1e6", "--cut", "snr_i=1e6"]
    code, _, stderr = search(*examples, "-o", out, *limits)
    assert code == 0
    assert stderr.splitlines()[0] == "6 spectra, 0 candidates"
    assert "snr_g 6, snr_i 6" in stderr
    assert QTable.read(out).meta["cuts"].startswith("snr_g > 1e+06, snr_i > 1e+06")


def test_criterion_and_lowest_probability(search, examples, tmp_path):
    out = tmp_path / "found.ecsv"
    options = ["--criterion", "aoki2007", "--p-min", 0.3, "--quiet"]
    assert search(*examples, "-o", out, *ALL, *options) == (0, "", "")
    meta = QTable.read(out).meta
    assert (meta["criterion"], meta["p_min"]) == ("aoki2007", 0.3)


def test_pages_and_matches(search, examples, tmp_path):
    out, known, pages = (tmp_path / n for n in ("found.fits", "known.csv", "pages"))
    search(*examples, "-o", out, *ALL)
    first = QTable.read(out)[:1]
    Table({"ra": first["ra"].value, "dec": first["dec"].value, "name": ["A"]}).write(
        known
    )
    more = ["--match", known, "--radius", 1, "--pages", pages, "--overwrite"]
    assert search(*examples, "-o", out, *ALL, *more)[0] == 0
    table = QTable.read(out)
    assert texts(table["match_name"])[0] == "A"
    assert table.meta["RADIUS"] == 1
    assert len(list(pages.glob("rank-*.png"))) == len(table)


def test_an_interrupted_run_says_how_it_goes_on(
    search, examples, tmp_path, monkeypatch
):
    from seeker_plugin import Seeker

    out = tmp_path / "found.ecsv"
    with monkeypatch.context() as patch:
        patch.setattr(
            Seeker, "predict", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        code, _, stderr = search(*examples, "-o", out, *ALL)
    assert code == 130
    assert f"finished parts are kept in {out}.parts" in stderr
    assert search(*examples, "-o", out, *ALL)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.fits"], "required: -o"),
        (["-o", "out.fits"], "no files"),
        (["x.fits", "-o", "out.xls"], ".ecsv, .fits, .parquet"),
        (["x.fits", "-o", "out.fits", "--table", "t.csv"], "not both"),
        (["x.fits", "-o", "out.fits", "--cut", "snr_u=3"], "no cut 'snr_u'"),
        (["x.fits", "-o", "out.fits", "--cut", "snr_g"], "NAME=VALUE"),
        (["x.fits", "-o", "out.fits", "--cut", "snr_g=much"], "much is no number"),
        (["x.fits", "-o", "out.fits", "--cut", "snr_g=nan"], "cut snr_g is nan"),
        (["x.fits", "-o", "out.fits", "--no-cut", "snr_u"], "invalid choice: 'snr_u'"),
        (
            ["x.fits", "-o", "out.fits", "--no-cut", "snr_g", "--cut", "snr_g=1"],
            "give one of them",
        ),
        (["x.fits", "-o", "out.fits", "--p-min", "50"], "50 is no number from 0 to 1"),
        (["x.fits", "-o", "out.fits", "--criterion", "mine"], "criterion is 'mine'"),
        (["x.fits", "-o", "out.fits", "--match", "gone.csv"], "cannot read gone.csv"),
        (["x.fits", "-o", "out.fits", "--radius", "0"], "radius is 0.0"),
        (["x.fits", "-o", "out.fits", "--pages", "a/b"], "no folder to write to"),
        (["x.fits", "-o", "out.fits", "--tag", "gone"], "no weights 'gone'"),
    ],
)
def test_a_wrong_call_is_exit_code_2(search, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, stdout, stderr = search(*arguments)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr
    assert not (tmp_path / "out.fits.parts").exists()


def test_nothing_is_overwritten_unasked(search, examples, tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "rank-0001-1.png").write_text("precious")
    options = ["-o", tmp_path / "out.ecsv", "--pages", tmp_path / "pages"]
    code, _, stderr = search(*examples, *options)
    assert code == 2
    assert "give --overwrite to replace them" in stderr
