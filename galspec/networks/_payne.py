"""The torch side of `galspec.networks.PayneConfig`."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._forward_model import ForwardModel, likely_variance

#: Spectra a step.
BATCH = 64
#: Noise that is added to that of all pixels, or a few bright stars would rule.
FLOOR = 0.02


class Payne(ForwardModel):
    """See `galspec.networks.PayneConfig`."""

    def __init__(self, config, n_pix):
        super().__init__(config)
        widths = (config.free, *config.widths)
        pairs = itertools.pairwise(widths)
        self.hidden = nn.ModuleList(nn.Linear(*pair) for pair in pairs)
        self.last = nn.Linear(widths[-1], n_pix)

    @property
    def basis(self):
        """Weights and bias of the last layer."""
        return torch.cat([self.last.weight.T, self.last.bias[None]])

    def features(self, labels):
        """The last hidden layer, and 1; and the slopes of these."""
        unit = self.high - self.low
        value, slopes = (labels - self.low) / unit - 0.5, torch.diag(1 / unit)
        for layer in self.hidden:
            value = torch.tanh(layer(value))
            slopes = (slopes @ layer.weight.T) * (1 - value.square())[:, None]
        return functional.pad(value, (0, 1), value=1), functional.pad(slopes, (0, 1))

    def fit_pixels(self, labels, depth, ivar, rng):
        """Train the network."""
        weight = ivar / (1 + ivar * FLOOR**2)
        total = weight.sum(dim=0).clamp(min=torch.finfo(weight.dtype).tiny)
        with torch.no_grad():
            # from the mean spectrum
            self.last.bias.copy_((weight * depth).sum(dim=0) / total)
            self.last.weight.zero_()
        self._train(labels, depth, weight, rng)
        with torch.no_grad():
            return likely_variance(depth - self.features(labels)[0] @ self.basis, ivar)

    def _train(self, labels, depth, weight, rng):
        """Adam on the weighted squares, the rate half a cosine."""
        steps = -(-len(labels) // BATCH) * self.config.epochs
        optimizer = torch.optim.Adam(self.parameters(), self.config.learning_rate)
        rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(self.config.epochs):
            order = torch.from_numpy(rng.permutation(len(labels)))
            for rows in order.split(BATCH):
                residual = depth[rows] - self.last(
                    self.features(labels[rows])[0][:, :-1]
                )
                loss = (weight[rows] * residual.square()).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                rate.step()
