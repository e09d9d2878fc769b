"""The catalogue: who is selected, what is written, and what is refused."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec import Flags, SpectralEstimator, example_spectra, registry
from galspec.catalog import Criteria, metallicity_catalog
from galspec.catalog.columns import texts


@pytest.fixture
def sample(write_file, tmp_path):
    """Files of every kind, in the order of the names in ``REASONS``."""
    broken = tmp_path / "spectra" / "spec-0007.fits"
    broken.write_bytes(b"no spectrum")
    return [
        write_file(0),
        write_file(1, p=0.3),
        write_file(2, z=0.5),
        write_file(3, z=-9999.0),
        write_file(4, snr=1.0, p=0.1),
        write_file(5, oh=9.5),
        write_file(6, snr=-9999.0, oh=8.7),
        str(broken),
        str(tmp_path / "gone.fits"),
    ]


REASONS = [
    "",
    "p_sf_low",
    "redshift_high",
    "redshift_unknown",
    "snr_low,p_sf_low",
    "out_of_range",
    "",
    "unreadable",
    "unreadable",
]


def test_every_file_is_a_row_that_says_why(sample, methods):
    table = metallicity_catalog(sample, **methods)
    assert list(table["file"]) == sample
    assert list(table["reason"]) == REASONS
    np.testing.assert_array_equal(table["selected"], [not r for r in REASONS])
    assert list(table["obsid"][:3]) == ["0", "1", "2"]
    assert "No such file" in table["problem"][8]
    assert table["problem"][7] != ""
    assert (table["flags"][7:] == int(Flags.UNREADABLE)).all()


def test_metallicities_are_those_of_the_estimator(sample, methods):
    table = metallicity_catalog(sample, **methods)
    # of others than these the value would have no meaning
    expected = [8.5, *[np.nan] * 4, 9.5, 8.7, np.nan, np.nan]
    np.testing.assert_allclose(table["oh"].value, expected, rtol=1e-6)
    assert table["oh"].unit == table["oh_err"].unit == u.dex
    assert table["ra"].unit == u.deg
    assert methods["estimator"].seen == 3


def test_probabilities_are_given_for_all_that_can_be_read(sample, methods):
    table = metallicity_catalog(sample, **methods)
    assert np.isfinite(table["p_sf"][:7]).all()
    np.testing.assert_allclose(table["p_sf"][:7] + table["p_agn"][:7], 1)
    assert list(texts(table["label"])[[0, 1, 7]]) == ["sf", "agn", ""]


def test_columns_are_in_a_fixed_order(sample, methods):
    assert metallicity_catalog(sample, **methods).colnames == [
        *("file", "obsid", "ra", "dec", "snr_r", "redshift", "oh", "oh_err"),
        *("p_sf", "p_agn", "label", "snr", "domain", "flags"),
        *("selected", "reason", "problem"),
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 1},
        {"batch_size": 2, "partition_size": 3, "workers": 3},
        {"partition_size": 1, "workers": 1},
        {"progress_bar": True},
    ],
)
def test_batches_parts_and_workers_change_nothing(sample, methods, same, options):
    expected = metallicity_catalog(sample, **methods)
    same(metallicity_catalog(sample, **methods, **options), expected)


def test_criteria_can_be_changed(sample, methods):
    criteria = Criteria(z_max=0.6, snr_min=0, p_sf_min=0.2, z_needed=False, bad_bits=0)
    table = metallicity_catalog(sample, **methods, criteria=criteria)
    assert list(table["selected"]) == [*[True] * 4, False, True, True, False, False]
    assert table.meta["z_max"] == 0.6
    assert table.meta["z_needed"] is False


def test_a_prior_changes_who_is_selected(sample, methods):
    rare = metallicity_catalog(sample, **methods, prior={"sf": 0.05, "agn": 0.95})
    assert rare["reason"][0] == "p_sf_low"
    assert rare.meta["prior"] == "agn=0.95,sf=0.05"


def test_another_scale_is_told(sample, methods):
    table = metallicity_catalog(sample, **methods, scale="T04")
    assert table.meta["scale"] == "T04"
    np.testing.assert_allclose(table["oh"][0].value, 8.6, rtol=1e-6)
    with pytest.raises(ValueError, match="scale 'X99' is not known"):
        metallicity_catalog(sample, **methods, scale="X99")


def test_a_table_takes_precedence_over_the_files(sample, methods):
    known = Table(
        {
            "file": sample[:5],
            "z": np.ma.array([0.5, 0.1, 0.1, 0.1, 0], mask=[0, 0, 0, 0, 1]),
            "snr_r": [-9999.0, 1, 7, 7, 7],
            "obsid": [11, 12, 13, 14, 15],
        }
    )
    known["ra"] = [1.0, 2, 3, 4, 5] * u.hourangle
    table = metallicity_catalog(known, **methods)
    assert list(table["reason"]) == [
        "redshift_high",
        "snr_low,p_sf_low",
        "",
        "",
        "p_sf_low",
    ]
    np.testing.assert_allclose(table["redshift"], [0.5, 0.1, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(table["snr_r"], [10, 1, 7, 7, 7])
    np.testing.assert_allclose(table["ra"].value, [15, 30, 45, 60, 75])
    assert list(table["obsid"]) == ["11", "12", "13", "14", "15"]


def test_a_folder_is_all_its_fits_files(sample, methods, tmp_path):
    folder = tmp_path / "spectra"
    (folder / "notes.txt").write_text("no spectrum")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "draft.fits").write_text("no spectrum")
    table = metallicity_catalog(folder, **methods)
    assert list(table["file"]) == sorted(sample[:8])
    # the catalogue may lie among the spectra and be made again
    out = folder / "catalog.fits"
    for overwrite in (False, True):
        again = metallicity_catalog(folder, out, **methods, overwrite=overwrite)
        assert len(again) == 8


def test_only_what_is_selected_under_the_names_of_the_paper(sample, methods):
    table = metallicity_catalog(sample, **methods, selected_only=True, paper_names=True)
    assert list(table["obsid"]) == ["0", "6"]
    paper = ["obsid", "ra", "dec", "snr_r", "z", "Z_pred", "Z_pred_err"]
    assert [name for name in table.colnames if name in paper] == paper
    assert not {"selected", "reason", "problem"} & set(table.colnames)
    meta = table.meta
    numbers = [meta[name] for name in ("n_files", "n_spec", "n_lost", "n_sel")]
    assert numbers == [9, 9, 2, 2]
    assert "p_sf_low=2" in meta["reasons"].split(",")


def test_duplicates_are_combined_on_demand(write_file, methods):
    files = [
        write_file(0, ra=10.0, oh=8.4),
        write_file(1, ra=10.0001, oh=8.5),
        write_file(2, ra=10.0, p=0.1),
        write_file(3),
    ]
    table = metallicity_catalog(files, **methods, combine=1)
    assert list(table["n_obs"]) == [2, 1]
    assert list(table["n_rows"]) == [3, 1]
    np.testing.assert_allclose(table["oh"][0].value, 8.45, rtol=1e-6)
    assert table.meta["radius"] == 1


def lower_case(meta):
    """A header as it may be read: FITS knows upper case only for short names."""
    return {name.lower(): value for name, value in meta.items()}


@pytest.mark.parametrize("suffix", ["fits", "ecsv"])
def test_the_header_survives_every_format(sample, methods, tmp_path, same, suffix):
    out = tmp_path / f"catalog.{suffix}"
    table = metallicity_catalog(sample, out, **methods)
    again = QTable.read(out)
    found = lower_case(again.meta)
    for name, value in table.meta.items():
        assert found[name] == value, name
        assert type(found[name]) is type(value), name
    assert found["estimator"] == "meter"
    assert found["classifier"] == "sorter"
    assert found["scale"] == "PP04 O3N2"
    assert found["z_min"] == 0.002
    assert found["bad_bits"] == "OUT_OF_RANGE,OUT_OF_DOMAIN,UNINFORMATIVE"
    assert len(found["list_sha"]) == 64
    assert list(texts(again["reason"])) == REASONS
    np.testing.assert_allclose(
        np.ma.filled(np.ma.asarray(again["redshift"]), np.nan), table["redshift"]
    )
    assert again["oh"].unit == u.dex


def test_methods_are_found_by_name(methods):
    table = metallicity_catalog(
        example_spectra()[:1],
        classifier=methods["classifier"],
        estimator=("gas-metallicity", "feng2025"),
    )
    assert table.meta["weights"] == "feng2025"
    with pytest.raises(registry.EstimatorNotFoundError, match="no estimator 'mood'"):
        metallicity_catalog(example_spectra(), classifier="mood")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"criteria": {"z_max": 1}}, TypeError, "has to be of Criteria"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"partition_size": -1}, ValueError, "partition_size is -1"),
        ({"workers": 0}, ValueError, "workers is 0"),
        ({"combine": -1}, ValueError, "radius is -1"),
        ({"output": "catalog.xls"}, ValueError, "must end in .ecsv, .fits"),
        ({"output": "gone/catalog.fits"}, OSError, "no folder gone"),
        ({"prior": {"sf": 1.0}}, ValueError, "needs a share for each of sf, agn"),
        ({"estimator": SpectralEstimator}, TypeError, "estimator is <class"),
        ({"classifier": 7}, TypeError, "classifier is 7"),
        ({"files": []}, ValueError, "there are no files"),
        ({"files": 3}, TypeError, "files is 3"),
        ({"files": {"name": ["x.fits"]}}, ValueError, "no column 'file'; it has name"),
        ({"files": {"file": ["x"], "z": [[1, 2]]}}, ValueError, "'redshift' has shape"),
    ],
)
def test_a_wrong_call_is_refused(methods, options, error, message):
    arguments = {"files": ["x.fits"], **methods, **options}
    with pytest.raises(error, match=message):
        metallicity_catalog(**arguments)


def test_methods_must_give_what_is_needed(methods):
    swapped = {"estimator": methods["classifier"], "classifier": methods["estimator"]}
    with pytest.raises(ValueError, match="estimator gives p_sf, p_agn; one that gives"):
        metallicity_catalog(["x.fits"], **swapped)


def test_an_empty_folder_is_a_wrong_call(methods, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"no FITS file .* below .*empty"):
        metallicity_catalog(tmp_path / "empty", **methods)


def test_a_prior_for_a_method_that_takes_none_is_refused(methods, monkeypatch):
    monkeypatch.setattr(methods["classifier"], "options", ())
    with pytest.raises(TypeError, match="takes no 'prior'"):
        metallicity_catalog(["x.fits"], **methods, prior={"sf": 0.5, "agn": 0.5})
