"""The Cannon: pixels are quadratic polynomials in the labels."""

import dataclasses

from galspec.networks.forward_model import ForwardModelConfig

__all__ = ["CannonConfig"]


@dataclasses.dataclass(frozen=True)
class CannonConfig(ForwardModelConfig):
    """Predict each pixel by a quadratic polynomial in the labels, with a scatter.

    Ness et al. (2015, ApJ 808, 16). The coefficients are the weighted least squares of
    the training spectra given the intrinsic scatter of the pixel, the scatter is the
    most likely one of a grid. Labels are scaled by ``(x - p50) / ((p97.5 - p2.5) / 4)``
    first.

    Parameters
    ----------
    free, starts, inputs, outputs
        See `ForwardModelConfig`.
    """

    def build(self, n_pix):
        """Build a module that has learned nothing.

        Parameters
        ----------
        n_pix : int
            Pixels of each spectrum.

        Returns
        -------
        `torch.nn.Module`
            From (n, 2, n_pix) to (n, ``outputs``), once it has learned.
        """
        from galspec.networks._cannon import Cannon

        return Cannon(self, n_pix)
