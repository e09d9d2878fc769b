"""Networks on photometry against the matrix products that they consist of.

``python benchmarks/photoz_network.py`` prints one table, of one thread; see README.md.
"""

import argparse
import os
import statistics

# before torch is loaded: two threads inside one operation collapse on busy cores
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import numpy as np
import torch
from timing import in_turns
from torch import nn

from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.networks import PhotometricPerceptronConfig, PhotometryAndImagesConfig
from galspec.networks._photometric_layers import MemberLinear

#: Catalogue columns and redshift bins.
COLUMNS, BINS = 45, 147
#: Objects that a job works on, and objects whose products are made together: few leave
#: them in the cache, many read the other matrix less often.
OBJECTS, TOGETHER = 512, (8, 32, 128)
#: Share of the rate of the products that a network with images has to reach.
LEAST = 0.8


def main():
    """Measure, print, and tell by the exit status whether the rate is reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="turns of every job")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.manual_seed(0)
    alone = PhotometricPerceptronConfig(("columns",), BINS).build(COLUMNS)
    both = PhotometryAndImagesConfig(("columns",), BINS).build(COLUMNS)
    inputs = simulated(6, 64)
    print(f"{'':24}{'million':>10}{'network':>10}{'products':>10}{'training':>10}")
    print(
        f"{'':24}{'products':>10}{'us each':>10}{'us each':>10}{'us each':>10}  share"
    )
    row("photometry", alone, inputs[:, :, :COLUMNS], rounds)
    row("both, without images", both, inputs[:, :, :COLUMNS], rounds)
    share = row("photometry and images", both, inputs, rounds)
    return int(share < LEAST)


def row(name, model, inputs, rounds):
    """Measure and print one network; the share of the rate that it reaches."""
    seconds, million = measured(model, inputs, rounds)
    best = [min(each) for each in zip(*(seconds[n] for n in TOGETHER), strict=True)]
    pairs = zip(best, seconds["network"], strict=True)
    share = statistics.median(fast / own for fast, own in pairs)
    each = [statistics.median(s) * 1e6 for s in (seconds["network"], best)]
    trained = statistics.median(seconds["training"]) * 1e6
    print(
        f"{name:24}{million:10.2f}{each[0]:10.1f}{each[1]:10.1f}{trained:10.1f}"
        f"{share:7.2f}"
    )
    return share


def measured(model, inputs, rounds):
    """Seconds an object of the jobs, and million multiply-adds an object.

    The network runs as `predict` runs it. The products are those of its layers, of
    matrices that lie ready (convolutions as one product each), into memory that is
    there. A step of training is forward and backward on 256 objects, without the
    optimiser.
    """
    shapes = products(model, inputs)
    jobs = {"network": (OBJECTS, lambda: TorchEnsemble([model.eval()]).run(inputs))}
    for together in TOGETHER:
        jobs[together] = (OBJECTS, multiplied(shapes, together))
    x = torch.from_numpy(inputs[:256])
    jobs["training"] = (len(x), lambda: step(model.train(), x))
    million = sum(np.prod(shape) for shape in shapes) / 1e6
    return in_turns(jobs, rounds), million


def products(model, inputs):
    """Of each layer that multiplies: members, rows an object, inputs, outputs."""
    shapes = []

    def note(layer, _, output):
        if isinstance(layer, MemberLinear):
            members, width, outputs = layer.weight.shape
            shapes.append((members, 1, width, outputs))
        elif isinstance(layer, nn.Conv2d):
            positions = output.shape[2] * output.shape[3]
            shapes.append((1, positions, layer.weight[0].numel(), output.shape[1]))
        elif isinstance(layer, nn.Linear):
            shapes.append((1, 1, layer.in_features, layer.out_features))

    hooks = [part.register_forward_hook(note) for part in model.modules()]
    model(torch.from_numpy(inputs[:1]))
    for hook in hooks:
        hook.remove()
    return shapes


def multiplied(shapes, together):
    """A job that multiplies matrices of those shapes, so many objects together."""
    matrices = []
    for members, rows, k, n in shapes:
        many = () if members == 1 else (members,)
        left, right = torch.randn(*many, together * rows, k), torch.randn(*many, k, n)
        matrices.append((left, right, left @ right))

    def job():
        for _ in range(OBJECTS // together):
            for left, right, out in matrices:
                torch.matmul(left, right, out=out)

    return job


def step(model, x):
    """Forward and backward."""
    model.zero_grad()
    model(x).square().mean().backward()


def simulated(bands, pixels):
    """Columns, and stamps of round sources in noise, (OBJECTS, 1, width)."""
    rng = np.random.default_rng(0)
    radius = np.hypot(*(np.mgrid[:pixels, :pixels] - (pixels - 1) / 2))
    width = rng.uniform(2, 8, (OBJECTS, 1, 1, 1))
    stamps = rng.normal(0, 0.004, (OBJECTS, bands, pixels, pixels))
    stamps += 0.1 * np.exp(-0.5 * (radius / width) ** 2)
    columns = rng.normal(size=(OBJECTS, COLUMNS))
    x = np.concatenate([columns, stamps.reshape(OBJECTS, -1)], axis=1)
    return x[:, None].astype(np.float32)


if __name__ == "__main__":
    raise SystemExit(main())
