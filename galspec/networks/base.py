"""What every network configuration has, and how it is written down as JSON."""

import dataclasses

__all__ = ["NetworkConfig"]

_KNOWN = {}


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """A frozen dataclass of plain values that can build a torch module.

    A subclass defines ``build(n_pix)`` and must not import torch before that call.
    Its field ``outputs`` is the number of outputs of the network.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        other = _KNOWN.setdefault(cls.__name__, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(
                f"a network configuration named {cls.__name__} exists already in "
                f"{other.__module__}: choose another name"
            )

    def build(self, n_pix):
        """Build the untrained module for spectra of ``n_pix`` pixels."""
        raise NotImplementedError(f"{type(self).__name__} defines no build")

    def to_config(self):
        """The configuration as a dict that JSON can hold."""
        return {"type": type(self).__name__, **dataclasses.asdict(self)}

    @staticmethod
    def from_config(config):
        """Build the configuration that `to_config` described.

        Raises
        ------
        ValueError
            If the class is not known or its fields do not fit.
        """
        fields = dict(config)
        name = fields.pop("type", None)
        if name not in _KNOWN:
            raise ValueError(
                f"no network named {name!r}; known are {', '.join(sorted(_KNOWN))}"
                " (import the package that defines another one first)"
            )
        try:
            return _KNOWN[name](
                **{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
            )
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be built from {fields}: {error}"
            ) from error
