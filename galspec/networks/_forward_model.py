"""The torch side of `galspec.networks.ForwardModelConfig`."""

import numpy as np
import torch
from torch import nn

from galspec.networks._label_search import by_features, by_pixels, search
from galspec.networks._layers import make_room

#: Intrinsic variances of a pixel that are tried, in units of the continuum squared.
VARIANCES = (0.0, *np.geomspace(1e-4, 1, 33) ** 2)
#: Training labels from which a search may start.
ANCHORS = 64
#: Features up to which it is faster to sum over the pixels once than at every step.
FEW_FEATURES = 128
#: Training spectra that a pixel needs; with fewer it tells nothing, which is as good as
#: this intrinsic variance.
FEWEST, NOTHING = 30, 1e12


class ForwardModel(nn.Module):
    """See `galspec.networks.ForwardModelConfig`.

    ``low`` and ``high`` (free,) are the range of the training labels, ``matrix``
    (labels, free) and ``offset`` (labels,) lead from the free labels to all,
    ``variance`` (n_pix,) is the intrinsic one, ``anchors`` (64, free) are labels to
    start from and ``anchor_depth`` (64, n_pix) their spectra.

    A subclass names its own ``arrays``, and defines ``fit_pixels``, ``features`` and
    the ``basis`` (n_features, n_pix): the depths are the product of these two.
    """

    arrays = ()

    def __init__(self, config):
        super().__init__()
        self.config = config
        common = ("low", "high", "matrix", "offset", "variance")
        for name in (*common, "anchors", "anchor_depth", *self.arrays):
            self.register_buffer(name, torch.empty(0))
        self.register_load_state_dict_pre_hook(make_room)

    def fit_pixels(self, labels, depth, ivar, rng):
        """Learn the depths.

        Parameters
        ----------
        labels : `torch.Tensor`, shape (n, free)
        depth, ivar : `torch.Tensor`, shape (n, n_pix)
        rng : `numpy.random.Generator`

        Returns
        -------
        `torch.Tensor`, shape (n_pix,)
            The intrinsic variance of each pixel.
        """
        raise NotImplementedError

    def features(self, labels):
        """What the depths are linear in, at labels (n, free), and its slopes.

        The shapes are (n, n_features) and (n, free, n_features).
        """
        raise NotImplementedError

    def with_slopes(self, labels):
        """Depths (n, n_pix) at labels (n, free), and their slopes (n, free, n_pix)."""
        features, slopes = self.features(labels)
        return features @ self.basis, slopes @ self.basis

    def forward(self, x):
        """From (n, 2, n_pix) to (n, outputs)."""
        depth, ivar = x.unbind(dim=1)
        weight = ivar / (1 + ivar * self.variance)
        start = self._starts(depth, weight)
        if len(self.basis) <= FEW_FEATURES:
            normal = by_features(self, depth, weight, start[:, 0])
        else:
            normal = by_pixels(self, depth, weight)
        free, curvature = search(normal, start, (self.low, self.high))
        labels = free @ self.matrix.T + self.offset
        # no error exceeds the scatter of the training labels, which is 1
        unit = torch.eye(curvature.shape[-1], dtype=torch.double, device=x.device)
        covariance = torch.linalg.inv(curvature.double() + unit).to(x.dtype)
        variance = torch.einsum("lj,njk,lk->nl", self.matrix, covariance, self.matrix)
        return torch.cat([labels, variance.log() / 2], dim=1)

    def _starts(self, depth, weight):
        """The anchors that fit best, (n, starts, free)."""
        square = weight @ self.anchor_depth.square().T
        misfit = square - 2 * (weight * depth) @ self.anchor_depth.T
        best = misfit.topk(self.config.starts, dim=1, largest=False).indices
        return self.anchors[best]

    def learn(self, inputs, labels, loss, seed):
        """Learn the depths of all pixels from spectra whose free labels are known.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, 2, n_pix)
        labels : `numpy.ndarray`, shape (n, n_labels)
            Standardised; NaN where one is not known.
        loss : str
            It makes no difference: the spectra are fitted, not the labels.
        seed : int

        Raises
        ------
        ValueError
            If there is no value and error for each label among the outputs, or nothing
            to learn from.
        """
        known = _usable(labels, self.config)
        free = self.config.free
        self.matrix, self.offset = _relation(labels, free)
        given = torch.from_numpy(labels[known, :free])
        depth, ivar = torch.from_numpy(inputs[known]).unbind(dim=1)
        self.low, self.high = given.amin(dim=0), given.amax(dim=0)
        rng = np.random.default_rng(seed)
        covered = (ivar > 0).sum(dim=0) >= FEWEST
        variance = self.fit_pixels(given, depth, ivar * covered, rng)
        self.variance = torch.where(covered, variance, NOTHING).float()
        few = len(given) < ANCHORS
        self.anchors = given[rng.choice(len(given), ANCHORS, replace=few)]
        with torch.no_grad():
            self.anchor_depth = self.features(self.anchors)[0] @ self.basis


def _usable(labels, config):
    """Rows whose free labels are all known."""
    n_labels = labels.shape[1]
    if config.outputs != 2 * n_labels:
        raise ValueError(
            f"outputs is {config.outputs}; {n_labels} labels need {2 * n_labels}, "
            "values and errors"
        )
    known = np.isfinite(labels[:, : config.free]).all(axis=1)
    if known.sum() < FEWEST:
        raise ValueError(
            f"{known.sum()} spectra have all of the first {config.free} labels; "
            f"{FEWEST} or more are needed"
        )
    return known


def log_likelihood(residual, ivar, variance):
    """Of the residuals (n, n_pix) of each pixel, given its intrinsic variance."""
    weight = ivar / (1 + ivar * variance)
    # a masked pixel has weight 0 and adds nothing
    log = torch.where(ivar > 0, weight, 1).log()
    return (log - weight * residual.square()).sum(dim=0) / 2


def likely_variance(residual, ivar):
    """The most likely intrinsic variance of each pixel, (n_pix,)."""
    tried = residual.new_tensor(VARIANCES)
    every = [log_likelihood(residual, ivar, variance) for variance in tried]
    return tried[torch.stack(every).argmax(dim=0)]


def _relation(labels, free):
    """The matrix and offset that lead from the free labels to all, as tensors."""
    rows = labels[np.isfinite(labels).all(axis=1)].astype(float)
    columns = np.column_stack([rows[:, :free], np.ones(len(rows))])
    solution = np.linalg.lstsq(columns, rows, rcond=None)[0].astype(np.float32)
    return torch.from_numpy(solution[:-1].T.copy()), torch.from_numpy(solution[-1])
