"""Example spectra that the package carries."""

import pathlib

__all__ = ["example_spectra"]


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
