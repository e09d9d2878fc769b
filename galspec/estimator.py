"""The contract: an estimator is a declaration, everything else follows from it."""

import functools
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
    def pretrained(
        cls,
        tag="default",
        *,
        path=None,
        offline=False,
        device="auto",
        engine="auto",
    ):
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
        engine : {'auto', 'onnxruntime', 'torch'}
            What runs the networks. By itself onnxruntime where it is installed (``pip
            install 'astro-galspec[fast]'``), the weights come with a graph for it, and
            the device is the CPU; else torch. Both give the same results.

        Returns
        -------
        Estimator

        Raises
        ------
        galspec.weights.WeightsError
            If the weights are not to be had, damaged, or of another estimator; or
            onnxruntime is asked for, and they have no graph that it can run.
        ImportError
            If onnxruntime is asked for, and not installed.
        ValueError
            If there is no such engine or device, or one cannot work on the other.
        """
        if cls.network is None and tag == "default" and path is None:
            return cls()  # a formula has nothing to load
        from galspec import weights
        from galspec.engines.loading import load_ensemble
        from galspec.weights.errors import blaming_weights

        if cls.network is None:
            raise weights.WeightsError(
                f"{cls.__name__} has no weights: leave out the tag {tag!r} and path="
            )
        where = {"path": path, "offline": offline}
        bundle = weights.load(cls.name, tag, **where)
        bundle.require("estimator", "targets", "recipe", "network", "calibration")
        find_graph = functools.partial(weights.find_graph, cls.name, tag, **where)
        with blaming_weights(cls.name):
            self = cls.from_config(bundle.config)
        vouched = path is None
        ensemble = load_ensemble(bundle, find_graph, engine, device, vouched=vouched)
        with blaming_weights(cls.name):
            self._learned = cls.learned_type.from_bundle(bundle, ensemble)
            if not vouched:  # nobody has vouched for it: does it work at all?
                self._predict_batch(self.nothing(), None)
        self._loaded_with = {"tag": tag, **where, "device": device, "engine": engine}
        tag = tag if path is None else pathlib.Path(path).name
        self._device, self.card = str(ensemble.device), bundle.card
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

    def as_partition_function(
        self,
        *,
        keep=None,
        threads=1,
        batch_size=None,
        interval=None,
        scale=None,
        **how,
    ):
        """Itself as a function of a data frame, for engines that run it on many.

        That is for Dask, LSDB, Ray or a pool of processes, which send the function to
        their workers and give it partitions of a table.

        Parameters
        ----------
        keep : str or sequence of str, optional
            Columns of a partition that its result has too; all that hold one value a
            row when not given (of those of dtype ``object`` nobody knows: name them).
        threads : int
            Threads of each call; engines run several calls side by side themselves.
        batch_size : int, optional
            Rows that are worked on together; changes memory and speed, not results.
        interval, scale
            As for `predict`.
        **how
            Which columns hold what: for spectra the parameters of
            `~galspec.partitions.spectra.SpectrumColumns`, such as ``flux="flux"``, for
            photometry those of `~galspec.partitions.photometry.PhotometryColumns`, such
            as ``survey="ls-dr10"``. What is not told is found as everywhere. All others
            are further keywords of `predict`.

        Returns
        -------
        `~galspec.partitions.PartitionFunction`

        Raises
        ------
        NotFittedError
            If the estimator has neither weights nor a fit.
        TypeError, ValueError
            If other processes could not load it, because its weights are not saved; or
            if it takes no such keyword.
        """
        from galspec.partitions import partition_function

        options = {"interval": interval, "scale": scale}
        return partition_function(self, how, options, keep, threads, batch_size)

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
            "engine": self._learned.ensemble.engine if self._learned else "none",
            "galspec": __version__,
        }

    def _predict_groups(
        self, groups, progress_bar, interval, scale, total, workers, options
    ):
        """The table of all batches."""
        self.check_options(interval=interval, scale=scale, **options)
        pieces = self.predict_pieces(
            groups, progress_bar, interval, total, workers, options
        )
        return self.join_pieces(pieces, interval, scale, options)

    def predict_pieces(self, groups, progress_bar, interval, total, workers, options):
        """Result columns of every batch, which `join_pieces` makes a table of.

        Parameters
        ----------
        groups : iterable of iterables of batches
            See `galspec.prediction.run_groups`.
        progress_bar, interval, total, workers
            As for `predict_batches`.
        options : dict
            Its other keywords.

        Returns
        -------
        list of dict of str to `numpy.ndarray`
        """
        now = {k: v for k, v in options.items() if k not in self.result_options}
        return run_groups(
            lambda batch: self._predict_batch(batch, interval, **now),
            groups,
            progress_bar=progress_bar,
            total=total,
            workers=workers,
            unit=self.things,
        )

    def join_pieces(self, pieces, interval, scale, options):
        """The table that `predict_batches` gives, of what `predict_pieces` gave.

        Parameters
        ----------
        pieces : list of dict of str to `numpy.ndarray`
            Of one call, or of several in their order.
        interval, scale
            As for `predict_batches`.
        options : dict
            Its other keywords.

        Returns
        -------
        `~astropy.table.QTable`
        """
        pieces = pieces or self.predict_pieces(
            [[self.nothing()]], False, interval, 0, 1, options
        )
        table = result_table((*self.targets, *self.derived), pieces, self._meta)
        if scale is not None:
            to_scale(table, self.targets, self.convert, scale)
        later = {k: v for k, v in options.items() if k in self.result_options}
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
