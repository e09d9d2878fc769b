"""What may move while a network is tuned."""

import numpy as np
import pytest

from galspec.networks import PerceptronConfig, ProjectionConfig, SoftMaskAttentionConfig
from galspec.training.freezing import freeze, layer_names, training_mode

SOFT = SoftMaskAttentionConfig((4,), stride=2, length=4, width=8, outputs=4)


def moving(model):
    return {name for name, each in model.named_parameters() if each.requires_grad}


@pytest.mark.parametrize(
    ("config", "head"),
    [
        (PerceptronConfig((4, 4), outputs=2), {"head"}),
        (ProjectionConfig(width=8, outputs=6), {"head"}),
        (SOFT, {"mean", "log_sigma"}),  # means and errors have a layer each
    ],
)
def test_the_head_is_what_gives_the_outputs(config, head):
    model = config.build(64)
    assert set(freeze(model, "head", config.outputs)) == head
    assert moving(model) == {f"{n}.{kind}" for n in head for kind in ("weight", "bias")}


def test_parts_layers_and_parameters_go_together():
    model = ProjectionConfig(width=8, outputs=6).build(64)
    chosen = ["head.bias", "body.0", "log_half", "body.0.first"]
    found = freeze(model, chosen, 6)
    assert set(found) == {
        *("log_half", "head.bias"),
        *("body.0.first.0", "body.0.first.1", "body.0.second.1"),
    }
    assert "head.weight" not in moving(model)
    assert {"head.bias", "log_half", "body.0.first.1.weight"} < moving(model)
    # each call tells anew
    assert freeze(model, np.int64(1), 6) == ["head"]
    assert moving(model) == {"head.weight", "head.bias"}
    assert freeze(model, "all", 6) == layer_names(model)
    assert len(moving(model)) == len(list(model.parameters()))


def test_frozen_parts_keep_their_statistics():
    model = SOFT.build(64)
    freeze(model, "offset", 4)
    training_mode(model)
    assert not any(part.training for part in model.units.modules())
    freeze(model, "units", 4)
    training_mode(model)
    assert model.units.training
    assert not model.first.training
