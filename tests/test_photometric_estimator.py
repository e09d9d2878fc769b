"""Redshifts from photometry of made-up galaxies, whose colours tell them."""

import warnings

import numpy as np
import pytest
from astropy.table import QTable

from galspec import ELGPhotoZ, PhotometryBatch
from galspec.flags import Flags
from galspec.networks import PhotometricPerceptronConfig, PhotometryAndImagesConfig
from galspec.redshift_table import RedshiftTable
from galspec.survey import Survey
from galspec.training.fit_options import FitOptions

BANDS = ("g", "r", "z")
QUICK = {
    "options": FitOptions(epochs=12, loss="ordered", learning_rate=5e-3, batch_size=64),
    "progress_bar": False,
    "device": "cpu",
}


def galaxies(n, seed, stamps=False):
    """Fluxes in nanomaggies: g - r tells the redshift, up to noise."""
    rng = np.random.default_rng(seed)
    z = rng.uniform(0.05, 1.5, n)
    r = rng.uniform(18, 22, n)
    g, zmag = r + z + rng.normal(0, 0.02, n), r - 0.5 * z
    flux = 10 ** (-0.4 * (np.column_stack([g, r, zmag]) - 22.5))
    table = {"ebv": np.full(n, 0.01)}
    for place, band in enumerate(BANDS):
        table[f"flux_{band}"] = flux[:, place]
        table[f"flux_ivar_{band}"] = np.full(n, 400.0)
    return table, z


def images(n, z):
    """Stamps that tell the redshift by their brightness alone."""
    y, x = np.mgrid[:16, :16] - 8.0
    blob = np.exp(-0.5 * (x**2 + y**2) / 4)
    return (blob * (0.02 + z[:, None, None, None])).repeat(3, axis=1).astype("f4")


@pytest.fixture(scope="module")
def trained():
    estimator = ELGPhotoZ.for_survey("ls-dr10", BANDS)
    return estimator.fit(*galaxies(1500, 1), **QUICK)


@pytest.fixture(scope="module")
def seeing():
    """An estimator that sees images beside photometry."""
    network = PhotometryAndImagesConfig(
        ("magnitudes", "colours", "stamps"),
        outputs=60,
        members=1,
        optical=(0.01,) * 2,
        infrared=(0.01,),
        pixels=16,
        channels=(8, 12, 16),
        seen=16,
    )
    recipe = ELGPhotoZ.for_survey("ls-dr10", BANDS).recipe
    estimator = ELGPhotoZ(recipe=recipe, network=network)
    table, z = galaxies(900, 2)
    batch = estimator.gather(table).select(BANDS).with_stamps(images(900, z))
    alone = batch.replace(
        flux=np.full_like(batch.flux, np.nan), ivar=np.zeros_like(batch.ivar)
    )
    both = PhotometryBatch.concatenate([batch, alone])
    return estimator.fit(
        both, np.tile(z, 2), groups=np.tile(np.arange(900), 2), **QUICK
    )


def test_it_learns_what_colours_tell(trained):
    table, z = galaxies(400, 3)
    result = trained.predict(table)
    assert isinstance(result, RedshiftTable)
    error = (result["z_phot"].value - z) / (1 + z)
    assert np.median(np.abs(error)) < 0.05
    assert np.mean(np.abs(error) < 0.15) > 0.95
    inside = (z > result["z_phot_lo68"]) & (z < result["z_phot_hi68"])
    assert 0.5 < inside.mean() < 0.85
    assert result.bins.n == trained.network.outputs
    assert (result["flags"] == 0).mean() > 0.9


def test_intervals_hold_what_they_say(trained):
    table, z = galaxies(400, 4)
    result = trained.predict(table, interval=0.9)
    assert np.all(result["z_phot_lo"] < result["z_phot_hi"])
    assert np.mean((z > result["z_phot_lo"]) & (z < result["z_phot_hi"])) > 0.75


