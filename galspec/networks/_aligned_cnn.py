"""The torch side of `galspec.networks.AlignedCNNConfig`."""

import math

import torch
from torch import nn
from torch.nn import functional

from galspec.networks._layers import as_image, circle, convolution, he, small

#: Pixels of the input that one step of the finder spans.
STRIDE = 2
#: Share of the training spectra whose redshift the reader is told.
TOLD = 0.4
#: Share that is read at a random shift: the reader shall own up to a wrong redshift.
ASTRAY = 0.02
#: Weight of the finder's misfit in the loss.
WEIGHT = 0.3
#: Pixels of a block in `correlated`: few in all for those of a galaxy's spectrum.
BLOCK = 32
#: Log probabilities are kept above this and divided by it as an input of the reader.
UNSURE = -10.0


class AlignedCNN(nn.Module):
    """See `galspec.networks.AlignedCNNConfig`."""

    def __init__(self, config, n_pix):
        super().__init__()
        self.step = config.step
        first, last = (math.log10(edge / config.start) for edge in config.window)
        self.first = first / config.step
        shifts = math.log10(1 + config.highest_redshift) / config.step / STRIDE
        self.finder = Finder(config.finder, n_pix, math.ceil(shifts) + 1)
        self.reader = Reader(config, round((last - first) / config.step))
        reach = self.first + self.reader.length + STRIDE * self.finder.shifts
        if self.first >= n_pix or reach <= 0:
            raise ValueError(
                f"window is {config.window}: no redshift brings it onto the {n_pix} "
                f"pixels from {config.start} angstrom on"
            )
        #: What the fit loop adds to its loss; set by each pass in training.
        self.penalty = 0.0

    def forward(self, x):
        """From (n, 3, n_pix) to (n, outputs)."""
        return self.with_features(x)[0]

    def redshift(self, x):
        """The redshift that the finder takes spectra to be at, (n,)."""
        return 10 ** (self.step * STRIDE * self.finder(x[:, :2]).argmax(dim=1)) - 1

    def with_features(self, x):
        """Outputs, and what the network saw: channels averaged, and the sureness."""
        log_p = self.finder(x[:, :2])
        known = x[:, 2, 0] / self.step
        told = torch.isfinite(known)
        # what is left of training would hold its last batch, and forbid a copy
        self.penalty = 0.0
        if self.training:
            self.penalty = WEIGHT * misfit(log_p[told], known[told] / STRIDE)
            told = told & (torch.rand_like(known) < TOLD)
        surest = log_p.max(dim=1)
        shift = torch.where(told, known, STRIDE * surest.indices)
        if self.training:
            astray = torch.rand_like(known) < ASTRAY
            anywhere = STRIDE * self.finder.shifts * torch.rand_like(known)
            shift = torch.where(astray, anywhere, shift)
        sureness = (surest.values.detach().clamp(UNSURE) / UNSURE)[:, None]
        told = told[:, None].to(x.dtype)
        context = torch.cat([sureness * (1 - told), told], dim=1)
        outputs, seen = self.reader(self._window(x[:, :2], shift), context)
        return outputs, torch.cat([seen, sureness], dim=1)

    def _window(self, x, shift):
        """Cut out the rest frame; pixels that were not observed are 0, and masked."""
        first = torch.round(self.first + shift).long()
        columns = torch.arange(self.reader.length, device=x.device) + first[:, None]
        inside = (columns >= 0) & (columns < x.shape[2])
        columns = columns.clamp(0, x.shape[2] - 1)[:, None].expand(-1, 2, -1)
        return torch.gather(x, 2, columns) * inside[:, None]


class Finder(nn.Module):
    """Log probability of every shift, (n, shifts), from (n, 2, n_pix)."""

    def __init__(self, channels, n_pix, shifts):
        super().__init__()
        self.body = nn.Sequential(
            convolution(2, channels[0], kernel=7, stride=STRIDE),
            nn.ReLU(inplace=True),
            convolution(channels[0], channels[1], kernel=5),
        )
        length = (n_pix + STRIDE - 1) // STRIDE
        self.shifts, self.scale = shifts, 3 / length**0.5
        self.n_fft = 2 ** math.ceil(math.log2(length + shifts))
        template = 0.01 * torch.randn(channels[1], length + shifts - 1)
        self.template = nn.Parameter(template)

    def forward(self, x):
        if torch.onnx.is_in_onnx_export():
            score = correlated(self.body(as_image(x))[:, :, 0], self.template)
        elif not len(x):
            return x.new_zeros((0, self.shifts))  # no FFT of nothing
        else:
            score = self._score(self.body(as_image(x))[:, :, 0])
        return functional.log_softmax(self.scale * score.flip(1), dim=1)

    def _score(self, seen):
        """Correlation with the template at every shift; sums over channels."""
        product = torch.fft.rfft(seen, self.n_fft).conj()
        product = (product * torch.fft.rfft(self.template, self.n_fft)).sum(dim=1)
        return torch.fft.irfft(product, self.n_fft)[:, : self.shifts]


