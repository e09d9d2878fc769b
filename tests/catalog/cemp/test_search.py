"""The search: who is a candidate, in which order, and what is told of the others."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec import Flags
from galspec.catalog import CatalogError, cemp_search
from galspec.catalog.columns import texts
from galspec.flags import describe


def reason(found):
    return list(texts(found.spectra["reason"]))


def test_candidates_are_ranked_by_probability(write_star, reader):
    files = [write_star(n, p=p) for n, p in enumerate((0.6, 0.2, 0.99, 0.8), 1)]
    found = cemp_search(files, estimator=reader)
    assert list(found.candidates["obsid"]) == ["3", "4", "1"]
    assert list(found.candidates["rank"]) == [1, 2, 3]
    assert list(found.spectra["obsid"]) == ["1", "2", "3", "4"]
    assert list(found.spectra["selected"]) == [True, False, True, True]
    assert reason(found) == ["", "p_cemp_low", "", ""]


def test_a_candidate_has_labels_errors_and_the_g_band(write_star, reader):
    found = cemp_search(write_star(1, p=0.9, band=0.5), estimator=reader)
    row = found.candidates[0]
    assert row["teff"] == 5000 * u.K
    assert row["teff_err"] == 0.1 * u.K
    assert row["metal_class"] == "EMP"
    assert row["snr_g"] == 50
    assert row["rv_err"].to_value(u.km / u.s) == pytest.approx(3.0, abs=0.01)
    # half of the light is missing over 20 angstrom
    assert row["ch4300"].to_value(u.AA) == pytest.approx(10, abs=0.5)
    assert 0.05 < row["ch4300_err"].to_value(u.AA) < 0.2
    ratio = row["ch4300"] / row["ch4300_err"]
    assert row["ch4300_snr"] == pytest.approx(ratio.value)
    described = (found.candidates[name].info.description for name in ("teff", "p_cemp"))
    assert list(described) == ["effective temperature", "P(CEMP)"]


def test_cuts_remove_spectra_and_are_counted(write_star, reader):
    files = [
        write_star(1, SNRG=12.0),
        write_star(2, SNRI=20.0),
        write_star(3, Z_ERR=1e-4),
        write_star(4, SNRG=3.0, SNRI=4.0),
        write_star(5),
    ]
    found = cemp_search(files, estimator=reader)
    assert reason(found) == ["snr_g", "snr_i", "rv_err", "snr_g,snr_i", ""]
    assert reader.seen == 1  # the others were not worth it
    assert found.candidates.meta["reasons"] == "snr_g=2,snr_i=2,rv_err=1"
    assert found.candidates.meta["cuts"] == "snr_g > 20, snr_i > 20, rv_err < 20 km/s"
    assert np.isnan(found.spectra["p_cemp"][:4]).all()


def test_cuts_can_be_changed_and_switched_off(write_star, reader):
    files = [write_star(1, SNRG=12.0, Z_ERR=1e-3), write_star(2, band=0.0)]
    cuts = {"snr_g": 10, "rv_err": None, "g_band": 5}
    found = cemp_search(files, estimator=reader, cuts=cuts)
    assert reason(found) == ["", "g_band"]
    assert found.candidates.meta["cuts"] == "snr_g > 10, snr_i > 20, g_band > 5"


def test_what_the_file_does_not_tell_is_measured_or_passes(write_star, reader):
    nothing = {"SNRG": None, "SNRI": -9999.0, "Z_ERR": None}
    files = [write_star(1, noise=2.0, **nothing), write_star(2, noise=20.0, **nothing)]
    found = cemp_search(files, estimator=reader)
    assert reason(found) == ["", "snr_g,snr_i"]
    assert 35 < found.spectra["snr_g"][0] < 60
    assert 25 < found.spectra["snr_i"][0] < 50
    assert np.isnan(found.spectra["rv_err"][0])
    assert found.spectra.meta["unknown"] == "rv_err=1"


def test_measured_velocities_serve_where_there_is_no_redshift(write_star, reader):
    predict = reader._predict_batch

    def measured(batch, interval, **options):
        rows = predict(batch, interval, **options)
        error = np.where(batch.redshift > 0, 5.0, 30.0)
        return rows | {"velocity": 300.0 + 0 * error, "velocity_err": error}

    reader._predict_batch = measured
    files = [write_star(1, z=1e-3, band=0.5), write_star(2, Z=None, Z_ERR=None)]
    table = Table({"file": files, "redshift": [1e-3, np.nan]})
    found = cemp_search(table, estimator=reader)
    assert reason(found) == ["", "rv_err"]
    table = cemp_search(files[1:], estimator=reader, cuts={"rv_err": None}).candidates
    assert table["velocity"][0] == 300 * u.km / u.s
    assert table["ch4300"][0].value == pytest.approx(10, abs=0.5)


def test_bad_files_cost_nobody_else(write_star, reader, tmp_path):
    broken = tmp_path / "broken.fits"
    broken.write_bytes(b"no spectrum")
    found = cemp_search([broken, write_star(1), "gone.fits"], estimator=reader)
    assert reason(found) == ["unreadable", "", "unreadable"]
    assert describe(found.spectra["flags"][0]) == ["UNREADABLE"]
    assert "not a FITS file" in texts(found.spectra["problem"])[0]
    assert len(found.candidates) == 1
    assert found.candidates.meta["n_lost"] == 2


def test_flags_of_the_method_come_with_the_candidates(write_star, reader):
    predict = reader._predict_batch
    reader._predict_batch = lambda *a, **k: predict(*a, **k) | {"flags": np.array([32])}
    table = cemp_search(write_star(1), estimator=reader).candidates
    assert table["flags"][0] == Flags.OUT_OF_DOMAIN


def test_criterion_and_probability(write_star, reader):
    found = cemp_search(write_star(1, p=0.8), estimator=reader, criterion="strict")
    assert reason(found) == ["p_cemp_low"]
    options = {"criterion": "strict", "p_min": 0.3}
    found = cemp_search(write_star(1, p=0.8), estimator=reader, **options)
    assert reason(found) == [""]
    assert found.candidates.meta["criterion"] == "strict"


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "parquet"])
def test_both_tables_are_written(write_star, reader, tmp_path, suffix):
    files = [write_star(1, p=0.9), write_star(2, p=0.1)]
    out = tmp_path / f"found.{suffix}"
    found = cemp_search(files, out, estimator=reader)
    for table, path in zip(
        found, (out, tmp_path / f"found.spectra.{suffix}"), strict=True
    ):
        again = QTable.read(path)
        assert again.colnames == table.colnames
        np.testing.assert_array_equal(again["p_cemp"], table["p_cemp"])
        assert again["feh"].unit == u.dex
    assert not (tmp_path / f"found.{suffix}.parts").exists()


def test_no_candidates_are_an_empty_table(write_star, reader, tmp_path):
    out = tmp_path / "found.fits"
    known = QTable({"ra": [1.0], "dec": [2.0]})
    cemp_search(write_star(1, p=0.1), out, estimator=reader, match=known)
    assert len(QTable.read(out)) == 0
    assert len(QTable.read(tmp_path / "found.spectra.fits")) == 1


def test_an_interrupted_search_goes_on(write_star, reader, tmp_path):
    files = [write_star(n, p=n / 10) for n in range(1, 9)]
    out = tmp_path / "found.ecsv"
    options = {"partition_size": 2, "batch_size": 2, "workers": 1}
    predict = reader._predict_batch

    def interrupted(batch, interval, **more):
        if "7" in batch.ids.get("obsid", ()):
            raise KeyboardInterrupt
        return predict(batch, interval, **more)

    reader._predict_batch = interrupted
    with pytest.raises(KeyboardInterrupt):
        cemp_search(files, out, estimator=reader, **options)
    assert not out.exists()
    with pytest.raises(CatalogError, match="cuts was"):
        cemp_search(files, out, estimator=reader, cuts={"snr_g": 5}, **options)
    reader._predict_batch, reader.seen = predict, 0
    found = cemp_search(files, out, estimator=reader, **options)
    assert reader.seen == 2
    whole = cemp_search(files, estimator=reader)
    np.testing.assert_array_equal(found.candidates["rank"], whole.candidates["rank"])
    np.testing.assert_array_equal(found.spectra["p_cemp"], whole.spectra["p_cemp"])


def test_a_table_is_matched_by_position(write_star, reader, tmp_path):
    files = [write_star(1, p=0.9), write_star(2, p=0.8), write_star(3, p=0.7)]
    known = QTable(
        {
            "name": ["far", "near", "nearer"],
            "ra": [12.0, 11.0, 11.0] * u.deg,
            "dec": [5.002, 5.0006, 5.0005] * u.deg,
            "n": [1, 2, 3],
        }
    )
    path = tmp_path / "known.fits"
    known.write(path)
    table = cemp_search(files, estimator=reader, match=path).candidates
    assert list(table["match_name"]) == ["nearer", "", ""]
    separation = table["match_separation"]
    assert separation.unit == u.arcsec
    assert separation[0].value == pytest.approx(1.8, abs=0.01)
    assert np.isnan(separation[1:]).all()
    assert list(np.ma.getmaskarray(table["match_n"])) == [False, True, True]
    out = tmp_path / "found.fits"
    cemp_search(files, out, estimator=reader, match=path, radius=0.2 * u.arcmin)
    again = QTable.read(out)
    assert list(texts(again["match_name"])) == ["nearer", "far", ""]
    assert again["match_ra"].unit == u.deg


def test_spectra_of_one_star_all_find_it(write_star, reader):
    files = [write_star(1), write_star(2, RA=11.0)]
    known = QTable({"name": ["A"], "ra": [11.0], "dec": [5.0]})
    table = cemp_search(files, estimator=reader, match=known).candidates
    assert list(table["match_name"]) == ["A", "A"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cuts": {"snr_u": 3}}, ValueError, "no cut 'snr_u'; there are snr_g"),
        ({"cuts": {"snr_g": "much"}}, TypeError, "cut snr_g is 'much'"),
        ({"p_min": 50}, ValueError, "p_min is 50.0"),
        ({"criterion": "own"}, ValueError, "criterion is 'own'"),
        ({"radius": -1}, ValueError, "radius is -1"),
        ({"match": Table({"x": [1]})}, ValueError, "no column 'ra'"),
        ({"match": Table({"ra": [0.0], "dec": [0.0]})}, ValueError, "no row has"),
        ({"match": "gone.fits"}, ValueError, "gone.fits"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"output": "found.txt"}, ValueError, "its name must end in"),
    ],
)
def test_wrong_calls(write_star, reader, options, error, message):
    with pytest.raises(error, match=message):
        cemp_search(write_star(1), **{"estimator": reader, **options})
    assert reader.seen == 0


def test_files_without_positions_cannot_be_matched(write_star, reader):
    known = QTable({"ra": [1.0], "dec": [2.0]})
    file = write_star(1, RA=None, DEC=None)
    with pytest.raises(ValueError, match="the candidates cannot be matched"):
        cemp_search(file, estimator=reader, match=known)


def test_estimators_of_something_else_are_refused(write_star):
    from galspec import GasMetallicity

    with pytest.raises(ValueError, match="one that gives cfe is needed"):
        cemp_search(write_star(1), estimator=GasMetallicity())


def test_estimators_without_the_probability_are_refused(write_star, reader):
    predict = reader._predict_batch

    def without(*args, **options):
        rows = predict(*args, **options)
        del rows["p_cemp"]
        return rows

    reader._predict_batch = without
    with pytest.raises(ValueError, match="gives no p_cemp"):
        cemp_search(write_star(1), estimator=reader)


def test_nothing_is_overwritten_unasked(write_star, reader, tmp_path):
    second = tmp_path / "found.spectra.ecsv"
    second.write_text("precious")
    with pytest.raises(FileExistsError, match=r"found\.spectra\.ecsv exists"):
        cemp_search(write_star(1), tmp_path / "found.ecsv", estimator=reader)
    assert second.read_text() == "precious"


@pytest.mark.shared
def test_real_stars(shared_data, reader):
    files = sorted((shared_data / "stars" / "lamost_dr10").glob("*.fits"))
    found = cemp_search(files, estimator=reader, cuts={"snr_g": 15}, p_min=0)
    spectra = found.spectra
    assert len(spectra) == 15
    assert np.isfinite(spectra["rv_err"]).all()
    # the survey's own, which it was also given for the cut
    np.testing.assert_array_equal(
        spectra["snr_g"] > 15, [why == "" for why in reason(found)]
    )
    # cool stars that are no carbon stars: about what dwarfs have in the Lick library
    assert ((found.candidates["ch4300"] > 3 * u.AA).sum()) == len(found.candidates)
    assert (found.candidates["ch4300"] < 9 * u.AA).all()
    assert (found.candidates["ch4300_snr"] > 3).all()
