"""Fit an ensemble to a source of labelled spectra, and calibrate it."""

import pathlib

import numpy as np

from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.epochs import Epochs, labelled_part
from galspec.targets import parts, total_size
from galspec.training.fit import fit

__all__ = [
    "balanced_in",
    "check_loss",
    "fit_ensemble",
    "label_array",
    "label_ranges",
    "range_of",
]


def label_array(labels, targets):
    """Labels as floats, in the targets' units.

    Parameters
    ----------
    labels : array_like, `~astropy.units.Quantity`, table or mapping
        Shape (n,) or (n, n_labels), or a column for each target. What has no unit is
        in those of the targets.
    targets : tuple of `~galspec.Target`

    Returns
    -------
    `numpy.ndarray`, shape (n, n_labels)
        A label for each number that a target consists of; NaN where it is masked.

    Raises
    ------
    ValueError
        If there are none, or not one for each target.
    astropy.units.UnitConversionError
        If they are in a unit of something else.
    """
    if labels is None:
        raise ValueError("labels are needed beside the spectra")
    if hasattr(labels, "keys"):
        missing = [t.name for t in targets if t.name not in labels.keys()]  # noqa: SIM118
        if missing:
            raise ValueError(f"labels lack {missing}; they have {list(labels.keys())}")
        columns = [(labels[target.name], target.unit) for target in targets]
    else:
        columns = [(labels, targets[0].unit)]
    array = np.column_stack([_numbers(column, unit) for column, unit in columns])
    if array.shape[1] != total_size(targets):
        raise ValueError(
            f"labels have {array.shape[1]} columns; {total_size(targets)} are needed: "
            f"{[f'{target.name} ({target.size})' for target in targets]}"
        )
    return array


def _numbers(column, unit):
    """A quantity, a column of a table or plain numbers, as floats; NaN where masked."""
    given = getattr(column, "unit", None)
    if hasattr(column, "to_value"):
        column, given = column.to_value(unit), None
    if hasattr(column, "filled"):
        column = column.astype(float).filled(np.nan)
    numbers = np.asarray(column, dtype=float)
    return numbers if given in (None, unit) else given.to(unit, numbers)


def balanced_in(name, targets, values, labels, ids):
    """The quantity that a training set is to be balanced in.

    Parameters
    ----------
    name : str or None
    targets : tuple of `~galspec.Target`
    values : `numpy.ndarray`, shape (n, n_labels)
        Their labels.
    labels : object
        What ``fit`` was given: a table or mapping may have more columns.
    ids : dict of str to `numpy.ndarray`
        Other columns of the spectra.

    Returns
    -------
    array_like, shape (n,), or None

    Raises
    ------
    ValueError
        If there is nothing of that name, or it is no column of numbers.
    """
    if name is None:
        return None
    columns = {**ids, **(labels if hasattr(labels, "keys") else {})}
    columns |= {target.name: values[:, part] for target, part in parts(targets)}
    if name not in columns:
        raise ValueError(f"balance is {name!r}; it can be one of {', '.join(columns)}")
    column = np.ma.asarray(getattr(columns[name], "value", columns[name]))
    if column.dtype.kind not in "fiu" or column.shape != (len(values),):
        raise ValueError(f"balance is {name!r}, which is no column of numbers")
    return column.astype(float).filled(np.nan)


def label_ranges(pairs, targets):
    """Lowest and highest known label of each target; as it was where none is known.

    Parameters
    ----------
    pairs : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        Spectra and labels.
    targets : tuple of `~galspec.Target`

    Returns
    -------
    list of tuple of float
    """
    labels = np.concatenate([labels for _, labels in pairs])
    each = [(target, labels[:, part]) for target, part in parts(targets)]
    return [
        (np.nanmin(values), np.nanmax(values))
        if np.isfinite(values).any()
        else target.valid
        for target, values in each
    ]


def fit_ensemble(
    estimator, source, options, *, members, seed, device, checkpoint, progress_bar
):
    """Fit every member, then calibrate on spectra that served for nothing else.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Whose recipe and network are used.
    source : object
        See `galspec.training.sources`.
    options : `~galspec.training.fit_options.FitOptions`
    members : int
        Networks of the ensemble, each with a start of its own.
    seed : int
    device : str
        Of torch.
    checkpoint : path-like or None
        A folder; one file a member, from which a run resumes.
    progress_bar : bool

    Returns
    -------
    learned : Learned
    history : list of list of dict
        Losses by member and epoch.

    Raises
    ------
    ValueError
        If the network does not fit the loss, or nothing can be learned.
    """
    import torch

    if members < 1:
        raise ValueError(f"members is {members}; an ensemble needs 1 or more")
    check_loss(estimator, options.loss)
    estimator.network.check_recipe(estimator.recipe)
    train = Epochs(estimator, source)
    inputs, labels, snr, redshift = train.columns
    if estimator.needs_redshift and not np.isfinite(redshift).any():
        raise ValueError(
            "the network learns what a redshift means from spectra whose redshift is "
            "known, and here is none: give redshift=, or take another network"
        )
    *train.scale, scale = estimator.label_scale(labels, options.loss)
    checks, truth, *_ = labelled_part(estimator, source.validation(), "validation")
    models, history = [], []
    for member in range(members):
        torch.manual_seed(seed + member)
        model = estimator.network.build(inputs.shape[-1])
        path = None
        if checkpoint is not None:
            path = pathlib.Path(checkpoint) / f"member-{member}.safetensors"
        history.append(
            fit(
                model,
                train,
                (checks, train.standardised(truth)),
                options,
                seed=seed + member,
                device=device,
                checkpoint=path,
                progress_bar=progress_bar,
            )
        )
        models.append(model)
    learned = estimator.learned_type(
        TorchEnsemble(models),
        inputs.shape[-1],
        domain={},
        snr_range=range_of(snr),
        redshift_range=range_of(redshift),
        **scale,
    )
    parts = source.calibration()
    others, truth, snr, _ = labelled_part(estimator, parts, "calibration")
    return learned.at_home(inputs, others).calibrated(others, truth, snr), history


def check_loss(estimator, loss):
    """Refuse outputs that would be broadcast against the labels, without a word.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    loss : str
        See `galspec.training.losses`.

    Raises
    ------
    ValueError
        If the estimator knows no such loss, or its network has other outputs.
    """
    if loss not in estimator.losses:
        raise ValueError(
            f"the loss {loss!r} is not for {type(estimator).__name__}; take one of "
            f"{', '.join(estimator.losses)}"
        )
    wanted = estimator.outputs_for(loss)
    if estimator.network.outputs != wanted:
        raise ValueError(
            f"the network has {estimator.network.outputs} outputs; the loss {loss!r} "
            f"with {len(estimator.targets)} target(s) of "
            f"{total_size(estimator.targets)} number(s) needs {wanted}"
        )


def range_of(values):
    """The range of nearly all finite values; NaN where there are none.

    Parameters
    ----------
    values : `numpy.ndarray`

    Returns
    -------
    tuple of float
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return (np.nan, np.nan)
    return tuple(float(v) for v in np.quantile(values, [0.001, 0.999]))
