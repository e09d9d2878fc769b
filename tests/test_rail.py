"""The stages for RAIL, with the package that they are made for."""

import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("rail.core", reason="needs pz-rail-base")

import qp
import tables_io
from ceci import Pipeline
from rail.core.data import ModelHandle, TableHandle
from rail.core.stage import RailPipeline

from galspec import ELGPhotoZ, Flags
from galspec.rail import (
    BundleHandle,
    CatalogueModel,
    ELGPhotoZEstimator,
    ELGPhotoZInformer,
)
from galspec.rail.columns import photometry_of
from galspec.rail.model import survey_of
from galspec.surveys import Survey
from galspec.weights import WeightsError

BANDS = ["mag_g_lsst", "mag_r_lsst", "mag_i_lsst"]
ERRORS = ["mag_err_g_lsst", "mag_err_r_lsst", "mag_err_i_lsst"]
COLUMNS = {"bands": BANDS, "err_bands": ERRORS, "hdf5_groupname": ""}
TRAINING = {**COLUMNS, "zmax": 1.5, "nzbins": 60, "epochs": 6, "seed": 1}
GRID = {"zmax": 1.5, "nzbins": 151}


def catalogue(n, seed):
    """Galaxies that redden with redshift, as a table of RAIL."""
    rng = np.random.default_rng(seed)
    z = rng.uniform(0.1, 1.2, n)
    r = rng.uniform(20, 24, n)
    table = {"object_id": np.arange(n), "redshift": z}
    for band, error, colour in zip(BANDS, ERRORS, (1.5 * z, 0 * z, -z), strict=True):
        table[band] = r + colour + rng.normal(0, 0.02, n)
        table[error] = np.full(n, 0.02)
    return table


def inform(folder, name="inform", model="model.safetensors", **options):
    stage = ELGPhotoZInformer.make_stage(
        name=name, model=str(folder / model), **(TRAINING | options)
    )
    return stage.inform(catalogue(600, seed=1))