def test_tables_batches_and_files_are_alike(trained, tmp_path):
    table, _ = galaxies(20, 5)
    expected = trained.predict(table)["z_phot_pdf"]
    for name in ("table.fits", "table.ecsv", "table.parquet"):
        QTable(table).write(tmp_path / name)
        found = trained.predict(tmp_path / name)
        np.testing.assert_allclose(found["z_phot_pdf"], expected, rtol=1e-3, atol=1e-4)
    batch = PhotometryBatch.gather(table, survey="ls-dr10")
    np.testing.assert_array_equal(trained.predict(batch)["z_phot_pdf"], expected)


def test_the_same_whatever_the_size_of_batches(trained):
    table, _ = galaxies(50, 6)
    whole, parts = (trained.predict(table, batch_size=size) for size in (50, 7))
    np.testing.assert_allclose(whole["z_phot"], parts["z_phot"], atol=1e-4)


def test_bad_rows_are_flagged_and_cost_no_other(trained):
    table, _ = galaxies(6, 7)
    expected = trained.predict(table)
    table["flux_g"][0] = table["flux_z"][0] = np.nan
    table["flux_r"][1:2] = table["flux_g"][1:2] = table["flux_z"][1:2] = np.inf
    table["ebv"][2] = np.nan
    table["flux_z"][3] = np.nan
    result = trained.predict(table)
    flags = [Flags(int(value)) for value in result["flags"]]
    assert Flags.LOW_COVERAGE in flags[0]
    assert Flags.NO_DATA in flags[1]
    assert Flags.REDDENING_MISSING in flags[2]
    assert Flags.OUT_OF_DOMAIN in flags[3]  # z was always there in training
    assert np.isnan(result["z_phot"][:3]).all()
    assert np.isnan(result["z_phot_pdf"][:3]).all()
    np.testing.assert_array_equal(result["z_phot_modes"][:3], 0)
    np.testing.assert_allclose(result["z_phot"][4:], expected["z_phot"][4:], atol=1e-5)


def test_colours_of_no_galaxy_are_far_from_the_training_set(trained):
    table, _ = galaxies(5, 8)
    table["flux_z"] = table["flux_z"] * 100
    assert (trained.predict(table)["flags"] & Flags.OUT_OF_DOMAIN).all()


def test_no_rows_give_the_columns_of_all(trained):
    empty, full = (
        trained.predict(galaxies(3, 9)[0])[:0],
        trained.predict(
            {name: values[:0] for name, values in galaxies(3, 9)[0].items()}
        ),
    )
    assert empty.colnames == full.colnames


def test_saved_and_loaded(trained, tmp_path):
    trained.save(tmp_path / "w.safetensors")
    again = ELGPhotoZ.pretrained(path=tmp_path / "w.safetensors", device="cpu")
    table, _ = galaxies(10, 10)
    expected, found = trained.predict(table), again.predict(table)
    np.testing.assert_array_equal(found["z_phot_pdf"], expected["z_phot_pdf"])
    assert again.slope == trained.slope


def test_tuning_on_galaxies_of_another_kind(trained, tmp_path):
    trained.save(tmp_path / "w.safetensors")
    table, z = galaxies(300, 11)
    shifted = z * 0.8
    again = ELGPhotoZ.pretrained(path=tmp_path / "w.safetensors", device="cpu")
    options = again.tuning_options(epochs=12, learning_rate=3e-3)
    again.fine_tune(
        table, shifted, layers="all", options=options, progress_bar=False, folds=3
    )
    row = again.tuning.table[0]
    assert row["target"] == "ln(1 + z_phot)"
    assert abs(row["bias_after"]) < 0.5 * abs(row["bias_before"])


