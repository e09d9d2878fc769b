"""Convolutional network that brings galaxies to their rest frame by itself."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["AlignedCNNConfig"]


@dataclasses.dataclass(frozen=True)
class AlignedCNNConfig(NetworkConfig):
    """Find the redshift, cut out the rest frame, read it.

    A finder correlates a few learned feature maps with a learned template: its score
    at every shift is a probability of redshift, trained against the true one. A reader
    with convolutions sees a fixed window of the rest frame, cut out at the most
    probable shift or, where a redshift is given, at that one. In training, known
    redshifts are hidden from the reader for part of the spectra, so that both ways
    are learned; a few spectra are read at a random shift, so that a wrong redshift
    shows in the error.

    Parameters
    ----------
    start : float
        Wavelength of the first pixel in angstrom.
    step : float
        Pixel of the input in log10 of the wavelength: redshift is a shift only there.
    window : tuple of float
        Rest-frame wavelengths that the reader sees, angstrom.
    highest_redshift : float
        Up to which the finder looks, from 0.
    finder : tuple of int
        Channels of its two convolutions; the first has stride 2.
    channels : tuple of int
        Channels of the reader's four convolutions: a stem of stride 2, then three that
        pool by 2, 3 and 3.
    hidden : int
        Width of the layer in front of the reader's outputs.
    inputs : {3}
        Flux, good pixels, and log10(1 + z), NaN where it is not known.
    outputs : int
        Numbers that the network gives for each spectrum.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 3, n_pix), outputs (n, ``outputs``). The pixels are those
    of the recipe: `~galspec.transforms.log_grid` with the same start and step.
    """

    start: float
    step: float
    window: tuple = (3600.0, 7200.0)
    highest_redshift: float = 0.32
    finder: tuple = (12, 8)
    channels: tuple = (24, 32, 48, 64)
    hidden: int = 48
    inputs: int = 3
    outputs: int = 2

    def __post_init__(self):
        self._check(
            start=(self.start > 0, "above 0"),
            step=(self.step > 0, "above 0"),
            window=(
                len(self.window) == 2 and 0 < self.window[0] < self.window[1],
                "two wavelengths that ascend",
            ),
            highest_redshift=(self.highest_redshift > 0, "above 0"),
            finder=(len(self.finder) == 2, "two numbers of channels"),
            channels=(len(self.channels) == 4, "four numbers of channels"),
            inputs=(self.inputs == 3, "3"),
        )

    def check_recipe(self, recipe):
        """Refuse a recipe that leaves spectra on another grid.

        Parameters
        ----------
        recipe : `~galspec.transforms.Recipe`

        Raises
        ------
        ValueError
            If its last grid is not logarithmic with the same start and step.
        """
        grids = [step.grid for step in recipe.transformers if hasattr(step, "grid")]
        found = grids and (grids[-1].kind, grids[-1].start, grids[-1].step)
        if found != ("log", self.start, self.step):
            raise ValueError(
                f"the network needs a logarithmic grid from {self.start} in steps of "
                f"{self.step}, and the recipe {recipe.name!r} gives {found or 'none'}"
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
            From (n, 3, n_pix) to (n, ``outputs``).

        Raises
        ------
        ValueError
            If the window is too short, or lies off the pixels at every redshift.
        """
        from galspec.networks._aligned_cnn import AlignedCNN

        return AlignedCNN(self, n_pix)
