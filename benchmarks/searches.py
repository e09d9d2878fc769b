"""Labels of least squares: all spectra together, and one by one as a user would."""

import numpy as np
from timing import in_turns

#: Spectra of the loop, which takes long, of galspec, and that are learned from.
FEW, MANY, TRAINING = 8, 128, 300
N_PIX, LABELS, NOISE = 3680, 4, 0.02


def searching(rounds):
    """Seconds a spectrum: `scipy.optimize.curve_fit` of The Cannon, and galspec's.

    The loop has the slopes in closed form, and one start; galspec has three.

    Parameters
    ----------
    rounds : int

    Returns
    -------
    dict of str to list of float
        And under "difference" the largest one of the labels, over their scatter.
    """
    import torch

    from galspec.engines.torch_ensemble import TorchEnsemble
    from galspec.networks import CannonConfig

    torch.set_num_threads(1)
    inputs, labels = _simulate(TRAINING + MANY)
    config = CannonConfig(free=LABELS, outputs=2 * LABELS)
    cannon = config.build(N_PIX)
    cannon.learn(inputs[:TRAINING], labels[:TRAINING], "gaussian", 0)
    inputs = inputs[TRAINING:]

    def loop():
        return np.array([_fitted(cannon, *row) for row in inputs[:FEW]])

    def galspec():
        return TorchEnsemble([cannon]).run(inputs)[0][0, :, :LABELS]

    difference = float(np.abs(galspec()[:FEW] - loop()).max())
    jobs = {"loop": (FEW, loop), "galspec": (MANY, galspec)}
    return in_turns(jobs, rounds) | {"difference": difference}


def _simulate(n):
    """Depths that are quadratic in the labels, with noise, and the labels."""
    rng = np.random.default_rng(0)
    labels = rng.uniform(-1.7, 1.7, (n, LABELS)).astype(np.float32)
    linear = rng.normal(0, 0.02, (LABELS, N_PIX))
    square = rng.normal(0, 0.005, (LABELS, N_PIX))
    depth = 0.2 + labels @ linear + labels**2 @ square
    depth += rng.normal(0, NOISE, depth.shape)
    ivar = np.full(depth.shape, NOISE**-2)
    return np.stack([depth, ivar], axis=1).astype(np.float32), labels


def _fitted(cannon, depth, ivar):
    from scipy.optimize import curve_fit

    centre, unit, coefficients = (
        getattr(cannon, name).numpy().astype(float) for name in cannon.arrays
    )
    variance = 1 / ivar.astype(float) + cannon.variance.numpy()
    first, second = np.triu_indices(LABELS)
    own = np.eye(LABELS)

    def model(_, *labels):
        x = (np.array(labels) - centre) / unit
        return np.concatenate([[1], x, x[first] * x[second]]) @ coefficients

    def slopes(_, *labels):
        x = (np.array(labels) - centre) / unit
        products = own[:, first] * x[second] + own[:, second] * x[first]
        terms = np.hstack([np.zeros((LABELS, 1)), own, products]) / unit[:, None]
        return (terms @ coefficients).T

    start, sigma = np.zeros(LABELS), np.sqrt(variance)
    return curve_fit(model, None, depth, start, sigma, True, jac=slopes)[0]
