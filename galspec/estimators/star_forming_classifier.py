"""Star-forming galaxies among others, from the full spectrum."""

from galspec.classifier import SpectralClassifier, class_targets
from galspec.estimators.gas_metallicity import GasMetallicity
from galspec.networks import AlignedCNNConfig, SpectralCNNConfig

__all__ = ["StarFormingClassifier"]


class StarFormingClassifier(SpectralClassifier):
    """Star-forming, composite, active or passive, from the observed-frame spectrum.

    The classes are those of the BPT diagram: star-forming below the line of Kauffmann
    et al. (2003, MNRAS 346, 1055), active above that of Kewley et al. (2001, ApJ 556,
    121), composite between; passive are galaxies without lines, or with weak ones that
    old stars ionise. Together with `~galspec.GasMetallicity`, whose body it shares, it
    makes a catalogue of metallicities.

    Two sets of weights are published: ``default``, with the four classes, and
    ``feng2025``, star-forming or not, with the recipe and the network of Feng, Wang &
    Li (2025).

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; that of ``default`` when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; that of ``default`` when not given.
    classes : tuple of str, optional
        Those of ``default`` when not given.
    """

    name = "star-forming-classifier"
    targets = class_targets(
        {
            "sf": "a star-forming galaxy",
            "composite": "a composite galaxy",
            "agn": "an active nucleus",
            "passive": "a passive or retired galaxy",
        }
    )
    recipe = GasMetallicity.recipe
    network = AlignedCNNConfig(start=3700, step=1e-4, outputs=4)
    training = {
        "default": {"learning_rate": 2e-3, "batch_size": 32},
        "feng2025": {**GasMetallicity.training["feng2025"], "loss": "binary"},
    }
    references = (
        "Feng, Wang & Li 2025 (recipe and network of feng2025)",
        "2003MNRAS.346.1055K",
        "2001ApJ...556..121K",
    )
    alternatives = {
        "feng2025": (
            GasMetallicity.alternatives["feng2025"][0],
            SpectralCNNConfig(channels=(16, 32, 64, 128), inputs=1, outputs=2),
        )
    }
    form_classes = {"feng2025": ("sf", "other")}
