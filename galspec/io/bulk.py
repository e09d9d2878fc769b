"""Many files to one batch, without an object a file."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import itertools
import os

from galspec.inference import at_least_one
from galspec.io import desi, fits_fallback, fits_light, lamost, sdss
from galspec.io.limits import MAX_UNITS, LimitError
from galspec.io.pieces import MORE_FIELDS, assemble, unreadable

__all__ = ["iter_batches", "lazy_batches", "read_spectra", "with_redshifts"]

SURVEYS = (lamost, sdss, desi)
#: Letters of a reason: one long one would make the column wide for all rows.
REASON = 300
#: Files that a thread reads at a time: fewer, and handing them out costs more.
FILES_A_TASK = 16


def read_spectra(paths, *, progress_bar=False, workers=1):
    """Read spectra from many files into one batch.

    LAMOST low-resolution spectra of any release, SDSS "spec" and "spec-lite" files and
    DESI coadd files, gzipped or not, in any mixture. The format is told by content.

    Parameters
    ----------
    paths : iterable of str or path-like
        Names of files; a single one is taken as a list of one.
    progress_bar : bool, optional
        Show how far it is.
    workers : int, optional
        Threads that read; unpacking runs in parallel, parsing does not.

    Returns
    -------
    SpectrumBatch
        One row a file in the order of ``paths`` (a DESI file gives a row a target, in
        its own order). ``redshift`` is what the survey states in the file, NaN where
        it states none. ``ids`` has ``file``, ``obsid``, ``ra``, ``dec``, ``snr_r``
        and ``problem``. A file that cannot be read gives one masked row with
        ``Flags.UNREADABLE`` and the reason in ``problem``. Spectra that share a log
        grid (LAMOST, SDSS) are put on its union, so ``wavelength`` has one dimension.

    Raises
    ------
    TypeError
        If ``paths`` holds something that is no file name.
    ValueError
        If ``workers`` is less than 1.

    Examples
    --------
    >>> from galspec.io import read_spectra
    >>> batch = read_spectra(["missing.fits"])
    >>> batch.ids["problem"].tolist()
    ['FileNotFoundError: No such file or directory']
    """
    paths = _names(paths)
    pieces = _read_all(paths, at_least_one("workers", workers))
    if progress_bar:
        from tqdm.auto import tqdm

        pieces = tqdm(pieces, total=len(paths), unit="file", desc="reading")
    return assemble(list(pieces))


def iter_batches(paths, batch_size, *, workers=1):
    """Read many files in batches, the next while the present one is worked on.

    Parameters
    ----------
    paths : iterable of str or path-like
        Names of files, as for `read_spectra`.
    batch_size : int
        Rows a batch; the last may have fewer.
    workers : int, optional
        Threads that read.

    Yields
    ------
    SpectrumBatch
        Rows in the order of ``paths``. Each batch has the wavelength axis that its own
        spectra need.

    Raises
    ------
    TypeError
        If ``paths`` holds something that is no file name.
    ValueError
        If ``batch_size`` or ``workers`` is less than 1.
    """
    paths = _names(paths)
    at_least_one("batch_size", batch_size)
    at_least_one("workers", workers)
    return _one_ahead(_batches(paths, batch_size, workers))


def lazy_batches(paths, batch_size, more=()):
    """Deal out files in groups, each of which is read where it is iterated over.

    So that threads which work on the spectra can read them too: that scales better
    than handing batches from one thread to another.

    Parameters
    ----------
    paths : iterable of str or path-like
        Names of files, as for `read_spectra`.
    batch_size : int
        Files a group, and rows a batch at most.
    more : sequence of str, optional
        Identifiers that the batches have besides, NaN where a survey does not state
        them: ``snr_g``, ``snr_i``, ``redshift_err``.

    Yields
    ------
    iterator of SpectrumBatch
        The spectra of up to ``batch_size`` files; more than one batch only where a
        file holds several spectra.

    Raises
    ------
    TypeError
        If ``paths`` holds something that is no file name.
    ValueError
        If ``batch_size`` is less than 1, or there is no such identifier.
    """
    paths = _names(paths)
    at_least_one("batch_size", batch_size)
    if not set(more) <= set(MORE_FIELDS):
        raise ValueError(f"more is {more}; it can be some of {MORE_FIELDS}")
    starts = range(0, len(paths), batch_size)
    return (_batches(paths[i : i + batch_size], batch_size, 1, more) for i in starts)


def with_redshifts(batch, known):
    """Spectra of files with redshifts that are known besides.

    Parameters
    ----------
    batch : SpectrumBatch
        Of files, whose names are its identifiers ``file``.
    known : None, float or dict of str to float
        One for all, or by the names of files; what is not in it stays as the file
        states it.

    Returns
    -------
    SpectrumBatch
    """
    if isinstance(known, dict):
        pairs = zip(batch.ids["file"].tolist(), batch.redshift, strict=True)
        known = [known.get(name, own) for name, own in pairs]
    return type(batch).gather(batch, redshift=known)


def _names(paths):
    """File names as str; what is no file name is an error of the call."""
    if isinstance(paths, (str, bytes, os.PathLike)):
        paths = [paths]
    return [os.fsdecode(path) for path in paths]


def _one_ahead(batches):
    """Yield from a generator that works in another thread, one item ahead."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, batches, None)
            yield batch


