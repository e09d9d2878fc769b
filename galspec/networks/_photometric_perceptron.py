"""The torch side of `galspec.networks.PhotometricPerceptronConfig`."""

import math

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._photometric_layers import Columns, MemberLinear

#: Logits start closer together than He et al. would have them: from flat densities.
LAST_GAIN = 0.5


class PhotometricPerceptron(nn.Module):
    """See `galspec.networks.PhotometricPerceptronConfig`."""

    #: Dense layers read their weights once for all rows.
    chunk = 512

    def __init__(self, config, n_columns):
        super().__init__()
        self.n_columns = n_columns
        self.columns = Columns(n_columns)
        self.body = HiddenLayers(config, n_columns)
        self.head = MemberLinear(
            config.members, config.width, config.outputs, LAST_GAIN
        )

    def prepare(self, inputs):
        """Standardise columns by training rows, (n, 1, n_columns or more)."""
        self.columns.prepare(inputs)

    def forward(self, x):
        """From (n, 1, n_columns or more) to (members, n, outputs)."""
        return self.head(self.body(*self.columns(x)))

    def with_features(self, x):
        """Outputs, and what the members saw in the mean: the last hidden layer."""
        seen = self.body(*self.columns(x))
        return self.head(seen), seen.mean(dim=0)


class HiddenLayers(nn.Module):
    """The hidden layers of all members; each but the first adds to what it sees."""

    def __init__(self, config, n_columns):
        super().__init__()
        self.frequency = nn.Parameter(
            config.spread * torch.randn(config.members, n_columns, config.frequencies)
        )
        # the column, whether it is missing, sines and cosines
        inputs = n_columns * (2 + 2 * config.frequencies)
        self.first = MemberLinear(config.members, inputs, config.width)
        self.others = nn.ModuleList(
            MemberLinear(config.members, config.width, config.width)
            for _ in range(config.depth - 1)
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, values, missing):
        """From two of (n, n_columns) to (members, n, width)."""
        x = self.dropout(functional.silu(self.first(self.embedded(values, missing))))
        for layer in self.others:
            x = x + self.dropout(functional.silu(layer(x)))
        return x

    def embedded(self, values, missing):
        """What the first layer sees, (members, n, inputs)."""
        phase = values[:, :, None] * (2 * math.pi * self.frequency[:, None])
        phase = phase.flatten(2)
        plain = torch.cat([values, missing], dim=1).expand(len(phase), -1, -1)
        return torch.cat([plain, phase.sin(), phase.cos()], dim=2)
