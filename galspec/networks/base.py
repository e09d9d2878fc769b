"""What every network configuration has."""

import dataclasses

from galspec.configurable import Configurable

__all__ = ["NetworkConfig"]


@dataclasses.dataclass(frozen=True)
class NetworkConfig(Configurable, family="network"):
    """A frozen dataclass of plain values that can build a torch module.

    A subclass defines ``build(n_pix)`` and must not import torch before that call. It
    has the fields ``inputs``, the channels that the network takes (their names or how
    many, see `galspec.inference.network_input`), and ``outputs``, the numbers that it
    gives.

    The module gives (n, outputs), or (members, n, outputs) where it is an ensemble by
    itself. `galspec.training.fit.fit` trains it by gradients, unless it has a method
    ``learn(inputs, labels, loss, seed)`` that does all of it, as a forest has. A method
    ``prepare(inputs)`` sees the training spectra once before that, as principal
    components need. A method ``with_features(x)`` gives, beside the outputs, what the
    network saw, (n, features): the distance from the training domain is measured there.
    An attribute ``chunk`` is how many spectra it works on fastest, if not a few. One on
    photometry says in ``n_columns`` how many numbers of an input are no image.
    """

    def check_recipe(self, recipe):
        """Raise ValueError if the network cannot work on what a recipe gives."""

    def build(self, n_pix):
        """Build the untrained module for spectra of ``n_pix`` pixels."""
        raise NotImplementedError(f"{type(self).__name__} defines no build")
