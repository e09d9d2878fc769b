"""Random mean sampling: training sets in which rare labels are not drowned."""

import numpy as np

__all__ = ["balance"]


def balance(labels, bins=10, seed=0, oversample=False):
    """Choose rows so that no bin of a label has more of them than the mean.

    Of every bin that holds more than the mean count of the bins that hold any, so many
    rows are drawn at random; the others keep theirs, or repeat them until they are as
    many: the random mean sampling of the manuscript on the Heterogeneous Feature Stream
    Network, which bins [Fe/H].

    Parameters
    ----------
    labels : array_like, shape (n,)
        Rows whose label is not known (NaN) are in no bin and stay as they are.
    bins : int or array_like
        Equally wide bins between the lowest and the highest label, or edges that
        ascend; what lies beyond the outer edges counts in the outermost bins.
    seed : int
        Equal seeds give equal rows.
    oversample : bool
        Whether rows of poorer bins are repeated. The repetitions are equal unless an
        `~galspec.training.augmentation.Augmentation` makes them different.

    Returns
    -------
    `numpy.ndarray` of int
        Rows, ascending.

    Raises
    ------
    ValueError
        If labels have more than one dimension, there are less than one bin, or edges
        do not ascend.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.training.balancing import balance
    >>> feh = np.r_[np.full(90, -0.5), np.full(10, -3.0)]
    >>> np.unique(feh[balance(feh, bins=2)], return_counts=True)
    (array([-3. , -0.5]), array([10, 50]))
    >>> np.unique(feh[balance(feh, bins=2, oversample=True)], return_counts=True)
    (array([-3. , -0.5]), array([50, 50]))
    """
    labels = np.asarray(getattr(labels, "value", labels), float)
    if labels.ndim != 1:
        raise ValueError(f"labels have shape {labels.shape}; one a row is needed")
    known = np.flatnonzero(np.isfinite(labels))
    place = np.digitize(labels[known], _edges(labels[known], bins)[1:-1])
    members = [known[place == number] for number in np.unique(place)]
    mean = round(len(known) / max(len(members), 1))
    rng = np.random.default_rng(seed)
    drawn = [_drawn(rows, mean, oversample, rng) for rows in members]
    return np.sort(np.concatenate([np.flatnonzero(~np.isfinite(labels)), *drawn]))


def _edges(values, bins):
    if np.ndim(bins) == 0:
        if bins < 1:
            raise ValueError(f"bins is {bins}; it has to be 1 or more")
        return np.histogram_bin_edges(values, bins)
    edges = np.asarray(bins, float)
    if len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise ValueError(f"bins are {bins}; ascending edges are needed")
    return edges


def _drawn(rows, mean, oversample, rng):
    """So many rows of a bin, or all of a poor one, each once before any twice."""
    if len(rows) > mean:
        return rng.choice(rows, mean, replace=False)
    if not oversample:
        return rows
    whole, rest = divmod(mean, len(rows))
    return np.concatenate([*[rows] * whole, rng.choice(rows, rest, replace=False)])
