"""What a photometric redshift rests on: permutation importance (Breiman 2001)."""

import numpy as np
from astropy.table import QTable

from galspec.evaluation.density_metrics import crps, log_likelihood
from galspec.evaluation.photoz_metrics import outlier_fraction, sigma_nmad
from galspec.photometric_inputs import column_names, photometric_input
from galspec.prediction import has_value

__all__ = ["SCORES", "permutation_importance", "plot_importance"]

#: Scores, and what they are; how much worse they become is the importance.
SCORES = {
    "sigma_nmad": "increase of sigma_NMAD",
    "eta15": "increase of the share of abs(dz) > 0.15",
    "crps": "increase of the continuous ranked probability score",
    "log_likelihood": "decrease of the mean log likelihood",
}
#: What can be permuted.
KINDS = ("columns", "groups", "bands")


def permutation_importance(
    estimator, data, z_spec, *, of="columns", by="crps", repeats=5, seed=0
):
    """How much worse redshifts become if an input is permuted among galaxies.

    An input that others can stand in for seems unimportant: permute a band rather than
    single columns where columns are made of the same magnitudes.

    Parameters
    ----------
    estimator : `~galspec.ELGPhotoZ`
        Trained.
    data : object
        As for `~galspec.ELGPhotoZ.gather`.
    z_spec : array_like, shape (n,)
        True redshifts. Galaxies without one, and those that get no value, are left
        out.
    of : {'columns', 'groups', 'bands'}
        Permute columns of the network's input one by one; all columns of a kind
        (magnitudes, colours, stamps and so on) together; or the photometry of a band
        (flux, apertures, stamp), whatever columns are made of it.
    by : str
        One of `SCORES`, by which the table is sorted.
    repeats : int
        How often each is permuted.
    seed : int

    Returns
    -------
    `~astropy.table.QTable`
        ``input``, and for each of `SCORES` the mean of the importance over the
        permutations, and their standard deviation called ``SCORE_std``; the most
        important first. ``meta`` has the scores without permutation.

    Raises
    ------
    ValueError
        If there is no such kind or score, or lengths differ.
    ImportError
        If scikit-learn is not installed.

    Notes
    -----
    `sklearn.inspection.permutation_importance` permutes columns of a table; that table
    holds the numbers of rows here, one column an input, so that an input may be as many
    columns as it likes, or a band.

    Examples
    --------
    >>> from galspec import ELGPhotoZ
    >>> from galspec.evaluation.importance import permutation_importance
    >>> permutation_importance(
    ...     ELGPhotoZ.pretrained("sdss"), table, table["z_spec"], of="bands"
    ... )  # doctest: +SKIP
    """
    for value, known, words in ((of, KINDS, "of"), (by, SCORES, "by")):
        if value not in known:
            raise ValueError(f"{words} is {value!r}; it can be {', '.join(known)}")
    try:
        from sklearn import inspection
    except ImportError as error:
        raise ImportError(
            "permutation importance needs scikit-learn: pip install "
            "'astro-galspec[baselines]'"
        ) from error
    batch, z_spec = _usable(estimator, estimator.gather(data), z_spec)
    inputs = (_Bands if of == "bands" else _Columns)(estimator, batch, of)
    rows = np.tile(np.arange(len(z_spec))[:, None], (1, len(inputs.names)))

    def score(_, rows, z_spec):
        return _scores(estimator, inputs.permuted(rows), z_spec)

    found = inspection.permutation_importance(
        estimator, rows, z_spec, scoring=score, n_repeats=repeats, random_state=seed
    )
    table = QTable({"input": list(inputs.names)})
    for name, words in SCORES.items():
        table[name] = found[name]["importances_mean"]
        table[f"{name}_std"] = found[name]["importances_std"]
        table[name].info.description = words
    whole = score(None, rows, z_spec)
    table.meta = {name: abs(whole[name]) for name in ("sigma_nmad", "eta15", "crps")}
    table.meta |= {"log_likelihood": whole["log_likelihood"], "n": len(z_spec)}
    return table[np.argsort(-table[by], kind="stable")]


