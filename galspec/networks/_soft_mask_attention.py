"""The torch side of `galspec.networks.SoftMaskAttentionConfig`."""

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._layers import as_image, convolution, small

#: Lines are a few tenths deep; times this they are of order one, as weights are.
CONTRAST = 5.0
#: Deeper or brighter than this is no line but a fault, which would rule the scatter
#: that batches are normalised by.
MOST = 1.5


class SoftMaskAttention(nn.Module):
    """See `galspec.networks.SoftMaskAttentionConfig`."""

    def __init__(self, config):
        super().__init__()
        first = config.channels[0]
        self.first = normalised(
            convolution(len(config.inputs), first, 7, config.stride)
        )
        widths = (first, *config.channels)
        self.units = nn.Sequential(
            *(
                Unit(before, after, config.kernel)
                for before, after in zip(widths, config.channels, strict=False)
            )
        )
        self.pool = nn.AdaptiveAvgPool2d((1, config.length))
        self.dense = nn.Sequential(
            nn.Linear(widths[-1] * config.length, config.width),
            nn.GELU(),
            nn.LayerNorm(config.width),
            nn.Dropout(config.dropout),
        )
        self.mean = small(nn.Linear(config.width, config.outputs // 2))
        self.log_sigma = small(nn.Linear(config.width, config.outputs // 2))
        offset = torch.zeros(config.outputs // 2)
        self.offset = nn.Parameter(offset, requires_grad=config.offset)

    def forward(self, x):
        """From (n, channels, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: the dense layer."""
        lines = CONTRAST * x.clamp(-MOST, MOST)
        units = self.units(functional.relu(self.first(as_image(lines))))
        seen = self.dense(self.pool(units).flatten(1))
        mean = self.mean(seen) + self.offset
        return torch.cat([mean, self.log_sigma(seen)], dim=1), seen


class Unit(nn.Module):
    """x + (1 + M') T(x), and half as many pixels."""

    def __init__(self, inputs, outputs, kernel):
        super().__init__()
        self.trunk = nn.Sequential(
            normalised(convolution(inputs, outputs, kernel, 2)),
            nn.ReLU(),
            normalised(convolution(outputs, outputs, kernel)),
        )
        self.mask = nn.Sequential(
            normalised(convolution(inputs, outputs, kernel, 2)), SoftThreshold(outputs)
        )
        self.shortcut = convolution(inputs, outputs, 1, 2)

    def forward(self, x):
        """From (n, inputs, 1, n_pix) to (n, outputs, 1, n_pix / 2)."""
        attended = (1 + self.mask(x)) * self.trunk(x)
        return functional.relu(self.shortcut(x) + attended)


class SoftThreshold(nn.Module):
    """Shrink by a threshold below the mean absolute value of each channel."""

    def __init__(self, channels):
        super().__init__()
        self.alpha = nn.Sequential(
            nn.Linear(channels, channels),
            nn.ReLU(),
            nn.Linear(channels, channels),
            nn.Sigmoid(),
        )

    def forward(self, x):
        """The same shape; see `soft_threshold`."""
        mean = x.abs().mean(dim=(2, 3))
        return soft_threshold(x, (self.alpha(mean) * mean)[..., None, None])


def soft_threshold(x, tau):
    """sgn(x) (abs(x) - tau) where abs(x) > tau, else 0."""
    return x.sign() * functional.relu(x.abs() - tau)


def normalised(layer):
    """A convolution, and batch normalisation behind it."""
    return nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels))
