"""What must hold of a declaration, before any data are seen."""

import inspect
import json

from galspec.embeddable import NotFittedError
from galspec.networks import NetworkConfig
from galspec.targets import Target
from galspec.testing.isolation import who_loads_torch
from galspec.transforms import Recipe

__all__ = ["DeclarationChecks"]


class DeclarationChecks:
    """Checks of what an estimator declares; see `galspec.testing.checks.Checks`."""

    names = (
        "declaration_is_complete",
        "constructor_takes_keywords_and_stores_them",
        "a_clone_has_learned_nothing",
        "recipe_survives_json",
        "importing_loads_no_torch",
    )

    def declaration_is_complete(self):
        """Name, references, recipe and targets are there.

        Set the class attributes ``name``, ``targets`` (a tuple of `Target`), ``recipe``
        (a `Recipe`) and ``references`` (a tuple of bibliographic codes).
        """
        estimator = self.estimator
        assert estimator.name, "it has no name"
        assert estimator.references, "it names no reference"
        text = isinstance(estimator.references, str)
        assert not text, "references is a text, not a tuple of texts"
        kind = type(estimator.recipe).__name__
        assert isinstance(estimator.recipe, Recipe), f"its recipe is a {kind}"
        assert estimator.targets, "it has no targets"
        for target in estimator.targets:
            kind = type(target).__name__
            assert isinstance(target, Target), f"a target is a {kind}"
        names = [target.name for target in estimator.targets]
        assert len(set(names)) == len(names), f"targets share a name: {names}"

    def constructor_takes_keywords_and_stores_them(self):
        """The constructor takes keywords only, stores them, and does nothing else.

        Write ``def __init__(self, *, option=None, **parameters)``, and convert and
        check what it was given where that is used.
        """
        estimator = self.estimator
        for name, parameter in _parameters(estimator):
            assert parameter.kind is parameter.KEYWORD_ONLY, f"{name} is positional"
            assert hasattr(estimator, name), f"{name} is not stored"
            value = getattr(estimator, name)
            again = type(estimator)(**{name: value})
            assert getattr(again, name) is value, f"{name} is changed"

    def a_clone_has_learned_nothing(self):
        """What is made of the same parameters is alike, and has learned nothing.

        Keep in the instance, not in the class, what a fit or weights bring.
        """
        estimator = self.estimator
        names = [name for name, _ in _parameters(estimator)]
        parameters = {name: getattr(estimator, name) for name in names}
        clone = type(estimator)(**parameters)
        for name in ("recipe", "network"):
            same = getattr(clone, name) == getattr(estimator, name)
            assert same, f"its {name} differs"
        if estimator.network is None:
            self.assert_same(self.predicted(self.draw(), clone), self.drawn)
            return
        try:
            self.predicted(self.draw(1), clone)
        except NotFittedError:
            return
        raise AssertionError("it predicts, though it was never fitted")

    def recipe_survives_json(self):
        """Recipe and network are the same again after JSON, as weights keep them.

        Give a transformer or a network of your own plain fields (numbers, texts,
        tuples, other transformers), and compare them as dataclasses do.
        """
        recipe, network = self.estimator.recipe, self.estimator.network
        config = json.loads(json.dumps(recipe.to_config()))
        assert Recipe.from_config(config) == recipe, f"{config} differs"
        if network is not None:
            config = json.loads(json.dumps(network.to_config()))
            assert NetworkConfig.from_config(config) == network, f"{config} differs"

    def importing_loads_no_torch(self):
        """To list estimators and to look at a declaration does not load torch.

        Import torch within the functions that use it: ``NetworkConfig.build`` for
        example, which is called when there is something to compute.
        """
        place = who_loads_torch(type(self.estimator))
        assert not place, f"torch is imported by {place}"


def _parameters(estimator):
    """Names and parameters of the constructor; those of ``**parameters`` are others."""
    known = inspect.signature(type(estimator)).parameters.items()
    return [(name, p) for name, p in known if p.kind is not p.VAR_KEYWORD]
