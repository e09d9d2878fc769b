"""The torch side of `galspec.networks.PCAPerceptronConfig`."""

import itertools

import torch
from torch import nn

from galspec.networks._layers import he, small
from galspec.networks._projection import HALF, LIMITS

#: More components than are kept, and passes, that make the kept ones exact enough:
#: Halko, Martinsson & Tropp (2011, SIAM Review 53, 217), section 4.5.
MORE, PASSES = 10, 4


class PCAPerceptron(nn.Module):
    """See `galspec.networks.PCAPerceptronConfig`.

    ``mean`` (n_pix,) is that of the training spectra, ``components`` (n_pix,
    components) are divided by the scatter along them.
    """

    def __init__(self, config, n_pix):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_pix))
        self.register_buffer("components", torch.zeros(n_pix, config.components))
        layers = []
        for pair in itertools.pairwise((config.components, *config.widths)):
            layers += [he(nn.Linear(*pair)), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*layers)
        self.head = small(nn.Linear(config.widths[-1], config.outputs))

    def prepare(self, inputs):
        """Find the principal components of training spectra.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, 2, n_pix)

        Raises
        ------
        ValueError
            If there are fewer spectra or pixels than components.
        """
        depth, weight = _weighted(torch.from_numpy(inputs))
        kept = self.components.shape[1]
        if min(depth.shape) < kept:
            raise ValueError(
                f"components is {kept}, more than {len(depth)} training spectra of "
                f"{depth.shape[1]} pixels have"
            )
        total = weight.sum(dim=0).clamp(min=torch.finfo(weight.dtype).tiny)
        self.mean.copy_((depth * weight).sum(dim=0) / total)
        centred = (depth - self.mean) * weight
        more = min(kept + MORE, *depth.shape)
        _, scatter, directions = torch.svd_lowrank(centred, more, PASSES)
        scatter = scatter / len(depth) ** 0.5
        tiny = torch.finfo(scatter.dtype).eps * scatter[0]
        self.components.copy_((directions / scatter.clamp(min=tiny))[:, :kept])

    def forward(self, x):
        """From (n, 2, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: the last hidden layer."""
        depth, weight = _weighted(x)
        seen = self.body(((depth - self.mean) * weight) @ self.components)
        return self.head(seen), seen


def _weighted(x):
    """Depths within what lines make, and what share of them is no noise."""
    depth, ivar = x.unbind(dim=1)
    return depth.clamp(*LIMITS), ivar / (ivar + HALF)
