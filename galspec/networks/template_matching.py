"""Grid of templates that a spectrum is compared with."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["TemplateMatchingConfig"]


@dataclasses.dataclass(frozen=True)
class TemplateMatchingConfig(NetworkConfig):
    """Least squares over templates, amplitude and velocity, and between templates.

    For labels θ, amplitude a and velocity v the fit minimises the sum over all pixels
    of ((f - a T(λ (1 + v/c); θ)) / σ)². The best a is known at once, and with it for
    every template chi2 = Σ w f² - (Σ w f T)² / Σ w T², w = 1/σ²: two matrix products
    for all spectra and templates. First a few templates, shifted by whole pixels, give
    the velocity, with a parabola through the minimum; then all templates at this
    velocity give the best one.

    Between templates every pixel is a quadratic function of the labels, fitted to the
    nearest templates about the best one by local regression (Cleveland & Devlin 1988,
    JASA 83, 596, section 2: tricube weights). Levenberg-Marquardt steps
    (Marquardt 1963, J. SIAM 11, 431) find labels and velocity on it, and the curvature
    of chi2 there gives the errors.

    Training spectra should be templates: noise-free, on an even grid in log λ in their
    rest frame, all over the labels. Noisy spectra will do where they are many: each
    template is the local regression, at its labels, to the training spectra near it.

    Parameters
    ----------
    templates : int
        How many are kept at most; where there are more training spectra, those are
        chosen by chance.
    neighbours : int
        Templates that a local regression uses: for 4 independent labels it has 15
        coefficients.
    shifts : int
        Velocities up to so many pixels are found, to either side.
    guides : int
        Templates that the velocity is first looked for with.
    inputs : tuple of str
        ``("flux", "ivar")``.
    outputs : int
        Two a label: value, then log sigma. One a label gives the values alone.

    Raises
    ------
    ValueError
        If a value makes no sense.

    Notes
    -----
    Inputs have the shape (n, 2, n_pix), outputs (n, ``outputs``). Labels that depend
    linearly on each other, as [C/H] = [Fe/H] + [C/Fe], are as good as one fewer. Rows
    that lack a label are left out.
    """

    templates: int = 2000
    neighbours: int = 60
    shifts: int = 2
    guides: int = 40
    inputs: tuple = ("flux", "ivar")
    outputs: int = 2

    def __post_init__(self):
        self._check(
            templates=(self.templates > 0, "above 0"),
            neighbours=(self.neighbours > 1, "above 1"),
            shifts=(self.shifts >= 0, "0 or more"),
            guides=(self.guides > 0, "above 0"),
            inputs=(tuple(self.inputs) == ("flux", "ivar"), '("flux", "ivar")'),
        )

    def build(self, n_pix):
        """Build a module without templates.

        Parameters
        ----------
        n_pix : int
            Pixels of each spectrum.

        Returns
        -------
        `torch.nn.Module`
            From (n, 2, n_pix) to (n, ``outputs``), once it has learned or loaded its
            templates.
        """
        from galspec.networks._template_matching import TemplateMatching

        return TemplateMatching(self)
