"""Non-linear least squares for many spectra at once."""

import torch

#: Steps of a search, and the length of one, in standard deviations of the training
#: labels, below which it ends.
STEPS, ENOUGH = 30, 1e-3
#: Damping at the start, and what a step that led down or up multiplies it by.
DAMPING, DOWN, UP = 1e-2, 0.1, 10.0
#: Keeps matrices of labels that no pixel tells anything of invertible.
TINY = 1e-9


def search(model, depth, weight, start, limits):
    """Labels of least squares, by Levenberg-Marquardt from several starts.

    Marquardt (1963, J. SIAM 11, 431). A label that would leave its range stays at the
    limit, and the others move on.

    Parameters
    ----------
    model : callable
        From labels (m, free) to depths (m, n_pix) and slopes (m, free, n_pix).
    depth, weight : `torch.Tensor`, shape (n, n_pix)
        What is observed, and the inverse variance that it counts with.
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
    depth = depth.repeat_interleave(starts, dim=0)
    weight = weight.repeat_interleave(starts, dim=0)
    labels = start.flatten(0, 1).clone()
    labels, misfit, curvature = _descend(model, depth, weight, labels, limits)
    best = misfit.view(n, starts).argmin(dim=1)
    best = best + starts * torch.arange(n, device=best.device)
    return labels[best], curvature[best]


def _descend(model, depth, weight, labels, limits):
    """Labels, misfit and curvature at the end of the search in every row."""
    misfit, gradient, curvature = _normal(model, labels, depth, weight)
    damping = torch.full_like(misfit, DAMPING)
    active = torch.arange(len(labels), device=labels.device)
    for _ in range(STEPS):
        if not len(active):
            break
        here = labels[active]
        step = _step(here, gradient[active], curvature[active], damping[active], limits)
        trial = (here + step).clamp(*limits)
        found = _normal(model, trial, depth[active], weight[active])
        better = found[0] < misfit[active]
        rows = active[better]
        labels[rows] = trial[better]
        for old, new in zip((misfit, gradient, curvature), found, strict=True):
            old[rows] = new[better]
        damping[active] *= torch.where(better, DOWN, UP)
        active = active[(trial - here).abs().amax(dim=1) > ENOUGH]
    return labels, misfit, curvature


def _normal(model, labels, depth, weight):
    """Weighted sum of squares, half its negative gradient, and Gauss-Newton matrix."""
    predicted, slopes = model(labels)
    residual = depth - predicted
    weighted = slopes * weight[:, None]
    gradient = (weighted @ residual[..., None]).squeeze(-1)
    misfit = (weight * residual.square()).sum(dim=1)
    return misfit, gradient, weighted @ slopes.mT


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