def _batches(paths, batch_size, workers, more=()):
    """Cut the stream of pieces at every ``batch_size`` rows."""
    waiting, n_rows = [], 0
    for piece in _read_all(paths, workers):
        while len(piece) >= batch_size - n_rows:
            taken = batch_size - n_rows
            yield assemble([*waiting, piece[:taken]], more)
            piece, waiting, n_rows = piece[taken:], [], 0
        if len(piece):
            waiting.append(piece)
            n_rows += len(piece)
    if waiting:
        yield assemble(waiting, more)


def _read_all(paths, workers):
    """Pieces of the files in their order, read no further ahead than needed."""
    if workers == 1:
        yield from map(_read_file, paths)
        return
    tasks = (paths[i : i + FILES_A_TASK] for i in range(0, len(paths), FILES_A_TASK))
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        submitted = (pool.submit(_read_files, task) for task in tasks)
        running = collections.deque(itertools.islice(submitted, 2 * workers))
        while running:
            yield from running.popleft().result()
            running.extend(itertools.islice(submitted, 1))


def _read_files(paths):
    return [_read_file(path) for path in paths]


def _read_file(path):
    """The piece of one file; one that says why where it cannot be read."""
    try:
        piece = _parsed(fits_light.load(path))
    except Exception as error:  # whatever is wrong with one file stops no other
        piece = unreadable(_reason(error))
    # copies, so that the file's whole content is not kept as long as its piece
    flux, ivar = _native_copy(piece.flux), _native_copy(piece.ivar)
    return dataclasses.replace(piece, file=path, flux=flux, ivar=ivar)


def _native_copy(values):
    return values.astype(values.dtype.newbyteorder("="))


def _reason(error):
    """An error in one line, without the file's name, which stands beside it."""
    text = getattr(error, "strerror", None) or str(error)
    if type(error) not in (ValueError, fits_light.FitsFormatError, LimitError):
        text = f"{type(error).__name__}: {text}"
    text = text.replace("\n", " ")
    return text if len(text) <= REASON else text[:REASON] + "..."


def _parsed(buffer):
    try:
        return _piece(_needed(fits_light.iter_hdus(buffer)))
    except (fits_light.TruncatedError, LimitError):
        raise
    except Exception as error:
        # not simple enough for the light reader, or no spectrum; astropy decides
        with contextlib.suppress(Exception), fits_fallback.astropy_hdus(buffer) as hdus:
            return _piece(hdus)
        raise error


def _needed(hdus):
    """The first units of a file; all of them only where they are needed (DESI)."""
    first = list(itertools.islice(hdus, 3))
    if any(hdu.name == "FIBERMAP" for hdu in first):
        first.extend(itertools.islice(hdus, MAX_UNITS))
    return first


def _piece(hdus):
    survey = next((survey for survey in SURVEYS if survey.recognises(hdus)), None)
    if survey is None:
        telescope = hdus[0].header.get("TELESCOP", "not given")
        raise ValueError(
            "no LAMOST, SDSS spec or DESI coadd file; "
            f"telescope {telescope!r}, units {[hdu.name for hdu in hdus[:5]]}"
        )
    piece = survey.parse(hdus)
    piece.check_shapes()
    return piece
