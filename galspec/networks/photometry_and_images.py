"""Ensemble of perceptrons on photometry, with a convolutional branch on images."""

import dataclasses

from galspec.networks.photometric_perceptron import PhotometricPerceptronConfig

__all__ = ["PhotometryAndImagesConfig"]


@dataclasses.dataclass(frozen=True)
class PhotometryAndImagesConfig(PhotometricPerceptronConfig):
    """Perceptrons on photometry that look at image stamps too, where there are any.

    The members of a `PhotometricPerceptronConfig` share one small convolutional
    network. A further hidden layer of each member adds to its own hidden layers what
    they and the images say together. Either may be missing: it then contributes exact
    zeros, and a flag tells the further layer.

    The images start by saying little, so that they do not disturb members that were
    trained before on photometry alone.

    Parameters
    ----------
    inputs : tuple of str
        Names of the groups of columns.
    outputs : int
        Numbers that every member gives for each object.
    members, width, depth, frequencies, spread, dropout
        As of `PhotometricPerceptronConfig`.
    optical, infrared : tuple of float
        Of each band of a stamp, in their order, the flux in nanomaggies a pixel up to
        which the network sees fluxes, and above which it sees their logarithms: by
        default the noise of a pixel of the Legacy Surveys in g, r, i, z and W1, W2.
    pixels : int
        Of a stamp, on a side; a multiple of 16.
    channels : tuple of int
        Of the convolutions on 1/4, 1/8 and 1/16 of the pixels on a side; multiples of
        24 are fastest on CPUs of today. A third of the second belongs to the infrared.
    seen : int
        Numbers by which images are described to the members.

    Raises
    ------
    ValueError
        If a value makes no such network.

    Notes
    -----
    Inputs have the shape (n, 1, n_columns), or (n, 1, n_columns + n_bands * pixels**2)
    with the stamps, flattened, behind the columns: nanomaggies a pixel, without the
    Milky Way's extinction, NaN where there is no image. Outputs have the shape
    (members, n, ``outputs``).

    Optical pixels are averaged by 2 x 2 (0.52 arcsec, half the seeing) and infrared
    ones by 8 x 8 (2.1 arcsec, a third of WISE's resolution) before they are compressed
    by the inverse hyperbolic sine; one NaN makes its whole block unknown. Unknown
    blocks are 0, and the network is told their share in each band. With the default
    channels that takes 8.1 million multiply-adds.

    Examples
    --------
    >>> import torch
    >>> from galspec.networks import PhotometryAndImagesConfig
    >>> network = PhotometryAndImagesConfig(("magnitudes",), outputs=147).build(6)
    >>> network(torch.zeros(2, 1, 6)).shape
    torch.Size([5, 2, 147])
    >>> network(torch.zeros(2, 1, 6 + 6 * 64**2)).shape
    torch.Size([5, 2, 147])
    """

    optical: tuple = (0.002, 0.003, 0.0045, 0.008)
    infrared: tuple = (0.002, 0.003)
    pixels: int = 64
    channels: tuple = (48, 72, 96)
    seen: int = 128

    def __post_init__(self):
        super().__post_init__()
        for name in ("optical", "infrared"):
            right = len(getattr(self, name)) > 0 and min(getattr(self, name)) > 0
            self._check(**{name: (right, "positive numbers, one or more")})
        self._check(
            pixels=(self.pixels >= 16 and self.pixels % 16 == 0, "a multiple of 16"),
            channels=(
                len(self.channels) == 3
                and min(self.channels) >= 1
                and self.channels[1] % 3 == 0,
                "three positive numbers, the second a multiple of 3",
            ),
            seen=(self.seen >= 1, "1 or more"),
        )

    @property
    def bands(self):
        """Bands of a stamp."""
        return len(self.optical) + len(self.infrared)

    def build(self, n_pix):
        """Build the untrained module.

        Parameters
        ----------
        n_pix : int
            Columns of each object, with the numbers of a stamp or without.

        Returns
        -------
        `torch.nn.Module`
            From (n, 1, columns), with stamps or without, to (members, n, ``outputs``).

        Raises
        ------
        ValueError
            If there are no columns beside the stamps.
        """
        from galspec.networks._photometry_and_images import PhotometryAndImages

        return PhotometryAndImages(self, n_pix)
