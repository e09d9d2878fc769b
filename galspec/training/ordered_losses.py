"""Losses of a density over ordered bins, which know that a near miss is one.

All take logits of bins that are even from 0 to 1, of one network, (n, n_bins), or of an
ensemble, (members, n, n_bins), and labels from 0 to 1, (n, 1).
"""

__all__ = ["bins", "continuous_ranked_probability", "ordered"]

#: Standard deviation, in bins, of the Gaussian that a label becomes.
SOFTNESS = 1.0
#: How much the continuous ranked probability score counts beside the cross-entropy.
RANKED = 50.0


def bins(prediction, label):
    """Cross-entropy of the bin that the label lies in.

    As in Wei et al. (2025, PASA, arXiv:2505.24175): the bins know no order.

    Parameters
    ----------
    prediction : `torch.Tensor`, shape (n, n_bins) or (members, n, n_bins)
    label : `torch.Tensor`, shape (n, 1)

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    n_bins = prediction.shape[-1]
    place = (label[:, 0] * n_bins).long().clamp(0, n_bins - 1)
    log = prediction.log_softmax(dim=-1)
    return -log.gather(-1, place.expand(log.shape[:-1])[..., None]).mean()


def continuous_ranked_probability(prediction, label):
    """Square of the distribution function less the step at the label, integrated.

    Gneiting & Raftery (2007, JASA 102, 359), eq. 20. Both are taken as their means in
    each bin, which lowers it by a number that depends on the label alone.

    Parameters
    ----------
    prediction, label
        As for `bins`.

    Returns
    -------
    `torch.Tensor`
        A scalar, in units of the label.
    """
    import torch

    n_bins = prediction.shape[-1]
    probability = prediction.softmax(dim=-1)
    # in the middle of each bin, where the step is its mean over the bin
    cumulative = probability.cumsum(dim=-1) - probability / 2
    upper = torch.arange(1, n_bins + 1, device=label.device, dtype=label.dtype)
    step = (upper - label * n_bins).clamp(0, 1)
    return (cumulative - step).square().sum(dim=-1).mean() / n_bins


def ordered(prediction, label):
    """Cross-entropy of a Gaussian one bin wide about the label, and the ranked score.

    The first makes densities sharp, the second keeps what is wrong near.

    Parameters
    ----------
    prediction, label
        As for `bins`.

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    import torch

    n_bins = prediction.shape[-1]
    edges = torch.arange(n_bins + 1, device=label.device, dtype=label.dtype)
    below = torch.special.ndtr((edges - label * n_bins) / SOFTNESS)
    share = below.diff(dim=-1)
    share = share / share.sum(dim=-1, keepdim=True).clamp(min=1e-9)
    entropy = -(share * prediction.log_softmax(dim=-1)).sum(dim=-1).mean()
    return entropy + RANKED * continuous_ranked_probability(prediction, label)
