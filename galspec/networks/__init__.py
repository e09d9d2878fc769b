"""Network architectures: configurations without torch that build torch modules."""

from galspec.networks.aligned_cnn import AlignedCNNConfig
from galspec.networks.base import NetworkConfig
from galspec.networks.forest import ForestConfig
from galspec.networks.hfsnet import HFSNetConfig
from galspec.networks.perceptron import PerceptronConfig
from galspec.networks.projection import ProjectionConfig
from galspec.networks.spectral_cnn import SpectralCNNConfig
from galspec.networks.streams import (
    MixtureOfExpertsConfig,
    PyramidConfig,
    SpectrogramConfig,
    StreamConfig,
)

__all__ = [
    "AlignedCNNConfig",
    "ForestConfig",
    "HFSNetConfig",
    "MixtureOfExpertsConfig",
    "NetworkConfig",
    "PerceptronConfig",
    "ProjectionConfig",
    "PyramidConfig",
    "SpectralCNNConfig",
    "SpectrogramConfig",
    "StreamConfig",
]
