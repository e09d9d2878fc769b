"""Cutouts of the Legacy Surveys' viewer, fetched one by one into a folder."""

import os
import pathlib
import shutil
import time
import typing
import urllib.error
import urllib.parse
import warnings

import numpy as np

from galspec.datasets.service import DatasetError, first_line, patiently
from galspec.io.stamps import MARGIN
from galspec.stamps import SIZE
from galspec.surveys import get_survey
from galspec.weights.fetching import is_offline

__all__ = ["Cutouts", "fetch_cutouts"]

#: Where the viewer cuts: https://www.legacysurvey.org/viewer/urls.
SERVICE = "https://www.legacysurvey.org/viewer/fits-cutout"
#: Layers of the viewer, and what it calls their bands. WISE is coadded to the year of
#: which the catalogue has its fluxes: descriptions of releases 9 and 10.
LAYERS = {
    "ls-dr9": {
        "ls-dr9": {"g": "g", "r": "r", "z": "z"},
        "unwise-neo6": {"W1": "1", "W2": "2"},
    },
    "ls-dr10": {
        "ls-dr10": {"g": "g", "r": "r", "i": "i", "z": "z"},
        "unwise-neo7": {"W1": "1", "W2": "2"},
    },
}
#: Seconds that the server may take.
TIMEOUT = 60
#: Answers of a server that cannot answer now, whatever it is asked.
BUSY = (429, 502, 503, 504)
#: So many cutouts in a row that it did not answer mean that it is not there.
MANY = 5


class Cutouts(typing.NamedTuple):
    """Files of cutouts, and what could not be had."""

    #: Paths of the files of each object, one a layer; without those that are missing.
    files: list
    #: Why a file is missing, (n,); empty where none is.
    problems: np.ndarray


def fetch_cutouts(
    ra,
    dec,
    *,
    survey="ls-dr10",
    bands=None,
    folder=None,
    size=SIZE,
    per_second=2.0,
    offline=False,
    progress_bar=True,
    service=SERVICE,
):
    """Fetch FITS cutouts of objects from the viewer of the Legacy Surveys.

    Two files an object, some 80 kB: its optical bands in pixels of the stamps, and
    those of WISE in pixels of their own, which `galspec.io.read_cutouts` resamples. One
    request after another, those whose file is there already left out: a call that was
    interrupted goes on from where it was. A file appears in one step and only if it is
    an image; one that is damaged is fetched anew. Where the server is busy or does not
    answer, it is asked again after 5 and 30 seconds, or when it says.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        In degrees, or angles with units.
    survey : {'ls-dr10', 'ls-dr9'}
        Whose images.
    bands : sequence of str, optional
        Those of the survey when not given.
    folder : path-like, optional
        Where to; made if it does not exist. The folder ``cutouts`` of galspec's cache
        when not given.
    size : int
        Pixels of the stamps on a side.
    per_second : float
        No more requests than this.
    offline : bool
        Look for files only; as where ``GALSPEC_OFFLINE`` is set.
    progress_bar : bool
        Show one.
    service : str
        Address of the service, such as that of a mirror.

    Returns
    -------
    Cutouts
        A member a position, in their order.

    Raises
    ------
    ValueError
        If the viewer has no such survey or band, or positions do not fit together.
    DatasetError
        If the server is not to be reached.

    Examples
    --------
    >>> from galspec.datasets import fetch_cutouts
    >>> from galspec.io import read_cutouts
    >>> ra, dec = [150.1], [2.2]
    >>> cutouts = fetch_cutouts(ra, dec, folder="cutouts")  # doctest: +SKIP
    >>> stamps = read_cutouts(
    ...     cutouts.files, survey="ls-dr10", ra=ra, dec=dec)  # doctest: +SKIP
    """
    from tqdm import tqdm

    if not per_second > 0:
        raise ValueError(f"per_second is {per_second}; it has to be positive")
    places, layers = _places(ra, dec), _layers(survey, bands, size)
    folder = _folder(folder)
    fetcher = _Fetcher(folder, service, 1 / per_second, is_offline(offline))
    files, problems = [], []
    for place in tqdm(places, "cutouts", disable=not progress_bar, unit="object"):
        answers = [fetcher(*place, *layer) for layer in layers]
        files.append([str(path) for path, problem in answers if not problem])
        wrong = dict.fromkeys(problem for _, problem in answers if problem)
        problems.append("; ".join(wrong))
    return Cutouts(files, np.array(problems, dtype=object))


def _places(ra, dec):
    import astropy.units as u

    ra, dec = (
        np.ravel(np.ma.filled(u.Quantity(value, u.deg).value, np.nan))
        for value in (ra, dec)
    )
    if len(ra) != len(dec):
        raise ValueError(f"there are {len(ra)} values of ra and {len(dec)} of dec")
    # to the digits that are asked for, so that 359.9999999 is 0
    return [(round(float(x), 6) % 360, float(y)) for x, y in zip(ra, dec, strict=True)]


