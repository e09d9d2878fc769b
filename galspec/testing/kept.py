"""What must hold of an estimator that is kept: in a file, a pickle, off the network."""

import contextlib
import pathlib
import pickle
import tempfile

from galspec.testing.isolation import no_network

__all__ = ["KeepingChecks"]

#: Of the provenance of a result.
KEYS = ("estimator", "weights", "sha256", "recipe", "scale", "galspec")


class KeepingChecks:
    """Checks of what is kept; see `galspec.testing.checks.Checks`."""

    names = (
        "saved_and_loaded_is_equal",
        "pickled_and_unpickled_is_equal",
        "offline_needs_no_network",
        "results_say_where_they_come_from",
    )

    def saved_and_loaded_is_equal(self):
        """Weights hold all that matters.

        What ``fit`` finds out besides the network has to be in ``form_config`` and
        ``from_config``, or in the class that ``learned_type`` names.
        """
        if self.estimator.network is None:
            return  # there are no weights to save
        with self._saved() as (path, _):
            again = type(self.estimator).pretrained(path=path, device="cpu")
        self.assert_same(self.predicted(self.draw(), again), self.drawn)
        assert again.recipe == self.estimator.recipe, "the recipe differs"

    def pickled_and_unpickled_is_equal(self):
        """It can be sent to another process, and predicts the same there.

        Define its class at the top of a module; keep neither open files nor lambdas in
        the instance, or leave them out in ``__getstate__``.
        """
        # one's own object: nothing is ever unpickled that came from elsewhere
        again = pickle.loads(pickle.dumps(self.estimator))  # noqa: S301
        self.assert_same(self.predicted(self.draw(), again), self.drawn)

    def offline_needs_no_network(self):
        """``pretrained(offline=True)`` and ``predict`` ask the network for nothing.

        Put what is needed into the weights or into the package, and pass ``offline`` on
        to whatever else is loaded.
        """
        cls = type(self.estimator)
        with no_network() as asked, self._kept() as options:
            again = cls.pretrained(offline=True, device="cpu", **options)
            self.predicted(self.draw(2), again)
        assert not asked, f"the network was asked: {', '.join(asked)}"

    def results_say_where_they_come_from(self):
        """``meta`` names estimator, weights and their SHA-256, recipe, scale, version.

        Leave ``_meta`` as it is, or add texts and numbers to it: flat, so that every
        file format can keep them.
        """
        from galspec import __version__

        meta, estimator = self.drawn.meta, self.estimator
        for key in KEYS:
            assert key in meta, f"meta has no {key}"
        for key, value in meta.items():
            flat = isinstance(value, (str, bool, int, float))
            assert flat, f"{key} of meta is a {type(value).__name__}"
        known = {"estimator": estimator.name, "galspec": __version__}
        known |= {"recipe": estimator.recipe.name, "scale": estimator.scale}
        if estimator.network is not None:
            with self._saved() as (path, digest):
                again = type(estimator).pretrained(path=path, device="cpu")
            meta = self.predicted(self.draw(1), again).meta
            known |= {"weights": path.name, "sha256": digest}
        for key, value in known.items():
            assert meta[key] == value, f"{key} of meta is {meta[key]!r}, not {value!r}"

    @contextlib.contextmanager
    def _saved(self):
        """Weights in a file, and their SHA-256."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "weights.safetensors"
            yield path, self.estimator.save(path)

    @contextlib.contextmanager
    def _kept(self):
        """Keywords of ``pretrained`` by which the estimator is had again, offline."""
        from galspec import weights

        estimator = self.estimator
        if estimator.network is None:
            yield {}
            return
        tag = self.drawn.meta["weights"]
        try:
            weights.resolve(estimator.name, tag, offline=True)
        except weights.WeightsError:  # those of a path, or of a fit
            with self._saved() as (path, _):
                yield {"path": path}
        else:
            yield {"tag": tag}
