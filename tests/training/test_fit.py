import numpy as np
import pytest
import torch

from galspec.networks import SpectralCNNConfig
from galspec.training.checkpoints import load_checkpoint
from galspec.training.fit import evaluate, fit
from galspec.training.fit_options import FitOptions

NETWORK = SpectralCNNConfig(channels=(4, 8), outputs=2)


def labelled(seed, n=256):
    """The label is the depth of a line in noise."""
    rng = np.random.default_rng(seed)
    label = rng.normal(size=(n, 1)).astype(np.float32)
    flux = 0.3 * rng.normal(size=(n, 1, 90)).astype(np.float32)
    flux[:, 0, 40:46] += label
    return flux, label


def train(epoch):
    return labelled(epoch)


def model(seed=0):
    torch.manual_seed(seed)
    return NETWORK.build(90)


def test_it_learns_what_there_is_to_learn():
    network, options = model(), FitOptions(epochs=12, learning_rate=1e-2, batch_size=32)
    history = fit(network, train, labelled(99), options)
    assert history[-1]["validation"] < history[0]["validation"] - 0.5
    mean = network(torch.from_numpy(labelled(99)[0]))[:, :1].detach().numpy()
    assert np.corrcoef(mean[:, 0], labelled(99)[1][:, 0])[0, 1] > 0.75


def test_more_passes_learn_more_from_the_same_spectra():
    ends = []
    for passes in (1, 4):
        network = model()
        options = FitOptions(epochs=2, learning_rate=1e-2, batch_size=32, passes=passes)
        ends.append(fit(network, train, labelled(99), options)[-1]["train"])
    assert ends[1] < ends[0] - 0.1


@pytest.mark.parametrize("options", [{"loss": "mse"}, {"schedule": "plateau"}])
def test_other_choices_learn_too(options):
    outputs = 1 if "loss" in options else 2
    torch.manual_seed(0)
    network = SpectralCNNConfig(channels=(4, 8), outputs=outputs).build(90)
    options = FitOptions(epochs=8, optimizer="adam", learning_rate=1e-2, **options)
    history = fit(network, train, labelled(99), options)
    assert history[-1]["validation"] < 0.8 * abs(history[0]["validation"])


