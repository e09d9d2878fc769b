"""The torch side of `galspec.networks.InceptionFusionConfig`.

Numbers of channels are those of Wei et al. (2025, arXiv:2505.24175). What the paper
leaves open is said where it was decided.
"""

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._photometric_layers import (
    Columns,
    columns_beside,
    compressed,
    stamps_behind,
)

#: Nanomaggies a pixel: the noise of the Legacy Surveys in g, r, i, z and W1, W2. The
#: paper does not say how fluxes are scaled; here as in `PhotometryAndImagesConfig`.
OPTICAL, INFRARED = (0.002, 0.003, 0.0045, 0.008), (0.002, 0.003)
#: Channels of the paths of an Inception block: 1x1; 1x1 and 3x3; 1x1 and 5x5; pooling.
BLOCKS = (
    (64, (48, 64), (48, 64), 64),
    (92, (64, 92), (64, 92), 64),
    (128, (92, 128), (92, 128), 92),
    (128, (92, 128), (92, 128), 92),
    (128, (92, 128), None, 92),
)
#: Of the first convolution, of the last three, and numbers that a branch gives.
FIRST, LAST, BRANCH = 64, 96, 1024
#: Widths of the layers on both image branches, on the columns, and on all.
IMAGES, COLUMNS, ALL = (4096, 1024), 512, 1024


class InceptionFusion(nn.Module):
    """See `galspec.networks.InceptionFusionConfig`."""

    def __init__(self, config, n_pix):
        super().__init__()
        self.layout = config.bands, config.pixels
        columns = self.n_columns = columns_beside(n_pix, *self.layout)
        # no flags of missing columns: the paper has none
        self.columns = Columns(columns)
        self.optical = ImageBranch(OPTICAL)
        self.infrared = ImageBranch(INFRARED)
        few, many = config.dropout
        self.catalogue = nn.Sequential(
            nn.Linear(columns, COLUMNS),
            nn.GELU(),
            nn.Dropout(few),
            nn.Linear(COLUMNS, COLUMNS),
            nn.GELU(),
            nn.Dropout(few),
        )
        self.images = nn.Sequential(
            nn.Linear(2 * BRANCH, IMAGES[0]),
            nn.ReLU(inplace=True),
            nn.Dropout(many),
            nn.Linear(*IMAGES),
            nn.ReLU(inplace=True),
        )
        self.fusion = nn.Linear(IMAGES[1] + COLUMNS, ALL)
        self.head = nn.Linear(ALL, config.outputs)
        self.apply(start)

    def prepare(self, inputs):
        """Standardise columns by training rows, (n, 1, width) of either width."""
        self.columns.prepare(inputs)

    def forward(self, x):
        """From (n, 1, width), of either width, to (n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the network saw: the last hidden layer."""
        values, missing = self.columns(x)
        catalogued = missing.amin(dim=1, keepdim=True) < 1
        columns = self.catalogue(values) * catalogued
        together = torch.cat([self._images(x, values[:, -1:]), columns], dim=1)
        seen = functional.relu(self.fusion(together))
        return self.head(seen), seen

    def _images(self, x, ebv):
        """What both branches say together, (n, 1024)."""
        stamps = stamps_behind(x, self.n_columns, *self.layout)
        if stamps is None:
            return x.new_zeros((len(x), IMAGES[1]))
        optical, seen = self.optical(stamps[:, : len(OPTICAL)], ebv)
        infrared, also = self.infrared(stamps[:, len(OPTICAL) :], ebv)
        return self.images(torch.cat([optical, infrared], dim=1)) * (seen | also)


class ImageBranch(nn.Module):
    """An Inception network on adjacent bands and their differences."""

    def __init__(self, softening):
        super().__init__()
        softening = torch.tensor(softening).view(-1, 1, 1)
        # it follows from the configuration: no part of the weights
        self.register_buffer("softening", softening, persistent=False)
        self.first = nn.Conv2d(2 * len(softening) - 1, FIRST, 5, padding=2)
        blocks, channels = [], FIRST
        for paths in BLOCKS:
            blocks.append(Inception(channels, *paths))
            channels = blocks[-1].channels
        self.blocks = nn.ModuleList(blocks)
        self.halve = nn.AvgPool2d(2)
        # without an activation between them, as in the source
        self.last = nn.Sequential(
            nn.Conv2d(channels, LAST, 3),
            nn.Conv2d(LAST, LAST, 3),
            nn.Conv2d(LAST, LAST, 3),
            nn.AdaptiveAvgPool2d(1),
        )
        self.describe = nn.Linear(LAST + 1, BRANCH)

    def forward(self, stamps, ebv):
        """From (n, bands, pixels, pixels) and (n, 1) to (n, 1024) and (n, 1).

        The latter is True where there are images; where it is not the former is 0.
        """
        stamps = compressed(stamps, self.softening)
        # differences of compressed fluxes, which are colours where it is bright
        channels = torch.cat([stamps, stamps[:, :-1] - stamps[:, 1:]], dim=1)
        seen = ~stamps.isnan().flatten(1).all(dim=1, keepdim=True)
        x = channels.nan_to_num(0.0, 0.0, 0.0).contiguous(
            memory_format=torch.channels_last
        )
        x = self.halve(functional.relu(self.first(x), inplace=True))
        one, two, three, four, five = self.blocks
        x = self.halve(two(one(x)))
        x = self.halve(four(three(x)))
        x = self.last(five(x)).flatten(1)
        return self.describe(torch.cat([x, ebv], dim=1)) * seen, seen


class Inception(nn.Module):
    """Convolutions of several sizes beside each other (Szegedy et al. 2015)."""

    def __init__(self, inputs, plain, three, five, pooled):
        super().__init__()
        self.plain = nn.Conv2d(inputs, plain, 1)
        self.three = path(inputs, *three, 3)
        self.five = path(inputs, *five, 5) if five else None
        self.pooled = nn.Conv2d(inputs, pooled, 1)
        self.channels = plain + three[1] + (five[1] if five else 0) + pooled

    def forward(self, x):
        """From (n, inputs, height, width) to (n, channels, height, width)."""
        paths = [self.plain(x), self.three(x)]
        if self.five is not None:
            paths.append(self.five(x))
        pooled = functional.relu(self.pooled(x), inplace=True)
        # one pixel fewer on a side; the source puts zeros above and on the left
        pooled = functional.pad(functional.avg_pool2d(pooled, 2, 1), (1, 0, 1, 0))
        return functional.relu(torch.cat([*paths, pooled], dim=1), inplace=True)


def path(inputs, fewer, outputs, kernel):
    """A convolution behind one that has it see fewer channels."""
    return nn.Sequential(
        nn.Conv2d(inputs, fewer, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(fewer, outputs, kernel, padding=kernel // 2),
    )


def start(layer):
    """Start weights as the source does: Glorot & Bengio (2010, eq. 16), biases 0.1."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.constant_(layer.bias, 0.1)
        layer.to(memory_format=torch.channels_last)
