"""From files to a finished catalogue; interrupted runs leave parts behind."""

import contextlib

from galspec.catalog.inputs import Inputs
from galspec.catalog.parts import Parts, is_unfinished, parts_folder
from galspec.catalog.provenance import header
from galspec.catalog.run import Run
from galspec.io.tables import check_output

__all__ = ["check_call", "make"]

#: From so many files on there is a progress bar unless one is refused.
MANY = 10_000


def check_call(output, overwrite, **sizes):
    """Refuse, before any work is done, what cannot be made.

    Parameters
    ----------
    output : path-like or None
    overwrite : bool
    **sizes
        Numbers that have to be 1 or more, if they are given.

    Raises
    ------
    ValueError, OSError, ImportError
        If a number is too small, or the output cannot be written.
    """
    for name, value in sizes.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; it has to be 1 or more")
    if output is not None:
        # killed when it was written, but before the parts were removed?
        check_output(output, overwrite or is_unfinished(output))


def make(
    files,
    output,
    maker,
    finish,
    *,
    batch_size,
    partition_size,
    workers,
    progress_bar,
    overwrite,
):
    """Make the rows of all files, and what is to be made of them.

    Parameters
    ----------
    files, output, batch_size, partition_size, workers, progress_bar, overwrite
        As for `galspec.catalog.metallicity_catalog`.
    maker : `galspec.catalog.rows.RowMaker` or alike
        ``maker(batch)`` gives columns, among them ``flags``, ``selected`` and
        ``reason``; ``maker.entries()`` what they depend on beside the files;
        ``maker.more`` names identifiers that it needs.
    finish : callable
        ``finish(rows, meta)`` writes the output, if there is one, and returns the
        result. Parts are kept until it is done.

    Returns
    -------
    object
        What ``finish`` gave.

    Raises
    ------
    TypeError, ValueError, OSError, CatalogError
        As `galspec.catalog.metallicity_catalog` says.
    """
    inputs = Inputs.of(files, without=output)
    entries = maker.entries()
    show = len(inputs) >= MANY if progress_bar is None else progress_bar
    with _parts(output, entries, inputs, partition_size, overwrite) as parts:
        run = Run(maker, inputs, parts, batch_size, partition_size)
        rows = run.rows(workers, show)
        result = finish(rows, header(entries, inputs, rows))
        if parts is not None:
            parts.remove()
    return result


def _parts(output, entries, inputs, partition_size, overwrite):
    """Where finished parts are kept; nowhere without an output."""
    if output is None:
        return contextlib.nullcontext()
    manifest = {
        **entries,
        "files": len(inputs),
        "list_sha": inputs.digest(),
        "partition_size": partition_size,
    }
    return Parts(parts_folder(output), manifest, overwrite)