def estimate(model, data, **options):
    options = {**COLUMNS, **GRID, "output_mode": "return", **options}
    stage = ELGPhotoZEstimator.make_stage(name="estimate", model=model, **options)
    return stage.estimate(data)()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The handle of a model."""
    return inform(tmp_path_factory.mktemp("rail"))


@pytest.fixture(scope="module")
def galaxies():
    """A table of others; the last one was not observed."""
    table = catalogue(90, seed=2)
    for band in BANDS:
        table[band][-1] = -99.0
    return table


@pytest.fixture(scope="module")
def densities(trained, galaxies):
    """What the stage says of them."""
    return estimate(trained, galaxies, calc_summary_stats=True)


def test_redshifts_are_found(densities, galaxies):
    off = (densities.ancil["z_phot"] - galaxies["redshift"]) / (
        1 + galaxies["redshift"]
    )
    assert np.nanmedian(np.abs(off)) < 0.03


def test_densities_are_those_of_the_model(trained, densities, galaxies):
    options = ELGPhotoZEstimator.make_stage(**COLUMNS).config
    batch, _ = photometry_of(galaxies, options, trained().survey, BANDS)
    result = trained().predict(batch)
    limits = ["z_phot_lo68", "z_phot_median", "z_phot_hi68"]
    below = [densities[:89].cdf(result[name][:89, None]) for name in limits]
    # one density has the bins of the grid, the other has those of the network
    np.testing.assert_allclose(
        np.median(below, axis=1)[:, 0], [0.16, 0.5, 0.84], atol=0.01
    )
    assert densities[:89].cdf(1.5) == pytest.approx(1)


def test_estimates_stand_in_ancil_by_the_names_of_rail(densities, galaxies):
    ancil = densities.ancil
    assert {"zmode", "zmean", "zmedian", "z_phot", "z_phot_err", "flags"} <= set(ancil)
    assert (ancil["id"] == galaxies["object_id"]).all()
    assert (ancil["redshift"] == galaxies["redshift"]).all()
    mean = np.ravel(densities.mean())
    np.testing.assert_allclose(ancil["zmean"][:89], mean[:89], atol=0.01)
    np.testing.assert_allclose(ancil["z_mean"].ravel(), mean)
    # of two peaks alike, bins of another width may make another the higher one
    apart = np.abs(ancil["z_mode"][:89, 0] - ancil["zmode"][:89])
    assert np.mean(apart < 0.03) > 0.9


def test_an_object_without_photometry_has_no_redshift(trained, densities, galaxies):
    assert densities.ancil["flags"][-1] & Flags.NO_DATA
    for name in ("zmode", "zmean", "zmedian", "z_phot", "z_mode", "z_mean", "z_q16"):
        assert np.isnan(densities.ancil[name][-1]).all()
        assert np.isfinite(densities.ancil[name][:-1]).all()
    names = {"calculated_point_estimates": ["zmode", "zbest"]}
    again = estimate(trained, galaxies, recompute_point_estimates=True, **names)
    assert np.isnan(again.ancil["zmode"][-1])
    assert np.isnan(again.ancil["zbest"][-1])
    assert np.isfinite(again.ancil["zbest"][:-1]).all()


def test_the_model_is_a_weight_file(trained, galaxies, densities):
    assert trained.path.endswith("model.safetensors")
    assert not os.path.exists(trained.path.replace("model.s", "inprogress_model.s"))
    from_file = estimate(trained.path, galaxies)
    np.testing.assert_array_equal(from_file.ancil["zmode"], densities.ancil["zmode"])
    assert isinstance(BundleHandle("model", path=trained.path).read(), ELGPhotoZ)
    assert isinstance(ELGPhotoZ.pretrained(path=trained.path), ELGPhotoZ)


def test_no_pickle_is_read(tmp_path, galaxies):
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(WeightsError, match="is a pickle"):
        estimate(str(path), galaxies)
    other = path.rename(tmp_path / "model.pkl")
    handle = ModelHandle("model", path=str(other))
    for model in (str(other), handle):
        with pytest.raises(ValueError, match=r"ends in \.safetensors"):
            estimate(model, galaxies)


def test_no_pickle_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(CatalogueModel, "fit", None)  # so far it must not get
    with pytest.raises(ValueError, match=r"model\.pkl.*ends in \.safetensors"):
        inform(tmp_path, model="model.pkl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["hdf5", "pq"])
def test_files_in_chunks_give_what_a_table_does(
    trained, galaxies, densities, suffix, tmp_path
):
    path = tmp_path / f"galaxies.{suffix}"
    tables_io.write(galaxies, str(path))
    output = tmp_path / "output.hdf5"
    stage = ELGPhotoZEstimator.make_stage(
        name="estimate", model=trained, output=str(output), chunk_size=40
    )
    stage.config.update(**COLUMNS, **GRID)
    handle = stage.estimate(TableHandle("galaxies", path=str(path)))
    assert handle.path == str(output)
    written = qp.read(str(output))
    grid = np.linspace(0, 1.5, 31)
    np.testing.assert_allclose(written.pdf(grid), densities.pdf(grid), rtol=1e-4)
    for name in ("zmode", "zmedian", "flags", "redshift"):
        np.testing.assert_allclose(
            written.ancil[name], densities.ancil[name], rtol=1e-4
        )


def test_not_detected_is_not_the_same_as_not_observed():
    data = {name: np.array([22.5, 99.0, -99.0, np.nan]) for name in BANDS}
    data |= {name: np.array([0.1, 99.0, -99.0, 0.1]) for name in ERRORS}
    limits = {BANDS[0]: 25.0, BANDS[1]: 22.5}
    config = ELGPhotoZEstimator.make_stage(**COLUMNS, mag_limits=limits).config
    survey = Survey("mine", tuple("gri"), dict.fromkeys("gri", 0.0))
    batch, _ = photometry_of(data, config, survey, "gri")
    np.testing.assert_array_equal(batch.flux[:2], [[1, 1, 1], [0, 0, np.nan]])
    assert batch.ivar[1] == pytest.approx([100, 1, 0])  # a tenth of a nanomaggy, one
    assert batch.ivar[0] == pytest.approx([117.9] * 3, rel=0.01)
    assert not batch.observed[2:].any()
    config.nondetect_val = np.nan
    batch, _ = photometry_of(data, config, survey, "gri")
    np.testing.assert_array_equal(batch.flux[3], [0, 0, np.nan])
    assert not batch.observed[1:3].any()


def test_limits_at_the_estimate_do_not_change_the_magnitudes(
    trained, galaxies, densities
):
    limits = dict.fromkeys(BANDS, 24.0)
    other = estimate(trained.path, galaxies, mag_limits=limits)
    np.testing.assert_array_equal(other.ancil["zmode"], densities.ancil["zmode"])
    softening = survey_of(trained()).softening
    assert softening["mag_r_lsst"] == pytest.approx(10 ** (-0.4 * (29.06 - 22.5)))


def test_filters_need_not_stand_in_the_order_of_the_model(trained, galaxies, densities):
    options = {"bands": BANDS[::-1], "err_bands": ERRORS[::-1]}
    other = estimate(trained, galaxies, filters=BANDS[::-1], **options)
    np.testing.assert_array_equal(other.ancil["zmode"], densities.ancil["zmode"])


def test_a_survey_of_galspec_gives_a_model_for_its_tables(tmp_path):
    handle = inform(tmp_path, survey="cosmos", filters=["g", "r", "i"], epochs=1)
    model = ELGPhotoZ.pretrained(path=handle.path)
    assert model.surveys == ("cosmos",)
    table = {f"mag_{band}": [22.0] for band in "gri"}
    table |= {f"magerr_{band}": [0.02] for band in "gri"}
    of_table = model.predict(table)["z_phot_mode"]
    data = {name: np.array([22.0]) for name in BANDS}
    data |= {name: np.array([0.02]) for name in ERRORS}
    # an estimator serves for a model as a handle does
    of_rail = estimate(model, data, filters=["g", "r", "i"])
    assert of_rail.ancil["zmode"] == pytest.approx(of_table.value)


def test_weights_are_tuned(trained, tmp_path):
    options = {"epochs": 1, "nzbins": 10, "bands": BANDS[:2], "err_bands": ERRORS[:2]}
    tuned = inform(tmp_path, weights=trained.path, filters=BANDS[:2], **options)()
    assert tuned.tuning
    assert tuned.network == trained().network
    assert survey_of(tuned) == survey_of(trained())
    assert "tuned" in tuned.card


def test_what_is_wrong_is_named(trained, galaxies, tmp_path):
    table = {name: column for name, column in galaxies.items() if name != BANDS[1]}
    with pytest.raises(KeyError, match="mag_r_lsst"):
        estimate(trained, table)
    with pytest.raises(ValueError, match="3 bands and 2 err_bands"):
        estimate(trained, galaxies, err_bands=ERRORS[:2])
    with pytest.raises(ValueError, match=r"2 bands, mag_g_lsst.*say filters="):
        estimate(trained, galaxies, bands=BANDS[:2], err_bands=ERRORS[:2])
    with pytest.raises(KeyError, match="z_true"):
        inform(tmp_path, redshift_col="z_true")
    with pytest.raises(ValueError, match="estimate has no model"):
        estimate("None", galaxies)


def test_what_is_missing_without_rail_is_named():
    code = "import sys; sys.modules['rail'] = None; import galspec.rail"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'astro-galspec[rail]'" in done.stderr.splitlines()[-1]


def test_the_documentation_of_a_stage_names_its_options():
    text = ELGPhotoZInformer.__doc__
    assert "\nParameters\n----------\n" in text
    assert "\nnzbins: [int] default=301\n    Number of bins" in text


def test_a_pipeline_runs_the_stages(trained, galaxies, densities, tmp_path, capsys):
    pipeline = RailPipeline()
    pipeline.inform = ELGPhotoZInformer.build(**TRAINING)
    pipeline.estimate = ELGPhotoZEstimator.build(
        connections={"model": pipeline.inform.io.model}, **COLUMNS, **GRID
    )
    table, config = str(tmp_path / "galaxies.hdf5"), str(tmp_path / "pipeline.yml")
    tables_io.write(galaxies, table)
    places = {"output_dir": str(tmp_path), "log_dir": str(tmp_path), "resume": False}
    pipeline.initialize({"input": table}, places, None)
    pipeline.save(config)
    Pipeline.read(config, dry_run=True).run()
    lines = [line for line in capsys.readouterr().out.splitlines() if "-m ceci" in line]
    assert "galspec.rail.informer.ELGPhotoZInformer" in lines[0]
    assert "model_inform.safetensors" in lines[0]

    shutil.copy(trained.path, tmp_path / "model_inform.safetensors")
    words = lines[1].split()
    command = [sys.executable, *words[words.index("-m") :]]
    subprocess.run(command, check=True, cwd=tmp_path)
    zmode = qp.read(str(tmp_path / "output_estimate.hdf5")).ancil["zmode"]
    np.testing.assert_allclose(zmode, densities.ancil["zmode"], rtol=1e-4)