def test_images_photometry_and_both(seeing):
    table, z = galaxies(200, 12)
    batch = seeing.gather(table).select(BANDS)
    pictured = batch.with_stamps(images(200, z))
    alone = pictured.replace(
        flux=np.full_like(batch.flux, np.nan), ivar=np.zeros_like(batch.ivar)
    )
    for each in (batch, pictured, alone):
        result = seeing.predict(each)
        assert (result["flags"] & Flags.NO_DATA == 0).all()
        error = (result["z_phot"].value - z) / (1 + z)
        assert np.median(np.abs(error)) < 0.12
    some = pictured.stamps.copy()
    some[::2] = np.nan
    mixed = seeing.predict(pictured.with_stamps(some))["z_phot"]
    np.testing.assert_allclose(mixed[1::2], seeing.predict(pictured)["z_phot"][1::2])
    np.testing.assert_allclose(
        mixed[::2], seeing.predict(batch)["z_phot"][::2], atol=1e-4
    )


def test_stamps_beside_a_table(seeing):
    table, z = galaxies(5, 13)
    stamps = np.full((5, 6, 16, 16), np.nan)
    stamps[:, [0, 1, 3]] = images(5, z)
    found = seeing.predict(table, stamps=stamps)["z_phot"]
    batch = seeing.gather(table).with_stamps(stamps)
    np.testing.assert_array_equal(found, seeing.predict(batch)["z_phot"])
    with pytest.raises(ValueError, match="stamps"):
        seeing.predict(table, stamps=stamps[:, :3])


def test_redshifts_beyond_the_bins_are_left_out_with_a_warning():
    estimator = ELGPhotoZ.for_survey("ls-dr10", BANDS)
    with pytest.warns(UserWarning, match=r"2 of 3 redshifts lie outside of 0 to 2"):
        labels = estimator.label_array([-0.1, 0.5, 2.5])
    np.testing.assert_allclose(labels[:, 0], [np.nan, np.log(1.5), np.nan])


def test_a_survey_that_galspec_does_not_know(tmp_path):
    mine = Survey("mine", ("a", "b"), {"a": 3.0, "b": 2.0})
    table, z = galaxies(400, 14)
    flux = np.column_stack([table["flux_g"], table["flux_r"]])
    batch = PhotometryBatch.from_arrays(flux, np.full(flux.shape, 400.0), survey=mine)
    estimator = ELGPhotoZ.for_survey(mine, dereddened=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.fit(batch, z, **QUICK)
    estimator.save(tmp_path / "mine.safetensors")
    again = ELGPhotoZ.pretrained(path=tmp_path / "mine.safetensors")
    assert len(again.predict(batch[:0])) == 0
    assert np.isfinite(again.predict(batch)["z_phot"]).all()
    with pytest.raises(ValueError, match="knows the filters of mine"):
        again.predict(PhotometryBatch.gather(table, survey="ls-dr10"))


def test_what_a_batch_says_itself_cannot_be_said_again(trained):
    batch = PhotometryBatch.gather(galaxies(3, 15)[0], survey="ls-dr10")
    with pytest.raises(TypeError, match=r"survey=.*are for tables"):
        trained.predict(batch, ebv=0.1)


@pytest.mark.parametrize("bands", [("g",), ("g", "y"), ("g", "g")])
def test_bands_that_cannot_be(bands):
    with pytest.raises(ValueError, match="two or more are needed"):
        ELGPhotoZ.for_survey("ls-dr10", bands)


@pytest.mark.parametrize("slope", [0, -0.1, 1.5, np.nan])
def test_slopes_that_make_no_sense(slope):
    with pytest.raises(ValueError, match="up to 1 make sense"):
        ELGPhotoZ(slope=slope)


def test_a_steep_loss_gives_nearly_the_mode(trained, tmp_path):
    trained.save(tmp_path / "w.safetensors")
    steep = ELGPhotoZ.pretrained(path=tmp_path / "w.safetensors")
    steep.slope = 1.0
    table, _ = galaxies(50, 16)
    flat, sharp = trained.predict(table), steep.predict(table)
    apart = [np.abs(t["z_phot"] - t["z_phot_mode"]).mean() for t in (flat, sharp)]
    assert apart[1] < apart[0]


def test_the_perceptron_of_for_survey():
    network = ELGPhotoZ.for_survey("sdss").network
    assert isinstance(network, PhotometricPerceptronConfig)
    assert not isinstance(network, PhotometryAndImagesConfig)
