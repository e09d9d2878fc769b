"""What the training scripts share: options, log, checkpoints, weights."""

import argparse
import logging
import pathlib

import torch

from galspec.simulation import GalaxyIngredients

__all__ = ["arguments_of", "train"]


def arguments_of(description, tags):
    """Options of a training script."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("tag", choices=tags)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--epoch-size", type=int, default=8192)
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def train(estimator, source_of, arguments):
    """Fit, with checkpoints and a log in the folder of the run, and save the weights.

    ``source_of(ingredients, tag, epoch_size)`` gives the spectra.
    """
    arguments.run.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=arguments.run / "log.txt",
        level=logging.INFO,
        format="%(asctime)s %(message)s",
    )
    torch.set_num_threads(arguments.threads)
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    estimator.fit(
        source_of(ingredients, arguments.tag, arguments.epoch_size),
        options=estimator.fit_options(epochs=arguments.epochs),
        members=arguments.members,
        seed=arguments.seed,
        checkpoint=arguments.run,
    )
    estimator.save(arguments.run / "weights.safetensors")
