"""What an estimator has learned tells where spectra stand, not only what they are."""

from galspec.declaration import Declaration
from galspec.inference import at_least_one
from galspec.prediction import embed_rows, run_groups
from galspec.results import result_table

__all__ = ["Embeddable", "NotFittedError"]


class NotFittedError(RuntimeError):
    """Raised where an estimator has neither weights nor a fit."""


class Embeddable(Declaration):
    """Base of `~galspec.SpectralEstimator`, which adds weights and predictions.

    Parameters
    ----------
    recipe, network
        As for `~galspec.SpectralEstimator`.
    """

    def __init__(self, *, recipe=None, network=None):
        super().__init__(recipe=recipe, network=network)
        self._learned = None

    def embed(
        self,
        data,
        *,
        batch_size=None,
        progress_bar=None,
        workers=None,
        **reading,
    ):
        """Tell where spectra stand, to find such as look alike, and strange ones.

        Parameters
        ----------
        data, batch_size, progress_bar, workers
            As for `predict`.
        **reading
            How the data are to be read: keywords of `predict`, such as ``redshift``.

        Returns
        -------
        `~galspec.embedding.Embedding`

        Raises
        ------
        NotFittedError
            If the estimator has neither weights nor a fit.
        TypeError
            If its method has no network, or one that tells nothing but its outputs.
        """
        groups, total = self._groups(data, batch_size, reading)
        if progress_bar is None:
            progress_bar = total >= 10_000
        return self._embed_groups(groups, progress_bar, total, workers)

    def embed_batches(self, batches, *, progress_bar=False, total=None, workers=None):
        """As `embed`, for an iterator of `~galspec.SpectrumBatch`.

        Parameters
        ----------
        batches, progress_bar, total, workers
            As for `predict_batches`.

        Returns
        -------
        `~galspec.embedding.Embedding`
        """
        groups = ([batch] for batch in batches)
        return self._embed_groups(groups, progress_bar, total, workers)

    def check_embeddable(self):
        """Refuse to embed anything, before any work is done.

        Raises
        ------
        NotFittedError, TypeError
            As for `embed`.
        """
        if not self._require_learned().domain:
            raise TypeError(
                f"the network of {type(self).__name__} tells nothing but its outputs: "
                "there is nothing to embed spectra by"
            )

    def _embed_groups(self, groups, progress_bar, total, workers):
        """The embedding of all batches."""
        from galspec.embedding import Embedding

        self.check_embeddable()

        def embed(batch):
            return embed_rows(self, self._learned, batch)

        pieces = run_groups(
            embed, groups, progress_bar=progress_bar, total=total, workers=workers
        )
        return Embedding(
            result_table((), pieces or [embed(self.nothing())], self._meta)
        )

    def _groups(self, data, batch_size, reading):
        """Batches to work on, read as late as possible, and how many rows."""
        if batch_size is None:
            batch_size = self.batch_size
        batch_size = at_least_one("batch_size", batch_size)
        batch = self.gather(data, **reading)
        starts = range(0, len(batch), batch_size)
        groups = ([batch[start : start + batch_size]] for start in starts)
        return groups, len(batch)

    def _require_learned(self):
        name = type(self).__name__
        if self.network is None:
            raise TypeError(f"{name} is a formula: it has learned nothing")
        if self._learned is None:
            raise NotFittedError(
                f"this {name} has no weights: use {name}.pretrained(), or fit it first"
            )
        return self._learned
