"""Spectra moved along their pixels."""

import math

import torch
from torch.nn import functional

#: Pixels beyond the end, so that nothing comes in again at the other one.
MARGIN = 32


def moved(spectra, pixels):
    """Move spectra by fractions of a pixel, by the shift theorem of Fourier.

    Parameters
    ----------
    spectra : `torch.Tensor`, shape (n, k, n_pix)
    pixels : `torch.Tensor`, shape (n,)
        Upwards.

    Returns
    -------
    moved : `torch.Tensor`, shape (n, k, n_pix)
    slope : `torch.Tensor`, shape (n, 1, n_pix)
        Derivative of the first one of each row by ``pixels``.
    """
    if not len(spectra):
        return spectra, spectra[:, :1]  # MKL refuses to transform nothing
    n_pix = spectra.shape[-1]
    # lengths of many small factors are quick
    size = 64 * math.ceil((n_pix + MARGIN) / 64)
    level = spectra.mean(dim=-1, keepdim=True)
    waves = torch.fft.rfft(spectra - level, n=size)
    turns = -2j * math.pi * torch.fft.rfftfreq(size, device=spectra.device)
    waves *= torch.exp(pixels[:, None, None] * turns)
    result = torch.fft.irfft(waves, n=size)[..., :n_pix] + level
    slope = torch.fft.irfft(waves[:, :1] * turns, n=size)[..., :n_pix]
    return result, slope


def whole_shifts(values, most):
    """Spectra moved down by -most ... most pixels, 0 coming in at the ends.

    From (n, n_pix) to (n, 2 most + 1, n_pix), as a view.
    """
    padded = functional.pad(values, (most, most))
    return padded.unfold(1, values.shape[1], 1)
