"""What a transformer is, and how a recipe of them is written down as JSON."""

import dataclasses

from galspec.configurable import Configurable

__all__ = ["Recipe", "Transformer"]


@dataclasses.dataclass(frozen=True)
class Transformer(Configurable, family="transformer"):
    """A pure function from `~galspec.SpectrumBatch` to `~galspec.SpectrumBatch`.

    A subclass is a frozen dataclass whose fields are its whole configuration (numbers,
    strings, tuples, or dataclasses of these) and which defines ``__call__(batch)``.
    """

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
