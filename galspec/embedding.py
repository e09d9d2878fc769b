"""Spectra as points: which look alike, and which look like no other."""

import dataclasses
import os

import numpy as np

from galspec.io.tables import check_output, write_table

__all__ = ["Embedding"]

#: Distances that are computed together: 256 MB.
_PAIRS = 2**26
#: Spectra that outliers are compared with.
_SAMPLE = 10_000


@dataclasses.dataclass(frozen=True, eq=False)
class Embedding:
    """Where spectra stand in the eyes of a network.

    `galspec.SpectralEstimator.embed` makes it. Spectra that differ in what the network
    learned to look at are far from each other; noise and calibration, which it learned
    to overlook, move them little.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        One row a spectrum: identifiers, ``vector`` (of shape (n, n_features); NaN for
        spectra without data) and ``flags``. ``meta`` says which weights were used.

    Examples
    --------
    >>> from galspec import GasMetallicity, example_spectra
    >>> embedding = GasMetallicity.pretrained().embed(example_spectra())
    >>> len(embedding)
    6
    >>> embedding.similar(embedding[2:3], k=3)["row"].tolist()
    [2, 0, 3]
    >>> int(embedding.outliers(k=2)["row"][0])
    5
    """

    table: object

    def __len__(self):
        return len(self.table)

    def __getitem__(self, rows):
        """Some of the spectra, by a slice, an index array or a mask."""
        return Embedding(self.table[rows])

    @property
    def vectors(self):
        """The points, a `numpy.ndarray` of shape (n, n_features)."""
        return np.asarray(self.table["vector"], np.float32)

    def rows_with_data(self):
        """Rows that have a vector.

        Returns
        -------
        `numpy.ndarray` of int
        """
        return np.flatnonzero(np.isfinite(self.table["vector"]).all(axis=1))

    @classmethod
    def load(cls, path):
        """Read what `save` wrote.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        Embedding

        Raises
        ------
        ValueError
            If the file is something else.
        OSError
            If it cannot be read.
        """
        from astropy.table import QTable

        if not os.path.isfile(path):
            raise FileNotFoundError(f"there is no file {path}")
        try:
            table = QTable.read(path, format="fits", mask_invalid=False)
        except (OSError, ValueError, IndexError) as error:
            raise ValueError(f"{path} is no FITS table: {error}") from error
        if "vector" not in table.colnames:
            raise ValueError(
                f"{path} holds no embedding: it has the columns "
                f"{', '.join(table.colnames)}. Make one with SpectralEstimator.embed"
            )
        table.convert_bytestring_to_unicode()
        # FITS has no lower case
        table.meta = {key.lower(): value for key, value in table.meta.items()}
        return cls(table)

    def save(self, path, *, overwrite=False):
        """Write a FITS table, so that the spectra need not be looked at again.

        Parameters
        ----------
        path : path-like
            Ends in .fits.
        overwrite : bool
            Whether it may exist.

        Raises
        ------
        ValueError
            If it has another ending.
        OSError
            If it exists or cannot be written.
        """
        require_fits(path)
        check_output(path, overwrite)
        write_table(self.table, path)

    def similar(self, query, k=10):
        """Find the spectra that look most like others.

        Parameters
        ----------
        query : Embedding
            Of the same weights; for neighbours within one set the set itself, in which
            each spectrum is its own first neighbour.
        k : int
            Neighbours to find for each.

        Returns
        -------
        `~astropy.table.QTable`
            ``k`` rows for each spectrum of the query that has data, the nearest first:
            its row as ``query`` and its identifiers as ``query_NAME``; ``rank``, from 1
            on; ``row`` and identifiers of the neighbour; their ``distance``, Euclidean
            between the vectors.

        Raises
        ------
        ValueError
            If the two are not of the same weights, or ``k`` is less than 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}; it has to be 1 or more")
        self._require_same_weights(query)
        asked, known = query.rows_with_data(), self.rows_with_data()
        k = min(k, len(known))
        index, distance = _nearest(query.vectors[asked], self.vectors[known], k)
        found, asking = known[index.ravel()], np.repeat(asked, k)
        names = [name for name in query._described() if name != "flags"]
        columns = {"query": asking}
        columns |= {f"query_{name}": query.table[name][asking] for name in names}
        columns["rank"] = np.tile(np.arange(1, k + 1), len(asked))
        return self._rows(found, {**columns, "distance": distance.ravel()})

    def outliers(self, k=10):
        """Rank spectra by how little they look like any other.

        The score is the distance to the k-th nearest of the others (Ramaswamy, Rastogi
        & Shim 2000, SIGMOD 29, 427), or of 10 000 of them if there are more: a sample
        serves as well (Sugiyama & Borgwardt 2013, NIPS 26, 467).

        Parameters
        ----------
        k : int
            So many that look alike, and no other, are outliers still: other spectra of
            the same object, or a group with the same fault.

        Returns
        -------
        `~astropy.table.QTable`
            A row for each spectrum that has data, the strangest first: ``score``,
            ``row`` and its identifiers.

        Raises
        ------
        ValueError
            If there are no more than ``k`` spectra, or ``k`` is less than 1.
        """
        known = self.rows_with_data()
        if not 1 <= k < len(known):
            raise ValueError(
                f"k is {k}; it has to be 1 or more, and less than the number of "
                f"spectra with data, {len(known)}"
            )
        rng = np.random.default_rng(0)
        sample = rng.choice(known, min(max(_SAMPLE, k + 1), len(known)), replace=False)
        vectors = self.vectors
        _, distance = _nearest(vectors[known], vectors[sample], k + 1)
        # one that is in the sample is its own first neighbour
        place = np.where(np.isin(known, sample), k, k - 1)
        score = distance[np.arange(len(known)), place]
        order = np.argsort(-score, kind="stable")
        return self._rows(known[order], {"score": score[order]})

    def _rows(self, rows, columns):
        """A table of some rows, behind columns that were found."""
        from astropy.table import QTable

        table = QTable({**columns, "row": rows}, meta=dict(self.table.meta))
        for name in self._described():
            table[name] = self.table[name][rows]
        return table

    def _described(self):
        """Names of all columns but the vectors."""
        return [name for name in self.table.colnames if name != "vector"]

    def _require_same_weights(self, other):
        mine, theirs = (x.table.meta.get("sha256", "") for x in (self, other))
        sizes = [x.table["vector"].shape[1] for x in (self, other)]
        if mine != theirs or sizes[0] != sizes[1]:
            raise ValueError(
                "distances between vectors of different weights mean nothing: the "
                f"query has SHA-256 {theirs!r}, the others have {mine!r}"
            )


def require_fits(path):
    """Refuse a file name that an embedding cannot be saved under.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    ValueError
        If it does not end in .fits.
    """
    if not str(path).endswith(".fits"):
        raise ValueError(f"cannot write {path}: an embedding is a .fits file")


def _nearest(points, among, k):
    """Places of the k nearest, and their distances, (n, k), in order."""
    import torch

    known = torch.from_numpy(among)
    # half a squared distance is this, less a product, plus what all have in common
    half = torch.linalg.vector_norm(known, dim=1).square() / 2
    index = [np.empty((0, k), int)]
    for part in torch.from_numpy(points).split(max(1, _PAIRS // max(len(known), 1))):
        rank = torch.addmm(half, part, known.T, alpha=-1)
        index.append(rank.topk(k, largest=False).indices.numpy())
    index = np.concatenate(index)
    # differences are exact for near ones, as products are not
    exact = np.stack(
        [np.linalg.norm(points - among[column], axis=1) for column in index.T], axis=1
    )
    order = np.argsort(exact, axis=1, kind="stable")
    return np.take_along_axis(index, order, 1), np.take_along_axis(exact, order, 1)
