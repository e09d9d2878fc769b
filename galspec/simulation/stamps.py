"""Images of galaxies in one band, by the batch, and what is measured on them."""

import functools

import numpy as np

from galspec.simulation.sersic import moffat, sersic, sharpness

__all__ = [
    "Frame",
    "aperture_weights",
    "blended",
    "enlarged",
    "observe_image",
    "profiles",
    "render",
]

#: Fine pixels across one pixel where its share of an aperture is counted.
_SUBPIXELS = 40


class Frame:
    """A square grid of pixels around a galaxy, and the larger one that it is cut from.

    Parameters
    ----------
    n_pixels : int
        Pixels on a side.
    pixel : float
        Their width in arcsec.
    padded : int
        Pixels on a side of the grid on which light is convolved; more than are cut, for
        it wraps around.
    """

    def __init__(self, n_pixels, pixel, padded):
        self.n_pixels, self.pixel, self.padded = n_pixels, pixel, padded
        self.kx = 2 * np.pi * np.fft.rfftfreq(padded, pixel)
        self.ky = 2 * np.pi * np.fft.fftfreq(padded, pixel)[:, None]
        middle = 0.5 * (padded - 1) * pixel
        # Light falls on pixels, not on points; the galaxy is in the middle.
        square = np.sinc(self.kx * pixel / (2 * np.pi))
        square = square * np.sinc(self.ky * pixel / (2 * np.pi))
        shift = np.exp(-1j * middle * (self.kx + self.ky))
        self.window = (square * shift).astype(np.complex64)
        self.k = np.hypot(self.kx, self.ky)

    def cut(self, images):
        """Return the middle of padded images, (n, n_pixels, n_pixels)."""
        first = (self.padded - self.n_pixels) // 2
        inside = slice(first, first + self.n_pixels)
        return images[:, inside, inside]


@functools.cache
def _seeing_table():
    """Return the transform of the seeing by the logarithm of k times its width."""
    log_k = np.linspace(-2.0, 2.0, 800)
    return log_k, moffat(10**log_k)


def profiles(frame, shapes):
    """Return the transforms of galaxies above the atmosphere.

    Parameters
    ----------
    frame : Frame
        Where they are seen.
    shapes : dict of str to ndarray, shape (n,)
        As of `galspec.simulation.bulges.components`.

    Returns
    -------
    ndarray, shape (n, padded, padded // 2 + 1), float32
        Of unit flux, centred on a corner.
    """
    part = {
        key: np.asarray(shapes[key], np.float32)[:, None, None]
        for key in ("half_light", "axis_ratio", "angle")
    }
    kx, ky = frame.kx.astype(np.float32), frame.ky.astype(np.float32)
    cosine, sine = np.cos(part["angle"]), np.sin(part["angle"])
    along, across = kx * cosine + ky * sine, ky * cosine - kx * sine
    k = np.sqrt(along**2 + (part["axis_ratio"] * across) ** 2) * part["half_light"]
    return sersic(shapes["index"], k)


def blended(bulges, discs, light):
    """Return the transforms of galaxies with a bulge and a disc.

    Parameters
    ----------
    bulges, discs : ndarray, shape (n, padded, padded // 2 + 1), float32
        What `profiles` gives for each.
    light : ndarray, shape (n,)
        Share of the bulge in the band.

    Returns
    -------
    ndarray, shape (n, padded, padded // 2 + 1), float32
        Of unit flux.
    """
    return discs + light.astype(np.float32)[:, None, None] * (bulges - discs)


def render(frame, transforms, seeing):
    """Return images of galaxies of unit flux.

    Parameters
    ----------
    frame : Frame
        Pixels.
    transforms : ndarray, shape (n, padded, padded // 2 + 1)
        What `profiles` gives.
    seeing : ndarray, shape (n,)
        Full width at half maximum in arcsec.

    Returns
    -------
    ndarray, shape (n, n_pixels, n_pixels), float32
        Share of the light in each pixel.
    """
    from scipy.fft import irfft2

    log_k, table = _seeing_table()
    step = log_k[1] - log_k[0]
    log_of_k = np.log10(np.maximum(frame.k, 1e-9))
    position = (log_of_k + np.log10(seeing)[:, None, None] - log_k[0]) / step
    position = np.clip(position, 0.0, len(log_k) - 1.0).astype(np.int32)
    blurred = transforms * table.astype(np.float32)[position] * frame.window
    size = (frame.padded, frame.padded)
    return frame.cut(irfft2(blurred, s=size, overwrite_x=True))


