"""What SEDPredictor is trained on."""

import numpy as np
from train_sed_predictor import HELD_OUT, INSTRUMENTS, WIDE, training_source

from galspec import SEDPredictor
from galspec.sed import WAVELENGTH
from galspec.simulation.sed_templates import SyntheticFlux
from galspec.simulation.stellar_layout import ENERGY


def templates(n=60):
    slope = np.linspace(-2, 2, n)
    labels = np.stack([6000 + 500 * slope, 4 + 0 * slope, slope / 4], axis=1)
    log_continuum = slope[:, None] * np.log(ENERGY.wavelength / 5500)
    shape = (n, ENERGY.n_pixels)
    return SyntheticFlux(labels, np.zeros(shape, np.float32), log_continuum)


def test_every_instrument_draws_as_much_and_all_labels_are_known():
    source = training_source(templates(), 6 * len(INSTRUMENTS), 2 * len(INSTRUMENTS))
    parts = source.epoch(0)
    assert [len(batch) for batch, _ in parts] == [6] * len(INSTRUMENTS)
    for _, labels in parts:
        assert labels.shape == (6, len(WAVELENGTH))
        assert np.isfinite(labels).all()
    ranges = {tuple(batch.wavelength[[0, -1]].round()) for batch, _ in parts}
    assert len(ranges) == len(set(INSTRUMENTS))
    assert WIDE.wavelength[-1] < ENERGY.wavelength[-1]


def test_every_recipe_has_its_held_out_part():
    assert set(HELD_OUT) == {"default", *SEDPredictor.alternatives}
