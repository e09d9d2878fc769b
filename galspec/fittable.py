"""What an estimator learns from labelled spectra, and how that is kept."""

from galspec.embeddable import Embeddable, NotFittedError
from galspec.targets import with_ranges

__all__ = ["Fittable", "origin"]


def origin(config):
    """Which weights others were tuned from.

    Parameters
    ----------
    config : dict
        Of a weight bundle, or the provenance of a result.

    Returns
    -------
    dict of str to str
        ``tuned_from_weights`` and ``tuned_from_sha256``; empty where they were not.
    """
    keys = ("tuned_from_weights", "tuned_from_sha256")
    return {key: config[key] for key in keys if key in config}


class Fittable(Embeddable):
    """Base of `~galspec.SpectralEstimator`, which adds predictions.

    Parameters
    ----------
    recipe, network
        As for `~galspec.SpectralEstimator`.
    """

    def __init__(self, *, recipe=None, network=None):
        super().__init__(recipe=recipe, network=network)
        self._device = "cpu"
        weights = "unsaved" if self.network is not None else "none"
        self._provenance = {"weights": weights, "sha256": ""}
        self._loaded_with = None
        self.card = ""

    def fit(
        self,
        data,
        labels=None,
        *,
        groups=None,
        augmentation=None,
        balance=None,
        options=None,
        members=1,
        seed=0,
        device="auto",
        checkpoint=None,
        progress_bar=True,
        scale=None,
        **reading,
    ):
        """Train on labelled spectra, or on a source of them.

        Parameters
        ----------
        data : object
            What `predict` takes; or a source with ``epoch(number)``, ``validation()``
            and ``calibration()`` as `galspec.training.sources.ArraySource` has.
        labels : array_like, `~astropy.units.Quantity` or table, optional
            Shape (n,) or (n, n_targets), or a table or mapping with a column for each
            target. NaN where one is not known. Not for a source, which has its own.
        groups : array_like, optional
            Identifier of the object that each spectrum shows, so that no object falls
            in two parts of the split.
        augmentation : `~galspec.training.augmentation.Augmentation`, optional
            Random changes to the training spectra, other ones in every epoch.
        balance : str, optional
            A target, or another column of ``labels`` or of the data, in which the
            training spectra are balanced: see `galspec.training.balancing.balance`.
            Those that choose the best epoch and calibrate the errors are not.
        options : `~galspec.training.fit_options.FitOptions`, optional
            Epochs, loss, optimiser and so on.
        members : int
            Networks of the ensemble.
        seed : int
            Equal seeds give equal results.
        device : str
            As for `pretrained`.
        checkpoint : path-like, optional
            A folder for checkpoints; a run that was interrupted resumes from it.
        progress_bar : bool
            Show one.
        scale : str, optional
            Calibration or zero point that the labels are on, where it is not that of
            the class. Results are then on it too, and the valid ranges of the targets
            are those of the training labels.
        **reading
            How the data are to be read: keywords of `predict`, such as ``redshift``.

        Returns
        -------
        SpectralEstimator
            Itself.

        Raises
        ------
        ValueError
            If labels and spectra do not match, or are too few; the network cannot
            work on what the recipe gives; or there is nothing called ``balance``.
        TypeError
            If the method has no network, and so nothing to fit.
        """
        if self.network is None:
            raise TypeError(f"{type(self).__name__} is a formula: there is no fit")
        from galspec.engines.loading import choose_device
        from galspec.fitting import balanced_in, fit_ensemble, label_ranges
        from galspec.training.sources import ArraySource

        source = data
        if not hasattr(data, "calibration"):
            batch = self.gather(data, **reading)
            values = self.label_array(labels)
            column = balanced_in(balance, self.targets, values, labels, batch.ids)
            source = ArraySource(batch, values, groups, seed, augmentation, column)
        elif balance is not None:
            raise ValueError(
                f"balance is {balance!r}, but a source has its own spectra"
            )
        if scale not in (None, self.scale):
            ranges = label_ranges(source.epoch(0), self.targets)
            self.targets, self.scale = with_ranges(self.targets, ranges), scale
        self._device = choose_device(device)
        self._learned, self.history = fit_ensemble(
            self,
            source,
            self.fit_options() if options is None else options,
            members=members,
            seed=seed,
            device=self._device,
            checkpoint=checkpoint,
            progress_bar=progress_bar,
        )
        self._provenance = {"weights": "unsaved", "sha256": ""}
        return self

    def fine_tune(
        self,
        data,
        labels=None,
        *,
        groups=None,
        layers="head",
        folds=5,
        augmentation=None,
        options=None,
        seed=0,
        device="auto",
        checkpoint=None,
        progress_bar=True,
        scale=None,
        **reading,
    ):
        """Go on from these weights with a few labelled spectra of your own.

        The objects are dealt into folds. One network is tuned for each: on the other
        folds, while its own chooses the epoch. What the networks say of the fold that
        they were not tuned on calibrates the errors, and is compared with what the
        weights said before: see ``tuning`` below. The result is the ensemble of the
        tuned networks; networks of an ensemble take turns. A network that gains
        nothing on its own fold stays as it was.

        Recipe and architecture stay. ``domain`` counts the new spectra as at home,
        beside those that were so before.

        Parameters
        ----------
        data, labels, groups, augmentation, seed, device, checkpoint, \
progress_bar
            As for `fit`. Of a label that is hardly ever known, the errors stay
            calibrated as they were; probabilities do unless there are ten spectra of
            every class or more.
        layers : str, int or list of str
            Which parameters move, all others stay bit for bit: "head" for the layers
            that give the outputs, a number for so many of the last layers, "all", or
            names of parts or parameters of the network. A constant alone, of each
            output, is learned by its bias, such as "head.bias", in larger steps.
        folds : int or None
            Networks, and parts of the objects. With None, the split of `fit` serves:
            three quarters tune, the rest chooses the epoch and calibrates. Needed for
            a source that has a split of its own and cannot pool its parts.
        options : `~galspec.training.fit_options.FitOptions`, optional
            Those of ``tuning_options()`` unless given: short, and a tenth of the
            learning rate of the fit.
        scale : str, optional
            As for `fit`, where the labels are not on the scale of the weights; valid
            ranges are those of all labels that are given then, and stay otherwise.
        **reading
            As for `fit`.

        Returns
        -------
        SpectralEstimator
            Itself. ``tuning`` is a `~galspec.tuning_report.TuningReport`, ``history``
            as of `fit`; the ``card`` has a paragraph more.

        Raises
        ------
        NotFittedError
            If there are no weights yet.
        TypeError
            If there is no network, or one that is not trained by gradients; or
            ``layers`` is nothing that names some.
        ValueError
            As for `fit`; if there are fewer objects than folds, or no such layer.
        """
        learned = self._require_learned()
        from galspec.engines.loading import choose_device
        from galspec.fine_tuning import tune_ensemble, tuning_card, tuning_sources
        from galspec.fitting import label_ranges

        if not hasattr(data, "calibration"):
            data = self.gather(data, **reading)
            labels = self.label_array(labels)
        sources = tuning_sources(data, labels, groups, folds, seed, augmentation)
        options = self.tuning_options() if options is None else options
        targets = self.targets
        if scale not in (None, self.scale):
            pairs = [*sources[0].epoch(0), *sources[0].calibration()]
            targets = with_ranges(targets, label_ranges(pairs, targets))
        device = choose_device(device)
        self._learned, self.history, self.tuning = tune_ensemble(
            self,
            learned,
            sources,
            options,
            layers=layers,
            seed=seed,
            device=device,
            checkpoint=checkpoint,
            progress_bar=progress_bar,
        )
        self.targets, self.scale = targets, scale or self.scale
        parent, self._device = self._provenance, device
        self._provenance = {"weights": "unsaved", "sha256": ""} | {
            f"tuned_from_{key}": parent[key] for key in ("weights", "sha256")
        }
        self.card += tuning_card(self, options)
        return self

    def save(self, path):
        """Write weights, configuration and card.

        Parameters
        ----------
        path : path-like
            A file name that ends in .safetensors, or a folder.

        Returns
        -------
        str
            The SHA-256 of the weights.

        Raises
        ------
        NotFittedError
            If there is nothing to save.
        """
        from galspec.weights import write_bundle

        if self._learned is None:
            raise NotFittedError(f"this {type(self).__name__} has nothing to save yet")
        config = self.to_config() | self._learned.to_config() | origin(self._provenance)
        return write_bundle(path, self._learned.tensors(), config, self.card)
