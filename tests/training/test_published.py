"""How published forms are fitted: as their authors did."""

import pytest

from galspec import GasMetallicity
from galspec.baselines.shallow import ForestMetallicity, PerceptronMetallicity
from galspec.estimators.star_forming_classifier import StarFormingClassifier
from galspec.training.published import published_options


@pytest.mark.parametrize(
    ("cls", "loss"), [(GasMetallicity, "mse"), (StarFormingClassifier, "binary")]
)
def test_the_paper(cls, loss):
    options = published_options(cls.variant("feng2025"), "feng2025")
    assert options.loss == loss
    assert (options.optimizer, options.learning_rate) == ("adam", 1e-3)
    assert (options.schedule, options.patience) == ("plateau", 10)
    assert (options.batch_size, options.epochs) == (128, 100)


@pytest.mark.parametrize(
    ("cls", "loss"),
    [
        (GasMetallicity, "gaussian"),
        (StarFormingClassifier, "cross-entropy"),
        (PerceptronMetallicity, "mse"),
    ],
)
def test_the_loss_fits_the_network(cls, loss):
    options = published_options(cls.variant("default"), "default")
    assert options.loss == loss
    outputs = cls().outputs_for(loss)
    assert outputs == cls.network.outputs


def test_what_is_asked_for_counts():
    forest = ForestMetallicity()
    options = published_options(forest, "default", epochs=3, batch_size=None)
    assert (options.epochs, options.batch_size) == (3, 64)
    with pytest.raises(ValueError, match="epochs is 0"):
        published_options(forest, "default", epochs=0)
