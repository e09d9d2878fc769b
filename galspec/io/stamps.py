"""Stamps out of FITS images: cutouts of the Legacy Survey viewer, and coadds."""

import dataclasses
import math
import os

import numpy as np

from galspec.io.fits_fallback import checked
from galspec.io.limits import check_bytes
from galspec.stamps import SIZE, Stamps
from galspec.surveys import get_survey

__all__ = ["cut_stamps", "read_cutouts"]

#: How far pixel scales may be apart and still be the same: 0.27 is no 0.262.
SAME_SCALE = 0.005
#: Pixels around a stamp that its interpolation looks at.
MARGIN = 8


@dataclasses.dataclass(frozen=True, eq=False)
class _Image:
    """One band of the sky: values in nanomaggies (AB) in a pixel of the stamps."""

    values: np.ndarray
    wcs: object
    scale: float


def read_cutouts(files, *, survey, bands=None, ra=None, dec=None, size=SIZE):
    """Stamps from FITS cutouts, one or more files an object.

    As the viewer of the Legacy Surveys serves them: an image a band, with the bands in
    the header (``BANDS``, ``BAND0`` ...), and zeros where there is no data. Bands whose
    pixels are not those of the stamps, as in cutouts of unWISE, are resampled to the
    frame of the others.

    Parameters
    ----------
    files : iterable of path-like, or of lists of path-like
        For each object its file, or its files.
    survey : str or `~galspec.surveys.Survey`
        ``"ls-dr9"`` or ``"ls-dr10"``, or a declaration.
    bands : sequence of str, optional
        Those of the survey when not given.
    ra, dec : array_like, shape (n,), optional
        Where the objects are, in degrees; in the middle of their first file when not
        given.
    size : int
        Pixels on a side.

    Returns
    -------
    `~galspec.stamps.Stamps`
        One a member of ``files``, in their order. A band that no file of an object has
        is NaN, and so are all where a file cannot be read: then ``problems`` says why.

    Raises
    ------
    ValueError
        If there are positions for another number of objects.

    Examples
    --------
    >>> from galspec.io import read_cutouts
    >>> stamps = read_cutouts(["missing.fits"], survey="ls-dr10")
    >>> stamps.images.shape, str(stamps.problems[0])
    ((1, 6, 64, 64), 'FileNotFoundError: No such file or directory: missing.fits')
    """
    survey = get_survey(survey)
    bands = survey.bands if bands is None else tuple(bands)
    files = [[f] if isinstance(f, (str, os.PathLike)) else list(f) for f in files]
    places = _places(ra, dec, len(files))
    stamps = _blank(len(files), bands, size)
    for row, names in enumerate(files):
        try:
            images = _read_bands(names, survey)
            place = _middle(images) if places is None else places[row]
            _fill(stamps, row, images, place, bands, survey)
        except Exception as error:  # one bad file never costs the others
            stamps.problems[row] = _words(error)
    return stamps


def cut_stamps(images, ra, dec, *, survey, bands=None, size=SIZE):
    """Stamps of many objects out of larger images with world coordinates.

    Parameters
    ----------
    images : dict of str to path-like or (`numpy.ndarray`, `~astropy.wcs.WCS`)
        The image of each band, such as ``legacysurvey-<brick>-image-g.fits.fz``:
        nanomaggies in a pixel of its own; zero or NaN where there is no data.
    ra, dec : array_like, shape (n,)
        Where the objects are, in degrees.
    survey, bands, size
        As for `read_cutouts`.

    Returns
    -------
    `~galspec.stamps.Stamps`
        Pixels are not resampled where they are as large as those of the stamps: an
        object is then up to half a pixel away from the middle, see ``centres``. Bands
        of other pixels follow the frame of these. NaN beyond the images.

    Raises
    ------
    OSError
        If an image cannot be read.
    ValueError
        If a band is none of the survey's, or shapes do not fit.
    """
    survey = get_survey(survey)
    bands = survey.bands if bands is None else tuple(bands)
    unknown = sorted(set(images) - set(survey.bands))
    if unknown:
        raise ValueError(
            f"images are of the bands {unknown}; survey {survey.name!r} has "
            f"{', '.join(survey.bands)}"
        )
    places = _places(ra, dec, np.size(ra))
    opened = {band: _opened(image, band, survey) for band, image in images.items()}
    stamps = _blank(len(places), bands, size)
    for row, place in enumerate(places):
        try:
            _fill(stamps, row, opened, place, bands, survey)
        except ValueError as error:  # positions that are none, or off the images
            stamps.problems[row] = _words(error)
    return stamps


