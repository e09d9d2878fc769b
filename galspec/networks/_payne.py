"""The torch side of `galspec.networks.PayneConfig`."""

import itertools

import torch
from torch import nn

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

    def with_slopes(self, labels):
        """Depths (n, n_pix) at labels (n, free), and their slopes (n, free, n_pix)."""
        value, slopes = self._scaled(labels), torch.diag(1 / (self.high - self.low))
        for layer in self.hidden:
            value = torch.tanh(layer(value))
            slopes = (slopes @ layer.weight.T) * (1 - value.square())[:, None]
        return self.last(value), slopes @ self.last.weight.T

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
            return likely_variance(depth - self._depth(labels), ivar)

    def _train(self, labels, depth, weight, rng):
        """Adam on the weighted squares, the rate half a cosine."""
        steps = -(-len(labels) // BATCH) * self.config.epochs
        optimizer = torch.optim.Adam(self.parameters(), self.config.learning_rate)
        rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(self.config.epochs):
            order = torch.from_numpy(rng.permutation(len(labels)))
            for rows in order.split(BATCH):
                residual = depth[rows] - self._depth(labels[rows])
                loss = (weight[rows] * residual.square()).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                rate.step()

    def _scaled(self, labels):
        return (labels - self.low) / (self.high - self.low) - 0.5

    def _depth(self, labels):
        """Depths alone."""
        value = self._scaled(labels)
        for layer in self.hidden:
            value = torch.tanh(layer(value))
        return self.last(value)