def test_the_best_epoch_is_kept():
    network = model()
    options = FitOptions(epochs=3, learning_rate=0.5, schedule="plateau")
    history = fit(network, train, labelled(99), options)
    best = min(row["validation"] for row in history)
    assert evaluate(network, *labelled(99), options) == pytest.approx(best, rel=1e-5)


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(tmp_path, schedule):
    options = FitOptions(epochs=4, schedule=schedule, patience=1)
    whole = model()
    expected = fit(whole, train, labelled(99), options)

    def killed(epoch):
        if epoch == 2:
            raise KeyboardInterrupt
        return train(epoch)

    path = tmp_path / "run" / "checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fit(model(), killed, labelled(99), options, checkpoint=path)
    resumed = model(seed=5)
    history = fit(resumed, train, labelled(99), options, checkpoint=path)
    assert [h["train"] for h in history] == pytest.approx(
        [h["train"] for h in expected], rel=1e-5
    )
    for ours, theirs in zip(resumed.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_equal_seeds_give_equal_networks():
    pair = [model(), model()]
    for network in pair:
        fit(network, train, labelled(99), FitOptions(epochs=1), seed=3)
    for ours, theirs in zip(*(n.parameters() for n in pair), strict=True):
        assert torch.equal(ours, theirs)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    path = tmp_path / "c.safetensors"
    fit(model(), train, labelled(9), FitOptions(epochs=1), checkpoint=path)
    other = SpectralCNNConfig(channels=(4, 9), outputs=2).build(90)
    with pytest.raises(ValueError, match="another network"):
        load_checkpoint(path, other, torch.optim.AdamW(other.parameters()))


def test_a_run_is_resumed_as_it_was_begun(tmp_path):
    path = tmp_path / "c.safetensors"
    fit(model(), train, labelled(9), FitOptions(epochs=1), checkpoint=path, seed=1)
    with pytest.raises(ValueError, match="since seed was 1 and is 2: give the same"):
        fit(model(), train, labelled(9), FitOptions(epochs=2), checkpoint=path, seed=2)
    other = FitOptions(epochs=2, loss="beta-gaussian")
    with pytest.raises(ValueError, match="loss was gaussian and is beta-gaussian"):
        fit(model(), train, labelled(9), other, checkpoint=path, seed=1)
    longer = FitOptions(epochs=3, stop_after=9)
    assert len(fit(model(), train, labelled(9), longer, checkpoint=path, seed=1)) == 3


def test_spectra_that_are_not_finite_stop_the_run():
    def broken(epoch):
        flux, label = labelled(epoch)
        return flux * np.nan, label

    with pytest.raises(FloatingPointError, match="not finite"):
        fit(model(), broken, labelled(9), FitOptions(epochs=1))


@pytest.mark.parametrize("loss", ["mse", "gaussian", "beta-gaussian"])
def test_labels_that_are_not_known_do_not_matter(loss):
    """A second target, known of few spectra, leaves the first as it is."""

    def half_known(epoch):
        flux, label = labelled(epoch)
        second = np.where(np.arange(len(label)) % 4, np.nan, -label[:, 0])
        return flux, np.column_stack([label[:, 0], second]).astype(np.float32)

    torch.manual_seed(0)
    outputs = 2 if loss == "mse" else 4
    network = SpectralCNNConfig(channels=(4, 8), outputs=outputs).build(90)
    options = FitOptions(epochs=8, learning_rate=1e-2, batch_size=32, loss=loss)
    history = fit(network, half_known, half_known(99), options)
    assert np.isfinite([row["train"] for row in history]).all()
    flux, label = labelled(100)
    mean = network(torch.from_numpy(flux))[:, :2].detach().numpy()
    for column, sign in ((0, 1), (1, -1)):
        assert np.corrcoef(mean[:, column], sign * label[:, 0])[0, 1] > 0.7


def test_unknown_choices_are_named():
    with pytest.raises(ValueError, match="'hinge'"):
        FitOptions(loss="hinge")


def test_a_run_that_no_longer_improves_is_ended_with_its_best_weights():
    network = model()
    # so high a rate that nothing is learned after the first epochs
    options = FitOptions(epochs=40, learning_rate=0.5, schedule="plateau", stop_after=3)
    history = fit(network, train, labelled(99), options)
    losses = [row["validation"] for row in history]
    assert len(history) < 40
    assert int(np.argmin(losses)) == len(losses) - 4
    assert evaluate(network, *labelled(99), options) == pytest.approx(
        min(losses), rel=1e-5
    )


def test_a_run_that_improves_is_not_ended():
    options = FitOptions(epochs=6, learning_rate=1e-3, schedule="plateau")
    patient = FitOptions(**{**vars(options), "stop_after": 5})
    assert len(fit(model(), train, labelled(99), patient)) == 6


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path):
    options = FitOptions(epochs=40, learning_rate=0.5, schedule="plateau", stop_after=3)
    expected = fit(model(), train, labelled(99), options)

    def killed(epoch):
        if epoch == len(expected) - 2:
            raise KeyboardInterrupt
        return train(epoch)

    path = tmp_path / "c.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fit(model(), killed, labelled(99), options, checkpoint=path)
    resumed = fit(model(), train, labelled(99), options, checkpoint=path)
    assert [h["epoch"] for h in resumed] == [h["epoch"] for h in expected]

    def never(epoch):
        raise AssertionError("a finished run must not go on")

    finished = fit(model(), never, labelled(99), options, checkpoint=path)
    assert finished == resumed


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"passes": 0},
        {"patience": -1},
        {"learning_rate": -1.0},
        {"learning_rate": np.nan},
        {"stop_after": 0},
    ],
)
def test_numbers_that_make_no_fit_are_named(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        FitOptions(**wrong)


def test_what_a_network_asks_of_itself_is_added_to_the_loss():
    class Restrained(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.unused = model(), torch.nn.Parameter(torch.tensor(2.0))

        def forward(self, x):
            self.penalty = self.unused.square()
            return self.body(x)

    network = Restrained()
    options = FitOptions(epochs=3, learning_rate=0.05, weight_decay=0)
    fit(network, train, labelled(99), options)
    assert float(network.unused.detach()) < 1.95
