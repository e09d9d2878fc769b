"""Example spectra that the package carries."""

import pathlib

__all__ = ["example_spectra", "example_truth"]

_FOLDER = pathlib.Path(__file__).parent / "examples"
#: Names of the files and of the truth, by what the spectra show.
_KINDS = {
    "galaxies": ("example-*.fits.gz", "truth.ecsv"),
    "stars": ("star-*.fits.gz", "stars.ecsv"),
}


def example_spectra(kind="galaxies"):
    """Files of simulated spectra, as LAMOST would deliver them.

    Parameters
    ----------
    kind : {'galaxies', 'stars'}

    Returns
    -------
    list of `pathlib.Path`
        Gzipped FITS files in LAMOST's DR10 format.

    Raises
    ------
    ValueError
        If there are none of that kind.

    Examples
    --------
    >>> from galspec import example_spectra
    >>> example_spectra()[0].name
    'example-1.fits.gz'
    >>> example_spectra("stars")[0].name
    'star-1.fits.gz'
    """
    return sorted(_FOLDER.glob(_names(kind)[0]))


def example_truth(kind="galaxies"):
    """What the simulator put into the example spectra.

    Parameters
    ----------
    kind : {'galaxies', 'stars'}

    Returns
    -------
    `~astropy.table.Table`
        One row a file. Galaxies: ``oh`` (12 + log10(O/H); NaN for the passive galaxy),
        ``redshift``, ``kind`` and more. Stars: ``teff``, ``logg``, ``feh``, ``cfe``,
        ``velocity`` and more.

    Raises
    ------
    ValueError
        If there are none of that kind.
    """
    from astropy.table import Table

    return Table.read(_FOLDER / _names(kind)[1])


def _names(kind):
    if kind not in _KINDS:
        raise ValueError(f"kind is {kind!r}; it can be one of {', '.join(_KINDS)}")
    return _KINDS[kind]
