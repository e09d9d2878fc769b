"""Example spectra that the package carries."""

import pathlib

__all__ = ["example_spectra", "example_truth"]


def example_spectra():
    """Files of simulated galaxy spectra, as LAMOST would deliver them.

    Their truth is in ``truth.ecsv`` beside them.

    Returns
    -------
    list of `pathlib.Path`
        Gzipped FITS files in LAMOST's DR10 format.

    Examples
    --------
    >>> from galspec import example_spectra
    >>> example_spectra()[0].name
    'example-1.fits.gz'
    """
    folder = pathlib.Path(__file__).parent / "examples"
    return sorted(folder.glob("example-*.fits.gz"))


def example_truth():
    """What the simulator put into the example spectra.

    Returns
    -------
    `~astropy.table.Table`
        One row a file: ``oh`` (12 + log10(O/H); NaN for the passive galaxy),
        ``redshift``, ``kind`` and more.
    """
    from astropy.table import Table

    folder = pathlib.Path(__file__).parent / "examples"
    return Table.read(folder / "truth.ecsv")
