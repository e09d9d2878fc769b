"""The Payne: a small neural network gives the spectrum of any labels."""

import dataclasses

from galspec.networks.forward_model import ForwardModelConfig

__all__ = ["PayneConfig"]


@dataclasses.dataclass(frozen=True)
class PayneConfig(ForwardModelConfig):
    """Predict all pixels by one small neural network of the labels.

    After Ting et al. (2019, ApJ 879, 69): two hidden layers of a sigmoid (here the
    hyperbolic tangent, which is one), labels scaled to -0.5 to 0.5 by their range. The
    paper has a network of 10 neurons a layer for each pixel and learns from noiseless
    synthetic spectra; here one network has all pixels, as in the authors' later code,
    and learns from noisy ones: pixels count by their inverse variance.

    Parameters
    ----------
    free, starts, inputs, outputs
        See `ForwardModelConfig`.
    widths : tuple of int
        Of the hidden layers.
    epochs : int
        Passes over the training spectra.
    learning_rate : float
        Of Adam, at the start; half a cosine brings it to zero.

    Raises
    ------
    ValueError
        If a value makes no such model.
    """

    widths: tuple = (64, 64)
    epochs: int = 100
    learning_rate: float = 3e-3

    def __post_init__(self):
        super().__post_init__()
        self._check(
            widths=(len(self.widths) > 0, "one number or more"),
            epochs=(self.epochs >= 1, "1 or more"),
            learning_rate=(self.learning_rate > 0, "above 0"),
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
            From (n, 2, n_pix) to (n, ``outputs``), once it has learned.
        """
        from galspec.networks._payne import Payne

        return Payne(self, n_pix)
