"""Integrated gradients through networks, brought back to observed wavelengths."""

import numpy as np

from galspec.inference import channel_names, network_input

__all__ = ["found_redshift", "relevance_by_gradient"]

#: Points of the path; the sum of relevances comes within a per cent of what it is of.
_STEPS = 64
#: Rows of the path that pass a network together.
_ROWS = 16
#: Pixels that the running median of a spectrum without lines spans, as a share of the
#: wavelength: 200 angstrom at 5000, several times the width of lines and bands.
_SPAN = 0.04
#: What a network sees of a spectrum's lines; all else is held.
_SEEN = ("flux", "depth")


def networks(estimator):
    """Torch modules of an estimator, empty where it has none."""
    learned = estimator._learned
    return [] if learned is None else learned.models


def found_redshift(estimator, batch):
    """The redshift that networks find by themselves, NaN unless they look for one.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    batch : `~galspec.SpectrumBatch`

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        The median of the ensemble.
    """
    import torch

    finding = [model for model in networks(estimator) if hasattr(model, "redshift")]
    if not finding:
        return np.full(len(batch), np.nan)
    device = next(finding[0].parameters()).device
    with torch.inference_mode():
        x = torch.from_numpy(estimator.prepare(batch)[0]).to(device)
        found = torch.stack([model.redshift(x) for model in finding])
    return np.median(found.cpu().numpy(), axis=0)


def relevance_by_gradient(estimator, batch, column):
    """Integrated gradients of a value, by observed wavelength.

    The path leads from the spectrum without lines, a running median of what the network
    sees, to the spectrum (Sundararajan, Taly & Yan 2017, arXiv:1703.01365, eq. 1). The
    sum over all pixels is what the value changes by along it.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        With networks.
    batch : `~galspec.SpectrumBatch`
        Of one spectrum, at the redshift that it is to be read at.
    column : galspec.explanation.Column

    Returns
    -------
    dict of str to `numpy.ndarray`, shape (n_pix,)
        On the pixels of the recipe: ``wavelength`` (observed), ``flux``, ``mask`` and
        ``relevance`` per angstrom.

    Raises
    ------
    TypeError
        If there are no networks, or none that has gradients.
    ValueError
        If the column is not what networks give, but follows from it.
    """
    _check(estimator, column)
    whole, _ = estimator.complete(batch)
    seen = estimator.recipe(whole)
    names = channel_names(estimator.network.inputs)
    inputs = network_input(seen, estimator.network.inputs)[0]
    rest = np.broadcast_to(seen.wavelength, seen.flux.shape)[0]
    mask = seen.mask[0]
    without = inputs.copy()
    for place, name in enumerate(names):
        if name in _SEEN:
            smooth = _without_lines(rest, inputs[place], mask)
            without[place] = np.where(mask, inputs[place], smooth)
    share = _integrated(estimator, column, without, inputs)
    # a recipe that moved the spectrum to the rest frame left it at redshift 0
    before, after = whole.redshift[0], seen.redshift[0]
    stretch = (1 + before) / (1 + after) if before != after else 1.0
    wavelength = rest * (stretch if np.isfinite(stretch) else 1.0)
    return {
        "wavelength": wavelength,
        "flux": _flux_at(batch, wavelength),
        "mask": mask,
        "relevance": np.where(mask, 0, share / np.gradient(wavelength)),
    }


def _check(estimator, column):
    name = type(estimator).__name__
    if not networks(estimator):
        raise TypeError(
            f"{name} has no networks with gradients: method='occlusion' explains it"
        )
    known = [target.name for target in estimator.targets]
    if column.name not in known:
        raise ValueError(
            f"{column.name} follows from what the networks of {name} give, which is "
            f"{', '.join(known)}: method='occlusion' explains it"
        )


def _without_lines(wavelength, values, mask):
    """A running median over the good pixels."""
    from scipy.ndimage import median_filter

    good = np.flatnonzero(~mask)
    if not len(good):
        return values
    step = np.median(np.diff(np.log(wavelength)))
    size = max(int(_SPAN / step) | 1, 3)
    smooth = median_filter(values[good], min(size, len(good)), mode="nearest")
    return np.interp(wavelength, wavelength[good], smooth)


def _integrated(estimator, column, without, inputs):
    """Share of each pixel in what the value changes by, summed over channels.

    As Captum does it, to 1e-8: so few lines are not worth a dependency.
    """
    import torch

    models = networks(estimator)
    device = next(iter(models[0].state_dict().values())).device
    points, weights = np.polynomial.legendre.leggauss(_STEPS)
    points, weights = (points + 1) / 2, weights / 2
    places = [k for k, name in enumerate(_names(estimator)) if name in _SEEN]
    way = (inputs - without)[places]
    total = np.zeros(way.shape)
    for start in range(0, _STEPS, _ROWS):
        part = slice(start, start + _ROWS)
        x = np.repeat(inputs[None], len(points[part]), axis=0)
        x[:, places] = without[places] + points[part, None, None] * way
        x = torch.from_numpy(x).to(device).requires_grad_()
        outputs = [model(x) for model in models]
        outputs = torch.cat([y if y.ndim == 3 else y[None] for y in outputs])
        if not outputs.requires_grad:
            raise TypeError(
                f"what {type(estimator).__name__} has learned has no gradients: "
                "method='occlusion' explains it"
            )
        value = estimator._learned.explained(outputs, estimator, column)
        (slope,) = torch.autograd.grad(value.sum(), x)
        slope = slope[:, places].cpu().numpy()
        total += np.einsum("i,ijk->jk", weights[part], slope)
    return (total * way).sum(axis=0)


def _names(estimator):
    return channel_names(estimator.network.inputs)


def _flux_at(batch, wavelength):
    """Flux as it was observed; NaN beyond its ends."""
    axis = np.broadcast_to(batch.wavelength, batch.flux.shape)[0]
    good = ~batch.mask[0]
    return np.interp(
        wavelength, axis[good], batch.flux[0][good], left=np.nan, right=np.nan
    )