def _blank(n, bands, size):
    middle = (size - 1) / 2
    return Stamps(
        np.full((n, len(bands), size, size), np.nan, np.float32),
        np.full((n, 2), middle),
        np.full(n, "", dtype=object),
    )


def _places(ra, dec, n):
    if ra is None and dec is None:
        return None
    places = np.column_stack([np.ravel(ra), np.ravel(dec)]).astype(float)
    if len(places) != n:
        raise ValueError(f"there are {len(places)} positions and {n} objects")
    return places


def _words(error):
    if isinstance(error, FileNotFoundError):
        return f"FileNotFoundError: {error.strerror}: {error.filename}"
    return f"{type(error).__name__}: {error}"


def _opened(image, band, survey):
    """The image of one band, read if it is a file."""
    if isinstance(image, (str, os.PathLike)):
        values, wcs, _ = _read(os.fspath(image))
    else:
        values, wcs = image
    if np.ndim(values) != 2:
        raise ValueError(f"the image of {band!r} has shape {np.shape(values)}")
    return _image(values, wcs, band, survey)


def _read_bands(names, survey):
    """The bands of the cutouts of an object, by name."""
    images = {}
    if not names:
        raise ValueError("there is no file of this object")
    for name in names:
        values, wcs, header = _read(os.fspath(name))
        planes = values[None] if values.ndim == 2 else values
        bands = _header_bands(header, len(planes), survey, name)
        for band, plane in zip(bands, planes, strict=True):
            if band is not None:
                native = survey.image_scales.get(band, survey.pixel_scale)
                images[band] = _image(plane, wcs, band, survey, native)
    if not images:
        raise ValueError(f"no band of {survey.name!r} in {', '.join(map(str, names))}")
    return images


def _read(name):
    """The first image of a file, with its coordinates and its header."""
    from astropy.io import fits
    from astropy.wcs import WCS

    if not os.path.exists(name):
        raise FileNotFoundError(2, "No such file or directory", name)
    with fits.open(checked(name)) as hdus:
        hdu = next((h for h in hdus if h.is_image and h.shape), None)
        if hdu is None:
            raise ValueError(f"there is no image in {name}")
        check_bytes(4 * math.prod(hdu.shape))
        header, values = hdu.header, np.array(hdu.data, np.float32)
    wcs = WCS(header, naxis=2)
    return values, wcs, header


def _header_bands(header, n, survey, name):
    """Bands of the planes of a cutout; None for those that the survey does not have."""
    words = str(header.get("BANDS", header.get("BAND", header.get("FILTER", ""))))
    named = [str(header.get(f"BAND{k}", "")).strip() for k in range(n)]
    if not all(named):
        named = list(words.strip()) if n == len(words.strip()) else [words.strip()]
    if len(named) != n or not all(named):
        raise ValueError(f"{name} has {n} images and tells the bands {words!r}")
    # the viewer calls the bands of WISE by their numbers
    known = {band.lower(): band for band in survey.bands}
    known |= {band[1:]: band for band in survey.bands if band[0] == "W"}
    return [known.get(word.lower()) for word in named]


def _image(values, wcs, band, survey, native=None):
    """An image whose values are fluxes (AB) in a pixel of the stamps.

    They come in as fluxes in a pixel of ``native`` arcseconds, or of their own.
    """
    if not wcs.has_celestial or wcs.wcs.lngtyp != "RA":
        raise ValueError(
            f"the image of {band!r} has no right ascension and declination: its axes "
            f"are {' and '.join(map(str, wcs.wcs.ctype))}"
        )
    factor = 10 ** (-0.4 * survey.image_offsets.get(band, 0))
    scale = _scale(wcs)
    factor *= (survey.pixel_scale / (native or scale)) ** 2
    values = np.asarray(values, np.float32)
    known = np.isfinite(values) & (values != 0)
    return _Image(np.where(known, values * factor, np.nan), wcs, scale)


