"""Networks the other way round: from labels to the spectrum, then a search."""

import dataclasses

from galspec.networks.base import NetworkConfig

__all__ = ["ForwardModelConfig"]

_INPUTS = ("depth", "ivar")


@dataclasses.dataclass(frozen=True)
class ForwardModelConfig(NetworkConfig):
    """What models of the spectrum have in common, whatever predicts the pixels.

    The labels of a spectrum are those whose predicted depths fit best: the sum of
    ``(observed - predicted)**2 / (noise**2 + scatter**2)`` over all good pixels is
    least (Levenberg-Marquardt, all spectra together), within the range of the training
    labels. The intrinsic scatter of each pixel is learned, so that a pixel counts by
    what it can tell. Errors are the formal ones, and no larger than the scatter of the
    training labels.

    A subclass adds how the depths are learned.

    Parameters
    ----------
    free : int
        Labels that are searched for, the first ones. Any others are linear in them, as
        [C/H] is in [Fe/H] and [C/Fe]; how, is learned.
    starts : int
        Searches for each spectrum. They begin at the best of 64 training labels.
    inputs : tuple of str
        ``("depth", "ivar")``, behind a `~galspec.transforms.Normalise`.
    outputs : int
        Twice the number of labels: their values, and the logarithms of their errors.

    Raises
    ------
    ValueError
        If a value makes no such model.

    Notes
    -----
    Spectra are learned from whose ``free`` labels are all known.
    """

    free: int = 4
    starts: int = 3
    inputs: tuple = _INPUTS
    outputs: int = 10

    def __post_init__(self):
        self._check(
            free=(1 <= self.free <= self.outputs // 2, "1 to half of the outputs"),
            starts=(1 <= self.starts <= 64, "1 to 64"),
            inputs=(tuple(self.inputs) == _INPUTS, f"{_INPUTS}"),
            outputs=(self.outputs % 2 == 0, "even: values and errors"),
        )
