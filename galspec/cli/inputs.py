"""What goes into a prediction: names of files, and redshifts for them."""

import contextlib
import os
import pathlib
import sys

from galspec.cli.errors import CommandError

__all__ = ["batches", "file_names", "redshifts"]

#: Spectra that are read and worked on together.
ROWS = 256


def file_names(words):
    """The files that the command line names.

    Parameters
    ----------
    words : list of str
        File names; ``@LIST`` for a file that has a name a line; ``-`` for the names
        on standard input.

    Returns
    -------
    list of str

    Raises
    ------
    CommandError
        If a list cannot be read, or there are no names.
    """
    names = [name for word in words for name in _expanded(word)]
    if not names:
        raise CommandError("there are no files to predict for")
    return names


def batches(names, arguments):
    """Spectra of files with their redshifts, which are looked for before any is read.

    Parameters
    ----------
    names : list of str
        The files.
    arguments : argparse.Namespace
        What `galspec.cli.arguments.add_spectra` gave. ``redshift`` is one for all, or
        the name of a CSV or ECSV file with the columns ``file`` and ``redshift``. Files
        that it does not list, or lists without a value, keep the redshift that they
        state themselves.

    Returns
    -------
    iterator of `~galspec.SpectrumBatch`

    Raises
    ------
    CommandError
        If the redshift is neither, or its file lists none of ``names``.
    """
    from galspec.io.bulk import iter_batches, with_redshifts

    known = redshifts(arguments.redshift, names)
    workers, size = arguments.workers or 1, arguments.batch_size or ROWS
    read = iter_batches(names, size, workers=workers)
    return read if known is None else (with_redshifts(batch, known) for batch in read)


def redshifts(text, names):
    """The redshifts that ``--redshift`` stands for.

    Parameters
    ----------
    text : str or None
        As for `batches`.
    names : list of str
        The files.

    Returns
    -------
    None, float or dict of str to float
        One for all, or by the names of the files.

    Raises
    ------
    CommandError
        As for `batches`.
    """
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        return float(text)
    listed = _read(text)
    known = {
        name: listed.get(name, listed.get(os.path.basename(name))) for name in names
    }
    known = {name: z for name, z in known.items() if z is not None}
    if not known:
        has = ", ".join(list(listed)[:3]) or "nothing"
        raise CommandError(
            f"--redshift {text} lists none of the files: it has {has}, ...; "
            f"the first file is {names[0]}"
        )
    return known


def _expanded(word):
    if word == "-":
        return _lines(sys.stdin.read())
    if word.startswith("@"):
        try:
            return _lines(pathlib.Path(word[1:]).read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"cannot read the list {word[1:]}: {error}") from error
    return [word]


def _lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def _read(path):
    """Redshifts by file name."""
    from astropy.table import MaskedColumn, Table

    is_ecsv = path.lower().endswith(".ecsv")
    options = {} if is_ecsv else {"converters": {"file": str}}
    try:
        table = Table.read(
            path, format="ascii.ecsv" if is_ecsv else "ascii.csv", **options
        )
        values = MaskedColumn(table["redshift"], dtype=float).filled(float("nan"))
        found = zip(table["file"], values, strict=True)
        # NaN is the only value that is not itself
        return {str(name): float(z) for name, z in found if z == z}
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(
            f"--redshift {path} is neither a number nor a CSV or ECSV file with the "
            f"columns 'file' and 'redshift': {error}"
        ) from error
