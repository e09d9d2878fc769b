"""The torch side of `galspec.networks.PhotometryAndImagesConfig`."""

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._layers import he, small
from galspec.networks._photometric_layers import (
    Columns,
    MemberLinear,
    columns_beside,
    compressed,
    stamps_behind,
)
from galspec.networks._photometric_perceptron import LAST_GAIN, HiddenLayers

#: Stamps at a time on a CPU: what layers hand on stays in the cache.
STAMPS = 64


class PhotometryAndImages(nn.Module):
    """See `galspec.networks.PhotometryAndImagesConfig`."""

    #: That of the perceptrons; stamps are cut into smaller parts.
    chunk = 512

    def __init__(self, config, n_pix):
        super().__init__()
        self.layout = config.bands, config.pixels
        n_columns = columns_beside(n_pix, *self.layout)
        members, width = config.members, config.width
        self.n_columns = n_columns
        self.columns = Columns(n_columns)
        self.body = HiddenLayers(config, n_columns)
        self.images = Images(config)
        # and two flags, which have no say before they have learned
        self.fusion = MemberLinear(members, width + config.seen + 2, width)
        with torch.no_grad():
            self.fusion.weight[:, -2:] = 0
        self.dropout = nn.Dropout(config.dropout)
        self.head = MemberLinear(members, width, config.outputs, LAST_GAIN)

    def prepare(self, inputs):
        """Standardise columns by training rows, (n, 1, width) of either width."""
        self.columns.prepare(inputs)

    def forward(self, x):
        """From (n, 1, width), of either width, to (members, n, outputs)."""
        return self.with_features(x)[0]

    def with_features(self, x):
        """Outputs, and what the members saw in the mean: the last hidden layer."""
        values, missing = self.columns(x)
        catalogued = (missing.amin(dim=1, keepdim=True) < 1).to(x.dtype)
        columns = self.body(values, missing) * catalogued
        images, pictured = self._images(x)
        told = torch.cat([images, catalogued, pictured], dim=1)
        together = torch.cat([columns, told.expand(len(columns), -1, -1)], dim=2)
        added = functional.silu(self.fusion(together))
        seen = columns + self.dropout(added)
        return self.head(seen), seen.mean(dim=0)

    def _images(self, x):
        """What images say, (n, seen), and whether there are any, (n, 1)."""
        stamps = stamps_behind(x, self.n_columns, *self.layout)
        if stamps is None:
            return x.new_zeros((len(x), self.images.seen)), x.new_zeros((len(x), 1))
        return self.images(stamps)


class Images(nn.Module):
    """From stamps to the numbers that describe them."""

    def __init__(self, config):
        super().__init__()
        self.seen, self.bands = config.seen, len(config.optical)
        for name in ("optical", "infrared"):
            softening = torch.tensor(getattr(config, name)).view(-1, 1, 1)
            # it follows from the configuration: no part of the weights
            self.register_buffer(name + "_softening", softening, persistent=False)
        first, second, third = config.channels
        smooth = second // 3
        self.optical = convolution(self.bands, first, 5, stride=2)
        self.unknown = nn.Linear(config.bands, first, bias=False)
        self.shrink = convolution(first, second - smooth, 3, stride=2)
        self.infrared = convolution(len(config.infrared), smooth, 3)
        self.middle = convolution(second, second, 3)
        self.shrink_again = convolution(second, third, 3, stride=2)
        self.last = convolution(third, third, 3)
        left = third * (config.pixels // 16) ** 2
        self.describe = small(nn.Linear(left, config.seen))

    def forward(self, stamps):
        """From (n, bands, pixels, pixels) to (n, seen) and (n, 1).

        The latter is 1 where there are images; what is 0 there is 0 in the former.
        """
        size = STAMPS if stamps.device.type == "cpu" else max(len(stamps), 1)
        convolved = [self.convolved(part) for part in stamps.split(size)]
        known = torch.cat([part for _, part in convolved])
        found = torch.cat([part for part, _ in convolved])
        seen = functional.silu(self.describe(found))
        if len(seen) < len(known):
            everywhere = seen.new_zeros((len(known), self.seen))
            seen = everywhere.index_put((known,), seen)
        return seen, known[:, None].to(stamps.dtype)

    def convolved(self, stamps):
        """What is left of the stamps that have pixels, and which of them have."""
        optical = averaged(stamps[:, : self.bands], 2)
        infrared = averaged(stamps[:, self.bands :], 8)
        unknown = torch.cat([shares_of_nan(optical), shares_of_nan(infrared)], dim=1)
        known = unknown.amin(dim=1) < 1
        if not known.all():
            optical, infrared, unknown = optical[known], infrared[known], unknown[known]
        optical = as_input(compressed(optical, self.optical_softening))
        infrared = as_input(compressed(infrared, self.infrared_softening))
        # in place: fresh memory for so many numbers costs more than the sum
        x = self.optical(optical).add_(self.unknown(unknown)[:, :, None, None])
        x = torch.cat([self.shrink(rectified(x)), self.infrared(infrared)], dim=1)
        x = rectified(x)
        x = x + rectified(self.middle(x))
        x = rectified(self.shrink_again(x))
        x = x + rectified(self.last(x))
        return x.flatten(1), known


def averaged(stamps, block):
    """Means of blocks of pixels; NaN where one of them is.

    Rows are added first, in contiguous runs: ten times faster than torch's pooling.
    """
    first, *rows = stamps.unflatten(2, (-1, block)).unbind(dim=3)
    first, *columns = sum(rows, first).unflatten(3, (-1, block)).unbind(dim=4)
    return sum(columns, first) / block**2


def shares_of_nan(x):
    """From (n, bands, height, width) to (n, bands)."""
    # one NaN would be in the sum, which costs a sixth of looking at all
    if not x.sum().isnan():
        return x.new_zeros(x.shape[:2])
    return x.isnan().to(x.dtype).mean(dim=(2, 3))


def as_input(x):
    """Without NaN and infinities, in the layout that convolutions on a CPU prefer."""
    return x.nan_to_num(0.0, 0.0, 0.0).contiguous(memory_format=torch.channels_last)


def convolution(inputs, outputs, kernel, stride=1):
    """A convolution on images with 'same' padding, channels last."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2)
    return he(layer).to(memory_format=torch.channels_last)


def rectified(x):
    """ReLU in place: what goes in is a convolution's, and needed no more."""
    return functional.relu(x, inplace=True)
