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

import numpy as np
from gas_metallicity_tables import SNR_BINS
from train_gas_metallicity import training_source

from galspec import GasMetallicity
from galspec.baselines.line_fit import oh_line_fit
from galspec.baselines.shallow import ForestMetallicity, PerceptronMetallicity
from galspec.evaluation import residual_summary
from galspec.networks import ForestConfig, PerceptronConfig
from galspec.simulation import GalaxyIngredients
from galspec.simulation.lines import LINES
from galspec.training.fit_options import FitOptions

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


class Drawn:
    """A fixed training set: the parts of a simulator, drawn once."""

    def __init__(self, parts):
        self.parts = parts

    @classmethod
    def of(cls, source, size):
        """So many spectra for training; a quarter, and a half, beside them."""
        sizes = {"train": size, "validation": size // 4, "calibration": size // 2}
        return cls({part: labelled(source, part, n) for part, n in sizes.items()})

    def without_lines(self):
        """The same spectra with all emission lines under the mask."""
        return Drawn(
            {
                part: [(without_lines(batch), labels) for batch, labels in pairs]
                for part, pairs in self.parts.items()
            }
        )

    def epoch(self, number):
        return self.parts["train"]

    def validation(self):
        return self.parts["validation"]

    def calibration(self):
        return self.parts["calibration"]


def labelled(source, part, size):
    """Spectra with their labels, simulated a few at a time."""
    return [
        (batch, np.asarray(truth["oh"], float)[:, None])
        for number, start in enumerate(range(0, size, CHUNK))
        for batch, truth in source.draw(part, min(CHUNK, size - start), number)
    ]


def learned(drawn, batch, arguments):
    """Estimates of the methods that are fitted here, by name."""
    trees, rebin = arguments.trees, arguments.rebin
    options = FitOptions(epochs=arguments.epochs, loss="mse", batch_size=128)
    forest, blind = (
        ForestMetallicity(network=ForestConfig(trees=trees, rebin=rebin)).fit(source)
        for source in (drawn, drawn.without_lines())
    )
    perceptron = PerceptronMetallicity(network=PerceptronConfig(rebin=rebin))
    perceptron.fit(drawn, options=options)
    mean = np.mean(np.concatenate([labels for _, labels in drawn.epoch(0)]))
    pixels = f"pixels of {rebin} angstrom"
    return {
        "mean label": np.full(len(batch), mean),
        f"continuum only (forest, lines masked by redshift, {pixels})": blind.predict(
            without_lines(batch)
        )["oh"].value,
        f"random forest ({trees} trees, {pixels})": forest.predict(batch)["oh"].value,
        f"MLP (3 x 1024, {pixels})": perceptron.predict(batch)["oh"].value,
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
    parser.add_argument("--rebin", type=int, default=1, help="pixel, angstrom")
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=15, help="of the MLP")
    for tag in ("default", "feng2025"):
        parser.add_argument(f"--{tag}", type=pathlib.Path, help="weight file")
    arguments = parser.parse_args()
    source = training_source(
        GalaxyIngredients.load(arguments.ingredients), "feng2025", arguments.train
    )
    ((batch, truth),) = source.draw("test", arguments.test)
    true, snr = (np.asarray(truth[name], float) for name in ("oh", "snr_r"))
    drawn = Drawn.of(source, arguments.train)
    estimates = learned(drawn, batch, arguments) | published(batch, arguments)
    print(f"Trained on {arguments.train} spectra where trained here; sigma by S/N_r.\n")
    bins = [f"{low}-{high}" for low, high in itertools.pairwise(SNR_BINS)]
    titles = ["method", "n", "no value", "bias", "sigma", "NMAD", "slope", *bins]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name, estimate in estimates.items():
        print(row(name, true, estimate, snr))
    print("\nLabels below 8.15 are not O3N2 alone, which the line fit gives.")


if __name__ == "__main__":
    main()
