"""Simulated spectra as a source of training data: new objects in every epoch."""

import numpy as np

__all__ = ["GalaxySource", "SimulatedSource"]

#: Seeds of the fixed parts lie far from those of the epochs.
_FIXED_SEEDS = {"validation": 10**6, "calibration": 10**6 + 1, "test": 10**6 + 2}


class SimulatedSource:
    """Draw epochs from simulators.

    The parts hold different objects: see
    `galspec.simulation.GalaxySimulator.draw`.

    Parameters
    ----------
    simulators : sequence of `~galspec.simulation.GalaxySimulator` or `StarSimulator`
        Each draws an equal share; one that is named twice draws twice as much.
    label : str or callable
        Column of the truth that is to be learned, or a function of the truth that gives
        labels of shape (n, n_targets).
    epoch_size : int
        Spectra of an epoch.
    held_out : int
        Spectra of each of the other parts.
    seed : int
        Another seed draws other objects.
    """

    def __init__(self, simulators, label, *, epoch_size=8192, held_out=4096, seed=0):
        self.simulators = tuple(simulators)
        self.label = label
        self.epoch_size = epoch_size
        self.held_out = held_out
        self.seed = seed

    def epoch(self, number):
        """New objects of the training part."""
        return self._labelled(self.draw("train", self.epoch_size, number))

    def validation(self):
        """The part that chooses the best epoch."""
        return self._labelled(self.draw("validation", self.held_out))

    def calibration(self):
        """The part that calibrates the errors and serves for nothing else."""
        return self._labelled(self.draw("calibration", 2 * self.held_out))

    def draw(self, split, n, number=None):
        """Draw from one part, with the whole truth.

        Parameters
        ----------
        split : {'train', 'validation', 'calibration', 'test'}
        n : int
            Spectra, over all simulators.
        number : int, optional
            Of the epoch; the fixed parts need none.

        Returns
        -------
        list of (`~galspec.SpectrumBatch`, `~astropy.table.Table`)
            One pair a simulator.
        """
        number = _FIXED_SEEDS[split] if number is None else number
        share = n // len(self.simulators)
        return [
            simulator.draw(share, _seed(self.seed, number, index), split=split)
            for index, simulator in enumerate(self.simulators)
        ]

    def _labelled(self, parts):
        if callable(self.label):
            return [(batch, self.label(truth)) for batch, truth in parts]
        return [
            (batch, np.asarray(truth[self.label], dtype=float)[:, None])
            for batch, truth in parts
        ]


class GalaxySource(SimulatedSource):
    """Galaxies, some of which have no label, and some of which no known redshift.

    Galaxies without a label, such as passive ones, serve in training with the label of
    another galaxy: so a network learns that they tell nothing, and its error says so.
    Every redshift of an epoch is told, for networks that learn it; of the other parts
    every second one, as among users.

    Parameters
    ----------
    simulators, label, epoch_size, held_out, seed
        As for `SimulatedSource`.
    """

    def epoch(self, number):
        """As of `SimulatedSource`, with labels for all."""
        rng = np.random.default_rng(_seed(self.seed, number))
        return [
            (batch, _filled(labels, rng)) for batch, labels in super().epoch(number)
        ]

    def validation(self):
        """As of `SimulatedSource`, every second redshift forgotten."""
        return _half_told(super().validation())

    def calibration(self):
        """As of `SimulatedSource`, every second redshift forgotten."""
        return _half_told(super().calibration())


def _filled(labels, rng):
    """Give rows without a label that of another row."""
    known = np.isfinite(labels[:, 0])
    if known.any():
        labels[~known] = rng.choice(labels[known], np.count_nonzero(~known))
    return labels


def _half_told(parts):
    """Forget every second redshift."""
    told = [np.where(np.arange(len(b)) % 2, np.nan, b.redshift) for b, _ in parts]
    return [
        (batch.replace(redshift=redshift), labels)
        for (batch, labels), redshift in zip(parts, told, strict=True)
    ]


def _seed(*numbers):
    """One seed for a combination of numbers, the same on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
