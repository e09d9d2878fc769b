"""Frozen dataclasses that are written down as JSON and built again from it."""

import dataclasses

__all__ = ["Configurable"]


class Configurable:
    """Base of a family of frozen dataclasses whose fields are all there is to them.

    A subclass that names its ``family`` starts one; the subclasses of that one belong
    to it and are known by their class name as soon as they are defined. A weight file
    can therefore only ask for classes that have been imported, never import any. A
    field annotated with another family holds any member of it.
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

    def to_config(self):
        """The configuration as a dict that JSON can hold."""
        config = {"type": type(self).__name__, **dataclasses.asdict(self)}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Configurable):
                config[field.name] = value.to_config()
        return config

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
        nested = {
            f.name: f.type
            for f in dataclasses.fields(known)
            if dataclasses.is_dataclass(f.type)
        }
        try:
            return known(
                **{
                    key: _built(nested[key], value) if key in nested else _tuples(value)
                    for key, value in fields.items()
                }
            )
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be built from {fields}: {error}"
            ) from error


def _built(kind, value):
    """A dataclass from its fields; of a family the one that the configuration names."""
    if issubclass(kind, Configurable):
        return kind.from_config(value)
    return kind(**value)


def _tuples(value):
    """JSON knows no tuples; frozen dataclasses want nothing else."""
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(item) for item in value)
    return value
