"""The torch side of `galspec.networks.ForestConfig`: trees as plain arrays."""

import numpy as np
import torch
from torch import nn

from galspec.networks._layers import make_room, rebinned

#: Arrays of a forest, all its trees in a row, and their types.
ARRAYS = {
    "roots": torch.int32,
    "branch": torch.int32,
    "pixel": torch.int32,
    "threshold": torch.float32,
    "leaf": torch.float32,
    "depth": torch.int32,
}
#: Scatters and shares are kept above this before their logarithm is taken.
TINY = 1e-6


class Forest(nn.Module):
    """See `galspec.networks.ForestConfig`.

    ``roots`` (trees,) are the first nodes of the trees. ``branch`` (nodes, 2) is where
    a spectrum goes whose value in ``pixel`` (nodes,) is up to the ``threshold``
    (nodes,), or above it; a leaf leads to itself. ``leaf`` (nodes, outputs) is what a
    node gives, ``depth`` (1,) that of the deepest tree.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        for name, dtype in ARRAYS.items():
            self.register_buffer(name, torch.empty(0, dtype=dtype))
        self.register_load_state_dict_pre_hook(make_room)

    def forward(self, x):
        """From (n, inputs, n_pix) to (trees, n, outputs)."""
        x = rebinned(x, self.config.rebin).flatten(1)
        trees, (n, width) = len(self.roots), x.shape
        # all trees and spectra as one flat array: twice as fast as two dimensions
        first = (width * torch.arange(n, device=x.device)).repeat(trees)
        node = self.roots.repeat_interleave(n)
        x, branch = x.flatten(), self.branch.flatten()
        for _ in range(int(self.depth)):
            value = x.index_select(0, first + self.pixel.index_select(0, node))
            above = value > self.threshold.index_select(0, node)
            node = branch.index_select(0, 2 * node + above)
        return self.leaf.index_select(0, node).view(trees, n, self.leaf.shape[1])

    def learn(self, inputs, labels, loss, seed):
        """Grow the trees.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, inputs, n_pix)
        labels : `numpy.ndarray`, shape (n, n_labels)
            Standardised.
        loss : str
            What the leaves shall minimise; see `galspec.training.losses`.
        seed : int

        Raises
        ------
        ImportError
            If scikit-learn is not installed.
        """
        x = rebinned(torch.from_numpy(inputs), self.config.rebin).flatten(1).numpy()
        # one column as a vector, or scikit-learn warns
        y = labels[:, 0] if labels.shape[1] == 1 else labels
        grown = _regressor(self.config, seed).fit(x, y)
        for name, array in _arrays(grown, LEAVES[loss]).items():
            setattr(self, name, torch.from_numpy(array))


def _regressor(config, seed):
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError as error:
        raise ImportError(
            "a forest needs scikit-learn: pip install 'astro-galspec[baselines]'"
        ) from error
    return RandomForestRegressor(
        config.trees,
        max_features=config.max_features,
        min_samples_leaf=config.smallest_leaf,
        random_state=seed,
        n_jobs=-1,
    )


def _arrays(grown, leaf):
    """The arrays of a fitted forest of scikit-learn."""
    trees = [tree.tree_ for tree in grown.estimators_]
    ends = np.cumsum([tree.node_count for tree in trees])
    roots = np.concatenate([[0], ends[:-1]])
    branch = np.concatenate(
        [_branch(tree) + root for tree, root in zip(trees, roots, strict=True)]
    )
    values = np.concatenate([tree.value[:, :, 0] for tree in trees])
    # rounding makes that of a leaf of equal labels negative
    variance = np.concatenate([tree.impurity for tree in trees]).clip(0)
    threshold = np.concatenate([tree.threshold for tree in trees])
    return {
        "roots": roots.astype(np.int32),
        "branch": branch.astype(np.int32),
        # a leaf looks at no pixel; any will do
        "pixel": np.concatenate([tree.feature.clip(0) for tree in trees], dtype="i4"),
        "threshold": _rounded_down(threshold),
        "leaf": leaf(values, np.sqrt(variance)[:, None]).astype(np.float32),
        "depth": np.array([max(tree.max_depth for tree in trees)], np.int32),
    }


def _branch(tree):
    """Where to go from each node of a tree; from a leaf nowhere."""
    children = np.stack([tree.children_left, tree.children_right], axis=1)
    here = np.arange(tree.node_count)[:, None]
    return np.where(children < 0, here, children)


def _rounded_down(threshold):
    """As float32: any float32 lies on the same side as of the float64."""
    rounded = threshold.astype(np.float32)
    return np.where(
        rounded > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded
    )


def _mean(mean, scatter):
    return mean


def _mean_and_log_sigma(mean, scatter):
    log_sigma = np.log(np.maximum(scatter, TINY))
    return np.concatenate([mean, np.broadcast_to(log_sigma, mean.shape)], axis=1)


def _log_shares(shares, scatter):
    return np.log(np.clip(shares, TINY, 1))


def _logits(shares, scatter):
    shares = np.clip(shares, TINY, 1 - TINY)
    return np.log(shares / (1 - shares))


#: From the mean label in a node and the scatter around it to what minimises a loss.
LEAVES = {
    "mse": _mean,
    "gaussian": _mean_and_log_sigma,
    "beta-gaussian": _mean_and_log_sigma,
    "cross-entropy": _log_shares,
    "binary": _logits,
}
