"""Photometric redshifts with their probability densities: a table that knows them."""

import numpy as np
from astropy.table import QTable

from galspec.io.tables import read_table
from galspec.redshift_bins import RedshiftBins

__all__ = ["RedshiftTable"]

#: The column of densities.
PDF = "z_phot_pdf"


class RedshiftTable(QTable):
    """What `~galspec.ELGPhotoZ` predicts: a `~astropy.table.QTable`, one row a galaxy.

    Its column ``z_phot_pdf`` holds the probability density dP/dz of each galaxy in bins
    that are equally wide in ln(1 + z); ``meta["z_bins"]``, their number, and
    ``meta["z_max"]`` tell which. In a bin the density is constant. A part of the table
    (rows, ``vstack``) is such a table again. ``write`` it to FITS, ECSV or Parquet, and
    `read` it from there.

    ``z_phot`` is meant to be no outlier, not to be the middle of the 68 % interval
    (``z_phot_lo68``, ``z_phot_hi68``): where a density has several peaks it may lie
    between them, even outside the interval, with low ``z_phot_odds``. See
    `galspec.redshift_points.least_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.redshift_table import RedshiftTable
    >>> table = RedshiftTable(
    ...     {"z_phot": [0.6], "z_phot_pdf": [[0.5, 0.2, 0.025]]},
    ...     meta={"z_bins": 3, "z_max": 7.0},
    ... )
    >>> table.z_edges
    array([0., 1., 3., 7.])
    >>> table.density(0.6)
    array([0.5])
    """

    @classmethod
    def read(cls, path):
        """Read a table that was written to a file, with everything as it was.

        Parameters
        ----------
        path : path-like
            Ends in .ecsv, .fits or .parquet.

        Returns
        -------
        RedshiftTable

        Raises
        ------
        ValueError
            If the suffix is another one, or there are no densities in the file.
        """
        table = cls(read_table(path), copy=False)
        if PDF not in table.colnames:
            raise ValueError(f"{path} has no column {PDF}; use QTable.read for it")
        table.bins  # noqa: B018, raises where the bins are not known
        return table

    @property
    def bins(self):
        """The `~galspec.redshift_bins.RedshiftBins` of the densities.

        Raises
        ------
        ValueError
            If ``meta`` does not tell them.
        """
        try:
            return RedshiftBins(int(self.meta["z_bins"]), float(self.meta["z_max"]))
        except KeyError as error:
            raise ValueError(
                f"meta has no {error}, which tells the bins of {PDF}; read files with "
                "RedshiftTable.read, which keeps it"
            ) from error

    @property
    def z_grid(self):
        """Redshifts of the middles of the bins, shape (n_bins,)."""
        return self.bins.z_mid

    @property
    def z_edges(self):
        """Redshifts of the edges of the bins, shape (n_bins + 1,)."""
        return self.bins.z_edges

    def density(self, z):
        """Probability density dP/dz of every galaxy at given redshifts.

        Parameters
        ----------
        z : array_like of float, any shape
            The same for all galaxies.

        Returns
        -------
        `numpy.ndarray`, shape (n, ...)
            With the shape of ``z`` behind n. 0 beyond the bins; NaN in rows without a
            density, and where ``z`` is NaN.
        """
        z, edges = np.asarray(z, float), self.z_edges
        k = np.clip(np.searchsorted(edges, z, side="right") - 1, 0, len(edges) - 2)
        found = np.where(np.isnan(z), np.nan, np.asarray(self[PDF])[:, k])
        beyond = (z < edges[0]) | (z > edges[-1])
        return np.where(beyond & ~np.isnan(found), 0, found)

    def to_qp(self):
        """The densities as an ensemble of the package qp.

        Returns
        -------
        `qp.Ensemble`
            Of type "hist", which is exactly what the densities are. Its ``ancil`` holds
            the columns with one value a row. Rows without a density are NaN. Densities,
            quantiles and samples of it are those of this table; its moments (``mean``,
            ``std``, ``var``) are not, because qp (1.1) takes the bins of histograms to
            be equally wide in z there: use ``z_phot_mean``.

        Raises
        ------
        ImportError
            If qp is not installed.
        """
        try:
            import qp
        except ImportError as error:
            raise ImportError(
                "densities become a qp.Ensemble only with the package qp-prob: pip "
                "install 'astro-galspec[qp]'"
            ) from error
        single = [name for name in self.colnames if self[name].ndim == 1]
        plain = {name: np.asarray(getattr(c, "value", c)) for name, c in self.items()}
        return qp.hist.create_ensemble(
            bins=self.z_edges,
            pdfs=plain[PDF].astype(float),
            ancil={name: plain[name] for name in single},
            warn=False,  # of rows without a density
        )

    def plot(self, rows=None, *, z_spec=None, path=None):
        """Draw densities, each in a small panel with ``z_phot`` and its 68 % interval.

        Parameters
        ----------
        rows : int, slice or array_like, optional
            Which; the first twelve unless given.
        z_spec : array_like, shape (n,), optional
            Spectroscopic redshifts of all rows of the table, marked where finite.
        path : path-like, optional
            Where to save the picture; its suffix says in which format.

        Returns
        -------
        `matplotlib.figure.Figure`
            Independent of pyplot and of any display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``z_spec`` has another length than the table.
        """
        from galspec.redshift_plotting import plot_densities

        return plot_densities(self, rows, z_spec=z_spec, path=path)
