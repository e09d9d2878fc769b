"""The torch side of `galspec.networks.SLAMConfig`: support vectors as plain arrays."""

import numpy as np
import torch
from torch.nn import functional

from galspec.networks._forward_model import ForwardModel, likely_variance

#: Half-width of the tube, in standard deviations of a pixel; what is tried; folds.
EPSILON = 0.05
GRID = {"C": [0.1, 1.0, 10.0], "gamma": [0.1, 1.0, 10.0]}
FOLDS = 5


class SLAM(ForwardModel):
    """See `galspec.networks.SLAMConfig`.

    ``vectors`` (m, free) are the labels of the training spectra, ``coefficients`` (m +
    1, n_pix) their weights in each pixel, 0 where they are no support vector, and the
    intercept; ``gamma`` (1,) is the width of the kernel.
    """

    arrays = ("vectors", "coefficients", "gamma")

    def __init__(self, config, n_pix):
        super().__init__(config)

    @property
    def basis(self):
        """The coefficients."""
        return self.coefficients

    def features(self, labels):
        """The kernel with each vector, and 1; and the slopes of these."""
        apart = labels[:, :, None] - self.vectors.T
        kernel = torch.exp(-self.gamma * apart.square().sum(dim=1))
        slopes = -2 * self.gamma * apart * kernel[:, None]
        return functional.pad(kernel, (0, 1), value=1), functional.pad(slopes, (0, 1))

    def fit_pixels(self, labels, depth, ivar, rng):
        """Fit one regression after the other.

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        svm = _scikit_learn()
        rows = rng.permutation(len(labels))[: self.config.spectra]
        x, y, good = (a.numpy()[rows] for a in (labels, depth, ivar > 0))
        mean, spread = _scale(y, good)
        y = (y - mean) / spread
        chosen = _chosen(x, y, good, self.config.tried)
        coefficients = np.zeros((len(x) + 1, y.shape[1]))
        for pixel in np.flatnonzero(good.any(axis=0)):
            used = np.flatnonzero(good[:, pixel])
            svr = svm.SVR(epsilon=EPSILON, **chosen).fit(x[used], y[used, pixel])
            coefficients[used[svr.support_], pixel] = svr.dual_coef_[0]
            coefficients[-1, pixel] = svr.intercept_[0]
        self.gamma = torch.tensor([chosen["gamma"]])
        self.vectors = torch.from_numpy(x)
        coefficients *= spread
        coefficients[-1] += mean
        self.coefficients = torch.from_numpy(coefficients).float()
        return likely_variance(depth - self._depth(labels), ivar)

    def _depth(self, labels):
        """Depths alone, some spectra at a time."""
        return torch.cat([self.features(p)[0] @ self.basis for p in labels.split(64)])


def _scikit_learn():
    try:
        from sklearn import svm
    except ImportError as error:
        raise ImportError(
            "SLAM learns by scikit-learn: pip install 'astro-galspec[baselines]'"
        ) from error
    return svm


def _scale(y, good):
    """Mean and standard deviation of the good values of each pixel."""
    count = np.maximum(good.sum(axis=0), 1)
    mean = (y * good).sum(axis=0) / count
    variance = ((y - mean) ** 2 * good).sum(axis=0) / count
    return mean, np.sqrt(np.maximum(variance, np.finfo(np.float32).tiny))


def _chosen(x, y, good, tried):
    """C and gamma of the least squared error, cross-validated on some pixels."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVR

    pixels = np.flatnonzero(good.sum(axis=0) >= FOLDS)
    pixels = pixels[np.linspace(0, len(pixels) - 1, tried).astype(int)]
    scores = []
    for pixel in np.unique(pixels):
        used = good[:, pixel]
        grid = GridSearchCV(
            SVR(epsilon=EPSILON), GRID, scoring="neg_mean_squared_error", cv=FOLDS
        )
        grid.fit(x[used], y[used, pixel])
        scores.append(grid.cv_results_["mean_test_score"])
    return grid.cv_results_["params"][np.mean(scores, axis=0).argmax()]
