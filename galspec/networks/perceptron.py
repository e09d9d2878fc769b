"""Multilayer perceptron for one-dimensional spectra."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["PerceptronConfig"]


@dataclasses.dataclass(frozen=True)
class PerceptronConfig(NetworkConfig):
    """Dense layers that see every pixel at once, then a linear head.

    With its default widths this is the MLP that Feng, Wang & Li (2025) compare their
    network with.

    Parameters
    ----------
    widths : tuple of int
        Of the hidden layers, one or more.
    inputs : {1, 2}
        1: the flux; 2: the flux and which pixels are good (1) or masked (0).
    outputs : int
        Numbers that the network gives for each spectrum.
    rebin : int
        Adjacent pixels that are averaged first; the first layer, which has most of
        the parameters, is as many times smaller.

    Notes
    -----
    Inputs have the shape (n, ``inputs``, n_pix), outputs (n, ``outputs``).
    """

    widths: tuple = (1024, 1024, 1024)
    inputs: int = 1
    outputs: int = 1
    rebin: int = 1

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
        """
        from galspec.networks._perceptron import Perceptron

        return Perceptron(self, n_pix)
