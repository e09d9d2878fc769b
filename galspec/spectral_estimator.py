"""Estimators that work on spectra."""

import numpy as np

from galspec import signal
from galspec.estimator import Estimator
from galspec.inference import channel_names
from galspec.prediction import file_names, prepare
from galspec.spectra import SpectrumBatch

__all__ = ["SpectralEstimator"]


class SpectralEstimator(Estimator):
    """Base of every estimator that works on spectra.

    A subclass declares ``name``, ``targets``, ``recipe``, ``network``, ``references``
    and, where its labels have one, the ``scale``; nothing else is needed. A method
    without a network leaves ``network`` as None and replaces ``_predict_batch``.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; the class's own when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; the class's own when not given.
    """

    advice = (
        "look at its wavelengths and mask, and give redshift= if the recipe needs one"
    )

    def predict(
        self,
        data,
        *,
        redshift=None,
        medium=None,
        batch_size=None,
        progress_bar=None,
        interval=None,
        scale=None,
        workers=None,
        **options,
    ):
        """Estimate the targets for one spectrum or many.

        Parameters
        ----------
        data : object
            Anything that `galspec.SpectrumBatch.gather` takes, or a file name or list
            of file names that `galspec.io.read_spectra` reads.
        redshift : float, array_like or `~astropy.units.Quantity`, optional
            One for all or one a spectrum, where you know it.
        medium : {'vacuum', 'air'}, optional
            What the wavelengths are measured in; vacuum when not told.
        batch_size : int, optional
            Spectra that are worked on together; changes memory and speed, not results.
        progress_bar : bool, optional
            Show one; by itself from 10 000 spectra on.
        interval : float, optional
            Also give the central interval of this level, such as 0.95, as columns
            ``X_lo`` and ``X_hi``.
        scale : str, optional
            Give the targets on another scale than ``self.scale``, where the estimator
            knows how; NaN and OUT_OF_RANGE where the conversion does not hold.
        workers : int, optional
            Threads; as many as cores when not given.
        **options
            Keywords that this estimator takes besides; see ``options`` of the class.

        Returns
        -------
        `~astropy.table.QTable`, unless the class says otherwise
            One row a spectrum, in the order of the input: the identifiers that came
            in, ``X`` and its calibrated 68 % error ``X_err`` for each target, ``snr``,
            ``domain`` and ``flags``. A value that cannot be given is NaN, and its
            flag says why.

        Raises
        ------
        NotFittedError
            If the estimator has neither weights nor a fit.
        TypeError, ValueError, astropy.units.UnitConversionError
            If the call itself is wrong; never because of one bad spectrum.
        """
        reading = {"redshift": redshift, "medium": medium}
        return self._predict(
            data,
            reading,
            batch_size,
            progress_bar,
            interval,
            scale,
            workers,
            options,
        )

    def explain(
        self,
        data,
        *,
        target=None,
        redshift=None,
        medium=None,
        method="occlusion",
        windows=None,
    ):
        """Tell which wavelengths the value of one spectrum comes from.

        Parameters
        ----------
        data, redshift, medium
            As for `predict`, of one spectrum.
        target : str or `~astropy.units.Quantity`, optional
            The column of a result that is to be explained, the first target unless
            given; by occlusion also those that follow from the targets. Where the
            target is a spectrum, a wavelength of it, or the two limits of a band, over
            which it is averaged.
        method : {'occlusion', 'gradient'}
            ``occlusion`` predicts again, through the whole pipeline, without the lines:
            each window in turn is replaced by a straight line. It explains every
            estimator. ``gradient`` follows the networks from the spectrum without lines
            to the spectrum (integrated gradients; Sundararajan, Taly & Yan 2017,
            arXiv:1703.01365), and tells of every pixel.
        windows : dict of str to `~astropy.units.Quantity`, or Quantity, optional
            Names and limits (vacuum, rest frame) of windows, or a width: then they
            slide over the observed spectrum. Unless given, the lines and bands of
            `galspec.spectral_features.named_features`.

        Returns
        -------
        `~galspec.explanation.Explanation`

        Raises
        ------
        NotFittedError
            If the estimator has neither weights nor a fit.
        TypeError
            If there are no networks with gradients.
        ValueError
            If there is not one spectrum, it has no value, its redshift is not known and
            the windows need it, or the call itself is wrong.

        Notes
        -----
        The redshift is held at what is given, or measured in the spectrum: what is
        left without a line is not read elsewhere.
        """
        from galspec.explanation import explain

        batch = self.gather(data, redshift=redshift, medium=medium)
        return explain(self, batch, target=target, method=method, windows=windows)

    @property
    def needs_redshift(self):
        """Whether the network learns from redshifts that are known."""
        return "redshift" in channel_names(self.network.inputs)

    def gather(self, data, *, redshift=None, medium=None):
        """Bring data into the form that everything behind works on.

        Parameters
        ----------
        data, redshift, medium
            As for `predict`.

        Returns
        -------
        `~galspec.SpectrumBatch`
        """
        if names := file_names(data):
            from galspec.io import read_spectra

            data = read_spectra(names)
        return SpectrumBatch.gather(data, redshift=redshift, medium=medium)

    def partition_columns(self, **columns):
        """What the columns of a partition are, for `as_partition_function`.

        Parameters
        ----------
        **columns
            Parameters of `~galspec.partitions.spectra.SpectrumColumns`.

        Returns
        -------
        `~galspec.partitions.spectra.SpectrumColumns`
        """
        from galspec.partitions.spectra import SpectrumColumns

        return SpectrumColumns(**columns)

    def nothing(self):
        """A batch without spectra, which tells the columns of a result.

        Returns
        -------
        `~galspec.SpectrumBatch`
        """
        return SpectrumBatch.from_arrays(np.linspace(4000, 8000, 10), np.empty((0, 10)))

    def prepare(self, batch):
        """What the network sees of spectra.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`

        Returns
        -------
        inputs : `numpy.ndarray`, shape (n, channels, n_pix), float32
        flags : `numpy.ndarray`, shape (n,), int64
            With the bits that the recipe has set.
        """
        return prepare(batch, self.recipe, self.network)

    def signal_to_noise(self, batch):
        """How good spectra are: see `galspec.signal.signal_to_noise`.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`

        Returns
        -------
        `numpy.ndarray`, shape (n,)
        """
        return signal.signal_to_noise(batch)

    def _groups(self, data, batch_size, reading):
        names = file_names(data)
        if not names or any(value is not None for value in reading.values()):
            return super()._groups(data, batch_size, reading)
        from galspec.io.bulk import lazy_batches

        size = self.batch_size if batch_size is None else batch_size
        return lazy_batches(names, size), len(names)
