"""Compare GasMetallicity with simple methods on the same simulated spectra.

    python scripts/baselines_gas_metallicity.py --ingredients DIR

prints one markdown table. All methods see the same star-forming galaxies as LAMOST
would observe them: those that learn are fitted to the training part of the simulator,
and everything is measured on its test part, which holds other galaxies. Needs
scikit-learn.
"""

import argparse
import itertools
import pathlib
import warnings

import numpy as np
from gas_metallicity_tables import SNR_BINS
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from train_gas_metallicity import training_source

from galspec import GasMetallicity
from galspec.baselines.line_fit import oh_line_fit
from galspec.evaluation import residual_summary
from galspec.simulation import GalaxyIngredients
from galspec.simulation.lines import LINES
from galspec.transforms import Coverage, Recipe, Resample, ScaleMinMax, linear_grid

#: Spectra that are simulated together.
CHUNK = 2048
#: Around every line, rest frame: broader than lines and their wings, angstrom.
LINE_REACH = 15.0


def without_lines(batch):
    """The batch with all emission lines under the mask."""
    rest = batch.wavelength / (1 + batch.redshift[:, None])
    mask = batch.mask.copy()
    for line in LINES.values():
        mask |= np.abs(rest - line) < LINE_REACH
    return batch.replace(mask=mask)


def inputs(batch, step):
    """What forest and perceptron see: the grid and the scale of feng2025."""
    grid = Resample(linear_grid(3800, 8000, step))
    return Recipe("pixels", grid, Coverage(0.5), ScaleMinMax())(batch).flux


def training_set(source, size, step):
    """Inputs with lines and without, and labels, of training galaxies."""
    whole, bare, labels = [], [], []
    for number, start in enumerate(range(0, size, CHUNK)):
        for batch, truth in source.draw("train", min(CHUNK, size - start), number):
            whole.append(inputs(batch, step))
            bare.append(inputs(without_lines(batch), step))
            labels.append(np.asarray(truth["oh"], float))
    return tuple(np.concatenate(part) for part in (whole, bare, labels))


def forest(trees):
    """The random forest of the paper; sqrt(n) pixels are tried at a split."""
    return RandomForestRegressor(trees, max_features="sqrt", random_state=0)


def learned(train, batch, arguments):
    """Estimates of the methods that are fitted here, by name."""
    whole, bare, labels = train
    step = arguments.step
    perceptron = MLPRegressor(
        hidden_layer_sizes=(1024, 1024, 1024),
        batch_size=128,
        early_stopping=True,
        max_iter=arguments.epochs,
        random_state=0,
    )
    # it stops by its validation set or by the number of epochs, as was asked
    warnings.simplefilter("ignore", ConvergenceWarning)
    # a label without its mean, else the network spends its steps on finding it
    mean, spread = labels.mean(), labels.std()
    pixels = inputs(batch, step)
    middle = whole.mean(axis=0)
    perceptron.fit(whole - middle, (labels - mean) / spread)
    trees = arguments.trees
    size = f"{whole.shape[1]} pixels"
    return {
        "mean label": np.full(len(batch), mean),
        f"continuum only (forest, lines masked by redshift, {size})": forest(trees)
        .fit(bare, labels)
        .predict(inputs(without_lines(batch), step)),
        f"random forest ({trees} trees, {size})": forest(trees)
        .fit(whole, labels)
        .predict(pixels),
        f"MLP (3 x 1024, {size})": mean + spread * perceptron.predict(pixels - middle),
    }


def published(batch, arguments):
    """Estimates of line fit and of the networks, by name."""
    blind = batch.replace(redshift=np.full(len(batch), np.nan))
    feng = GasMetallicity.pretrained("feng2025", path=arguments.feng2025)
    default = GasMetallicity.pretrained("default", path=arguments.default)
    lines = np.asarray(oh_line_fit(batch)["oh"])
    with_redshift = default.predict(batch)["oh"].value
    return {
        "line fit, redshift known (O3N2, S/N > 3)": lines,
        "feng2025": feng.predict(blind)["oh"].value,
        "default": default.predict(blind)["oh"].value,
        "default, redshift known": with_redshift,
        "the same where the line fit has a value": np.where(
            np.isnan(lines), np.nan, with_redshift
        ),
    }


def row(name, true, estimate, snr):
    """One line of the table."""
    total = residual_summary(true, estimate)
    missing = 100 * np.mean(np.isnan(estimate))
    cells = [f"{total['n']}", f"{missing:.1f} %", f"{total['bias']:+.4f}"]
    cells += [f"{total[key]:.4f}" for key in ("sigma", "nmad")]
    # the mean label has a slope of 0 but for rounding
    cells.append(f"{abs(total['slope']):.3f}")
    for low, high in itertools.pairwise(SNR_BINS):
        part = (snr >= low) & (snr < high)
        cells.append(f"{residual_summary(true[part], estimate[part])['sigma']:.3f}")
    return f"| {name} | {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--train", type=int, default=20_000, help="spectra")
    parser.add_argument("--test", type=int, default=8_000, help="spectra")
    parser.add_argument("--step", type=float, default=1.0, help="pixel, angstrom")
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=15, help="of the MLP at most")
    for tag in ("default", "feng2025"):
        parser.add_argument(f"--{tag}", type=pathlib.Path, help="weight file")
    arguments = parser.parse_args()
    source = training_source(
        GalaxyIngredients.load(arguments.ingredients), "feng2025", arguments.train
    )
    ((batch, truth),) = source.draw("test", arguments.test)
    true, snr = (np.asarray(truth[name], float) for name in ("oh", "snr_r"))
    train = training_set(source, arguments.train, arguments.step)
    estimates = learned(train, batch, arguments) | published(batch, arguments)
    print(f"Trained on {len(train[2])} spectra where trained here; sigma by S/N_r.\n")
    bins = [f"{low}-{high}" for low, high in itertools.pairwise(SNR_BINS)]
    titles = ["method", "n", "no value", "bias", "sigma", "NMAD", "slope", *bins]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name, estimate in estimates.items():
        print(row(name, true, estimate, snr))
    print("\nLabels below 8.15 are not O3N2 alone, which the line fit gives.")


if __name__ == "__main__":
    main()
