"""Residual network whose attention masks are soft-thresholded."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["SoftMaskAttentionConfig"]


@dataclasses.dataclass(frozen=True)
class SoftMaskAttentionConfig(NetworkConfig):
    """Residual units, each weighed by a mask that it learns to set to zero.

    A unit on x has two convolutions, T(x), and a branch that gives a mask M(x) of the
    same shape. What is small in the mask is noise: it is soft-thresholded,
    M' = sgn(M) (abs(M) - tau) where abs(M) > tau, else 0. The threshold of each channel
    is tau = alpha mean(abs(M)), the mean over pixels, with alpha between 0 and 1 from
    two dense layers and a sigmoid, so that it is positive and never takes away all
    (Zhao et al. 2020, IEEE Trans. Ind. Inform. 16, 4681, section III). The unit gives
    x + (1 + M') T(x): attention that adds to what is there cannot wear it out through
    many units (Wang et al. 2017, arXiv:1704.06904, eq. 3).

    Two heads read what the units leave: one gives means, one the logarithms of their
    errors. With a wide enough ``outputs`` this is UaRA-net, the uncertainty-aware
    residual attention network of Yang et al. (2024, arXiv:2401.13167).

    Parameters
    ----------
    channels : tuple of int
        Of the units, one after the other; each halves the number of pixels.
    stride : int
        Pixels that the first convolution steps over.
    kernel : int
        Pixels of the convolutions in a unit; odd.
    length : int
        Pixels that are left before the dense layer.
    width : int
        Of the dense layer that both heads read.
    dropout : float
        Behind the dense layer.
    offset : bool
        Whether a fit learns an offset of each mean: v of the source's loss,
        (X - g(Z) - v)^2 / (2 sigma^2) + log sigma. It is 0 until it is learned;
        weights that were trained without it fit a network with it, and
        ``fine_tune(layers="offset")`` learns it, alone, of any.
    inputs : tuple of str
        Channels that the network takes, see `galspec.inference.network_input`. They
        are clipped to -1.5 to 1.5, so that no faulty pixel rules a batch.
    outputs : int
        Numbers that the network gives for each spectrum: even, means and then
        logarithms of errors.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, channels, n_pix), outputs (n, ``outputs``).

    From the source are the residual network, masks that are soft-thresholded with the
    threshold above, and means with errors. How many units there are and how wide, the
    place of the mask in a unit, batch normalisation, the first convolution and the
    dense layer are ours. So is the reading of v, which the source does not define: an
    offset at each wavelength, the same for all stars, that fine-tuning may learn where
    theoretical and observed spectra differ.
    """

    channels: tuple = (16, 32, 64, 64)
    stride: int = 4
    kernel: int = 5
    length: int = 16
    width: int = 256
    dropout: float = 0.0
    offset: bool = False
    inputs: tuple = ("depth",)
    outputs: int = 2

    def __post_init__(self):
        self._check(
            channels=(len(self.channels) > 0, "one number or more"),
            stride=(self.stride >= 1, "1 or more"),
            kernel=(self.kernel >= 1 and self.kernel % 2 == 1, "odd"),
            length=(self.length >= 1, "1 or more"),
            width=(self.width >= 1, "1 or more"),
            dropout=(0 <= self.dropout < 1, "from 0 to below 1"),
            inputs=(isinstance(self.inputs, tuple), "names of channels"),
            outputs=(self.outputs >= 2 and self.outputs % 2 == 0, "even, 2 or more"),
        )

    def build(self, n_pix):
        """Build the untrained module.

        Parameters
        ----------
        n_pix : int
            Pixels of each spectrum.

        Returns
        -------
        `torch.nn.Module`
            From (n, channels, n_pix) to (n, ``outputs``).
        """
        from galspec.networks._soft_mask_attention import SoftMaskAttention

        return SoftMaskAttention(self)
