"""Labels of stars by comparison with templates."""

import dataclasses

from galspec.estimators.cemp_params import CEMPParams
from galspec.learned_stars import LearnedStars
from galspec.networks import TemplateMatchingConfig

__all__ = ["TemplateMatching"]

#: Where errors can come from.
ERRORS = ("curvature", "mcmc")


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedTemplates(LearnedStars):
    """See `~galspec.learned_stars.LearnedStars`."""

    def columns(
        self, inputs, snr, estimator, interval, *, errors="curvature", **options
    ):
        """As of `LearnedStars`, with errors by Markov chains where they are wanted."""
        learned = self
        if errors == "mcmc":
            from galspec.engines.torch_ensemble import TorchEnsemble
            from galspec.networks._template_sampling import Sampled

            ensemble = TorchEnsemble([Sampled(model) for model in self.models])
            learned = dataclasses.replace(self, ensemble=ensemble)
        return LearnedStars.columns(
            learned, inputs, snr, estimator, interval, **options
        )


class TemplateMatching(CEMPParams):
    """Labels of stars by least squares over templates, amplitude and velocity.

    All templates are compared with a spectrum; between those about the best one
    Levenberg-Marquardt steps find the minimum of chi2, and its curvature tells the
    errors. See `~galspec.networks.TemplateMatchingConfig`. Errors are calibrated as
    those of a network: chi2 itself knows nothing of what templates lack.

    ``fit`` takes the training part of its data as templates. It is at its best where
    these are noise-free, spread over all labels and alike in resolution to the spectra
    to come; these belong in the calibration part, so give a source that has both (see
    `galspec.training.sources`). Many noisy spectra with labels will do.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; that of `~galspec.CEMPParams` when not given.
    network : `~galspec.networks.TemplateMatchingConfig`, optional
        How many templates, neighbours and velocities.

    Notes
    -----
    ``predict(..., errors="mcmc")`` samples the likelihood by emcee, calibrated as the
    others are, at about half a second a spectrum. The chains of equal spectra are
    equal. It needs the extra ``mcmc``.

    Examples
    --------
    One line that tells of each label:

    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.baselines.template_matching import TemplateMatching
    >>> rng = np.random.default_rng(0)
    >>> labels = rng.normal([5000, 3, -1, 0.3], [300, 0.5, 0.3, 0.2], (200, 4))
    >>> labels = np.column_stack([labels, labels[:, 2] + labels[:, 3]])
    >>> wavelength = np.arange(3800.0, 8800.0, 5)
    >>> apart = wavelength - np.array([[4300.0], [5000.0], [6000.0], [7000.0]])
    >>> strength = 0.5 + 0.1 * (labels - labels.mean(axis=0)) / labels.std(axis=0)
    >>> flux = 1 - strength[:, :4] @ np.exp(-0.5 * (apart / 20) ** 2)
    >>> flux += rng.normal(0, 0.01, flux.shape)
    >>> stars = SpectrumBatch.from_arrays(
    ...     wavelength, flux, ivar=np.full(flux.shape, 1e4), redshift=np.zeros(200)
    ... )
    >>> matching = TemplateMatching().fit(stars, labels)
    >>> error = matching.predict(stars)["feh"].value - labels[:, 2]
    >>> bool(np.std(error) < 0.1)
    True
    """

    name = "template-matching"
    learned_type = LearnedTemplates
    options = {**CEMPParams.options, "errors": f"their origin: {', '.join(ERRORS)}"}
    network = TemplateMatchingConfig(outputs=10)
    training = {}
    alternatives = {}
    references = (
        "Heterogeneous Feature Stream Network for CEMP stars in LAMOST DR11 "
        "(template matching)",
        "1963SJAM...11..431M",
        "1988JASA...83..596C",
        "2013PASP..125..306F",
    )

    def check_options(self, *, errors="curvature", **options):
        """As of `~galspec.CEMPParams`, the origin of errors included."""
        super().check_options(**options)
        if errors not in ERRORS:
            raise ValueError(
                f"errors is {errors!r}; it can be one of {', '.join(ERRORS)}"
            )