def _layers(survey, bands, size):
    """Layers to ask for: name, the viewer's bands, arcseconds a pixel, pixels."""
    survey = get_survey(survey)
    known = LAYERS.get(survey.name)
    if known is None:
        raise ValueError(
            f"the viewer has no cutouts of survey {survey.name!r}; it has those of "
            f"{', '.join(LAYERS)}"
        )
    bands = survey.bands if bands is None else tuple(bands)
    names = [band for layer in known.values() for band in layer]
    unknown = [band for band in bands if band not in names]
    if unknown:
        raise ValueError(
            f"{survey.name} has no cutouts in {', '.join(unknown)}: it has those in "
            f"{', '.join(names)}"
        )
    chosen = []
    for layer, its in known.items():
        wanted = [band for band in its if band in bands]
        if wanted:
            scale = survey.image_scales.get(wanted[0], survey.pixel_scale)
            words = "".join(its[band] for band in wanted)
            chosen.append((layer, words, scale, _pixels(size, survey, scale)))
    return chosen


def _pixels(size, survey, scale):
    """Pixels on a side, with a margin where they are to be resampled."""
    if scale == survey.pixel_scale:
        return size
    return int(np.ceil(size * survey.pixel_scale / scale)) + 2 * MARGIN


def _folder(folder):
    if folder is None:
        from astropy.config.paths import get_cache_dir_path

        folder = get_cache_dir_path("galspec") / "cutouts"
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Fetcher:
    """Gets one file after another from the service, not too fast."""

    def __init__(self, folder, service, gap, offline):
        self.folder, self.service = folder, service
        self.gap, self.offline = gap, offline
        self.ready, self.unanswered = -np.inf, 0

    def __call__(self, ra, dec, layer, bands, scale, pixels):
        """Where the file of a cutout is, and what is wrong with it, or nothing."""
        if not np.isfinite(ra) or not abs(dec) <= 90:
            return None, f"there is no place {ra}, {dec} on the sky"
        name = f"{layer}-{bands}_{ra:.6f}{dec:+.6f}_{pixels}.fits"
        path = self.folder / name
        if path.exists() and not _damage(path, pixels):
            return path, ""
        if self.offline:
            return path, f"{name} is not in {self.folder} and {self.offline}"
        query = {
            "ra": f"{ra:.6f}",
            "dec": f"{dec:.6f}",
            "layer": layer,
            "pixscale": f"{scale:g}",
            "bands": bands,
            "size": pixels,
        }
        url = f"{self.service}?{urllib.parse.urlencode(query)}"
        return path, self._fetched(url, path, pixels)

    def _fetched(self, url, path, pixels):
        """Fetch one file; what is wrong with it, or nothing."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        refusals = []
        try:
            problem = patiently(
                lambda: self._downloaded(url, draft, pixels, refusals), url
            )
            if not problem:
                os.replace(draft, path)
            self.unanswered = 0
        except DatasetError as error:
            problem = first_line(error)
            self._count(error)
        finally:
            draft.unlink(missing_ok=True)
        return problem

    def _downloaded(self, url, draft, pixels, refusals):
        """Download a file; a reason if the server says that there is none."""
        from astropy.utils.data import download_file

        self._wait()
        try:
            fetched = download_file(
                url, cache=False, show_progress=False, timeout=TIMEOUT
            )
        except urllib.error.HTTPError as error:
            if error.code in BUSY:
                raise
            # The viewer fails with 500 where it has no images, and now and then
            # elsewhere: it is asked twice.
            refusals.append(error.code)
            if error.code < 500 or len(refusals) > 1:
                return f"no cutout: {error}: {url}"
            raise
        shutil.move(fetched, draft)
        damage = _damage(draft, pixels)
        if damage:
            raise ValueError(damage)
        return ""

    def _wait(self):
        now = time.monotonic()
        if now < self.ready:
            time.sleep(self.ready - now)
        self.ready = max(now, self.ready) + self.gap

    def _count(self, error):
        """Give up where the server is not there, not where one cutout is bad."""
        cause = error.__cause__
        if isinstance(cause, urllib.error.HTTPError):
            away = cause.code in BUSY
        else:
            away = isinstance(cause, OSError)
        self.unanswered = self.unanswered + 1 if away else 0
        if self.unanswered == MANY:
            raise DatasetError(
                f"{MANY} cutouts in a row had no answer, the last: {error}"
            ) from error


def _damage(path, pixels):
    """Why a file is no cutout, or nothing: such as a page that says it is busy."""
    from astropy.io import fits

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message="File may have been truncated")
            with fits.open(path, memmap=False) as hdus:
                image = next(h.data for h in hdus if h.is_image and h.data is not None)
    except Exception as error:  # damaged files fail in many ways
        return f"no FITS image came, {first_line(error)}"
    if image.shape[-2:] != (pixels, pixels):
        return f"an image of {image.shape[-2:]} pixels came, not of {pixels}"
    return ""
