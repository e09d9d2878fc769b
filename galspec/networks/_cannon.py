"""The torch side of `galspec.networks.CannonConfig`."""

import torch

from galspec.networks._forward_model import VARIANCES, ForwardModel, log_likelihood

#: Pixels that are solved together.
CHUNK = 256
#: Relative to the mean of the diagonal: keeps a pixel solvable that few spectra have.
RIDGE = 1e-10


class Cannon(ForwardModel):
    """See `galspec.networks.CannonConfig`.

    ``centre`` and ``unit`` (free,) scale the labels, ``coefficients`` (terms, n_pix)
    are those of 1, the labels, and their products.
    """

    arrays = ("centre", "unit", "coefficients")

    def __init__(self, config, n_pix):
        super().__init__(config)

    @property
    def basis(self):
        """The coefficients."""
        return self.coefficients

    def features(self, labels):
        """1, the labels, and their products; and the slopes of these."""
        scaled = (labels - self.centre) / self.unit
        return _terms(scaled), _slopes(scaled) / self.unit[:, None]

    def fit_pixels(self, labels, depth, ivar, rng):
        """Learn coefficients and intrinsic variances, some pixels at a time."""
        low, self.centre, high = labels.quantile(labels.new_tensor(LEVELS), dim=0)
        self.unit = (high - low) / 4
        terms = _terms(((labels - self.centre) / self.unit).double())
        parts = [
            _solved(terms, pixels.double(), inverse.double())
            for pixels, inverse in zip(
                depth.split(CHUNK, dim=1), ivar.split(CHUNK, dim=1), strict=True
            )
        ]
        coefficients, variance = (
            torch.cat(p, dim=-1) for p in zip(*parts, strict=True)
        )
        self.coefficients = coefficients.float()
        return variance


#: Quantiles that scale the labels.
LEVELS = (0.025, 0.5, 0.975)


def _terms(labels):
    """1, the labels, and all their products: (n, terms)."""
    first, second = torch.triu_indices(labels.shape[1], labels.shape[1])
    one = torch.ones_like(labels[:, :1])
    return torch.cat([one, labels, labels[:, first] * labels[:, second]], dim=1)


def _slopes(labels):
    """Derivatives of the terms: (n, free, terms)."""
    n, free = labels.shape
    first, second = torch.triu_indices(free, free)
    own = torch.eye(free, dtype=labels.dtype, device=labels.device)
    products = own[:, first] * labels[:, None, second]
    products = products + own[:, second] * labels[:, None, first]
    own = own.expand(n, free, free)
    return torch.cat([torch.zeros_like(own[..., :1]), own, products], dim=2)


def _solved(terms, depth, ivar):
    """Coefficients (terms, n_pix) and variances (n_pix,) of highest likelihood."""
    best = depth.new_full(depth.shape[1:], -torch.inf)
    variance = torch.zeros_like(best)
    coefficients = depth.new_zeros(terms.shape[1], depth.shape[1])
    for tried in VARIANCES:
        solution = _least_squares(terms, depth, ivar / (1 + ivar * tried))
        likelihood = log_likelihood(depth - terms @ solution, ivar, tried)
        better = likelihood > best
        best = torch.where(better, likelihood, best)
        variance = torch.where(better, tried, variance)
        coefficients = torch.where(better, solution, coefficients)
    return coefficients, variance


def _least_squares(terms, depth, weight):
    """Weighted least squares of all pixels: (terms, n_pix)."""
    n, size = terms.shape
    products = (terms[:, :, None] * terms[:, None]).view(n, size * size)
    matrix = (weight.T @ products).view(-1, size, size)
    mean = matrix.diagonal(dim1=1, dim2=2).mean(dim=1).clamp(min=RIDGE)
    ridge = RIDGE * mean[:, None, None] * torch.eye(size, dtype=matrix.dtype)
    side = (weight * depth).T @ terms
    return torch.linalg.solve(matrix + ridge, side).T
