"""How published forms of estimators were fitted by their authors."""

from galspec.training.fit import FitOptions

__all__ = ["published_options"]

#: Feng, Wang & Li (2025): squared errors, or for classes sigmoids with binary
#: cross-entropy; Adam, a lower rate when the validation loss stalls for 10 epochs.
FENG2025 = {
    "losses": ("mse", "binary"),
    "epochs": 100,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "plateau",
    "patience": 10,
    "batch_size": 128,
}
#: By the form's name.
PUBLISHED = {"feng2025": FENG2025}


def published_options(estimator, form, **changes):
    """How a form of an estimator is to be fitted.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        In that form; its losses and the outputs of its network say which loss serves.
    form : str
        "default", or a key of ``alternatives``.
    **changes
        Fields of `~galspec.training.fit.FitOptions` that shall be otherwise; None
        changes nothing.

    Returns
    -------
    `~galspec.training.fit.FitOptions`

    Raises
    ------
    ValueError
        If a choice does not exist or a number makes no sense.
    """
    fields = dict(PUBLISHED.get(form, {}))
    wanted = fields.pop("losses", ())
    fields["loss"] = _loss(estimator, wanted)
    fields |= {name: value for name, value in changes.items() if value is not None}
    return FitOptions(**fields)


def _loss(estimator, wanted):
    """The first loss of the form, else of the estimator, that fits its network."""
    outputs = estimator.network.outputs
    first = [loss for loss in wanted if loss in estimator.losses]
    for loss in (*first, *estimator.losses):
        if estimator.outputs_for(loss) == outputs:
            return loss
    return estimator.losses[0]
