"""Image stamps of objects as arrays: their size, and fluxes in apertures on them."""

import typing

import numpy as np

from galspec.surveys import get_survey

__all__ = ["SIZE", "Stamps", "aperture_fluxes", "cropped"]

#: Pixels on a side.
SIZE = 64
#: How much of a circle has to have data.
COVERED = 0.9


class Stamps(typing.NamedTuple):
    """Stamps that were cut out of images, with what is known about them."""

    #: Nanomaggies (AB) a pixel, (n, n_bands, size, size), float32; NaN without data.
    images: np.ndarray
    #: Where the objects are, (n, 2), x and y in pixels from 0, the middle of the first.
    centres: np.ndarray
    #: Why an object has no stamp, (n,); empty where it has one.
    problems: np.ndarray


def cropped(images, size=SIZE):
    """Stamps of another size with the same centre: cut, or surrounded with NaN.

    Parameters
    ----------
    images : array_like, shape (..., n_pix, n_pix)
        Of odd size for odd ``size``, and of even for even; otherwise the centre moves
        by half a pixel towards the origin.
    size : int
        Pixels on a side.

    Returns
    -------
    `numpy.ndarray`, shape (..., size, size), float32

    Raises
    ------
    ValueError
        If the images are not square.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.stamps import cropped
    >>> cropped(np.eye(4), 2)
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    images = np.asarray(images)
    if images.ndim < 2 or images.shape[-1] != images.shape[-2]:
        raise ValueError(f"stamps have shape {images.shape}: they have to be square")
    have = images.shape[-1]
    out = np.full((*images.shape[:-2], size, size), np.nan, np.float32)
    # the centre is (n - 1) / 2 on both sides
    start, place = max(0, (have - size + 1) // 2), max(0, (size - have) // 2)
    width = min(have, size)
    inside = slice(place, place + width)
    source = slice(start, start + width)
    out[..., inside, inside] = images[..., source, source]
    return out


def aperture_fluxes(images, *, survey, bands, centres=None):
    """Fluxes in the apertures of a survey, measured on stamps.

    As the Legacy Surveys do it on their coadded images: the exact area of a circle, and
    the few pixels without data contribute nothing.

    Parameters
    ----------
    images : array_like, shape (n, n_bands, n_pix, n_pix)
        Nanomaggies a pixel; NaN without data. A pixel is as large as the survey says.
    survey : str or `~galspec.surveys.Survey`
    bands : sequence of str
        Those of the stamps.
    centres : array_like, shape (n, 2), optional
        x and y of the objects in pixels from 0; the middle of the stamps when not
        given.

    Returns
    -------
    dict of str to `numpy.ndarray`, shape (n, n_radii), float32
        Of the bands that have apertures, nanomaggies. NaN where a circle reaches beyond
        the stamp, or more than a tenth of it has no data.

    Raises
    ------
    ImportError
        If photutils is not installed.
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.stamps import aperture_fluxes
    >>> flat = np.ones((1, 1, 64, 64))
    >>> fluxes = aperture_fluxes(flat, survey="ls-dr10", bands=["g"])["g"]
    >>> (fluxes[0, :3] * 0.262**2 / np.pi).round(4)  # the squares of the radii
    array([0.25  , 0.5625, 1.    ], dtype=float32)
    """
    survey, images = get_survey(survey), np.asarray(images, np.float32)
    if images.ndim != 4 or images.shape[1] != len(bands):
        raise ValueError(
            f"stamps have shape {images.shape}: with bands {', '.join(bands)} it has "
            f"to be (n, {len(bands)}, n_pix, n_pix)"
        )
    if centres is not None:
        centres = np.asarray(centres, float)
        if centres.shape != (len(images), 2):
            raise ValueError(
                f"centres have shape {centres.shape}; {len(images)} stamps have x and y"
            )
    return {
        band: _in_circles(images[:, number], radii, survey.pixel_scale, centres)
        for number, band in enumerate(bands)
        if (radii := survey.apertures.get(band))
    }


def _in_circles(images, radii, scale, centres):
    """Sums over circles, (n, n_radii)."""
    pixels = np.array(radii) / scale
    if centres is None:
        middle = (np.array(images.shape[:0:-1]) - 1) / 2
        return _sums(images, _circles(middle, pixels, images.shape[1:]))
    rows = [
        _sums(image[None], _circles(centre, pixels, image.shape))
        for image, centre in zip(images, centres, strict=True)
    ]
    return np.concatenate(rows or [np.empty((0, len(radii)), np.float32)])


def _circles(centre, radii, shape):
    """The fraction of each pixel inside circles; NaN for one that is not all inside."""
    try:
        from photutils.aperture import CircularAperture
    except ImportError as error:
        raise ImportError(
            f"aperture photometry needs {error.name}: "
            "pip install 'astro-galspec[cutouts]'"
        ) from error

    circles = np.full((len(radii), *shape), np.nan)
    room = min(*(centre + 0.5), *(np.array(shape[::-1]) - 0.5 - centre))
    for number, radius in enumerate(radii):
        if radius <= room:
            mask = CircularAperture(tuple(centre), radius).to_mask(method="exact")
            circles[number] = mask.to_image(shape)
    return circles


def _sums(images, circles):
    known = np.isfinite(images)
    flat = np.where(known, images, 0).reshape(len(images), -1)
    weights = circles.reshape(len(circles), -1).T
    area = known.reshape(len(images), -1).astype(np.float32) @ weights
    with np.errstate(invalid="ignore"):
        covered = area >= COVERED * weights.sum(axis=0)
        return np.where(covered, flat @ weights, np.nan).astype(np.float32)
