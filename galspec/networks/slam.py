"""SLAM: pixels are support-vector regressions on the labels."""

import dataclasses

from galspec.networks.forward_model import ForwardModelConfig

__all__ = ["SLAMConfig"]


@dataclasses.dataclass(frozen=True)
class SLAMConfig(ForwardModelConfig):
    """Predict each pixel by a support-vector regression with a Gaussian kernel.

    The Stellar LAbel Machine of Zhang, Liu & Deng (2020, ApJS 246, 9). Labels and
    pixels are standardised; C and gamma of the regression are those of least
    cross-validated error among 0.1, 1 and 10, for a tube of epsilon = 0.05. Other than
    in the paper they are chosen on some pixels and hold for all, and the intrinsic
    scatter of a pixel is the most likely one behind the noise of the training spectra.

    Learning needs scikit-learn; what has been saved is read without it.

    Parameters
    ----------
    free, starts, inputs, outputs
        See `ForwardModelConfig`. There is one start, as in the paper.
    spectra : int
        Training spectra that are learned from, drawn at random. The time that learning
        takes grows with the square of it, that of the search in proportion.
    tried : int
        Pixels, evenly spaced, on which C and gamma are chosen.

    Raises
    ------
    ValueError
        If a value makes no such model.
    """

    starts: int = 1
    spectra: int = 1000
    tried: int = 24

    def __post_init__(self):
        super().__post_init__()
        self._check(
            spectra=(self.spectra >= 10, "10 or more"),
            tried=(self.tried >= 1, "1 or more"),
        )

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
        from galspec.networks._slam import SLAM

        return SLAM(self, n_pix)
