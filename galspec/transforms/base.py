"""What a transformer is, and how a recipe of them is written down as JSON."""

import dataclasses

__all__ = ["Recipe", "Transformer"]

_KNOWN = {}


@dataclasses.dataclass(frozen=True)
class Transformer:
    """A pure function from `~galspec.SpectrumBatch` to `~galspec.SpectrumBatch`.

    A subclass is a frozen dataclass whose fields are its whole configuration (numbers,
    strings, tuples, or dataclasses of these) and which defines ``__call__(batch)``.
    Defining it makes it known by its class name, so that a weight file that was
    trained with it can be read wherever the class has been imported.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        other = _KNOWN.setdefault(cls.__name__, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(
                f"a transformer named {cls.__name__} exists already in "
                f"{other.__module__}: choose another name"
            )

    def __call__(self, batch):
        """Transform a batch.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            Not changed.

        Returns
        -------
        `~galspec.SpectrumBatch`
        """
        raise NotImplementedError(f"{type(self).__name__} defines no __call__")

    def to_config(self):
        """The configuration as a dict that JSON can hold."""
        return {"type": type(self).__name__, **dataclasses.asdict(self)}

    @staticmethod
    def from_config(config):
        """Build the transformer that a configuration describes.

        Parameters
        ----------
        config : dict
            What `to_config` gave, possibly through JSON.

        Returns
        -------
        Transformer

        Raises
        ------
        ValueError
            If the class is not known or its fields do not fit.
        """
        fields = dict(config)
        name = fields.pop("type", None)
        if name not in _KNOWN:
            raise ValueError(
                f"no transformer named {name!r}; known are {', '.join(sorted(_KNOWN))}"
                " (import the package that defines another one first)"
            )
        cls = _KNOWN[name]
        nested = {
            f.name: f.type
            for f in dataclasses.fields(cls)
            if dataclasses.is_dataclass(f.type)
        }
        try:
            return cls(
                **{
                    key: nested[key](**value) if key in nested else _tuples(value)
                    for key, value in fields.items()
                }
            )
        except TypeError as error:
            raise ValueError(
                f"{name} cannot be built from {fields}: {error}"
            ) from error


class Recipe:
    """A named sequence of transformers, itself a pure function on batches.

    Parameters
    ----------
    name : str
        What results carry as the recipe's name.
    *transformers : Transformer
        Applied from left to right.

    Examples
    --------
    >>> from galspec.transforms import Recipe, Resample, ScaleMinMax, linear_grid
    >>> recipe = Recipe("mine", Resample(linear_grid(4000, 5000, 2)), ScaleMinMax())
    >>> Recipe.from_config(recipe.to_config()) == recipe
    True
    """

    def __init__(self, name, *transformers):
        self.name = name
        self.transformers = transformers

    def __call__(self, batch):
        """Apply every transformer in turn."""
        for transformer in self.transformers:
            batch = transformer(batch)
        return batch

    def __eq__(self, other):
        return isinstance(other, Recipe) and self.to_config() == other.to_config()

    def __hash__(self):
        return hash((self.name, self.transformers))

    def __repr__(self):
        return f"Recipe({', '.join(map(repr, (self.name, *self.transformers)))})"

    def to_config(self):
        """The recipe as a dict that JSON can hold."""
        return {
            "name": self.name,
            "transformers": [t.to_config() for t in self.transformers],
        }

    @classmethod
    def from_config(cls, config):
        """Build the recipe that `to_config` described."""
        return cls(
            config["name"], *map(Transformer.from_config, config["transformers"])
        )


def _tuples(value):
    """JSON knows no tuples; frozen dataclasses want nothing else."""
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(item) for item in value)
    return value
