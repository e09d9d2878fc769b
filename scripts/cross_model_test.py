"""Measure weights of GasMetallicity on spectra of other models under recorded noise.

    python scripts/cross_model_test.py default --ingredients DIR --noise DIR
    python scripts/cross_model_test.py runs/default/weights.safetensors ...

DIR of the ingredients holds the files of MIUSCAT and FSPS (see
`galspec.simulation.cross_model`), DIR of the noise spectra of LAMOST. Abundances are
drawn evenly, or with ``--like-training`` as the training prior has them, which needs
the files of `galspec.simulation.GalaxyIngredients` too. Nothing may be tuned on what
is printed here.
"""

import argparse
import itertools
import pathlib

import gas_metallicity_tables as tables
import numpy as np

from galspec import Flags, GasMetallicity
from galspec.simulation import LAMOST, GalaxyIngredients
from galspec.simulation.cross_sources import parameters_of

#: Steps of log U about its mean at the metallicity of a model.
U_BINS = (-1.0, -0.3, -0.1, 0.1, 0.3, 1.0)
EW_BINS = (0.5, 1.2, 1.5, 1.8, 2.1, 3.0)


def load(weights):
    """The estimator of a tag or of a weight file."""
    path = pathlib.Path(weights)
    if path.exists():
        return GasMetallicity.pretrained(path=path)
    return GasMetallicity.pretrained(weights)


def lost_lines(batch, redshift):
    """Whether H-alpha and [N II] lie in masked pixels."""
    rest = batch.wavelength / (1 + redshift[:, None])
    near = (rest > 6555) & (rest < 6592)
    return (batch.mask & near).sum(axis=1) > 0.5 * near.sum(axis=1)


def bias_map(table):
    """Mean residual by abundance (rows) and log U over its mean there (columns)."""
    truth, error = table["true_oh"], table["oh"].value - table["true_oh"]
    bins = [f"{low:+g} to {high:+g}" for low, high in itertools.pairwise(U_BINS)]
    lines = [
        "| 12 + log10(O/H) | " + " | ".join(bins) + " |",
        "|---" * (len(bins) + 1) + "|",
    ]
    for low, high in itertools.pairwise(tables.OH_BINS):
        cells = []
        for left, right in itertools.pairwise(U_BINS):
            here = (truth >= low) & (truth < high) & np.isfinite(error)
            here &= (table["log_u"] >= left) & (table["log_u"] < right)
            mean = error[here].mean() if here.any() else np.nan
            cells.append(f"{mean:+.3f} ({here.sum()})")
        lines.append(f"| {low} to {high} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", help="a tag, or a weight file")
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--noise", type=pathlib.Path, required=True)
    parser.add_argument("--like-training", action="store_true")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    like = None
    if arguments.like_training:
        ingredients = GalaxyIngredients.load(arguments.ingredients)
        drawn = tables.simulated(ingredients, LAMOST, 20000, 0)[1]
        like = np.asarray(drawn["oh"])
    simulator = tables.cross_model_simulator(
        arguments.ingredients, arguments.noise, like
    )
    batch, truth = simulator.draw(arguments.size, arguments.seed)
    table = tables.measure(
        load(arguments.weights), tables.forget_redshift(batch), truth
    )
    table["log_ew_ha"] = truth["log_ew_ha"]
    log_u = parameters_of(truth["object_id"])["log_u"]
    trend = np.polyfit(table["true_oh"], log_u, 1)
    table["log_u"] = log_u - np.polyval(trend, table["true_oh"])
    lost = lost_lines(batch, np.asarray(truth["redshift"]))
    unflagged = np.asarray(table["flags"]) == 0
    named = {
        "all": table,
        "unflagged": table[unflagged],
        "H-alpha seen": table[~lost],
        "H-alpha masked": table[lost],
    }
    print(tables.overview({k: part for k, part in named.items() if len(part)}))
    for column, edges, title in (
        ("true_snr_r", tables.SNR_BINS, "S/N_r"),
        ("true_oh", tables.OH_BINS, "true 12 + log10(O/H)"),
        ("log_u", U_BINS, "log U over its mean"),
        ("true_redshift", tables.Z_BINS, "redshift"),
        ("log_ew_ha", EW_BINS, "log10 EW(H-alpha)"),
    ):
        print("\n" + tables.binned(table, column, edges, title))
    print("\nBias by abundance and log U over its mean there (spectra):\n")
    print(bias_map(table))
    print("\nFlags:")
    for flag in Flags:
        share = np.mean((np.asarray(table["flags"]) & int(flag)) != 0)
        if share:
            print(f"  {flag.name:22} {100 * share:5.1f} %")


if __name__ == "__main__":
    main()
