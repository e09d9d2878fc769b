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

import numpy as np

from galspec import Flags, GasMetallicity, read_spectra
from galspec.evaluation import coverage, residual_summary
from galspec.simulation import GalaxyIngredients, GalaxyPrior, GalaxySimulator
from galspec.simulation.cross_model import (
    CrossModelSimulator,
    RecordedNoise,
    cross_model_ingredients,
)
from galspec.simulation.cross_sources import parameters_of

#: Bins of Feng, Wang & Li (2025), in S/N of the r band per pixel.
SNR_BINS = (3, 5, 7, 10, 15, 25, 60)
OH_BINS = (7.2, 7.5, 7.8, 8.0, 8.2, 8.4, 8.6, 8.8, 9.05)
Z_BINS = (0.002, 0.03, 0.05, 0.07, 0.10, 0.15, 0.30)
#: Steps of log U about its mean at the metallicity of a model.
U_BINS = (-1.0, -0.3, -0.1, 0.1, 0.3, 1.0)
HEAD = "            n    bias   sigma    nmad   slope  flagged  in 68%  in 95%"


def load(weights):
    """The estimator of a tag or of a weight file."""
    path = pathlib.Path(weights)
    if path.exists():
        return GasMetallicity.pretrained(path=path)
    return GasMetallicity.pretrained(weights)


def measure(estimator, batch):
    """Estimates, intervals and flags as plain arrays."""
    one = estimator.predict(batch, interval=0.68)
    two = estimator.predict(batch, interval=0.95)
    columns = {name: one[name].value for name in ("oh", "oh_lo", "oh_hi")}
    columns |= {"lo95": two["oh_lo"].value, "hi95": two["oh_hi"].value}
    return columns | {"flags": np.asarray(one["flags"]), "snr": np.asarray(one["snr"])}


def training_abundances(folder, n=20000):
    """12 + log10(O/H) as the training prior has it."""
    prior = GalaxyPrior(kinds={"star-forming": 1.0})
    simulator = GalaxySimulator(GalaxyIngredients.load(folder), prior=prior)
    return np.asarray(simulator.draw(n, 0, split="test")[1]["oh"])


def lost_lines(batch, redshift):
    """Whether H-alpha and [N II] lie in masked pixels."""
    rest = batch.wavelength / (1 + redshift[:, None])
    near = (rest > 6555) & (rest < 6592)
    return (batch.mask & near).sum(axis=1) > 0.5 * near.sum(axis=1)


def row(name, truth, result, rows):
    """One line of a table."""
    m = residual_summary(truth[rows], result["oh"][rows])
    inside = [
        100 * coverage(truth[rows], result[low][rows], result[high][rows])
        for low, high in (("oh_lo", "oh_hi"), ("lo95", "hi95"))
    ]
    flagged = 100 * np.mean(result["flags"][rows] != 0) if rows.any() else np.nan
    return (
        f"{name:>9} {m['n']:4d}  {m['bias']:+.3f}   {m['sigma']:.3f}   {m['nmad']:.3f}"
        f"   {m['slope']:.3f}   {flagged:5.1f}   {inside[0]:5.1f}   {inside[1]:5.1f}"
    )


def table(title, values, edges, truth, result, kept):
    """Lines of a table in bins."""
    lines = [f"\n{title}", HEAD]
    for low, high in itertools.pairwise(edges):
        rows = kept & (values >= low) & (values < high)
        lines.append(row(f"{low:g}-{high:g}", truth, result, rows))
    return "\n".join(lines)


def bias_map(ionisation, truth, result):
    """Mean residual by abundance (rows) and log U (columns), with its count."""
    error = result["oh"] - truth
    lines = ["\nBias by 12 + log10(O/H) and log U over its mean there (spectra)"]
    for low, high in itertools.pairwise(OH_BINS):
        cells = []
        for left, right in itertools.pairwise(U_BINS):
            here = (truth >= low) & (truth < high) & np.isfinite(error)
            here &= (ionisation >= left) & (ionisation < right)
            mean = error[here].mean() if here.any() else np.nan
            cells.append(f"{mean:+.3f} ({here.sum():3d})")
        lines.append(f"{low:g}-{high:g}".rjust(9) + "  " + "  ".join(cells))
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
    ingredients = cross_model_ingredients(arguments.ingredients)
    recorded = read_spectra(sorted(arguments.noise.glob("*.fits*")))
    like = None
    if arguments.like_training:
        like = training_abundances(arguments.ingredients)
    simulator = CrossModelSimulator(
        ingredients, RecordedNoise.from_batch(recorded), like=like
    )
    batch, drawn = simulator.draw(arguments.size, arguments.seed)
    result = measure(load(arguments.weights), batch)
    truth = np.asarray(drawn["oh"], float)
    everything = np.ones(len(truth), bool)
    print(HEAD)
    print(row("all", truth, result, everything))
    print(row("unflagged", truth, result, result["flags"] == 0))
    print(row("8.15-8.9", truth, result, (truth > 8.15) & (truth < 8.9)))
    lost = lost_lines(batch, np.asarray(drawn["redshift"]))
    print(row("Ha seen", truth, result, ~lost))
    print(row("Ha masked", truth, result, lost))
    models = parameters_of(drawn["object_id"])
    print(row("of models", models["grid_oh"], result, everything))
    log_u = models["log_u"]
    ionisation = log_u - np.polyval(np.polyfit(truth, log_u, 1), truth)
    for title, values, edges in (
        ("By S/N_r", drawn["snr_r"], SNR_BINS),
        ("By true 12 + log10(O/H)", truth, OH_BINS),
        ("By log U, over the mean at the abundance", ionisation, U_BINS),
        ("By redshift", drawn["redshift"], Z_BINS),
        ("By log10 EW(H-alpha)", drawn["log_ew_ha"], (0.5, 1.2, 1.5, 1.8, 2.1, 3.0)),
    ):
        print(table(title, np.asarray(values), edges, truth, result, everything))
    print(bias_map(ionisation, truth, result))
    print("\nFlags:")
    for flag in Flags:
        share = np.mean((result["flags"] & int(flag)) != 0)
        if share:
            print(f"  {flag.name:22} {100 * share:5.1f} %")


if __name__ == "__main__":
    main()
