"""Non-linear least squares for many spectra at once."""

import torch

#: Steps of a search at most. It ends with one that is shorter than this, in standard
#: deviations of the training labels, or changes the sum of squares by less than that: a
#: thirtieth of the formal error.
STEPS, SHORT, LITTLE = 15, 1e-3, 1e-3
#: Damping at the start, and what a step that led down or up multiplies it by.
DAMPING, DOWN, UP = 1e-2, 0.1, 10.0
#: Keeps matrices of labels that no pixel tells anything of invertible.
TINY = 1e-9


def search(normal, start, limits):
    """Labels of least squares, by Levenberg-Marquardt from several starts.

    Marquardt (1963, J. SIAM 11, 431). A label that would leave its range stays at the
    limit, and the others move on.

    Parameters
    ----------
    normal : callable
        What `by_pixels` or `by_features` gave.
    start : `torch.Tensor`, shape (n, starts, free)
    limits : tuple of `torch.Tensor`, shape (free,)
        Lowest and highest labels.

    Returns
    -------
    labels : `torch.Tensor`, shape (n, free)
        The best of all starts.
    curvature : `torch.Tensor`, shape (n, free, free)
        The Fisher information there: the inverse of the covariance.
    """
    n, starts, _ = start.shape
    spectrum = torch.arange(n, device=start.device)
    labels, misfit, curvature = _descend(
        normal, start.flatten(0, 1).clone(), spectrum.repeat_interleave(starts), limits
    )
    best = misfit.view(n, starts).argmin(dim=1) + starts * spectrum
    return labels[best], curvature[best]


def by_pixels(model, depth, weight):
    """Normal equations from all pixels, at every step anew.

    Parameters
    ----------
    model : `galspec.networks._forward_model.ForwardModel`
    depth, weight : `torch.Tensor`, shape (n, n_pix)
        What is observed, and the inverse variance that it counts with.

    Returns
    -------
    callable
        From labels (m, free) and the spectrum (m,) that each row is of to the weighted
        sum of squares, half its negative gradient, and the Gauss-Newton matrix.
    """

    def normal(labels, spectrum):
        predicted, slopes = model.with_slopes(labels)
        residual, inverse = depth[spectrum] - predicted, weight[spectrum]
        weighted = slopes * inverse[:, None]
        gradient = (weighted @ residual[..., None]).squeeze(-1)
        misfit = (inverse * residual.square()).sum(dim=1)
        return misfit, gradient, weighted @ slopes.mT

    return normal


def by_features(model, depth, weight, near):
    """Normal equations from few features, in which the depths are linear.

    All sums over pixels are done once, whatever the number of steps and starts.

    Parameters
    ----------
    model, depth, weight
        As for `by_pixels`.
    near : `torch.Tensor`, shape (n, free)
        Labels that fit well: sums of what differs from there lose no digits.

    Returns
    -------
    callable
        As of `by_pixels`.
    """
    basis = model.basis
    origin = model.features(near)[0]
    residual = depth - origin @ basis
    weighted = weight * residual
    total, side = (weighted * residual).sum(dim=1), weighted @ basis.T
    matrix = (weight[:, None] * basis) @ basis.T

    def normal(labels, spectrum):
        features, slopes = model.features(labels)
        apart, own = features - origin[spectrum], matrix[spectrum]
        change = (own @ apart[..., None]).squeeze(-1)
        left = side[spectrum] - change
        misfit = total[spectrum] - ((side[spectrum] + left) * apart).sum(dim=1)
        gradient = (slopes @ left[..., None]).squeeze(-1)
        return misfit, gradient, slopes @ own @ slopes.mT

    return normal


def _descend(normal, labels, spectrum, limits):
    """Labels, misfit and curvature at the end of the search in every row."""
    misfit, gradient, curvature = normal(labels, spectrum)
    damping = torch.full_like(misfit, DAMPING)
    active = torch.arange(len(labels), device=labels.device)
    for _ in range(STEPS):
        if not len(active):
            break
        here = labels[active]
        step = _step(here, gradient[active], curvature[active], damping[active], limits)
        trial = (here + step).clamp(*limits)
        found = normal(trial, spectrum[active])
        gain = misfit[active] - found[0]
        better = gain > 0
        rows = active[better]
        labels[rows] = trial[better]
        for old, new in zip((misfit, gradient, curvature), found, strict=True):
            old[rows] = new[better]
        damping[active] *= torch.where(better, DOWN, UP)
        moved = (trial - here).abs().amax(dim=1)
        active = active[(moved > SHORT) & (gain.abs() > LITTLE)]
    return labels, misfit, curvature


def _step(labels, gradient, curvature, damping, limits):
    """Damped step; labels at a limit that they are pushed against are held."""
    low, high = limits
    held = (labels <= low) & (gradient < 0) | (labels >= high) & (gradient > 0)
    free = (~held).to(curvature.dtype)
    curvature = curvature * free[:, None] * free[..., None]
    own = curvature.diagonal(dim1=1, dim2=2)
    ridge = damping[:, None] * own + TINY + (1 - free)
    matrix = (curvature + torch.diag_embed(ridge)).double()
    step = torch.linalg.solve(matrix, (gradient * free)[..., None].double())
    return step.squeeze(-1).to(labels.dtype)
