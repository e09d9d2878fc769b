"""Ensemble of perceptrons on columns of photometry."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["PhotometricPerceptronConfig"]


@dataclasses.dataclass(frozen=True)
class PhotometricPerceptronConfig(NetworkConfig):
    """Residual perceptrons beside each other, on magnitudes, colours and the like.

    Every column x is seen as it is and as sines and cosines of 2 pi f x with learned
    frequencies f (Gorishniy, Rubachev & Babenko 2022, arXiv:2203.05556, section 3.3),
    and with a flag that tells where it is missing. The members share nothing but the
    inputs and are trained side by side.

    Parameters
    ----------
    inputs : tuple of str
        Names of the groups of columns.
    outputs : int
        Numbers that every member gives for each object.
    members : int
        Networks in the ensemble.
    width, depth : int
        Of the hidden layers, and how many there are; each but the first adds to what
        it sees.
    frequencies : int
        For each column; 0: columns are seen as they are alone.
    spread : float
        Standard deviation of the frequencies at the start, per scatter of a column.
    dropout : float
        Share of hidden units that are left out in training.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 1, n_columns), NaN where a column is not known; what
    follows behind the columns that the network was built for, as image stamps do, is
    ignored. Outputs have the shape (members, n, ``outputs``).

    Columns are standardised by the training set, and cut at 6 standard deviations.

    Examples
    --------
    >>> import torch
    >>> from galspec.networks import PhotometricPerceptronConfig
    >>> network = PhotometricPerceptronConfig(("magnitudes",), outputs=147).build(6)
    >>> network(torch.full((2, 1, 6), torch.nan)).shape
    torch.Size([5, 2, 147])
    """

    inputs: tuple
    outputs: int
    members: int = 5
    width: int = 128
    depth: int = 3
    frequencies: int = 4
    spread: float = 0.3
    dropout: float = 0.1

    def __post_init__(self):
        self._check(
            inputs=(
                not isinstance(self.inputs, str) and len(self.inputs) > 0,
                "names of groups of columns, one or more",
            ),
            outputs=(self.outputs >= 1, "1 or more"),
            members=(self.members >= 1, "1 or more"),
            width=(self.width >= 1, "1 or more"),
            depth=(self.depth >= 1, "1 or more"),
            frequencies=(self.frequencies >= 0, "0 or more"),
            spread=(self.spread > 0, "above 0"),
            dropout=(0 <= self.dropout < 1, "at least 0 and below 1"),
        )

    def build(self, n_pix):
        """Build the untrained module.

        Parameters
        ----------
        n_pix : int
            Columns of each object.

        Returns
        -------
        `torch.nn.Module`
            From (n, 1, ``n_pix`` or more) to (members, n, ``outputs``).
        """
        from galspec.networks._photometric_perceptron import PhotometricPerceptron

        return PhotometricPerceptron(self, n_pix)
