"""``galspec catalog``: spectra in, a catalogue out, and what the user is told."""

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec.catalog import metallicity_catalog
from galspec.catalog.columns import texts
from galspec.catalog.parts import Parts, parts_folder

METHODS = '''
import astropy.units as u
import numpy as np

from galspec import Flags, SpectralEstimator, Target
from galspec.classifier import SpectralClassifier, class_targets
from galspec.weights import WeightsError


class _Ready:
    network = None
    references = ("2026A&A...000A...1A",)

    @classmethod
    def pretrained(cls, tag="default", *, path=None, offline=False, device="auto"):
        if tag != "default":
            raise WeightsError(f"there are no weights {tag!r}")
        return cls()


class Sorter(_Ready, SpectralClassifier):
    """Star-forming is what lies near."""

    name = "sorter"
    targets = class_targets({"sf": "a star-forming galaxy", "agn": "the others"})

    def _predict_batch(self, batch, interval, prior=None):
        p = np.where(batch.redshift < 0.09, 0.95, 0.5)
        if prior is not None:
            p = p * self.prior_shares(prior)[0]
        p[(batch.flags & Flags.UNREADABLE) != 0] = np.nan
        rows = {**batch.ids, "redshift": batch.redshift}
        for name, value in (("sf", p), ("agn", 1 - p)):
            rows |= {f"p_{name}": value, f"p_{name}_err": 0 * value}
        return {**rows, "snr": 5 + 0 * p, "flags": batch.flags}


class Meter(_Ready, SpectralEstimator):
    """A metallicity for everything."""

    name = "meter"
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7, 9)),)
    scale = "PP04 O3N2"

    def _predict_batch(self, batch, interval):
        oh = 8 + 10 * batch.redshift
        rows = {**batch.ids, "redshift": batch.redshift, "oh": oh}
        return {**rows, "oh_err": 0.05 + 0 * oh, "flags": batch.flags}
'''
METHOD_OPTIONS = ["--classifier", "sorter", "--estimator", "meter"]


@pytest.fixture(autouse=True)
def methods(plugin):
    """The estimators "sorter" and "meter", installed beside "brightness"."""
    with open(plugin / "entry_points.txt", "a") as points:
        points.write("sorter = catalog_plugin:Sorter\nmeter = catalog_plugin:Meter\n")
    (plugin.parent / "catalog_plugin.py").write_text(METHODS)


@pytest.fixture
def catalog(galspec):
    """Run ``galspec catalog`` with these methods."""

    def run(*arguments):
        return galspec("catalog", *arguments, *METHOD_OPTIONS)

    return run


def test_writes_a_row_for_every_file(catalog, examples, broken, tmp_path):
    out = tmp_path / "catalog.fits"
    code, stdout, stderr = catalog(*examples, broken, "-o", out)
    table = QTable.read(out)
    assert list(texts(table["file"])) == [*examples, broken]
    n = np.count_nonzero(table["selected"])
    assert 0 < n < 6
    assert (code, stdout) == (1, "")
    assert f"7 spectra, {n} selected; left out: " in stderr
    assert "unreadable 1" in stderr
    assert texts(table["reason"])[6] == "unreadable"


def test_is_what_the_function_gives(catalog, examples, tmp_path):
    from catalog_plugin import Meter, Sorter

    out = tmp_path / "catalog.ecsv"
    assert catalog(*examples, "-o", out)[0] == 0
    expected = metallicity_catalog(examples, classifier=Sorter(), estimator=Meter())
    table = QTable.read(out)
    assert table.colnames == expected.colnames
    np.testing.assert_array_equal(table["selected"], expected["selected"])
    assert {**table.meta, "date": ""} == {**expected.meta, "date": ""}


def test_criteria_are_options(catalog, examples, tmp_path):
    out = tmp_path / "catalog.ecsv"
    limits = ["--z-min", 0.01, "--z-max", 0.25, "--snr-min", 2, "--p-sf-min", 0.4]
    rest = ["--z-optional", "--bad-bits", "low_sn,OUT_OF_RANGE"]
    assert catalog(*examples, "-o", out, *limits, *rest)[0] == 0
    meta = QTable.read(out).meta
    found = [meta[name] for name in ("z_min", "z_max", "snr_min", "p_sf_min")]
    assert found == [0.01, 0.25, 2, 0.4]
    assert meta["z_needed"] is False
    assert meta["bad_bits"] == "LOW_SN,OUT_OF_RANGE"
    assert catalog(*examples, "-o", out, "--overwrite", "--bad-bits", "none")[0] == 0
    assert QTable.read(out).meta["bad_bits"] == ""


def test_the_published_form(catalog, examples, tmp_path):
    out = tmp_path / "catalog.fits"
    form = ["--selected-only", "--paper-names", "--combine", 1]
    # the same files twice are no further observations
    code, _, stderr = catalog(*examples, *examples, "-o", out, *form)
    assert code == 0
    assert stderr.startswith("12 spectra, ")
    table = QTable.read(out)
    assert {"obsid", "ra", "dec", "snr_r", "z", "Z_pred"} <= set(table.colnames)
    assert "reason" not in table.colnames
    assert (table["n_obs"] == 1).all()
    assert (table["n_rows"] == 2).all()
    np.testing.assert_allclose(table["Z_pred"].value, 8 + 10 * table["z"])


