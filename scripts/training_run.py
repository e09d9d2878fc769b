"""What the training scripts share: options, log, checkpoints, weights."""

import argparse
import logging
import pathlib

import torch

__all__ = ["parser_of", "train"]


def parser_of(description, tags):
    """Options that all training scripts have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("tag", choices=tags)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--epoch-size", type=int, default=8192)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def train(estimator, source, arguments):
    """Fit, with checkpoints and a log in the run's folder, and save the weights."""
    arguments.run.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=arguments.run / "log.txt",
        level=logging.INFO,
        format="%(asctime)s %(message)s",
    )
    torch.set_num_threads(arguments.threads)
    estimator.fit(
        source,
        options=estimator.fit_options(epochs=arguments.epochs, passes=arguments.passes),
        members=arguments.members,
        seed=arguments.seed,
        checkpoint=arguments.run,
    )
    estimator.save(arguments.run / "weights.safetensors")
