import dataclasses
import json

import pytest

from galspec.networks import (
    HFSNetConfig,
    NetworkConfig,
    PyramidConfig,
    SpectrogramConfig,
)
from galspec.transforms import Transformer


def define(factor=1):
    @dataclasses.dataclass(frozen=True)
    class Brighten(Transformer):
        by: float = 2.0

        def __call__(self, batch):
            return batch.replace(flux=batch.flux * self.by * factor)

    return Brighten


def test_a_class_defined_again_in_the_same_place_replaces_the_old_one():
    define()
    again = define(factor=3)
    assert type(Transformer.from_config({"type": "Brighten", "by": 1})) is again


def test_another_class_of_a_known_name_is_refused():
    with pytest.raises(TypeError, match=r"Resample exists already in galspec"):
        type("Resample", (Transformer,), {})


def test_two_families_do_not_know_each_others_classes():
    with pytest.raises(ValueError, match="no transformer named 'SpectralCNNConfig'"):
        Transformer.from_config({"type": "SpectralCNNConfig"})


def test_wrong_fields_are_named():
    define()
    with pytest.raises(ValueError, match="sideways"):
        Transformer.from_config({"type": "Brighten", "sideways": 1})


def test_configurations_hold_others_of_a_family_that_know_their_own_class():
    narrow = SpectrogramConfig(stream=PyramidConfig((1, 2)))
    for stream in (narrow, narrow.stream, None):
        config = HFSNetConfig(continuum=stream)
        again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
        assert again == config


def test_a_wrong_part_is_named():
    config = HFSNetConfig().to_config()
    config["head"] = {"type": "Nonsense"}
    with pytest.raises(ValueError, match="no stream named 'Nonsense'"):
        NetworkConfig.from_config(config)
    config["head"] = 3
    with pytest.raises(ValueError, match="HFSNetConfig cannot be built"):
        NetworkConfig.from_config(config)
