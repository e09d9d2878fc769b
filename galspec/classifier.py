"""Classifiers of spectra: the same contract, with probabilities as targets."""

import astropy.units as u
import numpy as np

from galspec.learned_classes import LearnedClasses
from galspec.networks import NetworkConfig
from galspec.spectral_estimator import SpectralEstimator
from galspec.targets import Target
from galspec.transforms import Recipe

__all__ = ["SpectralClassifier", "class_targets"]

#: A class that stands for all others; it is learned but not reported.
REST = "other"


def class_targets(descriptions):
    """Targets ``p_NAME``, one for each class.

    Parameters
    ----------
    descriptions : dict of str to str
        What a spectrum of each class is of.

    Returns
    -------
    tuple of `~galspec.Target`

    Examples
    --------
    >>> from galspec.classifier import class_targets
    >>> [target.name for target in class_targets({"star": "a star", "qso": "a quasar"})]
    ['p_star', 'p_qso']
    """
    return tuple(
        Target(f"p_{name}", u.dimensionless_unscaled, f"probability of {words}", (0, 1))
        for name, words in descriptions.items()
    )


class SpectralClassifier(SpectralEstimator):
    """Base of every classifier of spectra.

    A subclass declares what one of `~galspec.SpectralEstimator` does; its ``targets``
    are those of `class_targets`. A result has ``p_NAME`` for each class, as
    ``p_NAME_err`` the scatter between the networks of the ensemble, and ``label``, the
    likeliest class. Fit it with a name for each spectrum.

    Parameters
    ----------
    recipe, network
        As for `~galspec.SpectralEstimator`.
    classes : tuple of str, optional
        Names, in the order of the network's outputs: those of the targets unless given,
        or some of them and "other" for the rest.

    Notes
    -----
    ``predict(..., prior={"NAME": share, ...})`` corrects the probabilities for a sample
    in which the classes have other shares than in the training set.
    """

    learned_type = LearnedClasses
    losses = ("cross-entropy", "binary")
    intervals = False
    options = ("prior",)
    #: Classes of a published form, where they are not those of the targets.
    form_classes = {}

    def __init__(self, *, recipe=None, network=None, classes=None):
        super().__init__(recipe=recipe, network=network)
        names = [target.name.removeprefix("p_") for target in self.targets]
        self.classes = tuple(names if classes is None else classes)
        unknown = set(self.classes) - {*names, REST}
        if unknown:
            raise ValueError(
                f"no class {sorted(unknown)}: {type(self).__name__} knows "
                f"{', '.join(names)}, and {REST} for the rest"
            )
        self.targets = tuple(
            target
            for target, name in zip(self.targets, names, strict=True)
            if name in self.classes
        )

    @classmethod
    def variant(cls, name):
        """As of `~galspec.SpectralEstimator`, with the classes of the form."""
        form = super().variant(name)
        return cls(
            recipe=form.recipe, network=form.network, classes=cls.form_classes.get(name)
        )

    @classmethod
    def from_config(cls, config):
        """As of `~galspec.SpectralEstimator`, with the classes of the weights."""
        from galspec.weights import WeightsError

        if config["estimator"] != cls.name or "classes" not in config:
            raise WeightsError(
                f"these weights are of {config['estimator']!r}, not of {cls.name!r}"
            )
        return cls(
            recipe=Recipe.from_config(config["recipe"]),
            network=NetworkConfig.from_config(config["network"]),
            classes=config["classes"],
        )

    def form_config(self):
        """The classes, in the order of the outputs."""
        return {"classes": list(self.classes)}

    def outputs_for(self, loss):
        """One for each class."""
        return len(self.classes)

    def label_array(self, labels):
        """Names of classes as memberships.

        Parameters
        ----------
        labels : array_like of str, shape (n,)
            A name that is no class belongs to "other" where there is one; an empty one
            is not known.

        Returns
        -------
        `numpy.ndarray`, shape (n, n_classes)
            1 in the column of the class; NaN where it is not known.

        Raises
        ------
        ValueError
            If there are none, more than one a spectrum, or of a class that is not
            known.
        """
        if labels is None:
            raise ValueError("labels are needed beside the spectra")
        labels = np.ma.filled(np.ma.asarray(labels).astype(str), "")
        if labels.ndim != 1:
            raise ValueError(
                f"labels have the shape {labels.shape}; one name of a class is needed "
                "for each spectrum"
            )
        unknown = sorted(set(labels.tolist()) - {*self.classes, ""})
        if unknown and REST not in self.classes:
            raise ValueError(
                f"labels name {unknown[:5]}; the classes are {', '.join(self.classes)}"
            )
        labels = np.where(np.isin(labels, unknown), REST, labels)
        member = (labels[:, None] == np.array(self.classes)).astype(float)
        member[labels == ""] = np.nan
        return member

    def label_columns(self):
        """A column for each class, the rest included."""
        return {
            f"p_{name}": (index, u.dimensionless_unscaled)
            for index, name in enumerate(self.classes)
        }

    def check_options(self, **options):
        """As of `~galspec.SpectralEstimator`, the prior included."""
        super().check_options(**options)
        if options.get("prior") is not None:
            self.prior_shares(options["prior"])

    def prior_shares(self, prior):
        """The shares that ``prior=`` names, in the order of the classes.

        Parameters
        ----------
        prior : dict of str to float
            A share for each class; they are brought to a sum of one.

        Returns
        -------
        `numpy.ndarray`, shape (n_classes,)

        Raises
        ------
        ValueError
            If a class is missing or unknown, or a share is negative.
        """
        if set(prior) != set(self.classes):
            raise ValueError(
                f"prior has the classes {sorted(prior)}; it needs a share for each of "
                f"{', '.join(self.classes)}"
            )
        shares = np.array([prior[name] for name in self.classes], float)
        if not (shares >= 0).all() or not shares.sum() > 0:
            raise ValueError(f"prior is {prior}; shares are positive")
        return shares / shares.sum()