def test_folders_lists_and_tables_name_files(catalog, examples, tmp_path):
    out = tmp_path / "catalog.ecsv"
    folder = examples[0].rpartition("/")[0]
    assert catalog(folder, "-o", out)[0] == 0
    assert list(QTable.read(out)["file"]) == examples
    names = tmp_path / "names.txt"
    names.write_text("\n".join(examples[:2]))
    catalog(f"@{names}", "-o", out, "--overwrite")
    assert list(QTable.read(out)["file"]) == examples[:2]
    listed = tmp_path / "files.csv"
    Table({"file": examples[:3], "z": [0.05, 0.5, 0.06]}).write(listed)
    catalog("--table", listed, "-o", out, "--overwrite")
    assert list(QTable.read(out)["redshift"]) == [0.05, 0.5, 0.06]


def test_an_interrupted_run_goes_on(catalog, examples, tmp_path, monkeypatch):
    from catalog_plugin import Meter, Sorter

    out = tmp_path / "catalog.ecsv"
    predict = Sorter._predict_batch

    def interrupted(self, batch, interval, prior=None):
        if examples[4] in batch.ids.get("file", ()):
            raise KeyboardInterrupt
        return predict(self, batch, interval, prior)

    options = [*examples, "-o", out, "--partition-size", 2, "--workers", 1]
    with monkeypatch.context() as patch:
        patch.setattr(Sorter, "_predict_batch", interrupted)
        code, _, stderr = catalog(*options)
    assert code == 130
    assert f"finished parts are kept in {out}.parts" in stderr
    code, _, stderr = catalog(*options, "--z-max", 0.2)
    assert code == 2
    assert "z_max was 0.3 and is now 0.2" in stderr
    assert "--overwrite" in stderr
    assert catalog(*options)[0] == 0
    expected = metallicity_catalog(examples, classifier=Sorter(), estimator=Meter())
    np.testing.assert_array_equal(QTable.read(out)["selected"], expected["selected"])


def test_priors_and_quiet(catalog, examples, tmp_path):
    out = tmp_path / "catalog.ecsv"
    prior = ["--prior", "sf=0.2", "--prior", "agn=0.8", "--quiet"]
    assert catalog(*examples, "-o", out, *prior) == (0, "", "")
    table = QTable.read(out)
    assert not table["selected"].any()
    assert table.meta["prior"] == "agn=0.8,sf=0.2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.fits"], "required: -o"),
        (["-o", "out.fits"], "no files"),
        (["x.fits", "-o", "out.xls"], ".ecsv, .fits, .parquet"),
        (["x.fits", "-o", "out.fits", "--table", "t.csv"], "not both"),
        (["--table", "gone.csv", "-o", "out.fits"], "--table: "),
        (["x.fits", "-o", "out.fits", "--z-min", "0.5"], "z_min is 0.5 and z_max"),
        (["x.fits", "-o", "out.fits", "--z-min", "low"], "invalid float value: 'low'"),
        (["x.fits", "-o", "out.fits", "--p-sf-min", "85"], "p_sf_min is 85.0"),
        (["x.fits", "-o", "out.fits", "--bad-bits", "ugly"], "no flag 'UGLY'"),
        (["x.fits", "-o", "out.fits", "--combine", "0"], "radius is 0.0"),
        (["x.fits", "-o", "out.fits", "--scale", "T04"], "knows no other scales"),
        (["x.fits", "-o", "out.fits", "--prior", "sf=2"], "2 is no number from 0 to 1"),
        (["x.fits", "-o", "out.fits", "--prior", "sf=1"], "each of sf, agn"),
        (["x.fits", "-o", "out.fits", "--tag", "gone"], "no weights 'gone'"),
        (["x.fits", "-o", "out.fits", "--workers", "0"], "0 is no whole number"),
    ],
)
def test_a_wrong_call_is_exit_code_2(
    catalog, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, stdout, stderr = catalog(*arguments)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr
    assert not (tmp_path / "out.fits.parts").exists()


def test_an_estimator_of_something_else_is_named(galspec, tmp_path):
    out = tmp_path / "out.fits"
    run = galspec("catalog", "x.fits", "-o", out, "--classifier", "brightness")
    assert run[0] == 2
    assert "classifier gives bright; one that gives p_sf is needed" in run[2]


def test_nothing_is_overwritten_unasked(catalog, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    out.write_text("precious")
    code, _, stderr = catalog(*examples, "-o", out)
    assert code == 2
    assert "--overwrite" in stderr
    assert out.read_text() == "precious"


def test_a_catalogue_that_is_being_made_is_left_alone(catalog, examples, tmp_path):
    out = tmp_path / "catalog.fits"
    with Parts(parts_folder(out), {}):
        code, _, stderr = catalog(*examples, "-o", out)
    assert code == 2
    assert "another process is making this catalogue" in stderr
    assert not out.exists()
