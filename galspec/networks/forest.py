"""Random forest for one-dimensional spectra."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["ForestConfig"]


@dataclasses.dataclass(frozen=True)
class ForestConfig(NetworkConfig):
    """Decision trees, each grown on other spectra and other pixels.

    Breiman (2001, Machine Learning 45, 5). The trees are the members of an ensemble:
    values are their mean and the error follows from their scatter, probabilities are
    the mean of the shares that the classes have in their leaves. With its defaults this
    is the forest that Feng, Wang & Li (2025) compare their network with, but for
    ``max_features``.

    Growing the trees needs scikit-learn; what has been saved is read without it.

    Parameters
    ----------
    trees : int
        Number of trees.
    max_features : "sqrt" or float
        Pixels that are tried at a split: the square root of their number, or this
        share of them. The former is many times faster.
    smallest_leaf : int
        Spectra that a leaf must hold. With 1 every training spectrum has a leaf of its
        own; with more the trees are as many times smaller, and so is their file.
    inputs : {1, 2}
        1: the flux; 2: the flux and which pixels are good (1) or masked (0).
    outputs : int
        Numbers that each tree gives for a spectrum.
    rebin : int
        Adjacent pixels that are averaged first.

    Notes
    -----
    Inputs have the shape (n, ``inputs``, n_pix), outputs (``trees``, n, ``outputs``).
    A leaf gives what minimises the loss over its training spectra, whatever the loss:
    their mean and the logarithm of their scatter, or logarithms of the shares of the
    classes. The trees are grown on one epoch, by squared errors; for classes these are
    the Gini impurity.
    """

    trees: int = 100
    max_features: str | float = "sqrt"
    smallest_leaf: int = 1
    inputs: int = 1
    outputs: int = 2
    rebin: int = 1

    def build(self, n_pix):
        """Build a module without trees.

        Parameters
        ----------
        n_pix : int
            Pixels of each spectrum.

        Returns
        -------
        `torch.nn.Module`
            From (n, ``inputs``, n_pix) to (``trees``, n, ``outputs``), once it has
            learned or loaded its trees.
        """
        from galspec.networks._forest import Forest

        return Forest(self)
