"""Network that projects a whole spectrum in its rest frame, pixels weighted."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["ProjectionConfig"]


@dataclasses.dataclass(frozen=True)
class ProjectionConfig(NetworkConfig):
    """Project the depth of all lines at once, then read the projections.

    Where spectra come in the rest frame, a line lies in the same pixel in all of them:
    nothing is gained by looking for it, as convolutions do, and one dense layer sees
    every line of every element. Each pixel counts with the weight
    ``ivar / (ivar + a)``, a learned for each pixel: that of a linear estimate of the
    depth in noise (Wiener). Which pixels are missing, and how noisy the others are,
    enters beside it, in blocks.

    Parameters
    ----------
    width : int
        Projections, and width of all layers.
    depth : int
        Residual blocks of two dense layers.
    block : int
        Pixels over which the share of good ones, and their inverse variance, are
        averaged.
    dropout : float
        In the residual blocks.
    inputs : tuple of str
        ``("depth", "ivar")``, behind a `~galspec.transforms.Normalise`.
    outputs : int
        Numbers that the network gives for each spectrum.

    Raises
    ------
    ValueError
        If a value makes no such network.
    """

    width: int = 160
    depth: int = 3
    block: int = 64
    dropout: float = 0.0
    inputs: tuple = ("depth", "ivar")
    outputs: int = 2

    def __post_init__(self):
        self._check(
            width=(self.width > 0, "above 0"),
            depth=(self.depth > 0, "above 0"),
            block=(self.block > 0, "above 0"),
            dropout=(0 <= self.dropout < 1, "within 0 and 1"),
            inputs=(tuple(self.inputs) == ("depth", "ivar"), '("depth", "ivar")'),
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
            From (n, 2, n_pix) to (n, ``outputs``).
        """
        from galspec.networks._projection import Projection

        return Projection(self, n_pix)
