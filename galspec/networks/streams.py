"""Parts that networks of several streams are put together from."""

import dataclasses

from galspec.configurable import Configurable

__all__ = [
    "MixtureOfExpertsConfig",
    "PyramidConfig",
    "SpectrogramConfig",
    "StreamConfig",
]


def _positive(numbers):
    return len(numbers) > 0 and all(number >= 1 for number in numbers)


@dataclasses.dataclass(frozen=True)
class StreamConfig(Configurable, family="stream"):
    """A frozen dataclass of plain values that can build a part of a network.

    A subclass defines ``build(inputs, length)`` and must not import torch before that
    call. The module takes (n, inputs, 1, length), gives (n, channels, 1, shorter), and
    says how many ``channels`` and what ``length`` that is. A term that it leaves as
    ``penalty`` in a training pass is added to the loss.
    """

    def build(self, inputs, length):
        """Build the untrained module for so many channels and pixels."""
        raise NotImplementedError(f"{type(self).__name__} defines no build")


@dataclasses.dataclass(frozen=True)
class PyramidConfig(StreamConfig):
    """Levels of parallel convolutions, concatenated; a max pooling ends each.

    Parameters
    ----------
    channels : tuple of int
        Of each kernel of each level: a level gives them times the kernels.
    kernels : tuple of int
        Widths of the convolutions that see the same input, odd.
    pool : int
        By how much each level shortens what it sees.

    Raises
    ------
    ValueError
        If a value makes no such pyramid.

    Notes
    -----
    Weights start from He, Zhang, Ren & Sun (2015, arXiv:1502.01852, eq. 10).

    Examples
    --------
    >>> from galspec.networks import PyramidConfig
    >>> pyramid = PyramidConfig((16, 32, 64)).build(2, 4000)
    >>> pyramid.channels, pyramid.length
    (192, 500)
    """

    channels: tuple = (16, 32, 64)
    kernels: tuple = (3, 5, 7)
    pool: int = 2

    def __post_init__(self):
        self._check(
            channels=(_positive(self.channels), "positive numbers, one or more"),
            kernels=(
                _positive(self.kernels) and all(k % 2 for k in self.kernels),
                "odd numbers, one or more",
            ),
            pool=(self.pool >= 1, "1 or more"),
        )

    def build(self, inputs, length):
        """Build the untrained module.

        Parameters
        ----------
        inputs : int
            Channels.
        length : int
            Pixels.

        Returns
        -------
        `torch.nn.Module`
            From (n, ``inputs``, 1, ``length``).

        Raises
        ------
        ValueError
            If there are too few pixels for the levels.
        """
        from galspec.networks._streams import Pyramid

        return Pyramid(self, inputs, length)


@dataclasses.dataclass(frozen=True)
class MixtureOfExpertsConfig(StreamConfig):
    """Parts of equal form, of which a gating network chooses a few for each spectrum.

    Their weighted sum with the softmax of the highest gate values as weights is that of
    Shazeer et al. (2017, arXiv:1701.06538, eqs. 3 and 5), without noise. Fedus, Zoph &
    Shazeer (2021, arXiv:2101.03961, eqs. 4-6) give the term that keeps all experts in
    use: their number times the sum over them of the share of choices that they got and
    their mean probability. It is 1 where all are used alike.

    Parameters
    ----------
    experts : int
        How many there are, 2 or more.
    top_k : int
        How many of them see a spectrum, 2 or more: the gate learns from their contrast.
    balance : float
        Weight of the term that keeps all in use, by default that of Fedus et al.; 0
        leaves it out, and a few experts soon do everything.
    expert : `~galspec.networks.StreamConfig`
        The form of each.

    Raises
    ------
    ValueError
        If a value makes no such mixture.

    Examples
    --------
    >>> from galspec.networks import MixtureOfExpertsConfig
    >>> MixtureOfExpertsConfig(experts=1)
    Traceback (most recent call last):
    ...
    ValueError: experts is 1; it has to be 2 or more: for one, give it in place of this
    """

    experts: int = 4
    top_k: int = 2
    balance: float = 0.01
    expert: StreamConfig = PyramidConfig()

    def __post_init__(self):
        self._check(
            experts=(
                self.experts >= 2,
                "2 or more: for one, give it in place of this",
            ),
            top_k=(2 <= self.top_k <= self.experts, f"from 2 to {self.experts}"),
            balance=(self.balance >= 0, "0 or more"),
        )

    def build(self, inputs, length):
        """Build the untrained module; see `PyramidConfig.build`."""
        from galspec.networks._streams import Mixture

        return Mixture(self, inputs, length)


@dataclasses.dataclass(frozen=True)
class SpectrogramConfig(StreamConfig):
    """A short-time Fourier transform of a continuum, in front of another part.

    It takes natural logarithms of the continuum, and gives the logarithm of its
    Fourier amplitudes in windows along the wavelength, relative to those of a flat
    continuum of 1: frequencies become channels, and windows become pixels.

    Parameters
    ----------
    n_fft : int
        Pixels in a (Hann) window.
    hop : int
        Pixels from one to the next.
    stream : `~galspec.networks.StreamConfig`
        What sees the spectrogram.

    Raises
    ------
    ValueError
        If a value makes no such transform.
    """

    n_fft: int = 512
    hop: int = 128
    stream: StreamConfig = MixtureOfExpertsConfig()

    def __post_init__(self):
        self._check(
            n_fft=(self.n_fft >= 2, "2 or more"),
            hop=(self.hop >= 1, "1 or more"),
        )

    def build(self, inputs, length):
        """Build the untrained module; see `PyramidConfig.build`."""
        from galspec.networks._streams import Spectrogram

        return Spectrogram(self, inputs, length)