class Reader(nn.Module):
    """Outputs and mean activations from a window of the rest frame."""

    def __init__(self, config, length):
        super().__init__()
        stem, *channels = config.channels
        layers = [convolution(2, stem, kernel=7, stride=2), nn.ReLU(inplace=True)]
        left, width = (length + 1) // 2, stem
        for more, pool in zip(channels, (2, 3, 3), strict=True):
            layers += [convolution(width, more), nn.MaxPool2d((1, pool))]
            layers += [nn.ReLU(inplace=True)]
            left, width = left // pool, more
        if left < 1:
            raise ValueError(
                f"window is {config.window}: {length} pixels of {config.step} are too "
                "few for the reader; take a wider window or a smaller step"
            )
        self.length = length
        self.body = nn.Sequential(*layers)
        self.hidden = he(nn.Linear(width * left + 2, config.hidden))
        self.head = small(nn.Linear(config.hidden, config.outputs))

    def forward(self, window, context):
        seen = self.body(as_image(window))
        flat = torch.cat([seen.flatten(1), context], dim=1)
        return self.head(functional.relu(self.hidden(flat))), seen.mean(dim=(2, 3))


def correlated(seen, template):
    """Correlation of (n, channels, length) with a longer template, by products.

    For graphs, whose Fourier transforms are slow: the pixels are cut into blocks of
    `BLOCK`. Within blocks, shifts are a matrix that the template tells; over blocks,
    they are Fourier transforms so short that they are matrices too. All that follows
    from the template alone is computed when the graph is loaded.
    """
    n, channels, length = seen.shape
    shifts = template.shape[1] - length + 1
    blocks, steps = math.ceil(length / BLOCK), math.ceil(shifts / BLOCK)
    size = blocks + steps
    waves = torch.arange(size // 2 + 1)[:, None]
    real, imaginary = circle(waves, torch.arange(blocks), size)
    padded = functional.pad(seen, (0, blocks * BLOCK - length))
    cut = padded.view(n, channels, blocks, BLOCK).permute(2, 0, 1, 3)
    cut = cut.reshape(blocks, -1)
    x, y = ((m @ cut).view(len(waves), -1, channels * BLOCK) for m in (real, imaginary))
    # the template at each pixel of a block plus each shift within one
    longest = (size + 1) * BLOCK
    pieces = functional.pad(template, (0, longest - template.shape[1]))
    pieces = pieces.view(channels, size + 1, BLOCK)
    pieces = torch.cat([pieces[:, :-1], pieces[:, 1:]], dim=2).transpose(0, 1)
    real, imaginary = circle(waves, torch.arange(size), size)
    u, v = (_hankel((m @ pieces.flatten(1)), channels) for m in (real, imaginary))
    # the conjugate of the one times the other, and back
    real, imaginary = circle(torch.arange(steps)[:, None], waves[:, 0], size)
    twice = torch.where((waves[:, 0] > 0) & (2 * waves[:, 0] < size), 2.0, 1.0) / size
    score = (twice * real) @ (x @ u + y @ v).flatten(1)
    score = score + (twice * imaginary) @ (x @ v - y @ u).flatten(1)
    score = score.view(steps, -1, BLOCK).transpose(0, 1).reshape(-1, steps * BLOCK)
    return score[:, :shifts]


def _hankel(pieces, channels):
    """Matrices whose elements are those of a piece at row plus column.

    From (n, channels * 2 BLOCK) to (n, channels * BLOCK, BLOCK). The piece is repeated,
    and cut into rows that are longer by one: each begins one element further.
    """
    n, width = len(pieces), 2 * BLOCK
    again = pieces.view(n, channels, width).repeat(1, 1, BLOCK + 1)
    rows = again[:, :, : BLOCK * (width + 1)].view(n, channels, BLOCK, width + 1)
    return rows[..., :BLOCK].reshape(n, channels * BLOCK, BLOCK)


def misfit(log_p, shift):
    """Cross-entropy with a Gaussian of one step around the true shift."""
    if not len(shift):
        return 0.0
    steps = torch.arange(log_p.shape[1], device=log_p.device)
    wanted = functional.softmax(-0.5 * (steps - shift[:, None]).square(), dim=1)
    return -(wanted * log_p).sum(dim=1).mean()
