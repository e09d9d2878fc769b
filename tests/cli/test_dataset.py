"""``galspec dataset``: labels and spectra become a labelled table."""

import pathlib

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable

N = 40


@pytest.fixture
def labels(tmp_path):
    """galSpecInfo and galSpecExtra, a galaxy every tenth of a degree."""
    number = np.arange(N)
    info = {"PLATEID": 266 + 0 * number, "MJD": 51630 + 0 * number}
    info |= {"FIBERID": number + 1, "RA": 150 + 0.1 * number, "DEC": 0.0 * number}
    info |= {"Z": np.full(N, 0.05), "SN_MEDIAN": 1.0 + number}
    info["RELIABLE"] = number % 2
    extra = {"BPTCLASS": np.where(number < 30, 1, 4)}
    extra |= {f"OH_P{p}": np.linspace(8.5, 9, N) for p in (16, 50, 84)}
    extra |= {"LGM_TOT_P50": np.full(N, 10.0), "LGM_FIB_P50": np.full(N, 9.5)}
    paths = []
    for name, columns in (("Info", info), ("Extra", extra)):
        columns = {"SPECOBJID": number + 1, **columns}
        kinds = {"i": "K", "f": "D"}
        paths.append(tmp_path / f"galSpec{name}-dr8.fits")
        fits.BinTableHDU.from_columns(
            [
                fits.Column(key, kinds[np.asarray(v).dtype.kind], array=v)
                for key, v in columns.items()
            ]
        ).writeto(paths[-1])
    return paths


@pytest.fixture
def archive(tmp_path, examples, monkeypatch):
    """A folder in the place of SDSS's archive, where all galaxies look the same."""
    sdss = pytest.importorskip("astroquery.sdss")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    root = tmp_path / "sas"
    folder = root / "dr17/sdss/spectro/redux/26/spectra/lite/0266"
    folder.mkdir(parents=True)
    content = pathlib.Path(examples[0]).read_bytes()
    for k in range(N):
        (folder / f"spec-0266-51630-{k + 1:04d}.fits").write_bytes(content)
    with sdss.conf.set_temp("sas_baseurl", root.as_uri()):
        yield folder


def test_sdss_in_one_line(galspec, labels, archive, tmp_path):
    folder = tmp_path / "data"
    code, stdout, stderr = galspec("dataset", folder, "--files", *labels)
    assert (code, stderr) == (0, "")
    table = QTable.read(folder / "labelled.ecsv")
    assert stdout.startswith(f"{folder / 'labelled.ecsv'}: 28 spectra: ")
    assert len(table) == 28  # 30 form stars, of which two have S/N below 3
    assert set(table["split"]) <= {"train", "validation", "calibration", "test"}
    assert (folder / table["file"][0]).exists()


def test_cuts_and_a_random_few(galspec, labels, archive, tmp_path):
    options = ["--all-classes", "--reliable-only", "--snr-min", 5, "--limit", 10]
    code, _, _ = galspec("dataset", tmp_path / "a", "--files", *labels, *options)
    assert code == 0
    table = QTable.read(tmp_path / "a" / "labelled.ecsv")
    assert len(list((tmp_path / "a" / "spectra").iterdir())) == len(table) == 10
    assert set(table["class"].tolist()) == {1, 4}
    numbers = np.array(table["group"], int) - 1
    assert np.all(numbers % 2 == 1)
    assert numbers.max() > 20  # not the first few


def test_a_spectrum_that_is_not_there_is_exit_code_1(
    galspec, labels, archive, tmp_path
):
    (archive / "spec-0266-51630-0009.fits").write_text("nothing")
    code, stdout, stderr = galspec("dataset", tmp_path / "a", "--files", *labels)
    assert code == 1
    assert "27 spectra" in stdout
    assert stderr.startswith("1 not fetched: ")


def test_lamost(galspec, labels, tmp_path, examples):
    spectra = tmp_path / "fits" / "F5902"
    spectra.mkdir(parents=True)
    lines = ["obsid|lmjd|planid|spid|fiberid|ra|dec|snrr|z"]
    for k in range(8):
        name = f"spec-55859-F5902_sp01-{k:03d}.fits.gz"
        (spectra / name).write_bytes(pathlib.Path(examples[k % 6]).read_bytes())
        lines.append(f"{k}|55859|F5902|1|{k}|{150 + 0.1 * k}|0.0001|9.5|0.05")
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("\n".join(lines))
    options = ["--lamost", catalogue, tmp_path / "fits", "--quiet"]
    run = galspec("dataset", tmp_path / "a", "--files", *labels, *options)
    assert run == (0, "", "")
    assert len(QTable.read(tmp_path / "a" / "labelled.ecsv")) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plates", 300, 200], "--plates: 200 comes before 300"),
        (["--files", "gone.fits", "gone.fits"], "gone.fits"),
        (["--z-min", 1], "z_min has to be the smaller one"),
        (["--limit", 0], "0 is no whole number"),
    ],
)
def test_a_wrong_call_is_exit_code_2(galspec, tmp_path, options, message):
    code, stdout, stderr = galspec("dataset", tmp_path / "a", *options)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr


def test_nothing_left_and_nothing_overwritten(galspec, labels, archive, tmp_path):
    options = ["--files", *labels, "--snr-min", 99]
    code, _, stderr = galspec("dataset", tmp_path / "a", *options)
    assert code == 2
    assert "no spectrum is left" in stderr
    (tmp_path / "a" / "labelled.ecsv").write_text("precious")
    assert "--overwrite" in galspec("dataset", tmp_path / "a")[2]
