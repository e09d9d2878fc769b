"""The torch side of `galspec.networks.PerceptronConfig`."""

import math

from torch import nn

from galspec.networks._layers import he, rebinned, small


class Perceptron(nn.Module):
    """See `galspec.networks.PerceptronConfig`."""

    def __init__(self, config, n_pix):
        super().__init__()
        self.rebin = config.rebin
        layers, width = [], config.inputs * math.ceil(n_pix / config.rebin)
        for wider in config.widths:
            layers += [he(nn.Linear(width, wider)), nn.ReLU(inplace=True)]
            width = wider
        self.body = nn.Sequential(*layers)
        self.head = small(nn.Linear(width, config.outputs))

    def forward(self, x):
        """From (n, inputs, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: the last hidden layer."""
        x = rebinned(x, self.rebin)
        # what all pixels share would drown what they differ in
        x = x - x.mean(dim=2, keepdim=True)
        seen = self.body(x.flatten(1))
        return self.head(seen), seen