def _scale(wcs):
    from astropy.wcs.utils import proj_plane_pixel_scales

    return float(np.sqrt(np.prod(proj_plane_pixel_scales(wcs.celestial)))) * 3600


def _middle(images):
    """The place in the middle of the first image."""
    first = next(iter(images.values()))
    x, y = ((n - 1) / 2 for n in first.values.shape[::-1])
    return [float(angle) for angle in first.wcs.pixel_to_world_values(x, y)]


def _fill(stamps, row, images, place, bands, survey):
    """Put the bands of one object in their places."""
    if not np.isfinite(place).all() or abs(place[1]) > 90:
        raise ValueError(f"there is no place {place[0]}, {place[1]} on the sky")
    size = stamps.images.shape[-1]
    frame = _frame(images, place, size, survey.pixel_scale)
    found = False
    for number, band in enumerate(bands):
        if band in images:
            values = _on_frame(images[band], frame, size)
            stamps.images[row, number] = values
            found |= bool(np.isfinite(values).any())
    stamps.centres[row] = frame.wcs_world2pix([place], 0)[0]
    if not found:
        raise ValueError(f"no image has data around {place[0]:.5f}, {place[1]:.5f}")


def _frame(images, place, size, scale):
    """World coordinates of a stamp: those of an image of its scale, else new ones."""
    from astropy.wcs import WCS

    for image in images.values():
        if abs(image.scale / scale - 1) < SAME_SCALE:
            at = image.wcs.wcs_world2pix([place], 0)[0]
            corner = np.round(at - (size - 1) / 2)
            frame = image.wcs.deepcopy()
            frame.wcs.crpix = frame.wcs.crpix - corner
            return frame
    frame = WCS(naxis=2)
    frame.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    frame.wcs.crval = place
    frame.wcs.crpix = [(size + 1) / 2] * 2
    frame.wcs.cdelt = [-scale / 3600, scale / 3600]
    return frame


def _on_frame(image, frame, size):
    """The image where the stamp is: cut, or resampled where pixels are others."""
    shift = image.wcs.wcs.crpix - frame.wcs.crpix
    same = (
        np.allclose(shift, np.round(shift), atol=1e-3)
        and np.allclose(image.wcs.wcs.crval, frame.wcs.crval, rtol=0, atol=1e-9)
        and np.allclose(image.wcs.pixel_scale_matrix, frame.pixel_scale_matrix)
    )
    if same:
        return _cut(image.values, np.round(shift).astype(int), size)
    return _resampled(image, frame, size)


def _cut(values, corner, size):
    from astropy.nddata import Cutout2D, NoOverlapError

    middle = corner + (size - 1) / 2
    try:
        # of even size, Cutout2D takes the lower of the two pixels in the middle
        return Cutout2D(values, tuple(middle), size, mode="partial").data
    except NoOverlapError:
        return np.full((size, size), np.nan, np.float32)


def _resampled(image, frame, size):
    """Cubic interpolation; NaN wherever a pixel without data would be part of it."""
    from scipy.ndimage import map_coordinates

    y, x = np.mgrid[:size, :size]
    # both are equatorial; astropy's pixel_to_pixel would take ten times as long
    at = image.wcs.wcs_world2pix(*frame.wcs_pix2world(x, y, 0), 0)[::-1]
    if not np.isfinite(at).all():
        return np.full((size, size), np.nan, np.float32)
    # splines of a whole coadd for one stamp would take most of the time
    corner = [max(0, int(axis.min()) - MARGIN) for axis in at]
    inside = tuple(
        slice(low, max(low, int(axis.max()) + MARGIN + 1))
        for low, axis in zip(corner, at, strict=True)
    )
    part = image.values[inside]
    if not part.size:
        return np.full((size, size), np.nan, np.float32)
    known, at = np.isfinite(part), [a - low for a, low in zip(at, corner, strict=True)]
    values = map_coordinates(np.where(known, part, 0), at, order=3, mode="nearest")
    missing = map_coordinates((~known).astype(np.float32), at, order=1, cval=1.0)
    return np.where(missing < 0.5, values, np.nan)
