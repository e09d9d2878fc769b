"""Convolutional network for one-dimensional spectra."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["SpectralCNNConfig"]


@dataclasses.dataclass(frozen=True)
class SpectralCNNConfig(NetworkConfig):
    """Stages of two convolutions and a max pooling, then a linear head.

    With its defaults this is the network of Feng, Wang & Li (2025): eight convolutions
    of kernel 3 with 'same' padding, 16 to 128 channels, pooling by 3, and one linear
    layer; 104 593 parameters for 4201 pixels and one output.

    Parameters
    ----------
    channels : tuple of int
        Channels of each stage.
    inputs : {1, 2}
        1: the flux; 2: the flux and which pixels are good (1) or masked (0).
    outputs : int
        Numbers that the network gives for each spectrum.
    stem : int
        0 for none; else the channels of a first convolution of kernel 7 and stride 2,
        which makes everything behind it twice as fast.
    hidden : int
        0 for a linear head; else the width of a hidden layer in front of it.

    Raises
    ------
    ValueError
        If ``inputs`` is another number.

    Notes
    -----
    Inputs have the shape (n, ``inputs``, n_pix), outputs (n, ``outputs``). Weights
    start from He, Zhang, Ren & Sun (2015, arXiv:1502.01852, eq. 10); with torch's
    default the signal dies through eight ReLU layers.
    """

    channels: tuple = (16, 32, 64, 128)
    inputs: int = 1
    outputs: int = 1
    stem: int = 0
    hidden: int = 0

    def __post_init__(self):
        # a third would be the redshift, NaN where it is not known
        if self.inputs not in (1, 2):
            raise ValueError(f"inputs is {self.inputs}; it can be 1 or 2")

    def build(self, n_pix):
        """Build the untrained module.

        Parameters
        ----------
        n_pix : int
            Pixels of each spectrum.

        Returns
        -------
        `torch.nn.Module`
            From (n, ``inputs``, n_pix) to (n, ``outputs``).

        Raises
        ------
        ValueError
            If the spectrum is too short for the stages.
        """
        from galspec.networks._spectral_cnn import SpectralCNN

        return SpectralCNN(self, n_pix)
