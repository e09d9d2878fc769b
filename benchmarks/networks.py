"""Networks of spectra by both engines against the matrix products they consist of.

``python benchmarks/networks.py`` prints one table, of one thread; see README.md.
"""

import argparse
import statistics

# first, since it sets the number of threads before torch is loaded
from photoz_network import OBJECTS, TOGETHER, multiplied, products  # isort: skip

import numpy as np
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnxruntime import OrtValue
from timing import in_turns

from galspec import get_estimator, weights
from galspec.engines.export import OPSET, random_inputs
from galspec.networks._aligned_cnn import BLOCK, Finder

#: Share of the rate of the products that onnxruntime has to reach.
LEAST = 0.8
#: Version of the format that onnxruntime 1.20 reads.
IR_VERSION = 10
#: What is measured; those below are small, or of another kind, and have no bar.
NETWORKS = (
    ("gas-metallicity", "feng2025"),
    ("gas-metallicity", "default"),
    ("star-forming-classifier", "default"),
)
OTHERS = (
    ("cemp-params", "default"),
    ("sed-predictor", "default"),
    ("sed-predictor", "uaranet"),
)


def main():
    """Measure, print, and tell by the exit status whether the rate is reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="turns of every job")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(
        f"{'':34}{'million':>10}{'torch':>10}{'onnxrt':>10}{'products':>10}{'share':>8}"
    )
    print(f"{'':34}{'products':>10}" + 3 * f"{'us each':>10}")
    shares = [row(*names, rounds) for names in NETWORKS]
    for names in OTHERS:
        row(*names, rounds)
    return int(min(shares) < LEAST)


def row(name, tag, rounds):
    """Measure and print one ensemble; the share of the rate that it reaches."""
    cls = get_estimator(name)
    each = {
        engine: cls.pretrained(tag, engine=engine, device="cpu")._learned.ensemble
        for engine in ("torch", "onnxruntime")
    }
    inputs = random_inputs(weights.load(name, tag).config, OBJECTS)
    shapes = [
        shape
        for model in each["torch"].models
        for shape in (*products(model, inputs), *correlation(model))
    ]
    jobs = {
        engine: (OBJECTS, lambda e=ensemble: e.run(inputs))
        for engine, ensemble in each.items()
    }
    for together in TOGETHER:
        jobs["torch", together] = (OBJECTS, multiplied(shapes, together))
        jobs["ort", together] = (OBJECTS, by_onnxruntime(shapes, together))
    million = sum(m * rows * k * n for m, rows, k, n in shapes) / 1e6
    seconds = in_turns(jobs, rounds)
    several = (seconds[name] for name in jobs if isinstance(name, tuple))
    best = [min(each) for each in zip(*several, strict=True)]
    pairs = zip(best, seconds["onnxruntime"], strict=True)
    share = statistics.median(fast / own for fast, own in pairs)
    cells = [seconds["torch"], seconds["onnxruntime"], best]
    times = "".join(f"{statistics.median(s) * 1e6:10.1f}" for s in cells)
    print(
        f"{name + ' ' + tag:34}{million:10.2f}{times}{share:8.2f}",
        flush=True,
    )
    return share


def by_onnxruntime(shapes, together):
    """A job that multiplies matrices of those shapes, so many objects together.

    As `photoz_network.multiplied`, each product a node of one graph.
    """
    inputs, outputs, nodes, ready, feed = [], [], [], [], {}
    rng = np.random.default_rng(0)
    for place, (members, rows, k, n) in enumerate(shapes):
        many = () if members == 1 else (members,)
        names = [f"{letter}{place}" for letter in "xwy"]
        left, right = (*many, together * rows, k), (*many, k, n)
        feed[names[0]] = rng.random(left, np.float32)
        ready.append(numpy_helper.from_array(rng.random(right, np.float32), names[1]))
        nodes.append(helper.make_node("MatMul", names[:2], names[2:]))
        result = (*many, together * rows, n)
        inputs.append(helper.make_tensor_value_info(names[0], 1, left))
        outputs.append(helper.make_tensor_value_info(names[2], 1, result))
    graph = helper.make_graph(nodes, "products", inputs, outputs, ready)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    binding = session.io_binding()  # into memory that is there
    for name, value in feed.items():
        binding.bind_ortvalue_input(name, OrtValue.ortvalue_from_numpy(value))
    for node in outputs:
        size = [axis.dim_value for axis in node.type.tensor_type.shape.dim]
        place = OrtValue.ortvalue_from_shape_and_type(size, np.float32)
        binding.bind_ortvalue_output(node.name, place)

    def job():
        for _ in range(OBJECTS // together):
            session.run_with_iobinding(binding)

    return job


def correlation(model):
    """The products of a finder of redshifts, which are no layer of torch.

    See `galspec.networks._aligned_cnn.correlated`.
    """
    for part in model.modules():
        if isinstance(part, Finder):
            channels, length = part.template.shape[0], part.template.shape[1]
            length -= part.shifts - 1
            blocks, steps = -(-length // BLOCK), -(-part.shifts // BLOCK)
            waves, width = (blocks + steps) // 2 + 1, channels * BLOCK
            yield from 2 * [(1, width, blocks, waves)]
            yield from 4 * [(waves, 1, width, BLOCK)]
            yield from 2 * [(1, BLOCK, waves, steps)]


if __name__ == "__main__":
    raise SystemExit(main())
