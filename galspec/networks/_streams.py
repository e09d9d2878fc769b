"""The torch side of `galspec.networks.streams`: all on images of height 1."""

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._layers import as_image, convolution, small

#: Fourier amplitudes that count as none, in units of a flat continuum's; rounding and
#: the noise of a smooth continuum lie below.
FLOOR = 1e-4
#: Logarithms beyond are no continuum, and would overflow.
HIGHEST = 10.0


class Pyramid(nn.Module):
    """See `galspec.networks.PyramidConfig`."""

    def __init__(self, config, inputs, length):
        super().__init__()
        levels, self.channels, self.length = [], inputs, length
        for channels in config.channels:
            levels.append(Level(self.channels, channels, config))
            self.channels = channels * len(config.kernels)
            self.length //= config.pool
        if not self.length:
            raise ValueError(
                f"{length} pixels are too few for {len(config.channels)} levels that "
                f"each pool by {config.pool}"
            )
        self.levels = nn.Sequential(*levels)

    def forward(self, x):
        """From (n, inputs, 1, pixels) to (n, channels, 1, length)."""
        return self.levels(x)


class Level(nn.Module):
    """Convolutions of several widths beside each other, concatenated and pooled."""

    def __init__(self, inputs, channels, config):
        super().__init__()
        self.branches = nn.ModuleList(
            convolution(inputs, channels, kernel) for kernel in config.kernels
        )
        self.pool = nn.MaxPool2d((1, config.pool))

    def forward(self, x):
        """From (n, inputs, 1, pixels) to (n, channels * kernels, 1, fewer)."""
        # the maximum commutes with ReLU and with the concatenation, which then have
        # less to do
        x = torch.cat([self.pool(branch(x)) for branch in self.branches], dim=1)
        return functional.relu(x, inplace=True)


class Mixture(nn.Module):
    """See `galspec.networks.MixtureOfExpertsConfig`."""

    def __init__(self, config, inputs, length):
        super().__init__()
        self.top_k, self.balance = config.top_k, config.balance
        self.experts = nn.ModuleList(
            config.expert.build(inputs, length) for _ in range(config.experts)
        )
        self.gate = small(nn.Linear(inputs, config.experts))
        self.channels = self.experts[0].channels
        self.length = self.experts[0].length
        #: What the fit loop adds to its loss; set by each pass in training.
        self.penalty = 0.0

    def forward(self, x):
        """From (n, inputs, 1, pixels) to (n, channels, 1, length)."""
        scores = self.gate(x.mean(dim=(2, 3)))
        highest, chosen = scores.topk(self.top_k, dim=1)
        shares = highest.softmax(dim=1)
        # what is left of training would hold its last batch, and forbid a copy
        self.penalty = 0.0
        if self.training:
            self.penalty = self.balance * imbalance(scores, chosen)
        mixed = x.new_zeros((len(x), self.channels, 1, self.length))
        for index, expert in enumerate(self.experts):
            rows, place = (chosen == index).nonzero(as_tuple=True)
            if len(rows):
                seen = shares[rows, place, None, None, None] * expert(x[rows])
                mixed = mixed.index_add(0, rows, seen)
        return mixed.contiguous(memory_format=torch.channels_last)


def imbalance(scores, chosen):
    """How unevenly experts are used; 1 where all are used alike.

    Fedus, Zoph & Shazeer (2021, arXiv:2101.03961, eqs. 4-6), every choice counted.
    """
    experts = scores.shape[1]
    used = functional.one_hot(chosen, experts).to(scores.dtype).mean(dim=(0, 1))
    return experts * (used * scores.softmax(dim=1).mean(dim=0)).sum()


class Spectrogram(nn.Module):
    """See `galspec.networks.SpectrogramConfig`."""

    def __init__(self, config, inputs, length):
        super().__init__()
        self.n_fft, self.hop = config.n_fft, config.hop
        if length <= self.n_fft // 2:
            raise ValueError(
                f"{length} pixels are too few for Fourier transforms of {self.n_fft}, "
                "which reach beyond the ends by half of that"
            )
        window = torch.hann_window(self.n_fft)
        window /= window.sum()
        # they follow from the configuration: no part of the weights
        self.register_buffer("window", window, persistent=False)
        flat = _logarithm(torch.fft.rfft(window))[:, None]
        self.register_buffer("flat", flat, persistent=False)
        frames = 1 + length // self.hop
        self.stream = config.stream.build(inputs * len(flat), frames)
        self.channels, self.length = self.stream.channels, self.stream.length

    def forward(self, x):
        """From (n, inputs, 1, pixels) to (n, channels, 1, length)."""
        return self.stream(as_image(self.transform(x)))

    def transform(self, x):
        """Log amplitudes, (n, inputs * frequencies, frames)."""
        n, inputs, _, pixels = x.shape
        frames = 1 + pixels // self.hop
        if not n:
            return x.new_zeros((0, inputs * len(self.flat), frames))  # no FFT of none
        continuum = x.reshape(n * inputs, pixels).clamp(-HIGHEST, HIGHEST).exp()
        amplitude = torch.stft(
            continuum,
            self.n_fft,
            self.hop,
            window=self.window,
            center=True,
            pad_mode="reflect",
            return_complex=True,
        )
        return (_logarithm(amplitude) - self.flat).reshape(n, -1, frames)


def _logarithm(amplitude):
    return torch.log1p(amplitude.abs() / FLOOR)
