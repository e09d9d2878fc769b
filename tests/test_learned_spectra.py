"""What an estimator of spectra has learned, apart from its networks."""

import numpy as np

from galspec.learned_spectra import LearnedSpectra
from galspec.training.label_range import fit_label_range, label_range_distance

SHAPE = np.linspace(-1, 1, 20)


def spectra(start, stop, n=200):
    """Logarithms of spectra of a sequence."""
    return np.outer(np.linspace(start, stop, n), SHAPE)


def test_what_calibrates_anew_is_at_home_in_the_range_of_predictions_too():
    mean, std = np.full(20, 0.3), np.full(20, 0.5)
    domain = fit_label_range((spectra(-1, 1) - mean) / std)
    unknown = (np.nan, np.nan)
    learned = LearnedSpectra([], 1, domain, unknown, unknown, mean, std)
    beyond = spectra(-1, 2)
    estimates = np.stack([beyond, np.full_like(beyond, 0.1)])
    again = learned.calibrated_by(estimates, beyond + 0.05, np.full(200, 30.0))

    def share_at_home(predicted, domain):
        distance = label_range_distance((predicted - mean) / std, domain)
        return np.mean(distance <= 1)

    assert share_at_home(beyond, domain) < 0.7
    assert share_at_home(beyond, again.domain) > 0.98
    assert share_at_home(spectra(-1, 1), again.domain) > 0.98
    assert learned.domain is domain
    np.testing.assert_array_equal(again.domain["label_axis"], domain["label_axis"])
