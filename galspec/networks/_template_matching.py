"""The torch side of `galspec.networks.TemplateMatchingConfig`."""

import dataclasses

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._local_fit import LocalFit
from galspec.networks._local_regression import nearest, regression_weights
from galspec.networks._shifts import moved, whole_shifts
from galspec.networks._templates import chosen_templates, label_axes

#: What is kept of the training; all else follows of it.
STATE = ("templates", "labels", "known")
#: How often the fit is made, each time about the template nearest to the last one.
ROUNDS = 2


@dataclasses.dataclass(frozen=True)
class Fitted:
    """What was found for each of n spectra.

    Parameters
    ----------
    template : `torch.Tensor` of int, shape (n,)
        About which the fit was made.
    local : LocalFit
    offset : `torch.Tensor`, shape (n, d + 1)
        From this template, in the units of its neighbourhood; the last one is that of
        the shift.
    shift : `torch.Tensor`, shape (n,)
        Of the spectrum against the templates, in pixels.
    """

    template: torch.Tensor
    local: LocalFit
    offset: torch.Tensor
    shift: torch.Tensor


class TemplateMatching(nn.Module):
    """See `galspec.networks.TemplateMatchingConfig`.

    ``templates`` (m, n_pix) have the standardised ``labels`` (m, n_labels); ``known``
    (n_pix,) is 0 where no training spectrum has a pixel.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        for name in STATE:
            self.register_buffer(name, torch.empty(0))
        self.register_load_state_dict_pre_hook(_make_room)
        self.register_load_state_dict_post_hook(_after_loading)

    def forward(self, x):
        """From (n, 2, n_pix) to (n, outputs)."""
        fitted = self.fitted(x)
        return self.packed(self.labels_of(fitted), 0.5 * self.variance(fitted).log())

    def packed(self, labels, log_sigma):
        """Labels, and their errors where these are wanted, as outputs."""
        return torch.cat([labels, log_sigma], dim=1)[:, : self.config.outputs].float()

    def learn(self, inputs, labels, loss, seed):
        """Take templates.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, 2, n_pix)
            Flux and inverse variance.
        labels : `numpy.ndarray`, shape (n, n_labels)
            Standardised; rows with NaN are left out.
        loss : str
            Makes no difference.
        seed : int
            Of the choice where there are more spectra than templates.

        Raises
        ------
        ValueError
            If there are no rows with all labels.
        """
        labels = torch.from_numpy(labels)
        whole = labels.isfinite().all(dim=1)
        if not whole.any():
            raise ValueError("no training spectrum has all labels: none is a template")
        labels = labels[whole]
        flux, ivar = torch.from_numpy(inputs)[whole].unbind(dim=1)
        centre, axes = label_axes(labels)
        points = (labels - centre) @ torch.linalg.pinv(axes)
        chosen, self.templates = chosen_templates(
            flux, ivar, points, self.config.templates, self.config.neighbours, seed
        )
        self.labels = labels[chosen]
        self.known = (ivar > 0).any(dim=0).float()
        self._prepare()

    def fitted(self, x):
        """Fit labels, velocity and amplitude to spectra (n, 2, n_pix)."""
        flux, ivar = x[:, 0], x[:, 1] * self.known
        fitted = self.about(*self.search(flux, ivar), flux, ivar)
        for _ in range(ROUNDS - 1):
            point = self.points_at(fitted.template, fitted.offset[:, None, :-1])[:, 0]
            template = nearest(self.points, point, 1)[0][:, 0]
            fitted = self.about(template, fitted.shift, flux, ivar)
        return fitted

    def search(self, flux, ivar):
        """The best template, and the shift in pixels, of spectra (n, n_pix)."""
        most, guides = self.config.shifts, slice(self.config.guides)
        # flux times ivar, and ivar alone, moved by whole pixels
        weighted = whole_shifts(flux * ivar, most)
        ivars = whole_shifts(ivar, most)
        total = whole_shifts(flux.square() * ivar, most).sum(dim=2)
        gain = _gain(weighted, ivars, self.templates[guides], self.squares[guides])
        chi2 = total[..., None] - gain
        # of the guide that reaches the lowest one
        guide = chi2.amin(dim=1).argmin(dim=1)
        chi2 = chi2.gather(2, guide[:, None, None].expand(-1, chi2.shape[1], 1))
        place = chi2[..., 0].argmin(dim=1)
        rows = torch.arange(len(flux), device=flux.device)
        gain = _gain(
            weighted[rows, place], ivars[rows, place], self.templates, self.squares
        )
        return gain.argmax(dim=1), place - most + _vertex(chi2[..., 0], place)

    def about(self, template, shift, flux, ivar):
        """What is found about one template and shift (n,) for each spectrum."""
        near = self.templates[self.near[template]]
        basis, slope = moved(self.weights[template] @ near, shift)
        local = LocalFit.of(torch.cat([basis, slope], dim=1), flux, ivar)
        offset = local.best(self.points.shape[1])
        return Fitted(template, local, offset, shift + offset[:, -1].float())

    def points_at(self, template, offsets):
        """Points on the axes of the labels, (n, m, d), of offsets from templates."""
        scale = self.radius[template, None, None]
        return self.points[template, None] + scale * offsets.float()

    def labels_at(self, template, offsets):
        """Labels, (n, m, n_labels), of offsets (n, m, d) from templates (n,)."""
        return self.centre + self.points_at(template, offsets) @ self.axes

    def labels_of(self, fitted):
        """The best labels, (n, n_labels)."""
        return self.labels_at(fitted.template, fitted.offset[:, None, :-1])[:, 0]

    def covariance(self, fitted):
        """Of the offsets, (n, d + 1, d + 1), by the curvature of chi2.

        What a spectrum does not tell is known as well as the labels of all templates.
        """
        radius = self.radius[fitted.template].double()
        prior = radius[:, None].square().repeat(1, fitted.offset.shape[1])
        prior[:, -1] = 1  # a shift, in pixels
        return fitted.local.covariance(fitted.offset, prior)

    def variance(self, fitted):
        """Of the labels, (n, n_labels)."""
        covariance = self.covariance(fitted)[:, :-1, :-1]
        scale = self.radius[fitted.template, None, None].double() * self.axes.double()
        return torch.einsum("nil,nij,njl->nl", scale, covariance, scale)

    def _prepare(self):
        """What follows of the templates and their labels."""
        centre, axes = label_axes(self.labels)
        points = (self.labels - centre) @ torch.linalg.pinv(axes)
        near, radius = nearest(points, points, min(self.config.neighbours, len(points)))
        offsets = (points[near] - points[:, None]) / radius[:, None, None]
        following = {
            "centre": centre,
            "axes": axes,
            "points": points,
            "near": near,
            "radius": radius,
            "weights": regression_weights(offsets),
            "squares": self.templates.square(),
        }
        for name, value in following.items():
            self.register_buffer(name, value, persistent=False)


def _gain(weighted, ivar, templates, squares):
    """By how much a template of the best amplitude lowers chi2, (..., templates)."""
    along, norm = weighted @ templates.T, ivar @ squares.T
    return along.clamp(min=0).square() / norm.clamp(min=1e-30)


def _vertex(chi2, place):
    """Where the parabola through the minimum and its neighbours has its own.

    From chi2 (n, shifts) and the index of the minimum (n,); in pixels from there.
    """
    around = place[:, None] + torch.arange(3, device=place.device)
    padded = functional.pad(chi2[:, None], (1, 1), mode="replicate")[:, 0]
    low, middle, high = padded.gather(1, around).unbind(dim=1)
    return 0.5 * (low - high) / (low - 2 * middle + high).clamp(min=1e-30)


def _make_room(module, arrays, prefix, *_):
    """Before loading: how many templates there are is known to the arrays alone."""
    for name in STATE:
        if prefix + name in arrays:
            setattr(module, name, torch.empty_like(arrays[prefix + name]))


def _after_loading(module, keys):
    """What is missing will be told by torch."""
    if not keys.missing_keys:
        module._prepare()
