"""The contract: an estimator is a declaration, everything else follows from it."""

import pathlib

from galspec.embeddable import NotFittedError
from galspec.fittable import Fittable, origin
from galspec.prediction import predict_rows, run_groups
from galspec.results import result_table, to_scale
from galspec.targets import Target

__all__ = ["Estimator", "NotFittedError", "Target"]


class Estimator(Fittable):
    """Base of `~galspec.SpectralEstimator` and `~galspec.PhotometricEstimator`.

    These say how data become a batch (``gather``), a batch what a network sees
    (``prepare``), how noisy its rows are (``signal_to_noise``), and what ``predict``
    takes; all else is here.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; the class's own when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; the class's own when not given.
    """

    #: What to look at where no row of a training set is of use.
    advice = ""
    #: Whether the network learns from redshifts that are known.
    needs_redshift = False

    def __repr__(self):
        if self.network is None:
            return f"<{type(self).__name__}>"
        state = "untrained" if self._learned is None else self._provenance["weights"]
        return f"<{type(self).__name__}: recipe {self.recipe.name}, {state}>"

    @classmethod
    def pretrained(cls, tag="default", *, path=None, offline=False, device="auto"):
        """Load trained weights.

        Parameters
        ----------
        tag : str
            Which of the published weights.
        path : path-like, optional
            A weight file or folder of your own, instead of a tag.
        offline : bool
            Never ask the network.
        device : str
            "auto", "cpu", "cuda" or any name that torch knows.

        Returns
        -------
        Estimator

        Raises
        ------
        galspec.weights.WeightsError
            If the weights are not to be had, damaged, or of another estimator.
        """
        if cls.network is None and tag == "default" and path is None:
            return cls()  # a formula has nothing to load
        from galspec import weights
        from galspec.inference import choose_device
        from galspec.learned import check_size

        if cls.network is None:
            raise weights.WeightsError(
                f"{cls.__name__} has no weights: leave out the tag {tag!r} and path="
            )
        bundle = weights.load(cls.name, tag, path=path, offline=offline)
        bundle.require("estimator", "targets", "recipe", "network", "calibration")
        device = choose_device(device)
        try:
            self = cls.from_config(bundle.config)
            if path is not None:
                check_size(self.network, bundle)
            self._learned = cls.learned_type.from_bundle(bundle, device)
            if path is not None:  # nobody has vouched for it: does it work at all?
                self._predict_batch(self.nothing(), None)
        except weights.WeightsError:
            raise
        except Exception as error:  # whatever a configuration can have wrong
            raise weights.WeightsError(
                f"the weights of {cls.name} cannot be used: their configuration is "
                f"damaged, or was written for something else ({error})"
            ) from error
        tag = tag if path is None else pathlib.Path(path).name
        self._device, self.card = device, bundle.card
        self._provenance = {"weights": tag, "sha256": bundle.sha256 or ""}
        self._provenance |= origin(bundle.config)
        return self

    def predict_batches(
        self,
        batches,
        *,
        progress_bar=False,
        interval=None,
        scale=None,
        total=None,
        workers=None,
        **options,
    ):
        """As `predict`, for an iterator of batches; always a table.

        Parameters
        ----------
        batches : iterable of `~galspec.SpectrumBatch` or `~galspec.PhotometryBatch`
            For example `galspec.io.iter_batches`; taken up as fast as they are used.
        progress_bar, interval, scale, workers, **options
            As for `predict`.
        total : int, optional
            Number of rows, for the progress bar.

        Returns
        -------
        `~astropy.table.QTable`
        """
        groups = ([batch] for batch in batches)
        return self._predict_groups(
            groups, progress_bar, interval, scale, total, workers, options
        )

    def _predict(
        self, data, reading, batch_size, progress_bar, interval, scale, workers, options
    ):
        """What ``predict`` does, for data that are read with some keywords."""
        groups, total = self._groups(data, batch_size, reading)
        if progress_bar is None:
            progress_bar = total >= 10_000
        table = self._predict_groups(
            groups, progress_bar, interval, scale, total, workers, options
        )
        return self._result(table, data)

    @property
    def _meta(self):
        """Provenance of a result, flat so that every file format can keep it."""
        from galspec import __version__

        return {
            "estimator": self.name,
            **self._provenance,
            "recipe": self.recipe.name if self.recipe else "none",
            "scale": self.scale,
            "galspec": __version__,
        }

    def _predict_groups(
        self, groups, progress_bar, interval, scale, total, workers, options
    ):
        """The table of all batches."""
        self.check_options(interval=interval, scale=scale, **options)
        later = {k: options.pop(k) for k in self.result_options if k in options}
        pieces = run_groups(
            lambda batch: self._predict_batch(batch, interval, **options),
            groups,
            progress_bar=progress_bar,
            total=total,
            workers=workers,
            unit=self.things,
        )
        pieces = pieces or [self._predict_batch(self.nothing(), interval, **options)]
        table = result_table((*self.targets, *self.derived), pieces, self._meta)
        if scale is not None:
            to_scale(table, self.targets, self.convert, scale)
        return self._finished(table, **later)

    def _finished(self, table, **options):
        """The table, changed as the keywords in ``result_options`` ask."""
        return table

    def _result(self, table, data):
        """What ``predict`` makes of its table, for the data that it was given."""
        return table

    def _predict_batch(self, batch, interval, **options):
        """Result columns of one batch: the one method that a plugin may replace.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch` or `~galspec.PhotometryBatch`
            As it was gathered; the recipe has not been applied.
        interval : float or None
            As for `predict`.
        **options
            Only what the class names in its ``options``.

        Returns
        -------
        dict of str to `numpy.ndarray`, shape (n,)
            Columns in order, without units: ``batch.ids``, ``redshift``, ``X`` and
            ``X_err`` for each target (with an interval ``X_lo`` and ``X_hi``), and
            ``flags``.
        """
        learned = self._require_learned()
        return predict_rows(self, learned, batch, interval, **options)
