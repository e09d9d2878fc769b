"""Estimators that work on photometry in several bands, and on images."""

import warnings

import numpy as np

from galspec.estimator import Estimator
from galspec.flags import Flags
from galspec.learned_densities import LearnedDensities
from galspec.photometric_inputs import photometric_input
from galspec.photometry import PhotometryBatch
from galspec.prediction import file_names
from galspec.redshift_columns import DESCRIPTIONS
from galspec.redshift_points import SLOPE
from galspec.survey import Survey

__all__ = ["PhotometricEstimator"]

#: Objects with images that are worked on together: one is a tenth of a megabyte.
PICTURED = 256


class PhotometricEstimator(Estimator):
    """Base of every estimator of redshifts from photometry.

    A subclass declares ``name``, ``references``, ``recipe`` (which begins with
    `~galspec.transforms.Bands`), ``network`` and ``targets``, of which there is one: a
    redshift, whose valid range ends where the bins of the network end.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Which bands, of which surveys; the class's own when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; the class's own when not given. Its ``inputs`` are some of
        `galspec.photometric_inputs.GROUPS`, its ``outputs`` so many bins of redshift.
    slope : float, optional
        How much small errors of ``z_phot`` cost beside outliers, from 0 to 1; the
        class's own when not given. See `galspec.redshift_points.least_loss`.

    Raises
    ------
    ValueError
        If the slope is another one.
    """

    learned_type = LearnedDensities
    losses = ("ordered", "bins", "crps")
    batch_size = 2048
    things = "objects"
    examples = "photometry"
    #: Of the loss that ``z_phot`` has the least of, and where published forms have
    #: another one.
    slope = SLOPE
    form_slopes = {}
    advice = "look at its bands, and give ebv= or dust_map= where E(B-V) is not known"

    def __init__(self, *, recipe=None, network=None, slope=None):
        super().__init__(recipe=recipe, network=network)
        if slope is not None:
            self.slope = slope
        if not 0 < self.slope <= 1:
            raise ValueError(f"slope is {self.slope}; above 0 and up to 1 make sense")

    @classmethod
    def variant(cls, name):
        """As of all estimators, with the slope of the form."""
        form = super().variant(name)
        slope = cls.form_slopes.get(name, cls.slope)
        return cls(recipe=form.recipe, network=form.network, slope=slope)

    @classmethod
    def from_config(cls, config):
        """As of all estimators, with the slope of the weights."""
        from galspec.weights import WeightsError

        self = super().from_config(config)
        if "slope" not in config:
            raise WeightsError("the configuration of these weights lacks 'slope'")
        self.slope = config["slope"]
        return self

    def form_config(self):
        """The slope."""
        return {"slope": self.slope}

    def predict(
        self,
        data,
        *,
        survey=None,
        columns=None,
        ebv=None,
        dust_map=None,
        stamps=None,
        batch_size=None,
        progress_bar=None,
        interval=None,
        workers=None,
        **options,
    ):
        """Estimate the redshift of one object or many.

        Parameters
        ----------
        data : object
            A `~galspec.PhotometryBatch`, a table or mapping that
            `galspec.PhotometryBatch.gather` takes, or a file name or list of file names
            that `galspec.read_photometry` reads.
        survey : str or `~galspec.surveys.Survey`, optional
            Which one the table is of; the first that the estimator knows, when not
            given.
        columns : `~galspec.surveys.Columns`, optional
            Where the table calls them differently.
        ebv : float, array_like or `~astropy.units.Quantity`, optional
            E(B-V) of the Milky Way, instead of what the table says.
        dust_map : str, path-like or callable, optional
            Where E(B-V) comes from for rows of which nothing else tells it.
        stamps : array_like, shape (n, n_bands, n_pix, n_pix), optional
            Images in nanomaggies a pixel, a band each of the survey's, in its order;
            NaN where there is none. See `galspec.io.read_cutouts`.
        batch_size : int, optional
            Objects that are worked on together; changes memory and speed, not results.
        progress_bar : bool, optional
            Show one; by itself from 10 000 objects on.
        interval : float, optional
            Also give the central interval of this level, such as 0.9, as columns
            ``z_phot_lo`` and ``z_phot_hi``.
        workers : int, optional
            Threads; as many as cores when not given.
        **options
            Keywords that this estimator takes besides; see ``options`` of the class.

        Returns
        -------
        `~galspec.redshift_table.RedshiftTable`
            One row an object, in the order of the input: the identifiers that came in,
            ``z_phot``, half of its central 68 % as ``z_phot_err``, other point
            estimates and limits, the density ``z_phot_pdf``, ``snr`` (the median of the
            bands), ``domain`` and ``flags``. A value that cannot be given is NaN, and
            its flag says why.

        Raises
        ------
        NotFittedError
            If the estimator has neither weights nor a fit.
        TypeError, ValueError, astropy.units.UnitConversionError
            If the call itself is wrong; never because of one bad row.
        """
        reading = {
            "survey": survey,
            "columns": columns,
            "ebv": ebv,
            "dust_map": dust_map,
            "stamps": stamps,
        }
        return self._predict(
            data, reading, batch_size, progress_bar, interval, None, workers, options
        )

    @property
    def surveys(self):
        """Names of the surveys whose filters the estimator knows."""
        return self.recipe.transformers[0].surveys

    def gather(
        self,
        data,
        *,
        survey=None,
        columns=None,
        ebv=None,
        dust_map=None,
        stamps=None,
    ):
        """Bring data into the form that everything behind works on.

        Parameters
        ----------
        data, survey, columns, ebv, dust_map, stamps
            As for `predict`.

        Returns
        -------
        `~galspec.PhotometryBatch`
        """
        batch = data
        if not isinstance(data, PhotometryBatch):
            how = {"survey": survey or self.surveys[0], "columns": columns, "ebv": ebv}
            batch = self._read(data, **how, dust_map=dust_map)
        elif any(each is not None for each in (survey, columns, ebv, dust_map)):
            raise TypeError(
                "a PhotometryBatch says itself what it is: survey=, columns=, ebv= and "
                "dust_map= are for tables; use replace() of the batch"
            )
        return batch if stamps is None else batch.with_stamps(stamps)

    def partition_columns(self, *, survey=None, **columns):
        """What the columns of a partition are, for `as_partition_function`.

        Parameters
        ----------
        survey, **columns
            Parameters of `~galspec.partitions.photometry.PhotometryColumns`.

        Returns
        -------
        `~galspec.partitions.photometry.PhotometryColumns`
        """
        from galspec.partitions.photometry import PhotometryColumns

        return PhotometryColumns(survey or self.surveys[0], **columns)

    def nothing(self):
        """A batch without objects, which tells the columns of a result.

        Returns
        -------
        `~galspec.PhotometryBatch`
        """
        bands = self.recipe.transformers[0].bands
        # its photometry may be of a survey that galspec has no declaration of
        survey = Survey(self.surveys[0], bands, dict.fromkeys(bands, 0.0))
        empty = np.empty((0, len(bands)))
        return PhotometryBatch.from_arrays(empty, empty, survey=survey, ebv=0.0)

    def prepare(self, batch):
        """What the network sees of objects.

        Parameters
        ----------
        batch : `~galspec.PhotometryBatch`

        Returns
        -------
        inputs : `numpy.ndarray`, shape (n, 1, width), float32
            See `galspec.photometric_inputs.photometric_input`.
        flags : `numpy.ndarray`, shape (n,), int64
            With the bits that the recipe has set.
        """
        behind = self.recipe(batch)
        unknown = np.where(np.isnan(behind.ebv), int(Flags.REDDENING_MISSING), 0)
        inputs = photometric_input(behind, self.network.inputs)
        return inputs, behind.flags | unknown

    def signal_to_noise(self, batch):
        """Median of the bands that were observed.

        Parameters
        ----------
        batch : `~galspec.PhotometryBatch`

        Returns
        -------
        `numpy.ndarray`, shape (n,)
            NaN where none was.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where none was observed
            return np.nanmedian(batch.signal_to_noise, axis=1)

    def label_array(self, labels):
        """Redshifts as a fit takes them: ln(1 + z).

        Parameters
        ----------
        labels : array_like, `~astropy.units.Quantity`, table or mapping
            Shape (n,), or with a column called like the target.

        Returns
        -------
        `numpy.ndarray`, shape (n, 1)
            NaN where it is not known, or beyond the bins; those beyond are counted in a
            warning.
        """
        redshift = super().label_array(labels)
        low, high = self.targets[0].valid
        beyond = (redshift < low) | (redshift > high)
        if beyond.any():
            warnings.warn(
                f"{beyond.sum()} of {len(redshift)} redshifts lie outside of {low:g} "
                f"to {high:g} and are left out",
                stacklevel=3,
            )
        return np.log1p(np.where(beyond, np.nan, redshift))

    def label_scale(self, labels, loss):
        """The losses see labels from 0 to 1."""
        high = self.targets[0].valid[1]
        fields = {"z_max": float(high), "n_bins": self.network.outputs}
        fields["scatter"] = float(np.std(labels))
        return np.zeros(1), np.full(1, np.log1p(high)), fields

    def label_columns(self):
        """What labels are: ln(1 + z), whose errors are those of z over 1 + z."""
        (target,) = self.targets
        return {f"ln(1 + {target.name})": (0, target.unit)}

    def outputs_for(self, loss):
        """Any number of bins."""
        return self.network.outputs

    def _read(self, data, **how):
        if names := file_names(data):
            from galspec.io import read_photometry

            return read_photometry(names, **how)
        return PhotometryBatch.gather(data, **how)

    def _groups(self, data, batch_size, reading):
        batch = self.gather(data, **reading)
        if batch_size is None and batch.stamps is not None:
            batch_size = PICTURED
        return super()._groups(batch, batch_size, {})

    def _finished(self, table):
        from galspec.redshift_table import RedshiftTable

        bins = self._require_learned().bins
        table.meta |= {"z_bins": bins.n, "z_max": bins.z_max}
        for name, words in DESCRIPTIONS.items():
            table[name].info.description = words
        return RedshiftTable(table, copy=False)
