"""The suite on estimators of photometry: a good one passes, each fault is found."""

import dataclasses

import numpy as np
import pytest

from galspec import ELGPhotoZ
from galspec.networks import PhotometricPerceptronConfig, PhotometryAndImagesConfig
from galspec.photometry import PhotometryBatch
from galspec.testing import check_estimator, run_checks

SMALL = {"outputs": 60, "members": 1, "width": 16, "depth": 2}


def fitted(estimator, stamps=False):
    """Fit an estimator to galaxies that are the redder the farther they are."""
    bands = estimator.recipe.transformers[0].bands
    rng = np.random.default_rng(1)
    z = rng.uniform(0.1, 1.5, 300)
    flux = 10 ** (
        rng.uniform(0.3, 1.5, (300, 1)) + 0.2 * z[:, None] * np.arange(len(bands))
    )
    images = np.tile(flux[:, :, None, None] / 64**2, (1, 1, 64, 64)) if stamps else None
    batch = PhotometryBatch.from_arrays(
        flux,
        (0.02 * flux + 0.05) ** -2.0,
        survey=estimator.surveys[0],
        bands=bands,
        ebv=0.03,
        stamps=images,
    )
    options = estimator.fit_options(epochs=2, loss="ordered")
    return estimator.fit(batch, z, options=options, progress_bar=False, device="cpu")


@pytest.fixture(scope="module")
def trained():
    """An estimator for four bands of the Legacy Surveys."""
    estimator = ELGPhotoZ.for_survey("ls-dr10", tuple("griz"))
    network = PhotometricPerceptronConfig(("colours", "magnitudes"), **SMALL)
    return fitted(ELGPhotoZ(recipe=estimator.recipe, network=network))


def test_photometry_alone_keeps_the_contract(trained):
    check_estimator(trained)


@pytest.mark.parametrize("form", ["cosmos-griz", "sdss"])
def test_published_forms_keep_it(form):
    untrained = ELGPhotoZ.variant(form)
    network = dataclasses.replace(untrained.network, **SMALL)
    check_estimator(fitted(ELGPhotoZ(recipe=untrained.recipe, network=network)))


def test_images_keep_it():
    network = PhotometryAndImagesConfig(("magnitudes", "stamps"), seen=4, **SMALL)
    check_estimator(fitted(ELGPhotoZ(network=network), stamps=True))


class TestFaults:
    """Each is found by the check that is there for it."""

    def failed(self, trained, **methods):
        """Names of the checks that an estimator fails whose methods are others."""
        estimator = type("Broken", (ELGPhotoZ,), methods)(
            recipe=trained.recipe, network=trained.network
        )
        estimator.__dict__.update(trained.__dict__)
        return {r.check.name for r in run_checks(estimator) if r.error is not None}

    def test_a_guess_for_a_bad_row(self, trained):
        def guess(self, batch, interval):
            rows = ELGPhotoZ._predict_batch(self, batch, interval)
            return {**rows, "z_phot": np.nan_to_num(rows["z_phot"], nan=0.5)}

        found = self.failed(trained, _predict_batch=guess)
        assert "a_bad_row_is_flagged_and_costs_no_other" in found
        assert "unknown_reddening_is_flagged" in found

    def test_rows_that_depend_on_each_other(self, trained):
        def crowded(self, batch, interval):
            rows = ELGPhotoZ._predict_batch(self, batch, interval)
            return {**rows, "z_phot": rows["z_phot"] + 0.1 * len(batch)}

        assert "batch_equals_one_by_one" in self.failed(trained, _predict_batch=crowded)

    def test_densities_that_are_none(self, trained):
        def half(self, batch, interval):
            rows = ELGPhotoZ._predict_batch(self, batch, interval)
            return {**rows, "z_phot_pdf": rows["z_phot_pdf"] / 2}

        assert "densities_are_densities" in self.failed(trained, _predict_batch=half)

    def test_undetected_taken_for_missing(self, trained):
        def gather(self, data, **reading):
            batch = ELGPhotoZ.gather(self, data, **reading)
            return batch.replace(flux=np.where(batch.flux > 0, batch.flux, np.nan))

        found = self.failed(trained, gather=gather)
        assert "not_detected_is_not_missing" in found

    def test_any_survey_will_do(self, trained):
        def gather(self, data, **reading):
            batch = ELGPhotoZ.gather(self, data, **reading)
            known = trained.nothing().survey
            return batch.replace(survey=dataclasses.replace(known, name="ls-dr10"))

        assert "another_survey_is_refused" in self.failed(trained, gather=gather)

    def test_any_interval_will_do(self, trained):
        def check_options(self, **options):
            pass

        assert "wrong_calls_raise" in self.failed(trained, check_options=check_options)
