"""The network of Wei et al. (2025): Inception on images, dense layers on photometry."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["InceptionFusionConfig"]


@dataclasses.dataclass(frozen=True)
class InceptionFusionConfig(NetworkConfig):
    """Two Inception networks on image stamps, and dense layers on photometry.

    This is the layout of Wei et al. (2025, PASA, arXiv:2505.24175), its `wei2025`
    features as columns: one branch sees the stamps in g, r, i, z and the differences
    of adjacent bands, one those in W1 and W2 and their difference, one the columns.
    Each has layers of its own to the end, and drops nothing out of an evaluation. With
    86 columns and 770 outputs it has 19 967 274 parameters.

    Parameters
    ----------
    inputs : tuple of str
        Names of the groups of columns, of which the last column is E(B-V).
    outputs : int
        Numbers that the network gives for each object.
    pixels : int
        Of a stamp, on a side; at least 56.
    dropout : tuple of float
        Shares of hidden units that are left out in training: behind each layer on the
        columns, and behind the first on both image branches.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 1, n_columns), or (n, 1, n_columns + 6 * pixels**2) with
    the stamps in g, r, i, z, W1, W2, flattened, behind the columns: nanomaggies a
    pixel, NaN where there is no image. Outputs have the shape (n, ``outputs``).

    What a branch says of an object that has no columns, or no image in the branch's
    bands, is 0. A band or difference that is missing among others is 0, as is a column:
    its mean, since columns are standardised by the training set.
    """

    inputs: tuple
    outputs: int = 770
    pixels: int = 64
    dropout: tuple = (0.1, 0.3)

    def __post_init__(self):
        self._check(
            inputs=(
                not isinstance(self.inputs, str) and len(self.inputs) > 0,
                "names of groups of columns, one or more",
            ),
            outputs=(self.outputs >= 1, "1 or more"),
            pixels=(self.pixels >= 56, "56 or more"),
            dropout=(
                len(self.dropout) == 2 and all(0 <= d < 1 for d in self.dropout),
                "two numbers, at least 0 and below 1",
            ),
        )

    @property
    def bands(self):
        """Bands of a stamp."""
        return 6

    def build(self, n_pix):
        """Build the untrained module.

        Parameters
        ----------
        n_pix : int
            Columns of each object, with the numbers of a stamp or without.

        Returns
        -------
        `torch.nn.Module`
            From (n, 1, columns), with stamps or without, to (n, ``outputs``).

        Raises
        ------
        ValueError
            If there are no columns beside the stamps.
        """
        from galspec.networks._inception_fusion import InceptionFusion

        return InceptionFusion(self, n_pix)
