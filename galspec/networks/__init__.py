"""Network architectures: configurations without torch that build torch modules."""

from galspec.networks.aligned_cnn import AlignedCNNConfig
from galspec.networks.base import NetworkConfig
from galspec.networks.forest import ForestConfig
from galspec.networks.perceptron import PerceptronConfig
from galspec.networks.spectral_cnn import SpectralCNNConfig

__all__ = [
    "AlignedCNNConfig",
    "ForestConfig",
    "NetworkConfig",
    "PerceptronConfig",
    "SpectralCNNConfig",
]
