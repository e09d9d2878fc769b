"""What the author of an estimator declares, and what follows without any weights."""

import ast

import numpy as np

from galspec.learned_values import LearnedValues
from galspec.networks import NetworkConfig
from galspec.targets import parts, total_size, with_ranges
from galspec.transforms import Recipe

__all__ = ["Declaration"]


class Declaration:
    """Base of `~galspec.SpectralEstimator`, which adds weights and predictions.

    Parameters
    ----------
    recipe, network
        As for `~galspec.SpectralEstimator`.
    """

    #: Name under which the registry and the weights know the estimator.
    name = ""
    #: What it estimates: a tuple of `~galspec.Target`.
    targets = ()
    #: Columns of a result that follow from the targets, declared alike.
    derived = ()
    #: Its preprocessing and architecture.
    recipe = None
    network = None
    #: Bibliographic codes of the method.
    references = ()
    #: Calibration or zero point that the labels are on; goes into every result.
    scale = ""
    #: Where results can be given on other scales: a function like
    #: `galspec.metallicity_scales.convert_oh`.
    convert = None
    #: What a fit learns, and how outputs become columns.
    learned_type = LearnedValues
    #: Losses that its networks can be trained with; the first serves unless told.
    losses = ("gaussian", "beta-gaussian", "mse")
    #: How published forms are fitted: name to fields of
    #: `~galspec.training.fit_options.FitOptions` that are not its defaults.
    training = {}
    #: Whether ``predict(interval=)`` gives limits.
    intervals = True
    #: What its rows are called.
    things = "spectra"
    #: Wavelengths (angstrom) of the numbers of a target that is a spectrum.
    target_wavelength = None
    #: Which of `galspec.example_spectra` show what it does.
    examples = "galaxies"
    #: Spectra that it works on together unless told otherwise: more of them share what
    #: a call costs, fewer stay in the processor's cache.
    batch_size = 32
    #: Further keywords that ``predict`` takes: their names, or names and what they are,
    #: for the help of the command line.
    options = ()
    #: Those that change the table of all spectra, not what is predicted of each; alike.
    result_options = ()
    #: Other published forms: name to (recipe, network).
    alternatives = {}

    def __init__(self, *, recipe=None, network=None):
        if recipe is not None:
            self.recipe = recipe
        if network is not None:
            self.network = network

    @classmethod
    def variant(cls, name):
        """The untrained estimator in one of its published forms.

        Parameters
        ----------
        name : str
            "default", or a key of ``alternatives``.

        Returns
        -------
        SpectralEstimator

        Raises
        ------
        ValueError
            If there is no such form.
        """
        forms = {"default": (cls.recipe, cls.network), **cls.alternatives}
        if name not in forms:
            raise ValueError(
                f"{cls.__name__} has no form {name!r}; it has {', '.join(forms)}"
            )
        recipe, network = forms[name]
        return cls(recipe=recipe, network=network)

    @classmethod
    def from_config(cls, config):
        """The untrained estimator that a weight bundle's configuration describes.

        Parameters
        ----------
        config : dict
            Of a `galspec.weights.WeightBundle`.

        Returns
        -------
        SpectralEstimator

        Raises
        ------
        galspec.weights.WeightsError
            If it is of another estimator.
        """
        from galspec.weights import WeightsError

        names = [target.name for target in cls.targets]
        if (config["estimator"], config["targets"]) != (cls.name, names):
            raise WeightsError(
                f"these weights are of {config['estimator']!r} for "
                f"{config['targets']}, not of {cls.name!r} for {names}"
            )
        self = cls(
            recipe=Recipe.from_config(config["recipe"]),
            network=NetworkConfig.from_config(config["network"]),
        )
        # of the labels, which need not be what the class declares
        self.scale = config.get("scale", cls.scale)
        if "valid" in config:
            self.targets = with_ranges(cls.targets, config["valid"])
        return self

    def to_config(self):
        """What `from_config` builds the estimator of, as a dict that JSON can hold."""
        return {
            "estimator": self.name,
            "targets": [target.name for target in self.targets],
            "scale": self.scale,
            "valid": [list(target.valid) for target in self.targets],
            "recipe": self.recipe.to_config(),
            "network": self.network.to_config(),
            **self.form_config(),
        }

    def form_config(self):
        """What else must be known to build the estimator again."""
        return {}

    def label_array(self, labels):
        """Labels as a fit takes them: floats, in the targets' units.

        Parameters
        ----------
        labels : object
            What ``fit`` was given.

        Returns
        -------
        `numpy.ndarray`, shape (n, n_labels)
            One for each number that a target consists of.
        """
        from galspec.fitting import label_array

        return label_array(labels, self.targets)

    def fit_options(self, **changes):
        """How this form of the estimator is fitted unless told.

        Parameters
        ----------
        **changes
            Fields of `~galspec.training.fit_options.FitOptions` that shall be
            otherwise; None changes nothing.

        Returns
        -------
        `~galspec.training.fit_options.FitOptions`
            Those of ``training`` for a published form. For any other, the first loss
            that the outputs of the network fit, and defaults.

        Raises
        ------
        ValueError
            If a choice does not exist or a number makes no sense.
        """
        from galspec.training.fit_options import FitOptions

        fields = {"loss": self._fitting_loss(), **self._declared_training()}
        fields |= {name: value for name, value in changes.items() if value is not None}
        return FitOptions(**fields)

    def tuning_options(self, **changes):
        """How `fine_tune` goes on from weights unless told.

        Parameters
        ----------
        **changes
            As for `fit_options`.

        Returns
        -------
        `~galspec.training.fit_options.FitOptions`
            Those of `fit_options` with a tenth of the learning rate, small batches,
            40 epochs over what is little, and nothing that draws weights to zero.
        """
        rate = self.fit_options().learning_rate / 10
        fields = {"epochs": 40, "batch_size": 16, "passes": 1, "weight_decay": 0.0}
        fields |= {"schedule": "cosine", "learning_rate": rate, "stop_after": None}
        changes = {k: v for k, v in changes.items() if v is not None}
        return self.fit_options(**(fields | changes))

    def label_columns(self):
        """What the columns of labels are.

        Returns
        -------
        dict of str to (int or slice, `~astropy.units.UnitBase`)
            By the names of the targets.
        """
        return {
            target.name: (part, target.unit) for target, part in parts(self.targets)
        }

    def _declared_training(self):
        forms = {"default": (type(self).recipe, type(self).network)}
        for name, form in {**forms, **self.alternatives}.items():
            if form == (self.recipe, self.network):
                return self.training.get(name, {})
        return {}

    def _fitting_loss(self):
        outputs = self.network.outputs
        fitting = [loss for loss in self.losses if self.outputs_for(loss) == outputs]
        return (fitting or self.losses)[0]

    def outputs_for(self, loss):
        """How many outputs the network needs for a loss."""
        return total_size(self.targets) * (1 if loss == "mse" else 2)

    def label_scale(self, labels, loss):
        """What labels are brought to zero and one with; see `galspec.learned.Learned`.

        Parameters
        ----------
        labels : `numpy.ndarray`, shape (n, n_labels)
            Of the training part.
        loss : str

        Returns
        -------
        mean, std : `numpy.ndarray`, shape (n_labels,)
        fields : dict
            Of ``learned_type``, that follow from them.
        """
        return self.learned_type.label_scale(labels, loss)

    def complete(self, batch):
        """Find out what the recipe needs and spectra lack; nothing, unless told how.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            As it was gathered.

        Returns
        -------
        batch : `~galspec.SpectrumBatch`
        columns : dict of str to `numpy.ndarray`, shape (n,)
            What a result shall say of it.
        """
        return batch, {}

    def check_options(self, *, interval=None, scale=None, **options):
        """Refuse keywords of ``predict`` that make no sense, before any work is done.

        Parameters
        ----------
        interval, scale, **options
            As for ``predict``.

        Raises
        ------
        TypeError
            If the estimator takes no such keyword.
        ValueError
            If it takes it, but not this value.
        """
        for name in options:
            if name not in (*self.options, *self.result_options):
                raise TypeError(f"predict of {type(self).__name__} takes no {name!r}")
        if interval is not None and not self.intervals:
            raise ValueError(
                f"interval is {interval}, but {type(self).__name__} gives no limits"
            )
        if interval is not None and not 0 < interval < 1:
            raise ValueError(f"interval is {interval}; it is a share between 0 and 1")
        if scale is not None:
            self.check_scale(scale)

    @classmethod
    def read_option(cls, name, text):
        """A keyword of ``predict`` as the command line gives it.

        Parameters
        ----------
        name : str
            One of ``options`` or ``result_options``.
        text : str

        Returns
        -------
        object
            What Python takes the text for, a number for example; else the text.

        Raises
        ------
        ValueError
            If the estimator can read nothing from it.
        """
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text

    def check_scale(self, scale):
        """Refuse a scale that results cannot be given on.

        Parameters
        ----------
        scale : str
            What `predict` is to be asked for.

        Raises
        ------
        ValueError
            If the estimator knows no way to it.
        """
        if self.convert is None:
            raise ValueError(
                f"scale is {scale!r}, but {type(self).__name__} knows no other scales"
            )
        self.convert(np.empty(0), self.scale, scale)
