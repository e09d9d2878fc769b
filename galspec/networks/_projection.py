"""The torch side of `galspec.networks.ProjectionConfig`."""

import math

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._layers import rebinned, small

#: Depths beyond these are noise, or emission.
LIMITS = (-1.0, 1.5)
#: Scatter of the depth of lines: brings the inputs of the first layer to about one.
SCATTER = 0.1
#: Inverse variance at which a pixel counts half, before it is learned: S/N of 5.
HALF = 25.0


class Projection(nn.Module):
    """See `galspec.networks.ProjectionConfig`."""

    #: Dense layers read their weights once for all rows.
    chunk = 64

    def __init__(self, config, n_pix):
        super().__init__()
        self.block = config.block
        blocks = math.ceil(n_pix / config.block)
        self.log_half = nn.Parameter(torch.full((n_pix,), math.log(HALF)))
        self.lines = nn.Linear(n_pix, config.width)
        self.quality = nn.Linear(2 * blocks, config.width)
        self.body = nn.Sequential(
            *(Residual(config.width, config.dropout) for _ in range(config.depth))
        )
        self.last = nn.LayerNorm(config.width)
        self.head = small(nn.Linear(config.width, config.outputs))

    def forward(self, x):
        """From (n, 2, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: behind the last block."""
        depth, ivar = x[:, 0], x[:, 1]
        weight = ivar / (ivar + self.log_half.exp())
        lines = self.lines(depth.clamp(*LIMITS) / SCATTER * weight)
        told = torch.stack([(ivar > 0).to(ivar.dtype), ivar], dim=1)
        share, ivar = rebinned(told, self.block).unbind(dim=1)
        quality = torch.cat([share, torch.log1p(ivar) / 4], dim=1)
        seen = self.last(self.body(lines + self.quality(quality)))
        return self.head(seen), seen


class Residual(nn.Module):
    """What two layers add to their input."""

    def __init__(self, width, dropout):
        super().__init__()
        self.first = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width))
        self.second = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * width, width))

    def forward(self, x):
        """From (n, width) to (n, width)."""
        return x + self.second(functional.gelu(self.first(x)))
