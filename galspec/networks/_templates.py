"""From training spectra to templates without gaps and with little noise."""

import torch

from galspec.networks._local_regression import nearest, regression_weights

#: Directions along which labels scatter less than this, of the widest, are none.
FLAT = 1e-3


def label_axes(labels):
    """Directions along which labels scatter, as far as they are independent.

    Parameters
    ----------
    labels : `torch.Tensor`, shape (n, n_labels)

    Returns
    -------
    centre : `torch.Tensor`, shape (n_labels,)
    axes : `torch.Tensor`, shape (d, n_labels)
        Points z have the labels ``centre + z @ axes`` and scatter by 1 along each axis.
    """
    centre = labels.mean(dim=0)
    _, values, axes = torch.linalg.svd(labels - centre, full_matrices=False)
    kept = values > FLAT * values[0]
    scale = values[kept] / len(labels) ** 0.5
    return centre, scale[:, None] * axes[kept]


def chosen_templates(flux, ivar, points, most, neighbours, seed):
    """Local regressions of training spectra, at the labels of some of them.

    Parameters
    ----------
    flux : `torch.Tensor`, shape (n, n_pix)
    ivar : `torch.Tensor`, shape (n, n_pix)
        0 where a pixel is missing. Its mean is the weight of a spectrum.
    points : `torch.Tensor`, shape (n, d)
        Where the spectra lie among the labels.
    most : int
        How many templates there are at most.
    neighbours : int
        Of a template among templates; more where spectra lie closer than these will.
    seed : int

    Returns
    -------
    chosen : `torch.Tensor` of int, shape (m,)
    templates : `torch.Tensor`, shape (m, n_pix)
    """
    n = len(points)
    chosen = torch.randperm(n, generator=torch.Generator().manual_seed(seed))[:most]
    k = min(n, neighbours * n // len(chosen))
    index, radius = nearest(points, points[chosen], k)
    offsets = (points[index] - points[chosen, None]) / radius[:, None, None]
    importance = ivar.mean(dim=1)
    weights = regression_weights(offsets, importance[index].double())[:, 0]
    templates = [
        weight @ _filled(flux[rows], ivar[rows])
        for weight, rows in zip(weights, index, strict=True)
    ]
    return chosen, torch.stack(templates)


def _filled(flux, ivar):
    """Missing pixels with the mean of the others in their place."""
    total = ivar.sum(dim=0)
    mean = (flux * ivar).sum(dim=0) / total.clamp(min=1e-30)
    # where none of these spectra has the pixel
    mean = torch.where(total > 0, mean, mean[total > 0].mean())
    return torch.where(ivar > 0, flux, mean)
