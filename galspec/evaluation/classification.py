"""Metrics of class probabilities against true classes."""

import numpy as np

__all__ = ["class_weights", "confusion", "detection_summary", "reliability"]


def confusion(true, predicted):
    """How often each true class was given each class.

    Parameters
    ----------
    true, predicted : array_like of str, shape (n,)

    Returns
    -------
    rows, columns : list of str
        True and predicted classes, each in order of the alphabet.
    counts : `numpy.ndarray` of int, shape (len(rows), len(columns))

    Examples
    --------
    >>> from galspec.evaluation import confusion
    >>> confusion(["sf", "sf", "agn"], ["sf", "agn", "agn"])[2]
    array([[1, 0],
           [1, 1]])
    """
    rows, row = np.unique(np.asarray(true, str), return_inverse=True)
    columns, column = np.unique(np.asarray(predicted, str), return_inverse=True)
    counts = np.zeros((len(rows), len(columns)), int)
    np.add.at(counts, (row, column), 1)
    return rows.tolist(), columns.tolist(), counts


def class_weights(true, shares):
    """Weights that give a set of objects another mix of classes.

    Parameters
    ----------
    true : array_like of str, shape (n,)
        True classes.
    shares : dict of str to float
        Share that each class shall have. Classes that it does not name divide the
        rest as they do in the set.

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        Mean 1.

    Raises
    ------
    ValueError
        If a share is not within 0 and 1, their sum exceeds 1, they leave nothing or
        something to classes of which there are none, or name a class of which the set
        has no object.

    Examples
    --------
    >>> from galspec.evaluation import class_weights
    >>> class_weights(["sf", "rest"], {"sf": 0.25})
    array([0.5, 1.5])
    """
    true = np.asarray(true, str)
    rest, total = 1 - sum(shares.values()), len(true)
    if not all(0 <= share <= 1 for share in shares.values()) or rest < -1e-9:
        raise ValueError(f"the shares {shares} have to lie in 0 to 1 and add up to 1")
    others = ~np.isin(true, list(shares))
    if absent := sorted(set(shares) - set(true.tolist())):
        known = ", ".join(sorted(set(true.tolist()))) or "no class"
        raise ValueError(f"no object is of class {absent[0]!r}; there is {known}")
    if not others.any() and rest > 1e-9:
        raise ValueError(f"the shares {shares} of all classes add up to {1 - rest:g}")
    weights = np.full(total, max(rest, 0) * total / max(others.sum(), 1))
    for name, share in shares.items():
        of_class = true == name
        weights[of_class] = share * total / of_class.sum()
    return weights


def detection_summary(member, probability, *, threshold=0.5, weights=None):
    """How well a probability tells the members of a class from the rest.

    Parameters
    ----------
    member : array_like of bool, shape (n,)
        Which objects belong to the class.
    probability : array_like, shape (n,)
        Of belonging to it; rows with NaN are left out.
    threshold : float
        Objects with this probability or more are taken for members.
    weights : array_like, shape (n,), optional
        Of every object, see `class_weights`.

    Returns
    -------
    dict
        ``n``; ``precision`` (purity), ``recall`` (completeness), ``f1``,
        ``specificity`` (share of the rest that is not taken) and ``accuracy``.

    Examples
    --------
    >>> from galspec.evaluation import detection_summary
    >>> detection_summary([True, True, False], [0.9, 0.2, 0.1])["recall"]
    0.5
    """
    member, probability = np.asarray(member, bool), np.asarray(probability, float)
    weights = np.ones(len(member)) if weights is None else np.asarray(weights, float)
    known = np.isfinite(probability)
    member, taken, weights = (
        member[known],
        probability[known] >= threshold,
        weights[known],
    )
    true_pos, false_pos = weights[member & taken].sum(), weights[~member & taken].sum()
    false_neg, true_neg = (
        weights[member & ~taken].sum(),
        weights[~member & ~taken].sum(),
    )
    return {
        "n": int(known.sum()),
        "precision": _ratio(true_pos, true_pos + false_pos),
        "recall": _ratio(true_pos, true_pos + false_neg),
        "f1": _ratio(2 * true_pos, 2 * true_pos + false_pos + false_neg),
        "specificity": _ratio(true_neg, true_neg + false_pos),
        "accuracy": _ratio(true_pos + true_neg, weights.sum()),
    }


def reliability(member, probability, *, n_bins=10, weights=None):
    """Whether objects with probability p belong to the class in a share p of cases.

    Parameters
    ----------
    member, probability, weights
        As for `detection_summary`.
    n_bins : int
        Bins of equal width from 0 to 1.

    Returns
    -------
    list of dict
        One a bin: ``low``, ``high``, ``n``, ``probability`` (mean given), ``share``
        (of members) and the binomial ``error`` of a share where the probabilities hold;
        NaN in empty bins.

    Examples
    --------
    >>> from galspec.evaluation import reliability
    >>> reliability([True, False], [0.6, 0.7], n_bins=2)[1]["share"]
    0.5
    """
    member, probability = np.asarray(member, bool), np.asarray(probability, float)
    weights = np.ones(len(member)) if weights is None else np.asarray(weights, float)
    place = np.clip(probability * n_bins, 0, n_bins - 1)
    bins = np.where(np.isfinite(probability), place, -1).astype(int)
    rows = []
    for number in range(n_bins):
        inside = bins == number
        n, weight = int(inside.sum()), weights[inside]
        share = _ratio((weight * member[inside]).sum(), weight.sum())
        given = _ratio((weight * probability[inside]).sum(), weight.sum())
        rows.append(
            {
                "low": number / n_bins,
                "high": (number + 1) / n_bins,
                "n": n,
                "probability": given,
                "share": share,
                "error": float(np.sqrt(given * (1 - given) / n)) if n else np.nan,
            }
        )
    return rows


def _ratio(part, whole):
    return float(part / whole) if whole > 0 else float("nan")
