import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import NetworkConfig, SpectralCNNConfig


def test_the_papers_layout_has_the_papers_number_of_parameters():
    model = SpectralCNNConfig().build(4201)
    assert sum(p.numel() for p in model.parameters()) == 104_593
    convolutions = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [c.out_channels for c in convolutions] == [16, 16, 32, 32, 64, 64, 128, 128]


def test_the_signal_survives_eight_layers():
    torch.manual_seed(0)
    model = SpectralCNNConfig().build(4201)
    with torch.inference_mode():
        seen = model.with_features(torch.rand(32, 1, 4201))[1]
    # with torch's default initialisation the scatter between spectra is below 1e-4
    assert seen.std(dim=0).mean() > 1e-3


@given(
    inputs=st.sampled_from([1, 2]),
    outputs=st.integers(1, 4),
    stem=st.sampled_from([0, 4]),
    hidden=st.sampled_from([0, 5]),
    n=st.integers(1, 3),
)
@settings(max_examples=20, deadline=None)
def test_shapes(inputs, outputs, stem, hidden, n):
    config = SpectralCNNConfig((4, 6), inputs, outputs, stem, hidden)
    model = config.build(200)
    assert model(torch.rand(n, inputs, 200)).shape == (n, outputs)
    assert model.with_features(torch.rand(n, inputs, 200))[1].shape == (n, 6)


def test_rows_do_not_depend_on_each_other():
    model = SpectralCNNConfig((4, 8)).build(300).eval()
    x = torch.rand(5, 1, 300)
    with torch.inference_mode():
        alone = torch.cat([model(row[None]) for row in x])
        np.testing.assert_allclose(model(x), alone, atol=1e-6)


def test_json_round_trip():
    config = SpectralCNNConfig(channels=(3, 4), hidden=7)
    again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
    assert again == config


def test_unknown_networks_and_fields_are_named():
    with pytest.raises(ValueError, match="no network named 'Nonsense'"):
        NetworkConfig.from_config({"type": "Nonsense"})
    with pytest.raises(ValueError, match="wings"):
        NetworkConfig.from_config({"type": "SpectralCNNConfig", "wings": 2})


def test_too_few_pixels_are_an_error():
    with pytest.raises(ValueError, match="50 pixels are too few"):
        SpectralCNNConfig().build(50)


def test_configurations_do_not_import_torch():
    code = "import galspec.networks, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("inputs", [0, 3])
def test_other_inputs_are_refused(inputs):
    with pytest.raises(ValueError, match=f"inputs is {inputs}"):
        SpectralCNNConfig(inputs=inputs)
