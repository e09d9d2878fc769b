"""Example spectra that the package carries."""

import pathlib

__all__ = ["example_spectra", "example_truth"]

#: Folders with the files and their truth, by what the spectra show.
_FOLDERS = {"galaxies": "examples", "stars": "example_stars"}


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
    return sorted(_folder(kind).glob("*.fits.gz"))


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

    return Table.read(_folder(kind) / "truth.ecsv")


def _folder(kind):
    if kind not in _FOLDERS:
        raise ValueError(f"kind is {kind!r}; it can be one of {', '.join(_FOLDERS)}")
    return pathlib.Path(__file__).parent / _FOLDERS[kind]
