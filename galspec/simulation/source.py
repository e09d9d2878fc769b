"""Simulated spectra as a source of training data: new galaxies in every epoch."""

import numpy as np

__all__ = ["SimulatedSource"]

#: Seeds of the fixed parts lie far from those of the epochs.
_FIXED_SEEDS = {"validation": 10**6, "calibration": 10**6 + 1, "test": 10**6 + 2}


class SimulatedSource:
    """Draw epochs from simulators, one for each instrument.

    The parts hold different objects: see
    `galspec.simulation.GalaxySimulator.draw`. Every redshift of an epoch is told, for
    networks that learn it; of the other parts every second one, as among users.

    Parameters
    ----------
    simulators : sequence of `~galspec.simulation.GalaxySimulator`
        Each draws an equal share.
    label : str or callable
        Column of the truth that is to be learned, or a function of the truth that gives
        labels of shape (n, n_targets). Galaxies without one, such as
        passive ones, serve in training with the label of another galaxy: so a network
        learns that they tell nothing, and its error says so.
    epoch_size : int
        Spectra of an epoch.
    held_out : int
        Spectra of each of the other parts.
    seed : int
        Another seed draws other galaxies.
    """

    def __init__(self, simulators, label, *, epoch_size=8192, held_out=4096, seed=0):
        self.simulators = tuple(simulators)
        self.label = label
        self.epoch_size = epoch_size
        self.held_out = held_out
        self.seed = seed

    def epoch(self, number):
        """New galaxies of the training part."""
        parts = self._labelled(self.draw("train", self.epoch_size, number))
        rng = np.random.default_rng(_seed(self.seed, number))
        return [(batch, _filled(labels, rng)) for batch, labels in parts]

    def validation(self):
        """The part that chooses the best epoch."""
        return self._labelled(_half_told(self.draw("validation", self.held_out)))

    def calibration(self):
        """The part that calibrates the errors and serves for nothing else."""
        return self._labelled(_half_told(self.draw("calibration", 2 * self.held_out)))

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


def _filled(labels, rng):
    """Give rows without a label that of another row."""
    known = np.isfinite(labels[:, 0])
    if known.any():
        labels[~known] = rng.choice(labels[known], np.count_nonzero(~known))
    return labels


def _half_told(parts):
    """Forget every second redshift."""
    return [
        (
            batch.replace(
                redshift=np.where(np.arange(len(batch)) % 2, np.nan, batch.redshift)
            ),
            truth,
        )
        for batch, truth in parts
    ]


def _seed(*numbers):
    """One seed for a combination of numbers, the same on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
