"""Multilayer perceptron on the principal components of spectra."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["PCAPerceptronConfig"]


@dataclasses.dataclass(frozen=True)
class PCAPerceptronConfig(NetworkConfig):
    """Principal components of the depth of lines, then dense layers.

    The components are those of the first epoch of training spectra, scaled to a
    variance of 1. Noisy pixels count less, by ``ivar / (ivar + 25)``, or they would be
    the components; a masked one counts as the mean of the others there. The dense
    layers are then trained as any network.

    Parameters
    ----------
    components : int
        Principal components that are kept.
    widths : tuple of int
        Of the hidden layers, one or more.
    inputs : tuple of str
        ``("depth", "ivar")``, behind a `~galspec.transforms.Normalise`.
    outputs : int
        Numbers that the network gives for each spectrum.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 2, n_pix), outputs (n, ``outputs``).
    """

    components: int = 64
    widths: tuple = (128, 128)
    inputs: tuple = ("depth", "ivar")
    outputs: int = 2

    def __post_init__(self):
        self._check(
            components=(self.components >= 1, "1 or more"),
            widths=(len(self.widths) > 0, "one number or more"),
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
        from galspec.networks._pca_perceptron import PCAPerceptron

        return PCAPerceptron(self, n_pix)
