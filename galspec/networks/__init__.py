"""Network architectures: configurations without torch that build torch modules."""

from galspec.networks.aligned_cnn import AlignedCNNConfig
from galspec.networks.base import NetworkConfig
from galspec.networks.cannon import CannonConfig
from galspec.networks.forest import ForestConfig
from galspec.networks.forward_model import ForwardModelConfig
from galspec.networks.hfsnet import HFSNetConfig
from galspec.networks.inception_fusion import InceptionFusionConfig
from galspec.networks.payne import PayneConfig
from galspec.networks.pca_perceptron import PCAPerceptronConfig
from galspec.networks.perceptron import PerceptronConfig
from galspec.networks.photometric_perceptron import PhotometricPerceptronConfig
from galspec.networks.photometry_and_images import PhotometryAndImagesConfig
from galspec.networks.projection import ProjectionConfig
from galspec.networks.slam import SLAMConfig
from galspec.networks.soft_mask_attention import SoftMaskAttentionConfig
from galspec.networks.spectral_cnn import SpectralCNNConfig
from galspec.networks.streams import (
    MixtureOfExpertsConfig,
    PyramidConfig,
    SpectrogramConfig,
    StreamConfig,
)
from galspec.networks.template_matching import TemplateMatchingConfig

__all__ = [
    "AlignedCNNConfig",
    "CannonConfig",
    "ForestConfig",
    "ForwardModelConfig",
    "HFSNetConfig",
    "InceptionFusionConfig",
    "MixtureOfExpertsConfig",
    "NetworkConfig",
    "PCAPerceptronConfig",
    "PayneConfig",
    "PerceptronConfig",
    "PhotometricPerceptronConfig",
    "PhotometryAndImagesConfig",
    "ProjectionConfig",
    "PyramidConfig",
    "SLAMConfig",
    "SoftMaskAttentionConfig",
    "SpectralCNNConfig",
    "SpectrogramConfig",
    "StreamConfig",
    "TemplateMatchingConfig",
]
