"""Quadratic functions fitted to the nearest points: Cleveland & Devlin 1988."""

import torch

#: Keeps a regression solvable whose points are too few, or lie in a plane.
RIDGE = 1e-6


def quadratic(u):
    """Terms of a quadratic function: (..., d) to (..., 1 + d + d (d + 1) / 2)."""
    i, j = torch.triu_indices(u.shape[-1], u.shape[-1])
    one = torch.ones_like(u[..., :1])
    return torch.cat([one, u, u[..., i] * u[..., j]], dim=-1)


def quadratic_slopes(u):
    """Derivatives of `quadratic`: (n, d) to (n, d, terms)."""
    d = u.shape[-1]
    i, j = torch.triu_indices(d, d)
    unit = torch.eye(d, dtype=u.dtype, device=u.device)
    linear = unit.expand(len(u), d, d)
    squares = unit[:, i] * u[:, None, j] + unit[:, j] * u[:, None, i]
    return torch.cat([torch.zeros_like(linear[..., :1]), linear, squares], dim=-1)


def nearest(points, centres, k):
    """Indices of the nearest points, (m, k), and the distance of the last, (m,)."""
    distance, index = torch.cdist(centres, points).topk(k, largest=False)
    return index, distance[:, -1].clamp(min=1e-6)


def regression_weights(offsets, importance=None):
    """What each point counts for in each coefficient of a local regression.

    Parameters
    ----------
    offsets : `torch.Tensor`, shape (m, k, d)
        Of the points from the centre, 1 being as far as points matter.
    importance : `torch.Tensor`, shape (m, k), optional
        Weight of each point beside that by its distance.

    Returns
    -------
    `torch.Tensor`, shape (m, terms, k)
        Times the values at the points: coefficients of the terms of `quadratic`.
    """
    offsets = offsets.double()
    # the last point, at a distance of 1, shall not be lost altogether
    distance = offsets.norm(dim=-1) / 1.1
    weight = (1 - distance.clamp(max=1) ** 3) ** 3
    if importance is not None:
        weight = weight * importance / importance.amax(dim=1, keepdim=True)
    terms = quadratic(offsets)
    weighted = terms * weight[..., None]
    normal = weighted.mT @ terms
    ridge = RIDGE * normal[..., :1, :1] * torch.eye(normal.shape[-1])
    return torch.linalg.solve(normal + ridge, weighted.mT).float()
