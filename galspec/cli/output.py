"""What comes out of a prediction: a file, a table on a terminal, one line of counts."""

import collections
import os

import numpy as np

from galspec.cli.errors import CommandError
from galspec.flags import describe
from galspec.io import tables

__all__ = [
    "check_output",
    "check_plot",
    "render",
    "summary",
    "summary_of",
    "write_table",
]

_PICTURES = (".png", ".pdf", ".svg")
#: What one of them is called.
ONE = {"spectra": "spectrum", "objects": "object"}
#: Digits of columns that are no target.
_DIGITS = {
    "ra": ".5f",
    "dec": ".5f",
    "redshift": ".4f",
    "snr": ".1f",
    "snr_r": ".1f",
    "domain": ".2f",
}


def check_output(path, overwrite):
    """Refuse, before any work is done, a file that could not be written.

    Parameters
    ----------
    path : str
    overwrite : bool

    Raises
    ------
    CommandError
        As `galspec.io.tables.check_output` says.
    """
    if os.path.isfile(path) and not overwrite:
        raise CommandError(f"{path} exists: give --overwrite to replace it")
    try:
        tables.check_output(path, overwrite)
    except (ValueError, OSError, ImportError) as error:
        raise CommandError(str(error)) from error


def check_plot(path):
    """Refuse, before any work is done, a picture that could not be drawn.

    Parameters
    ----------
    path : str

    Raises
    ------
    CommandError
        If it is no picture, has no folder to go to, or matplotlib is not installed.
    """
    from galspec.plotting import require_matplotlib

    if not path.lower().endswith(_PICTURES):
        raise CommandError(
            f"cannot draw {path}: its name must end in {', '.join(_PICTURES)}"
        )
    if os.path.isdir(path):
        raise CommandError(f"cannot write {path}: it is a folder")
    folder = os.path.dirname(path) or "."
    if not os.access(folder, os.W_OK):
        raise CommandError(f"cannot write {path}: no folder {folder} to write to")
    try:
        require_matplotlib()
    except ImportError as error:
        raise CommandError(str(error)) from error


def write_table(table, path):
    """As `galspec.io.tables.write_table`, for a path that the user has named.

    Parameters
    ----------
    table : `~astropy.table.QTable`
    path : str

    Raises
    ------
    CommandError
        If the file cannot be written.
    """
    try:
        tables.write_table(table, path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error}") from error


def render(table):
    """A table as text: all columns and rows, few digits, flags in words.

    Columns of arrays are not for eyes, and left out; a last line names them.

    Parameters
    ----------
    table : `~astropy.table.QTable`

    Returns
    -------
    str
    """
    shown = table.copy()
    arrays = [name for name in shown.colnames if shown[name].ndim > 1]
    shown.remove_columns(arrays)
    for name in shown.colnames:
        if shown[name].dtype.kind == "f":
            shown[name].info.format = _DIGITS.get(name) or _digits(table, name)
    for name in {"file", "query_file"} & set(shown.colnames):
        shown[name] = _short(shown[name])
    if "flags" in shown.colnames:
        shown["flags"] = [" ".join([str(f), *describe(f)]) for f in table["flags"]]
    left = ["<" if shown[name].dtype.kind == "U" else ">" for name in shown.colnames]
    lines = shown.pformat(max_lines=-1, max_width=-1, align=left)
    if arrays:
        lines.append(f"{', '.join(arrays)}: many numbers in each row, written by -o")
    return "\n".join(lines)


def summary(table, things="spectra"):
    """One line with the number of rows, and of those with each flag.

    Parameters
    ----------
    table : `~astropy.table.QTable`
    things : {'spectra', 'objects'}
        What its rows are.

    Returns
    -------
    str

    Examples
    --------
    >>> from astropy.table import QTable
    >>> from galspec.cli.output import summary
    >>> summary(QTable({"flags": [0, 0, 8, 24]}))
    '4 spectra, 2 good, 2 flagged (LOW_SN 2, OUT_OF_RANGE 1)'
    """
    flags = collections.Counter(int(value) for value in table["flags"])
    return summary_of(flags, things)


def summary_of(flags, things="spectra"):
    """As `summary`, where the flags are counted already.

    Parameters
    ----------
    flags : `collections.Counter` of int
        How often each sum of bits occurs.
    things : {'spectra', 'objects'}

    Returns
    -------
    str
    """
    counts = collections.Counter()
    for value, number in flags.items():
        counts.update(dict.fromkeys(describe(value), number))
    total, good = sum(flags.values()), flags[0]
    told = ", ".join(f"{name} {number}" for name, number in counts.items())
    text = f"1 {ONE[things]}" if total == 1 else f"{total} {things}"
    text = f"{text}, {good} good, {total - good} flagged"
    return f"{text} ({told})" if told else text


def _digits(table, name):
    """A format with two digits of the typical error, if there is one."""
    stem = name.removesuffix("_err").removesuffix("_lo").removesuffix("_hi")
    # other estimates of the same quantity, such as z_phot_median
    stems = (stem, stem.rpartition("_")[0])
    error = next((f"{s}_err" for s in stems if f"{s}_err" in table.colnames), None)
    if error is None:
        return ".4g"
    errors = np.asarray(getattr(table[error], "value", table[error]), float)
    typical = errors[np.isfinite(errors) & (errors > 0)]
    if not typical.size:
        return ".4g"
    return f".{int(np.clip(1 - np.floor(np.log10(np.median(typical))), 0, 6))}f"


def _short(names):
    """The last part of file names, where it tells them apart."""
    short = [os.path.basename(name) for name in names]
    return short if len(set(short)) == len(set(names)) else list(names)
