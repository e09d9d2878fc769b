"""How estimators are fitted unless told: as declared."""

import pytest

from galspec import GasMetallicity, StarFormingClassifier
from galspec.baselines.shallow import ForestMetallicity, PerceptronMetallicity
from galspec.networks import SpectralCNNConfig


@pytest.mark.parametrize(
    ("cls", "loss"), [(GasMetallicity, "mse"), (StarFormingClassifier, "binary")]
)
def test_the_papers_form_is_fitted_as_in_the_paper(cls, loss):
    options = cls.variant("feng2025").fit_options()
    assert options.loss == loss
    assert (options.optimizer, options.learning_rate) == ("adam", 1e-3)
    assert (options.schedule, options.patience) == ("plateau", 10)
    assert (options.batch_size, options.epochs) == (128, 100)


@pytest.mark.parametrize(
    ("cls", "loss"),
    [
        (GasMetallicity, "beta-gaussian"),
        (StarFormingClassifier, "cross-entropy"),
        (PerceptronMetallicity, "mse"),
        (ForestMetallicity, "gaussian"),
    ],
)
def test_the_loss_fits_the_network(cls, loss):
    options = cls().fit_options()
    assert options.loss == loss
    assert cls().outputs_for(loss) == cls.network.outputs


def test_another_network_is_fitted_by_a_loss_that_fits_it():
    estimator = GasMetallicity(network=SpectralCNNConfig(outputs=1))
    options = estimator.fit_options()
    assert (options.loss, options.batch_size) == ("mse", 64)


def test_what_is_asked_for_counts():
    options = ForestMetallicity().fit_options(epochs=3, batch_size=None)
    assert (options.epochs, options.batch_size) == (3, 64)
    with pytest.raises(ValueError, match="epochs is 0"):
        ForestMetallicity().fit_options(epochs=0)
