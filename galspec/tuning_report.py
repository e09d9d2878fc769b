"""What tuning has brought: estimates before and after, of spectra held out."""

import dataclasses

import numpy as np

__all__ = ["TuningReport", "tuning_card"]

CARD = """
## Tuned on other {things}

Went on from the weights `{parent}` (SHA-256 {sha256}): {networks} network(s), {how};
{layers} of the layers moved ({names}). {epochs} epochs, loss {loss}, {optimizer},
learning rate {rate:g}, weight decay {decay:g}, batch {batch}; galspec {version}.

{n} {things} were judged by networks that were not tuned on their objects; {unchanged}
network(s) gained nothing and stayed as they were. Predicted minus label:

| | labels | bias before | bias after | NMAD before | NMAD after |
|---|---|---|---|---|---|
{rows}
The errors hold for these {things}. What was held out also chose the epoch: expect
slightly more scatter of others.
"""


@dataclasses.dataclass(frozen=True, eq=False)
class TuningReport:
    """What `~galspec.SpectralEstimator.fine_tune` has brought.

    Parameters
    ----------
    columns : dict of str to (int or slice, `~astropy.units.UnitBase`)
        Which columns of the arrays are of a target, and their unit.
    labels : `numpy.ndarray`, shape (n, n_labels)
        NaN where they are not known.
    before, after : `numpy.ndarray`, shape (n, n_labels)
        What the weights said, and what networks say that were tuned without the
        objects that are seen.
    fold : `numpy.ndarray`, shape (n,)
        In which each spectrum was held out.
    losses : list of (float, float)
        Of each network on the spectra that chose its epoch, before and after; equal
        where it stayed as it was.
    layers : list of str
        The layers that moved.
    """

    columns: dict
    labels: np.ndarray
    before: np.ndarray
    after: np.ndarray
    fold: np.ndarray
    losses: list
    layers: list

    @classmethod
    def of(cls, estimator, folds, networks):
        """The report of judged folds and tuned networks of `galspec.fine_tuning`."""
        labels = [fold.columns[1] for fold in folds]
        return cls(
            columns=estimator.label_columns(),
            labels=np.concatenate(labels),
            before=np.concatenate([fold.before[0] for fold in folds]),
            after=np.concatenate([fold.after[0] for fold in folds]),
            fold=np.repeat(np.arange(len(folds)), [len(each) for each in labels]),
            losses=[network.losses for network in networks],
            layers=networks[0].layers,
        )

    @property
    def table(self):
        """Bias and scatter of each target.

        Returns
        -------
        `~astropy.table.Table`
            ``target``, ``unit``, ``n``, number of known labels, and mean (``bias``)
            and 1.4826 times the median absolute deviation (``nmad``) of predicted
            minus label, ``before`` and ``after``.
        """
        from astropy.table import Table

        table = Table(
            [
                {"target": name, "unit": unit.to_string()} | self._summary(part)
                for name, (part, unit) in self.columns.items()
            ]
        )
        for name in table.colnames[3:]:
            table[name].info.format = ".4g"
        return table

    def _summary(self, part):
        known = np.isfinite(self.labels[:, part])
        summary = {"n": int(known.sum())}
        for when in ("before", "after"):
            residual = (getattr(self, when) - self.labels)[:, part][known]
            some = len(residual) > 0
            centre = np.median(residual) if some else np.nan
            summary |= {
                f"bias_{when}": residual.mean() if some else np.nan,
                f"nmad_{when}": 1.4826 * np.median(np.abs(residual - centre))
                if some
                else np.nan,
            }
        return summary


def _heading(row):
    return f"{row['target']} [{row['unit']}]" if row["unit"] else row["target"]


def tuning_card(estimator, options):
    """Say what weights were tuned from, and what it has brought.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        That was tuned.
    options : `~galspec.training.fit_options.FitOptions`

    Returns
    -------
    str
        Markdown.
    """
    from galspec import __version__

    report, origin = estimator.tuning, estimator._provenance
    folds, unchanged = len(set(report.fold)), sum(b == a for b, a in report.losses)
    how = f"{folds} folds by object" if folds > 1 else "one split by object"
    rows = "".join(
        f"| {_heading(row)} | {row['n']} | {row['bias_before']:.4g} | "
        f"{row['bias_after']:.4g} | {row['nmad_before']:.4g} | "
        f"{row['nmad_after']:.4g} |\n"
        for row in report.table
    )
    return CARD.format(
        things=estimator.things,
        parent=origin["tuned_from_weights"],
        sha256=origin["tuned_from_sha256"] or "unknown",
        networks=len(report.losses),
        how=how,
        layers=len(report.layers),
        names=", ".join(report.layers),
        epochs=options.epochs,
        loss=options.loss,
        optimizer=options.optimizer,
        rate=options.learning_rate,
        decay=options.weight_decay,
        batch=options.batch_size,
        version=__version__,
        n=len(report.labels),
        unchanged=unchanged,
        rows=rows,
    )