@functools.lru_cache(maxsize=32)
def aperture_weights(n_pixels, pixel, radii):
    """Return the share of each pixel in circles around the middle of a frame.

    Parameters
    ----------
    n_pixels : int
        Pixels on a side.
    pixel : float
        Their width in arcsec.
    radii : tuple of float
        Radii in arcsec.

    Returns
    -------
    ndarray, shape (n_pixels ** 2, n_radii), float32
        ``image.ravel() @ weights`` are the sums within the circles.
    """
    fine = (np.arange(n_pixels * _SUBPIXELS) + 0.5) / _SUBPIXELS - n_pixels / 2
    distance = pixel * np.hypot(fine, fine[:, None])
    shape = (n_pixels, _SUBPIXELS, n_pixels, _SUBPIXELS)
    weights = np.empty((n_pixels**2, len(radii)), dtype=np.float32)
    for column, radius in enumerate(radii):
        shares = (distance < radius).reshape(shape).mean(axis=(1, 3))
        weights[:, column] = shares.ravel()
    return weights


def observe_image(light, flux, noise, seeing, band, radii, frame, rng):
    """Add noise to images and measure what a catalogue would.

    Parameters
    ----------
    light : ndarray, shape (n, n_pixels, n_pixels)
        Galaxies of unit flux, as `render` gives.
    flux, noise, seeing : ndarray, shape (n,)
        Total flux and noise of a point source in nanomaggies; seeing in arcsec.
    band : galspec.simulation.imaging_surveys.Band
        Pixels and noise of photons.
    radii : tuple of float
        Of the apertures, arcsec.
    frame : Frame
        Pixels.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    images : ndarray, shape (n, n_pixels, n_pixels), float32
        Nanomaggies a pixel.
    total, total_ivar : ndarray, shape (n,)
        Flux by the true profile, as a fit of a model gives it, and inverse variance.
    aperture, aperture_ivar : ndarray, shape (n, n_radii)
        Sums within the apertures and their inverse variances, cut pixels counted as in
        the catalogues, by photutils.
    """
    n = len(light)
    profile = light.reshape(n, -1)
    # Noise of a pixel from that of a point source, whose light is spread over many.
    wide = np.hypot(seeing, 0.7 * band.pixel)
    sky = noise * np.sqrt(sharpness(wide)) * frame.pixel
    model = flux[:, None].astype(np.float32) * profile
    variance = (sky**2)[:, None].astype(np.float32)
    variance = variance + np.float32(band.poisson) * np.maximum(model, 0)
    drawn = rng.standard_normal(profile.shape, dtype=np.float32)
    image = model + np.sqrt(variance) * drawn
    square = np.einsum("np,np->n", profile, profile)
    total = np.einsum("np,np->n", image, profile) / square
    spread = np.einsum("np,np,np->n", profile, profile, variance) / square**2
    circles = aperture_weights(frame.n_pixels, frame.pixel, radii)
    return (
        image.reshape(light.shape),
        total,
        1.0 / spread,
        image @ circles,
        1.0 / (variance @ circles),
    )


@functools.cache
def _cubic(coarse, fine, ratio):
    """Return weights of cubic interpolation from coarse to fine pixels, (fine, coarse).

    Keys 1981, IEEE Trans. Acoust. Speech Signal Process. 29, 1153, with a = -0.5.
    """
    position = (np.arange(fine) - 0.5 * (fine - 1)) * ratio + 0.5 * (coarse - 1)
    x = np.abs(position[:, None] - np.arange(coarse))
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0)).astype(np.float32)


def enlarged(images, frame, n_pixels, pixel):
    """Return images on the finer pixels of a stamp.

    Parameters
    ----------
    images : ndarray, shape (n, frame.n_pixels, frame.n_pixels)
        Nanomaggies a pixel.
    frame : Frame
        Their pixels.
    n_pixels : int
        Pixels of the stamp on a side.
    pixel : float
        Their width in arcsec.

    Returns
    -------
    ndarray, shape (n, n_pixels, n_pixels), float32
        Nanomaggies a pixel of the stamp; both have one centre.
    """
    ratio = pixel / frame.pixel
    weights = _cubic(frame.n_pixels, n_pixels, ratio) * np.float32(ratio)
    return weights @ images @ weights.T
