"""Example spectra and photometry that the package carries."""

import pathlib

__all__ = [
    "example_cutouts",
    "example_photometry",
    "example_spectra",
    "example_truth",
]

#: Folders with spectra and their truth, by what they show.
_SPECTRA = {"galaxies": "examples", "stars": "example_stars"}
#: Those with other data.
_FOLDERS = {**_SPECTRA, "photometry": "example_photometry"}


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
    return sorted(_folder(kind, _SPECTRA).glob("*.fits.gz"))


def example_photometry():
    """Table of simulated galaxies, as the Legacy Surveys (DR10) would see them.

    Returns
    -------
    `pathlib.Path`
        An ECSV file of twelve galaxies with the columns of the survey's catalogues: g r
        i z W1 W2 and E(B-V). One was not observed in i.

    Examples
    --------
    >>> from galspec import example_photometry, read_photometry
    >>> read_photometry(example_photometry(), survey="ls-dr10")
    <PhotometryBatch of 12 objects of ls-dr10 in g r i z W1 W2>
    """
    return _folder("photometry") / "photometry.ecsv"


def example_cutouts():
    """Folder with images of every fourth galaxy of `example_photometry`.

    Returns
    -------
    `pathlib.Path`
        Of FITS files as `galspec.datasets.fetch_cutouts` leaves them in its folder,
        which takes them from there.
    """
    return _folder("photometry") / "cutouts"


def example_truth(kind="galaxies"):
    """What the simulator put into the examples.

    Parameters
    ----------
    kind : {'galaxies', 'stars', 'photometry'}

    Returns
    -------
    `~astropy.table.Table`
        Spectra have a row a file. Galaxies: ``oh`` (12 + log10(O/H); NaN for the
        passive galaxy), ``redshift``, ``kind`` and more. Stars: ``teff``, ``logg``,
        ``feh``, ``cfe``, ``velocity`` and more. Photometry, a row a galaxy: ``z``,
        ``type`` and more.

    Raises
    ------
    ValueError
        If there are none of that kind.
    """
    from astropy.table import Table

    return Table.read(_folder(kind) / "truth.ecsv")


def _folder(kind, folders=_FOLDERS):
    if kind not in folders:
        raise ValueError(f"kind is {kind!r}; it can be one of {', '.join(folders)}")
    return pathlib.Path(__file__).parent / _FOLDERS[kind]
