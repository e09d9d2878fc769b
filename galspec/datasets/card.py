"""The card of weights that were trained on a labelled table."""

__all__ = ["training_card"]

CARD = """# {name}, trained on {table}

{targets}{scale}

## How it was made

Form `{form}`, recipe `{recipe}`; {members} network(s), {epochs} epochs, loss {loss},
{optimizer}, learning rate {rate:g}, {schedule} schedule, batch {batch}, seed {seed};
galspec {version}.

Trained on `{table}` (SHA-256 {sha256}){labels}.

| part | {things} |
|---|---|
{sizes}
{left_out}
The validation part chose the best epoch, the calibration part the errors. Lowest
validation loss: {validation}.

## Where it must not be trusted

On {things} that are not like those above. How good it is was not measured here: compare
with the labels of a test part by `galspec evaluate`.
"""


def training_card(estimator, source, options, *, form, members, seed, table, sha256):
    """Say what weights were trained on, and how.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        That was fitted.
    source : LabelledSource
        To which.
    options : `~galspec.training.fit_options.FitOptions`
    form : str
        "default", or a key of ``alternatives``.
    members, seed : int
    table : str
        Name of the labelled table.
    sha256 : str
        Of the labelled table.

    Returns
    -------
    str
        Markdown.
    """
    from galspec import __version__

    targets = "; ".join(
        f"`{t.name}`: {t.description}, {t.valid[0]:.4g} to {t.valid[1]:.4g}"
        for t in estimator.targets
    )
    sizes = "\n".join(f"| {name} | {n} |" for name, n in source.sizes.items())
    told = ", ".join(f"{n} {reason}" for reason, n in source.left_out.items())
    losses = [
        min((row["validation"] for row in rows), default=None)
        for rows in estimator.history
    ]
    shown = ", ".join("not recorded" if x is None else f"{x:.4f}" for x in losses)
    return CARD.format(
        name=type(estimator).__name__,
        things=estimator.things,
        table=table,
        targets=targets,
        scale=f". Scale: {estimator.scale}" if estimator.scale else "",
        form=form,
        recipe=estimator.recipe.name,
        members=members,
        epochs=options.epochs,
        loss=options.loss,
        optimizer=options.optimizer,
        rate=options.learning_rate,
        schedule=options.schedule,
        batch=options.batch_size,
        seed=seed,
        version=__version__,
        sha256=sha256,
        labels=f", labels: {source.meta['labels']}" if "labels" in source.meta else "",
        sizes=sizes,
        left_out=f"\nLeft out: {told}.\n" if told else "",
        validation=shown,
    )
