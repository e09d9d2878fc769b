"""Network with one stream for the continuum and one for the normalised flux."""

import dataclasses

from galspec.networks.base import NetworkConfig
from galspec.networks.streams import PyramidConfig, SpectrogramConfig, StreamConfig

__all__ = ["HFSNetConfig"]

_INPUTS = ("flux", "good", "continuum")
_CONTINUUM = SpectrogramConfig()
_NORMALISED = PyramidConfig()
_HEAD = PyramidConfig((64, 64, 128, 128), kernels=(3,))


@dataclasses.dataclass(frozen=True)
class HFSNetConfig(NetworkConfig):
    """Two streams, each in the form that suits it, are added up and read by one head.

    With its defaults this is the Heterogeneous Feature Stream Network. The continuum
    goes through a short-time Fourier transform (512 pixels, every 128) to a mixture of
    four experts, two of which see it, each a pyramid of three levels. The normalised
    flux goes to a pyramid of three levels with 16, 32 and 64 channels for each of the
    kernels 3, 5 and 7. Both are averaged to the same number of pixels, brought to the
    same number of channels and added. A pyramid of four levels and dense layers of
    1024, 256 and 128 with a dropout of 0.3 give all labels. 2 294 716 parameters for
    3834 pixels and four outputs.

    Parameters
    ----------
    continuum : `~galspec.networks.StreamConfig`, optional
        What sees the logarithm of the continuum; None for no such stream.
    normalised : `~galspec.networks.StreamConfig`, optional
        What sees the normalised flux and which pixels are good; None for no such
        stream.
    length : int
        Pixels that both are averaged to.
    width : int
        Channels that both are brought to.
    head : `~galspec.networks.StreamConfig`
        What sees the sum of both.
    widths : tuple of int
        Of the dense layers behind the head.
    dropout : float
        Share of each dense layer that is dropped in training.
    inputs : tuple of str
        Flux over its continuum, 0 in masked pixels; 1 where a pixel is good, else 0;
        and the natural logarithm of the continuum.
    outputs : int
        Numbers that the network gives for each spectrum.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 3, n_pix), outputs (n, ``outputs``). The continuum is
    expected with a mean logarithm of 0 over each spectrum: what is left is its shape;
    `galspec.inference.network_input` gives it so. Weights
    start from He, Zhang, Ren & Sun (2015, arXiv:1502.01852, eq. 10). What the source
    leaves open is ``length``, ``width``, and the channels of the head, which make 1024
    numbers for the dense layers; its levels pool by 2, and frequencies are channels of
    the experts.

    Examples
    --------
    One stream alone, and both without experts:

    >>> from galspec.networks import HFSNetConfig, PyramidConfig, SpectrogramConfig
    >>> lines = HFSNetConfig(continuum=None)
    >>> shape = HFSNetConfig(normalised=None)
    >>> plain = HFSNetConfig(continuum=SpectrogramConfig(stream=PyramidConfig()))
    """

    continuum: StreamConfig | None = _CONTINUUM
    normalised: StreamConfig | None = _NORMALISED
    length: int = 128
    width: int = 64
    head: StreamConfig = _HEAD
    widths: tuple = (1024, 256, 128)
    dropout: float = 0.3
    inputs: tuple = _INPUTS
    outputs: int = 1

    def __post_init__(self):
        if self.continuum is None and self.normalised is None:
            raise ValueError("continuum and normalised are None; it needs one of them")
        self._check(
            length=(self.length >= 1, "1 or more"),
            width=(self.width >= 1, "1 or more"),
            widths=(len(self.widths) > 0, "one number or more"),
            dropout=(0 <= self.dropout < 1, "from 0 to below 1"),
            inputs=(self.inputs == _INPUTS, f"{_INPUTS}, which the streams share"),
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
            From (n, 3, n_pix) to (n, ``outputs``).

        Raises
        ------
        ValueError
            If the spectrum is too short for a stream, or ``length`` for the head.
        """
        from galspec.networks._hfsnet import HFSNet

        return HFSNet(self, n_pix)
