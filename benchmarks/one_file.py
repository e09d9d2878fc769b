"""What a user would write to get the metallicity of one file: specutils and torch.

``python one_file.py WEIGHTS FILE OUT`` reads a gzipped LAMOST file into a spectrum of
specutils, brings it onto the grid of the published network of Feng, Wang & Li (2025),
runs it with the package's own weights, and writes a table. `stages.one_file` times the
whole process beside that of ``galspec predict gas-metallicity FILE -o OUT``.
"""

import json
import sys

import astropy.units as u
import numpy as np
import torch
from astropy.io import fits
from astropy.table import QTable
from safetensors import safe_open
from specutils import Spectrum
from specutils.manipulation import LinearInterpolatedResampler
from torch import nn

WEIGHTS, FILE, OUT = sys.argv[1:]
GRID = np.arange(3800.0, 8001.0) * u.AA


def network(tensors):
    """The published network by the book, and its parameters."""
    layers, width = [], 1
    for channels in (16, 32, 64, 128):
        layers += [nn.Conv1d(width, channels, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv1d(channels, channels, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool1d(3)]
        width = channels
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(width * 51, 1))
    body = sorted(
        (name for name in tensors if name.startswith("0.body.")),
        key=lambda name: (int(name.split(".")[2]), name.endswith("bias")),
    )
    names = [*body, "0.head.weight", "0.head.bias"]
    arrays = [
        tensors[n].squeeze(2) if tensors[n].ndim == 4 else tensors[n] for n in names
    ]
    model.load_state_dict(dict(zip(model.state_dict(), arrays, strict=True)))
    return model.eval()


with fits.open(FILE) as hdus:
    header, row = hdus[0].header, hdus["COADD"].data["FLUX"][0]
wavelength = 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(len(row)))
spectrum = Spectrum(flux=row * u.adu, spectral_axis=wavelength * u.AA)
flux = LinearInterpolatedResampler()(spectrum, GRID).flux.value
flux = (flux - flux.min()) / (flux.max() - flux.min())
with safe_open(WEIGHTS, framework="pt") as weights:
    config = json.loads(weights.metadata()["galspec"])["config"]
    tensors = {name: weights.get_tensor(name) for name in weights.keys()}  # noqa: SIM118
with torch.inference_mode():
    (value,) = network(tensors)(torch.from_numpy(flux[None, None].astype(np.float32)))
oh = value.numpy() * config["label_std"] + config["label_mean"]
QTable({"file": [FILE], "oh": oh * u.dex}).write(OUT, overwrite=True)
