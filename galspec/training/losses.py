"""Losses on standardised labels; all take (prediction, label) tensors.

Those of quantities leave out labels that are not known (NaN).
"""

from galspec.training.ordered_losses import (
    bins,
    continuous_ranked_probability,
    ordered,
)

__all__ = [
    "LOSSES",
    "beta_gaussian",
    "binary",
    "cross_entropy",
    "gaussian",
    "sharp_gaussian",
    "squared_error",
]

#: log sigma is kept within these, so that one wild spectrum cannot rule a batch.
LOG_SIGMA_LIMITS = (-4.0, 3.0)
#: The same for labels that can be known to a thousandth of their scatter.
SHARP_LIMITS = (-7.0, 3.0)


def squared_error(prediction, label):
    """Mean squared error.

    Parameters
    ----------
    prediction, label : `torch.Tensor`, shape (n, n_targets)

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    known = label.isfinite()
    square = (prediction - label.nan_to_num()).square()
    return _mean_of(square, known)


def gaussian(prediction, label):
    """Negative log-likelihood of a Gaussian whose width the network predicts.

    Nix & Weigend (1994, IEEE ICNN, 1, 55), eq. 3.

    Parameters
    ----------
    prediction : `torch.Tensor`, shape (n, 2 * n_targets)
        Means, then log sigmas.
    label : `torch.Tensor`, shape (n, n_targets)

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    loss, _, known = _each(prediction, label)
    return _mean_of(loss, known)


def sharp_gaussian(prediction, label):
    """As `gaussian`, for labels that can be known to a thousandth of their scatter.

    Parameters
    ----------
    prediction, label
        As for `gaussian`.

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    loss, _, known = _each(prediction, label, SHARP_LIMITS)
    return _mean_of(loss, known)


def beta_gaussian(prediction, label):
    """As `gaussian`, with more weight on spectra that are hard to tell.

    The likelihood alone weighs squared errors by 1 / sigma**2: what is uncertain at
    first is hardly learned. Each term times sigma, held constant, mends that (Seitzer
    et al. 2022, arXiv:2203.09168, eq. 5 with beta = 0.5).

    Parameters
    ----------
    prediction, label
        As for `gaussian`.

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    loss, log_sigma, known = _each(prediction, label)
    return _mean_of(loss * log_sigma.detach().exp(), known)


def cross_entropy(prediction, label):
    """Cross-entropy of one class among several.

    Parameters
    ----------
    prediction : `torch.Tensor`, shape (n, n_classes)
        Logits.
    label : `torch.Tensor`, shape (n, n_classes)
        1 in the column of the true class, or shares that sum to one.

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    return -(label * prediction.log_softmax(dim=1)).sum(dim=1).mean()


def binary(prediction, label):
    """Cross-entropy of each class for itself, as of sigmoid outputs.

    Parameters
    ----------
    prediction, label
        As for `cross_entropy`.

    Returns
    -------
    `torch.Tensor`
        A scalar.
    """
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(prediction, label)


def _each(prediction, label, limits=LOG_SIGMA_LIMITS):
    """Negative log-likelihood, log sigma within its limits, and what labels are known.

    Each has the shape (n, n_targets).
    """
    mean, log_sigma = prediction.chunk(2, dim=1)
    log_sigma = log_sigma.clamp(*limits)
    known = label.isfinite()
    # NaN must not enter: its gradient is NaN even where a mask takes it away again
    distance = (label.nan_to_num() - mean) / log_sigma.exp()
    return 0.5 * distance.square() + log_sigma, log_sigma, known


def _mean_of(loss, known):
    return (loss * known).sum() / known.sum().clamp(min=1)


#: Names of losses, and what computes them.
LOSSES = {
    "mse": squared_error,
    "gaussian": gaussian,
    "sharp-gaussian": sharp_gaussian,
    "beta-gaussian": beta_gaussian,
    "cross-entropy": cross_entropy,
    "binary": binary,
    "ordered": ordered,
    "bins": bins,
    "crps": continuous_ranked_probability,
}