def plot_importance(table, *, by="crps", most=20, path=None):
    """Draw importances as bars.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        What `permutation_importance` gave.
    by : str
        One of `SCORES`.
    most : int
        The most important ones, at most so many.
    path : path-like, optional
        Where to save the picture; its suffix says in which format.

    Returns
    -------
    `matplotlib.figure.Figure`

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    from galspec.evaluation.report.figures import FILL, panel
    from galspec.plotting import INK, require_matplotlib

    require_matplotlib()
    shown = table[np.argsort(-table[by], kind="stable")][:most][::-1]
    with panel(SCORES[by], "", height=0.6 + 0.22 * len(shown)) as (figure, axis):
        style = {"color": FILL, "ecolor": INK, "error_kw": {"lw": 1}}
        axis.barh(shown["input"], shown[by], xerr=shown[f"{by}_std"], **style)
        axis.axvline(0, color=INK, lw=0.8)
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


class _Columns:
    """Columns of the network's input, one by one or in their groups."""

    def __init__(self, estimator, batch, of):
        behind = estimator.recipe(batch)
        groups = column_names(behind, estimator.network.inputs)
        self._inputs = photometric_input(behind, estimator.network.inputs)
        self._places = _places(groups, self._inputs.shape[-1], of == "groups")
        self.names = tuple(self._places)

    def permuted(self, rows):
        inputs = self._inputs.copy()
        for column, place in enumerate(self._places.values()):
            inputs[:, 0, place] = self._inputs[rows[:, column], 0, place]
        return inputs


class _Bands:
    """Photometry by band."""

    def __init__(self, estimator, batch, of):
        self._estimator, self._batch = estimator, batch
        known = estimator.recipe.transformers[0].bands
        self.names = tuple(band for band in known if band in batch.bands)

    def permuted(self, rows):
        batch, stamps = self._batch, None
        flux, ivar = batch.flux.copy(), batch.ivar.copy()
        apertures = dict(batch.aperture_flux), dict(batch.aperture_ivar)
        if batch.stamps is not None:
            stamps = batch.stamps.copy()
        for column, band in enumerate(self.names):
            number, row = batch.bands.index(band), rows[:, column]
            flux[:, number], ivar[:, number] = (
                batch.flux[row, number],
                batch.ivar[row, number],
            )
            for fluxes in apertures:
                if band in fluxes:
                    fluxes[band] = fluxes[band][row]
            if stamps is not None:
                stamps[:, number] = batch.stamps[row, number]
        changed = batch.replace(
            flux=flux,
            ivar=ivar,
            aperture_flux=apertures[0],
            aperture_ivar=apertures[1],
            stamps=stamps,
        )
        return self._estimator.prepare(changed)[0]


def _usable(estimator, batch, z_spec):
    z_spec = np.asarray(z_spec, float)
    if z_spec.shape != (len(batch),):
        raise ValueError(f"{len(batch)} objects, but z_spec has shape {z_spec.shape}")
    _, flags = estimator.prepare(batch)
    use = np.isfinite(z_spec) & has_value(flags)
    return batch[use], z_spec[use]


def _places(groups, width, together):
    """Slices of the input by what is to be permuted; stamps are one."""
    places, start = {}, 0
    for group, names in groups.items():
        end = width if group == "stamps" else start + len(names)
        if together or group == "stamps":
            places |= {group: slice(start, end)} if end > start else {}
        else:
            places |= {name: slice(at, at + 1) for at, name in enumerate(names, start)}
        start = end
    return places


def _scores(estimator, inputs, z_spec):
    """All scores, the higher the better."""
    learned = estimator._require_learned()
    columns, *_ = learned.columns(inputs, None, estimator, None)
    z_phot, bins = columns["z_phot"], learned.bins
    p = columns["z_phot_pdf"] * bins.z_width
    return {
        "sigma_nmad": -sigma_nmad(z_spec, z_phot),
        "eta15": -outlier_fraction(z_spec, z_phot),
        "crps": -crps(z_spec, p, bins),
        "log_likelihood": log_likelihood(z_spec, p, bins),
    }
