"""Layers that networks on photometry share: columns, members and stamps."""

import math

import torch
from torch import nn

__all__ = ["Columns", "MemberLinear", "columns_beside", "compressed", "stamps_behind"]

#: Standardised columns beyond are errors of the catalogue.
HIGHEST = 6.0
#: A column that hardly changes in training is not blown up beyond this scatter.
LEAST_SCALE = 1e-3


class Columns(nn.Module):
    """Columns of a catalogue, brought to mean 0 and scatter 1.

    ``mean`` and ``scale`` (n_columns,) are those of the training set, of the values
    that are known there.
    """

    def __init__(self, n_columns):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("scale", torch.ones(n_columns))

    def prepare(self, inputs):
        """Take mean and scatter of training rows, (n, 1, width), a NumPy array.

        A column that none of them knows keeps mean 0 and scale 1.
        """
        x = torch.from_numpy(inputs[:, 0, : len(self.mean)]).double()
        known = x.isfinite()
        number = known.sum(dim=0).clamp(min=1)
        mean = x.where(known, 0.0).sum(dim=0) / number
        square = (x - mean).where(known, 0.0).square().sum(dim=0) / number
        scale = square.sqrt().clamp(min=LEAST_SCALE)
        self.mean.copy_(mean)
        self.scale.copy_(scale.where(known.any(dim=0), 1.0))

    def forward(self, x):
        """Standardised values and which are missing, from (n, 1, width).

        Both are (n, n_columns), 0 and 1 where a column is NaN.
        """
        x = x[:, 0, : len(self.mean)]
        values = ((x - self.mean) / self.scale).clamp(-HIGHEST, HIGHEST)
        return values.nan_to_num(0.0), x.isnan().to(x.dtype)


class MemberLinear(nn.Module):
    """A linear layer of every member of an ensemble, as one batched product.

    Weights start from He et al. (2015, arXiv:1502.01852, eq. 10), times ``gain``.
    """

    def __init__(self, members, inputs, outputs, gain=1.0):
        super().__init__()
        scatter = gain * math.sqrt(2 / inputs)
        self.weight = nn.Parameter(scatter * torch.randn(members, inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(members, 1, outputs))

    def forward(self, x):
        """From (members, n, inputs) to (members, n, outputs)."""
        return torch.baddbmm(self.bias, x, self.weight)


def columns_beside(n_pix, bands, pixels):
    """How many of ``n_pix`` numbers are columns, if stamps may follow them.

    Parameters
    ----------
    n_pix : int
        Width of an input, with stamps or without.
    bands, pixels : int
        Of a stamp, pixels on a side.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there are none beside the stamps.
    """
    numbers = bands * pixels**2
    columns = n_pix if n_pix < numbers else n_pix - numbers
    if columns < 1:
        raise ValueError(
            f"inputs of {n_pix} numbers have no columns of a catalogue beside stamps "
            f"of {bands} x {pixels} x {pixels} pixels"
        )
    return columns


def stamps_behind(x, columns, bands, pixels):
    """The stamps that follow the columns, (n, bands, pixels, pixels), or None.

    Raises
    ------
    ValueError
        If the width is that of neither.
    """
    width, numbers = x.shape[-1], bands * pixels**2
    if width == columns:
        return None
    if width != columns + numbers:
        raise ValueError(
            f"inputs have {width} numbers; the network takes {columns}, or "
            f"{columns + numbers} with stamps of {bands} x {pixels} x {pixels} pixels"
        )
    return x[:, 0, columns:].unflatten(1, (bands, pixels, pixels))


def compressed(flux, softening):
    """The inverse hyperbolic sine of flux over softening; NaN stays.

    By its logarithm, which torch computes ten times faster than its own asinh, and
    which loses nothing above 1e-6 of the softening.
    """
    y = flux / softening
    size = y.abs()
    return torch.log(size + torch.sqrt(size * size + 1)).copysign(y)
