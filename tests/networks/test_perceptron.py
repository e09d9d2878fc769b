import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import NetworkConfig, PerceptronConfig


def test_the_papers_widths():
    model = PerceptronConfig().build(4201)
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    assert [m.in_features for m in layers] == [4201, 1024, 1024, 1024]
    assert layers[-1].out_features == 1


@given(
    widths=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    inputs=st.sampled_from([1, 2]),
    outputs=st.integers(1, 4),
    rebin=st.integers(1, 7),
    n=st.integers(0, 3),
)
@settings(max_examples=20, deadline=None)
def test_shapes(widths, inputs, outputs, rebin, n):
    config = PerceptronConfig(tuple(widths), inputs, outputs, rebin)
    model = config.build(50)
    x = torch.rand(n, inputs, 50)
    assert model(x).shape == (n, outputs)
    assert model.with_features(x)[1].shape == (n, widths[-1])


def test_averaged_pixels_are_all_that_it_sees():
    model = PerceptronConfig((8,), rebin=4).build(10)
    x = torch.rand(2, 1, 10)
    # 4, 4 and the last 2 pixels; the order within does not matter
    mixed = x[:, :, [3, 1, 0, 2, 7, 6, 5, 4, 9, 8]]
    torch.testing.assert_close(model(mixed), model(x))
    assert not torch.allclose(model(x.flip(2)), model(x))


def test_a_constant_flux_does_not_matter():
    model = PerceptronConfig((8,)).build(20)
    x = torch.rand(2, 1, 20)
    torch.testing.assert_close(model(x + 3), model(x), atol=1e-5, rtol=0)


def test_rows_do_not_depend_on_each_other():
    model = PerceptronConfig((8, 8)).build(30).eval()
    x = torch.rand(5, 1, 30)
    with torch.inference_mode():
        alone = torch.cat([model(row[None]) for row in x])
        np.testing.assert_allclose(model(x), alone, atol=1e-6)


@pytest.mark.parametrize(
    "config", [PerceptronConfig(), PerceptronConfig((4,), 2, 3, 5)]
)
def test_json_round_trip(config):
    again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
    assert again == config


def test_configurations_do_not_import_torch():
    code = (
        "import sys; from galspec.networks import PerceptronConfig; "
        "PerceptronConfig(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
