import warnings

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, vstack

from galspec import Flags
from galspec.io.tables import write_table
from galspec.redshift_bins import RedshiftBins
from galspec.redshift_columns import density_columns
from galspec.redshift_table import RedshiftTable
from galspec.training.pit_calibration import PITCalibration

BINS = RedshiftBins(80, 1.5)


@pytest.fixture
def table():
    """Four galaxies: one narrow, one with two peaks, one unknown, one wide."""
    x = BINS.mid - np.log1p([[0.3], [0.5], [0.5], [0.8]])
    p = np.exp(-0.5 * (x / [[0.01], [0.02], [0.02], [0.1]]) ** 2)
    p[1] += 0.7 * np.roll(p[1], 25)
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    p[2] = np.nan
    columns = {
        "name": np.array(["a", "Ä 2", "", "d"]),
        "objid": np.array([1, 2**60, 3, 4]),
        "ra": np.array([10.0, np.nan, 30, 40]) * u.deg,
        **density_columns(p, PITCalibration(), BINS),
        "flags": np.array([0, 0, int(Flags.NO_DATA), 0]),
    }
    meta = {"estimator": "elg-photoz", "weights": "cosmos", "z_bins": 80, "z_max": 1.5}
    table = RedshiftTable(columns, meta=meta)
    table["z_phot"].info.description = "photometric redshift"
    return table


def test_the_bins_are_those_of_the_densities(table):
    assert table.bins == BINS
    np.testing.assert_array_equal(table.z_grid, BINS.z_mid)
    np.testing.assert_array_equal(table.z_edges, BINS.z_edges)


@pytest.mark.parametrize("rows", [slice(1, 3), [3, 0], np.array([True, False] * 2)])
def test_some_rows_are_such_a_table(table, rows):
    some = table[rows]
    assert type(some) is RedshiftTable
    assert some.bins == BINS
    np.testing.assert_array_equal(some["objid"], table["objid"][rows])


def test_joined_tables_are_such_a_table(table):
    both = vstack([table[:2], table[2:]])
    assert type(both) is RedshiftTable
    np.testing.assert_array_equal(both.density(0.4), table.density(0.4))


@pytest.mark.parametrize(
    ("suffix", "n"),
    # astropy 8.0 does not read ECSV of no rows with a column of arrays
    [("fits", 4), ("ecsv", 4), ("parquet", 4), ("fits", 0), ("parquet", 0)],
)
def test_files_give_back_what_was_written(table, tmp_path, suffix, n):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    table = table[:n]
    path = tmp_path / f"result.{suffix}"
    write_table(table, path)
    again = RedshiftTable.read(path)
    assert type(again) is RedshiftTable
    assert again.meta == table.meta
    assert again.colnames == table.colnames
    for name in table.colnames:
        np.testing.assert_array_equal(again[name], table[name])
        assert again[name].unit == table[name].unit
        assert type(again[name]) is type(table[name])
        assert again[name].dtype.isnative
        assert again[name].dtype.kind == table[name].dtype.kind
    assert again["z_phot_pdf"].dtype == np.float32
    assert again["z_phot"].info.description == "photometric redshift"


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "parquet"])
@pytest.mark.filterwarnings("ignore:Keyword name .* HIERARCH")
def test_what_astropy_wrote_is_read(table, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    table["name"][1] = "b"
    path = tmp_path / f"result.{suffix}"
    table.write(path)
    again = RedshiftTable.read(path)
    assert again.meta == table.meta
    np.testing.assert_array_equal(again["z_phot_pdf"], table["z_phot_pdf"])
    np.testing.assert_array_equal(again["name"], table["name"])


def test_a_file_without_densities_is_refused(tmp_path):
    QTable({"z_phot": [0.1]}).write(tmp_path / "other.ecsv")
    with pytest.raises(ValueError, match="no column z_phot_pdf"):
        RedshiftTable.read(tmp_path / "other.ecsv")
    with pytest.raises(ValueError, match=r"other\.csv: its name must end in \.ecsv"):
        RedshiftTable.read(tmp_path / "other.csv")


def test_a_table_that_lost_its_meta_says_so(table):
    del table.meta["z_max"]
    with pytest.raises(ValueError, match="meta has no 'z_max'"):
        table.density(0.1)


def test_density_is_that_of_the_bins(table):
    found = table.density(table.z_grid)
    np.testing.assert_array_equal(found, table["z_phot_pdf"])
    fine = np.linspace(0, 1.5, 40_001)
    integral = np.trapezoid(table.density(fine), fine, axis=1)
    np.testing.assert_allclose(integral, [1, 1, np.nan, 1], rtol=1e-3)
    assert table.density([[0.1, 0.2]]).shape == (4, 1, 2)
    np.testing.assert_array_equal(table.density(-0.1), [0, 0, np.nan, 0])
    assert table.density(1.5)[3] == table["z_phot_pdf"][3, -1]
    np.testing.assert_array_equal(table.density(1.51), [0, 0, np.nan, 0])
    assert np.isnan(table.density(np.nan)).all()


def test_the_ensemble_of_qp_agrees(table):
    pytest.importorskip("qp")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ensemble = table.to_qp()
    known = np.isfinite(table["z_phot"])
    z = np.array([0.2, 0.31, 0.6, 1.4])
    np.testing.assert_allclose(
        ensemble[known].pdf(z), table[known].density(z), rtol=1e-5, atol=1e-12
    )
    for qp_value, column in [
        (ensemble[known].median(), "z_phot_median"),
        (ensemble[known].ppf(0.025), "z_phot_lo95"),
    ]:
        np.testing.assert_allclose(np.ravel(qp_value), table[column][known], rtol=1e-4)
    assert ensemble.ancil["name"].tolist() == table["name"].tolist()
    np.testing.assert_array_equal(ensemble.ancil["ra"], table["ra"].value)
    assert "z_phot_pdf" not in ensemble.ancil


def test_densities_are_drawn(table, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "densities.png"
    z_spec = [0.31, np.nan, 0.5, 0.7]
    figure = table.plot(z_spec=z_spec, path=path)
    assert path.stat().st_size > 0
    first, second, third, _ = figure.axes
    value = table["z_phot"][0]
    assert first.get_title(loc="left").startswith(f"{value:.3f} ± ")
    assert [line.get_xdata()[0] for line in first.lines] == [value, 0.31]
    assert len(second.lines) == 1
    assert third.get_title(loc="left") == "no value"
    assert third.get_title(loc="right") == "NO_DATA"


@pytest.mark.parametrize(("rows", "panels"), [(1, 1), (slice(0, 2), 2), ([3, 2], 2)])
def test_some_densities_are_drawn(table, rows, panels):
    pytest.importorskip("matplotlib")
    figure = table.plot(rows)
    assert len(figure.axes) == panels
    expected = np.atleast_1d(table["z_phot"][rows])[0]
    assert figure.axes[0].lines[0].get_xdata()[0] == expected


def test_spectroscopic_redshifts_of_other_rows_are_refused(table):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match=r"4 rows, z_spec shape \(2,\)"):
        table.plot(slice(0, 2), z_spec=[0.1, 0.2])
