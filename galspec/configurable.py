"""Frozen dataclasses that are written down as JSON and built again from it."""

import dataclasses
import types
import typing

__all__ = ["Configurable"]


class Configurable:
    """Base of a family of frozen dataclasses whose fields are all there is to them.

    A subclass that names its ``family`` starts one; the subclasses of that one belong
    to it and are known by their class name as soon as they are defined. A weight file
    can therefore only ask for classes that have been imported, never import any.
    """

    _known = {}
    _family = ""

    def __init_subclass__(cls, *, family=None, **kwargs):
        super().__init_subclass__(**kwargs)
        if family is not None:
            cls._known, cls._family = {}, family
            return
        other = cls._known.get(cls.__name__, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(
                f"a {cls._family} named {cls.__name__} exists already in "
                f"{other.__module__}: choose another name"
            )
        cls._known[cls.__name__] = cls

    def _check(self, **wanted):
        """Raise ValueError for the first field that is not (right, in these words)."""
        for name, (right, words) in wanted.items():
            if not right:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; it has to be {words}"
                )

    def to_config(self):
        """The configuration as a dict that JSON can hold."""
        nested = {
            field.name: value.to_config()
            for field in dataclasses.fields(self)
            if isinstance(value := getattr(self, field.name), Configurable)
        }
        return {"type": type(self).__name__, **dataclasses.asdict(self), **nested}

    @classmethod
    def from_config(cls, config):
        """Build what a configuration describes.

        Parameters
        ----------
        config : dict
            What `to_config` gave, possibly through JSON.

        Returns
        -------
        Configurable
            Of the class that the configuration names.

        Raises
        ------
        ValueError
            If the class is not known or its fields do not fit.
        """
        fields = dict(config)
        name = fields.pop("type", None)
        if name not in cls._known:
            raise ValueError(
                f"no {cls._family} named {name!r}; known are "
                f"{', '.join(sorted(cls._known))} (import the package that defines "
                "another one first)"
            )
        known = cls._known[name]
        kinds = {field.name: field.type for field in dataclasses.fields(known)}
        try:
            return known(
                **{key: _built(kinds.get(key), value) for key, value in fields.items()}
            )
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be built from {fields}: {error}"
            ) from error


def _built(kind, value):
    """What a field of that type holds: plain values, or another configuration."""
    kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    nested = [each for each in kinds if dataclasses.is_dataclass(each)]
    if not nested or (value is None and type(None) in kinds):
        return _tuples(value)
    if issubclass(nested[0], Configurable):
        return nested[0].from_config(value)
    return nested[0](**value)


def _tuples(value):
    """JSON knows no tuples; frozen dataclasses want nothing else."""
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(item) for item in value)
    return value
