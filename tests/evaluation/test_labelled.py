"""Joining labels and estimates, whatever the tables look like."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table

from galspec.evaluation import EvaluationError
from galspec.evaluation.labelled import labelled_set


def labels_of(measured):
    """As a table of labels alone, and one of estimates alone."""
    labels = measured["file", "true_oh", "redshift", "mass"]
    labels.rename_column("true_oh", "oh")
    labels.meta.clear()
    return labels, measured["file", "oh", "oh_err", "flags", "snr_r"]


def test_a_table_with_both_needs_no_prediction(gas, measured):
    data = labelled_set(gas, measured)
    assert len(data) == 400  # the part that is called test
    assert data.provenance["weights"] == "default"
    assert "'test'" in data.notes[0]
    np.testing.assert_array_equal(
        data.true(gas.targets[0]), measured["true_oh"][measured["split"] == "test"]
    )


def test_labels_and_estimates_are_joined_by_file(gas, measured):
    labels, estimates = labels_of(measured)
    data = labelled_set(gas, labels, predictions=estimates[::-1])
    np.testing.assert_array_equal(data.true(gas.targets[0]), measured["true_oh"])
    np.testing.assert_array_equal(data.predicted(gas.targets[0]), measured["oh"])
    np.testing.assert_array_equal(data.role("snr_r"), measured["snr_r"])


def test_the_last_part_of_a_file_name_will_do(gas, measured):
    labels, estimates = labels_of(measured)
    labels["file"] = [f"/data/{name}" for name in labels["file"]]
    data = labelled_set(gas, labels, predictions=estimates)
    assert len(data) == len(labels)


def test_rows_without_an_estimate_are_left_out_and_counted(gas, measured):
    labels, estimates = labels_of(measured)
    data = labelled_set(gas, labels, predictions=estimates[5:])
    assert len(data) == len(labels) - 5
    assert f"5 of {len(labels)} labelled rows have no estimate." in data.notes


def test_without_names_rows_belong_together(gas, measured):
    labels, estimates = labels_of(measured)
    del labels["file"]
    data = labelled_set(gas, labels, predictions=estimates)
    np.testing.assert_array_equal(data.predicted(gas.targets[0]), measured["oh"])
    with pytest.raises(EvaluationError, match="share none of the columns file"):
        labelled_set(gas, labels, predictions=estimates[1:])


def test_columns_may_be_called_something_else(gas, measured):
    labels, estimates = labels_of(measured)
    labels.rename_columns(["oh", "mass"], ["oh_p50", "lgm"])
    labels["oh_p50"][3] = -9999
    columns = {"oh": "oh_p50", "mass": "lgm"}
    data = labelled_set(gas, labels, predictions=estimates, columns=columns)
    true = data.true(gas.targets[0])
    assert np.flatnonzero(np.isnan(true)).tolist() == [3]
    np.testing.assert_array_equal(data.role("mass"), measured["mass"])


def test_a_label_may_have_a_second_use(gas, measured):
    labels, estimates = labels_of(measured)
    columns = {"oh": "mass"}
    data = labelled_set(gas, labels, predictions=estimates, columns=columns)
    np.testing.assert_array_equal(data.role("mass"), data.true(gas.targets[0]))


def test_labels_that_are_named_as_they_are_stay_labels(gas, measured):
    labels, _ = labels_of(measured)
    del labels["file"]
    with pytest.raises(EvaluationError, match="column 'file' is missing"):
        labelled_set(gas, labels, columns={"oh": "oh"})


def test_errors_of_labels_are_not_those_of_estimates(gas, measured):
    labels, estimates = labels_of(measured)
    labels["oh_err"] = 9.0
    data = labelled_set(gas, labels, predictions=estimates)
    np.testing.assert_array_equal(
        data.predicted(gas.targets[0], "_err"), measured["oh_err"]
    )
    assert set(data.table["true_oh_err"]) == {9.0}


@pytest.mark.parametrize("suffix", ["ecsv", "csv", "fits", "parquet"])
def test_files_of_every_format(gas, measured, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"labels.{suffix}"
    labels, estimates = labels_of(measured)
    formats = {"ecsv": "ascii.ecsv", "csv": "ascii.csv"}
    labels.write(path, format=formats.get(suffix, suffix))
    data = labelled_set(gas, path, predictions=estimates)
    np.testing.assert_allclose(data.true(gas.targets[0]), measured["true_oh"])


def test_units_are_converted(star):
    labels = QTable({"teff": [0.005, 0.006] * u.kK * 1000, "logg": [4.0, 4.5]})
    result = QTable({"teff": [5100, 5900] * u.K, "logg": [4.1, 4.4]})
    result["logg"] = result["logg"] * u.dex(u.cm / u.s**2)
    data = labelled_set(star, labels, predictions=result)
    np.testing.assert_allclose(data.true(star.targets[0]), [5000, 6000])
    np.testing.assert_allclose(data.predicted(star.targets[1]), [4.1, 4.4])


def test_masked_values_are_unknown(gas, measured):
    labels, estimates = labels_of(measured)
    labels["oh"] = MaskedColumn(labels["oh"], mask=np.arange(len(labels)) < 2)
    data = labelled_set(gas, labels, predictions=estimates)
    assert np.isnan(data.true(gas.targets[0])).sum() == 2


def test_scales_that_differ_are_told(gas, measured):
    labels, estimates = labels_of(measured)
    estimates.meta["scale"] = "PP04 O3N2"
    data = labelled_set(gas, labels, predictions=estimates)
    assert "the labels do not state one" in data.notes[0]
    labels.meta["scale"] = "T04"
    data = labelled_set(gas, labels, predictions=estimates)
    assert "on the scale T04, the estimates on PP04 O3N2" in data.notes[0]


def test_keys_of_fits_headers_are_provenance(gas, measured, tmp_path):
    labels, estimates = labels_of(measured)
    estimates.meta = {"weights": "mine", "sha256": "abc"}
    estimates.write(tmp_path / "out.fits")
    data = labelled_set(gas, labels, predictions=tmp_path / "out.fits")
    assert (data.provenance["weights"], data.provenance["sha256"]) == ("mine", "abc")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"oh": None}, {}, "none of the columns oh is there; the table has file"),
        ({"oh": ["a"]}, {}, "column 'true_oh' holds no numbers"),
        ({"oh": [[1.0, 2]]}, {}, "column 'true_oh' holds arrays"),
        ({"oh": [8.5] * u.K}, {}, "column 'true_oh' is in K"),
        ({"mag": ["bright"]}, {}, "column 'mag' holds no numbers"),
        ({}, {"columns": {"oh": "gone"}}, "there is no column 'gone'"),
        ({}, {"columns": {"mas": "oh"}}, "'mas' is nothing that a column is for"),
        ({}, {"split": "test"}, "there is no column 'split'"),
        ({"split": ["a"]}, {"split": "b"}, "split is 'b'; column 'split' has a"),
        ({}, {"predictions": "out.xls"}, "its name must end in .ecsv"),
        ({}, {"predictions": "gone.ecsv"}, "cannot read gone.ecsv"),
        ({}, {"predictions": Table({"oh": []})}, "the table has no rows"),
        (
            {},
            {"predictions": Table({"file": ["b"], "oh": [8.0]})},
            "file begin with 'a', those of the estimates with 'b'",
        ),
        (
            {},
            {"predictions": Table({"file": ["a", "a"], "oh": [8.0, 8]})},
            "list file 'a' more than once",
        ),
        ({}, {"predictions": Table({"file": ["a"]})}, "there is no column 'oh'"),
        ({"file": None}, {}, "column 'file' is missing"),
        ({"oh_err": [0.1], "flags": [0]}, {}, "column 'true_oh' is missing"),
        ({"true_oh": [8.0]}, {"scale": "T04"}, "the estimates are given"),
    ],
)
def test_wrong_tables_name_the_column(gas, change, options, message):
    labels = QTable({"file": ["a"], "oh": [8.5]})
    for name, values in change.items():
        if values is None:
            del labels[name]
        else:
            labels[name] = values
    with pytest.raises(EvaluationError, match=message):
        labelled_set(gas, labels, **options)
