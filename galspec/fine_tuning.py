"""Go on from trained weights with a few labelled spectra of one's own."""

import copy
import dataclasses
import hashlib
import pathlib

import numpy as np

from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.epochs import Epochs, labelled_part
from galspec.fitting import check_loss, range_of
from galspec.training.domain import extend_domain
from galspec.training.fit import evaluate, fit
from galspec.training.folds import fold_sources
from galspec.training.freezing import freeze
from galspec.training.sources import ArraySource
from galspec.tuning_report import TuningReport, tuning_card

__all__ = ["TuningReport", "tune_ensemble", "tuning_card", "tuning_sources"]


def tuning_sources(data, labels, groups, folds, seed, augmentation):
    """What each network is tuned and judged on.

    Parameters
    ----------
    data : `~galspec.SpectrumBatch` or source
        A source may have ``pooled()``, which gives all its pairs of spectra and labels
        and the object of each spectrum, for folds.
    labels : `numpy.ndarray`, shape (n, n_labels), or None
    groups : array_like, shape (n,), or None
    folds : int or None
    seed : int
    augmentation : `~galspec.training.augmentation.Augmentation` or None

    Returns
    -------
    list of source

    Raises
    ------
    ValueError
        If there are fewer objects than folds, or a source cannot be dealt into any.
    """
    if not hasattr(data, "calibration"):
        if folds is None:
            return [ArraySource(data, labels, groups, seed, augmentation)]
        if len(labels) != len(data):
            raise ValueError(f"{len(labels)} labels for {len(data)} spectra")
        groups = np.arange(len(data)) if groups is None else groups
        return fold_sources([(data, labels)], groups, folds, seed, augmentation)
    if folds is None:
        return [data]
    if not hasattr(data, "pooled"):
        raise ValueError(
            f"folds is {folds}, but this source has a split of its own: give folds=None"
        )
    return fold_sources(*data.pooled(), folds, seed, augmentation)


def tune_ensemble(
    estimator,
    learned,
    sources,
    options,
    *,
    layers,
    seed,
    device,
    checkpoint,
    progress_bar,
):
    """Tune a network on each source, and judge it by what it has not seen.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Whose recipe and network are used.
    learned : `~galspec.learned.Learned`
        From which the networks go on; it stays as it is.
    sources : list of source
        One for each fold. If the ensemble has more networks, folds serve again.
    options : `~galspec.training.fit_options.FitOptions`
    layers : str, int or list of str
        See `galspec.training.freezing.freeze`.
    seed : int
    device : str
        Of torch.
    checkpoint : path-like or None
        A folder; one file a network. Another one where weights, layers or the number
        of folds differ.
    progress_bar : bool

    Returns
    -------
    learned : Learned
    history : list of list of dict
        Losses by network and epoch.
    report : TuningReport

    Raises
    ------
    TypeError
        If the networks are not trained by gradients, or ``layers`` names none.
    ValueError
        If the loss is not that of the networks, or there is no such layer.
    """
    _check_trainable(estimator, learned, options.loss)
    run = _Run(
        estimator,
        learned,
        options,
        layers,
        len(sources),
        checkpoint,
        {"seed": seed, "device": device, "progress_bar": progress_bar},
    )
    folds = [run.fold(index, source) for index, source in enumerate(sources)]
    networks = sorted((n for fold in folds for n in fold.networks), key=_place)
    tuned = _settled(learned, [n.model for n in networks], folds[0])
    report = TuningReport.of(estimator, folds, networks)
    after = np.concatenate([fold.after for fold in folds], axis=1)
    snr = np.concatenate([fold.columns[2] for fold in folds])
    history = [network.history for network in networks]
    return tuned.calibrated_by(after, report.labels, snr), history, report


@dataclasses.dataclass(frozen=True, eq=False)
class _Network:
    """A tuned network: its place in the ensemble, layers that moved, and losses."""

    place: int
    model: object
    layers: list
    history: list
    losses: tuple


@dataclasses.dataclass(frozen=True, eq=False)
class _Fold:
    """Estimates of one fold, before and by networks that were not tuned on it."""

    networks: list
    trained: tuple
    columns: tuple
    before: np.ndarray
    after: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class _Run:
    """What is the same for all folds."""

    estimator: object
    learned: object
    options: object
    layers: object
    folds: int
    checkpoint: object
    running: dict

    def fold(self, index, source):
        """Tune the networks of one fold, and judge them by it."""
        train = Epochs(self.estimator, source)
        train.scale = self.learned.scale_of_labels
        parts = source.validation()
        checks, truth, *_ = labelled_part(self.estimator, parts, "validation")
        validation = checks, train.standardised(truth)
        places = range(
            index, max(self.folds, self.learned.ensemble.members), self.folds
        )
        networks = [self.network(place, train, validation) for place in places]
        tuned = dataclasses.replace(
            self.learned, ensemble=TorchEnsemble([n.model for n in networks])
        )
        columns = labelled_part(self.estimator, source.calibration(), "calibration")
        estimates = [each.estimates(columns[0]) for each in (self.learned, tuned)]
        return _Fold(networks, train.columns, columns, *estimates)

    def network(self, place, train, validation):
        """Tune one network, unless it is best as it was."""
        start = self.learned.models[place % self.learned.ensemble.members]
        model = copy.deepcopy(start).to(self.running["device"])
        layers = freeze(model, self.layers, self.estimator.network.outputs)
        path = None
        if self.checkpoint is not None:
            name = _run_name(model, layers, self.folds)
            path = pathlib.Path(self.checkpoint) / f"{name}-{place}.safetensors"
        before = evaluate(model, *validation, self.options)
        running = {**self.running, "seed": self.running["seed"] + place}
        history = fit(
            model,
            train,
            validation,
            self.options,
            checkpoint=path,
            prepared=True,
            **running,
        )
        after = min(row["validation"] for row in history)
        if not after < before:
            model.load_state_dict(start.state_dict())
        return _Network(place, model, layers, history, (before, min(before, after)))


def _place(network):
    return network.place


def _check_trainable(estimator, learned, loss):
    if hasattr(learned.models[0], "learn"):
        raise TypeError(
            f"the network of {type(estimator).__name__} is not trained by gradients: "
            "there is nothing to go on from; fit it with your spectra instead"
        )
    check_loss(estimator, loss)
    learned.check_loss(loss)


def _settled(learned, models, fold):
    """The tuned networks, at home where the old ones were and on the new spectra.

    What one fold trains on and holds out together is every spectrum once.
    """
    inputs, _, snr, redshift = (
        np.concatenate(pair) for pair in zip(fold.trained, fold.columns, strict=True)
    )
    ensemble, domain = TorchEnsemble(models), learned.domain
    if domain:
        domain = extend_domain(domain, ensemble.features(inputs), snr)
    return dataclasses.replace(
        learned,
        ensemble=ensemble,
        domain=domain,
        snr_range=_wider(learned.snr_range, range_of(snr)),
        redshift_range=_wider(learned.redshift_range, range_of(redshift)),
    )


def _wider(old, new):
    """Both ranges; as it was where nothing is known."""
    if np.isnan(new[0]):
        return old
    return float(np.minimum(old[0], new[0])), float(np.maximum(old[1], new[1]))


def _run_name(model, moving, folds):
    """A name for runs that may resume each other."""
    digest = hashlib.sha256(repr((moving, folds)).encode())
    for value in model.state_dict().values():
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return f"tuned-{digest.hexdigest()[:12]}"
