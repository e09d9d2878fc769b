"""How a network is fitted: the settings of the one fit loop."""

import dataclasses
import math

from galspec.training.losses import LOSSES

__all__ = ["FitOptions"]


@dataclasses.dataclass(frozen=True)
class FitOptions:
    """How a network is fitted.

    Parameters
    ----------
    epochs : int
        Passes over the training data.
    loss : {'gaussian', 'sharp-gaussian', 'beta-gaussian', 'mse', 'cross-entropy', \
'binary', 'ordered', 'bins', 'crps'}
        The first three need a network with two outputs a label (mean, log sigma), the
        next two after 'mse' are for classes, the last three for densities over bins;
        see `galspec.training.losses` and `galspec.training.ordered_losses`.
    optimizer : {'adamw', 'adam'}
        Adam, with or without decoupled weight decay.
    learning_rate : float
        At the start.
    weight_decay : float
        For 'adamw'.
    schedule : {'cosine', 'plateau'}
        Cosine to zero over the epochs, after one warm-up epoch; or a factor 0.1 when
        the validation loss has not improved for ``patience`` epochs.
    patience : int
        Epochs, for 'plateau'.
    batch_size : int
        Spectra a step.
    passes : int
        How often an epoch goes over its spectra, each time in another order: more than
        once where making spectra takes longer than learning from them.
    stop_after : int, optional
        End early when so many epochs in a row have not lowered the validation loss;
        never unless given. With 'plateau' it should exceed ``patience``, so that the
        lower rate has its chance.

    Raises
    ------
    ValueError
        If a named choice does not exist or a number makes no sense.
    """

    epochs: int = 30
    loss: str = "gaussian"
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    schedule: str = "cosine"
    patience: int = 10
    batch_size: int = 64
    passes: int = 1
    stop_after: int | None = None

    def __post_init__(self):
        choices = {
            "loss": tuple(LOSSES),
            "optimizer": ("adamw", "adam"),
            "schedule": ("cosine", "plateau"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; it can be one of {allowed}"
                )
        for name in ("epochs", "batch_size", "passes", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; 1 or more")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is {self.learning_rate}; above 0")
        if self.stop_after is not None and self.stop_after < 1:
            raise ValueError(f"stop_after is {self.stop_after}; 1 or more, or None")
