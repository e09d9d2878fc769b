"""Photometry and images of emission-line galaxies of known redshift."""

import numpy as np

from galspec.photometry import PhotometryBatch
from galspec.simulation.band_fluxes import BandFluxes
from galspec.simulation.elg_catalogue import observe_catalogue
from galspec.simulation.elg_prior import ELGPrior, distance_modulus
from galspec.simulation.galaxy_shapes import draw_shapes
from galspec.simulation.imaging_surveys import LS_DR10, STAMP_PIXEL
from galspec.simulation.stamps import Frame, enlarged, observe_image, profiles, render
from galspec.simulation.template_choice import TemplateChoice
from galspec.stamps import SIZE

__all__ = ["ELGSimulator"]

#: Galaxies drawn at a time, and of which images are made at a time: a few megabytes.
_CHUNK, _IMAGES = 1024, 32
#: Half of the width in arcsec of images on pixels of another width.
_REACH = 22.0


class ELGSimulator:
    """Draw emission-line galaxies as an imaging survey sees them.

    Every galaxy is a mixture of two templates of one colour, so that no two are alike.

    Parameters
    ----------
    templates : GalaxyTemplates
        Spectra of galaxies.
    survey : ImagingSurvey, optional
        Bands, depth and seeing; `galspec.simulation.LS_DR10` unless given.
    prior : ELGPrior, optional
        What is drawn how often.
    mixtures : MorphologyMixtures, optional
        Shapes of faint galaxies; all follow relations of size and luminosity unless
        given.
    """

    def __init__(self, templates, *, survey=LS_DR10, prior=None, mixtures=None):
        self.templates = templates
        self.survey = survey
        self.prior = ELGPrior() if prior is None else prior
        self.mixtures = mixtures
        filters = {name: band.filter for name, band in survey.bands.items()}
        z_max = max(part.redshift[1] for part in self.prior.selections)
        self._fluxes = BandFluxes.of(
            templates, filters | {"sdss-r": "sdss2010-r"}, z_max
        )
        self._frames = {STAMP_PIXEL: Frame(SIZE, STAMP_PIXEL, 96)}
        for band in survey.bands.values():
            if band.pixel != STAMP_PIXEL:
                half = int(np.ceil(_REACH / band.pixel))
                self._frames[band.pixel] = Frame(2 * half, band.pixel, 3 * half)

    def draw(self, n, seed, *, split=None, stamps=True):
        """Draw observed galaxies.

        Parameters
        ----------
        n : int
            Number of galaxies.
        seed : int
            The same seed gives the same galaxies, with stamps or without; their noise
            differs between the two.
        split : str, optional
            "train", "validation", "calibration" or "test": only templates of that part
            of `galspec.training.splits.split_by_object`, so that no galaxy or model
            behind a template is in two parts; all unless given.
        stamps : bool, optional
            Make images and measure on them; else draw what a catalogue holds, which is
            some twenty times as fast.

        Returns
        -------
        batch : PhotometryBatch
            As observed; stamps of 64 x 64 pixels of 0.262 arcsec, those of WISE
            interpolated from its own pixels.
        truth : astropy.table.Table
            ``object_id``, ``z``, ``type``, ``selection``, ``template`` and ``second``
            with the ``share`` of the former, ``mag_r`` (total, no Milky Way dust),
            ``absolute_r``, ``ur`` (wanted at rest), ``ew_ha`` (angstrom), ``ebv_true``,
            ``sersic``, ``half_light`` (arcsec), ``axis_ratio``, ``angle`` (radians),
            and ``flux_X`` (nanomaggies) without noise for each band X.

        Raises
        ------
        ValueError
            If ``split`` is not the name of a part, or ``n`` is below 1.
        """
        if n < 1:
            raise ValueError(f"n is {n}: 1 or more galaxies can be drawn")
        choice = TemplateChoice(self.templates, self._fluxes.ultraviolet, split)
        starts = range(0, n, _CHUNK)
        seeds = np.random.SeedSequence(seed).spawn(len(starts))
        shape = (n, len(self.survey.bands), SIZE, SIZE)
        images = np.empty(shape, np.float32) if stamps else None
        truths, measured = [], []
        for start, child in zip(starts, seeds, strict=True):
            rows = slice(start, min(start + _CHUNK, n))
            sky, noise = (np.random.default_rng(part) for part in child.spawn(2))
            truth = self._galaxies(rows.stop - start, choice, sky)
            truth["object_id"] = np.arange(rows.start, rows.stop)
            if stamps:
                measured.append(self._photographed(truth, images[rows], noise))
            else:
                measured.append(self._catalogued(truth, noise))
            truths.append(truth)
        return self._collected(truths, measured, images)

    def _galaxies(self, n, choice, rng):
        """Return the truth of galaxies, the seeing and the noise where they are."""
        truth = self.prior.draw(n, rng)
        wanted = truth["kind"], truth["ur"], truth["z"]
        first, second = choice.choose(*wanted, rng), choice.choose(*wanted, rng)
        share = rng.uniform(0.5, 1.0, n)
        unit = share[:, None] * self._fluxes.at(first, truth["z"])
        unit += (1 - share)[:, None] * self._fluxes.at(second, truth["z"])
        # Magnitudes are those of the prior in r of SDSS, the last of the bands.
        light = 10 ** (0.4 * (22.5 - truth["mag_r"])) / unit[:, -1]
        flux = unit[:, :-1] * light[:, None]
        absolute = 22.5 - 2.5 * np.log10(light) - distance_modulus(truth["z"])
        # Maps of dust are known to a tenth.
        ebv = truth["ebv"] * np.exp(0.1 * rng.standard_normal(n))
        dimmed = ebv[:, None] * self.survey.extinction
        dimmed += rng.normal(self.survey.offsets, self.survey.calibration, flux.shape)
        flux = flux * 10 ** (-0.4 * dimmed)
        seeing, noise = self.survey.conditions(n, rng)
        shapes = draw_shapes(
            truth, absolute, self.prior.brightening, self.mixtures, rng
        )
        return (
            truth
            | shapes
            | {
                "type": self.templates.kinds[first],
                "template": self.templates.names[first],
                "second": self.templates.names[second],
                "share": share,
                "absolute_r": absolute,
                "ew_ha": self.templates.ew_ha[first],
                "ebv_true": ebv,
                "flux": flux,
                "seeing": seeing,
                "noise": noise,
            }
        )

    def _catalogued(self, truth, rng):
        """Return total and aperture fluxes by band, without images."""
        return {
            name: observe_catalogue(
                truth,
                truth["flux"][:, k],
                truth["noise"][:, k],
                truth["seeing"][:, k],
                band,
                self.survey.radii(name),
                rng,
            )
            for k, (name, band) in enumerate(self.survey.bands.items())
        }

    def _photographed(self, truth, images, rng):
        """Fill in images; return total and aperture fluxes by band, from them."""
        keys = ("index", "half_light", "axis_ratio", "angle", "flux", "seeing", "noise")
        measured = {name: [] for name in self.survey.bands}
        for start in range(0, len(images), _IMAGES):
            rows = slice(start, start + _IMAGES)
            part = {key: truth[key][rows] for key in keys}
            transforms = {
                pixel: profiles(frame, part) for pixel, frame in self._frames.items()
            }
            for k, (name, band) in enumerate(self.survey.bands.items()):
                frame = self._frames[band.pixel]
                light = render(frame, transforms[band.pixel], part["seeing"][:, k])
                image, *values = observe_image(
                    light,
                    part["flux"][:, k],
                    part["noise"][:, k],
                    part["seeing"][:, k],
                    band,
                    self.survey.radii(name),
                    frame,
                    rng,
                )
                if band.pixel != STAMP_PIXEL:
                    image = enlarged(image, frame, SIZE, STAMP_PIXEL)
                images[rows, k] = image
                measured[name].append(values)
        return {
            name: [np.concatenate(column) for column in zip(*values, strict=True)]
            for name, values in measured.items()
        }

    def _collected(self, truths, measured, images):
        """Return the batch and the truth of all chunks."""
        from astropy.table import Table

        names = tuple(self.survey.bands)

        circles = [name for name in names if self.survey.radii(name)]

        def column(name, part):
            return np.concatenate([values[name][part] for values in measured])

        truth = {key: np.concatenate([t[key] for t in truths]) for key in truths[0]}
        batch = PhotometryBatch.from_arrays(
            np.stack([column(name, 0) for name in names], axis=1),
            np.stack([column(name, 1) for name in names], axis=1),
            survey=self.survey.catalogue,
            bands=names,
            aperture_flux={name: column(name, 2) for name in circles},
            aperture_ivar={name: column(name, 3) for name in circles},
            ebv=truth.pop("ebv"),
            ids={"object_id": truth["object_id"]},
        ).replace(stamps=images)
        flux = truth.pop("flux")
        for name in ("index", "kind", "seeing", "noise"):
            del truth[name]
        truth |= {f"flux_{name}": flux[:, k] for k, name in enumerate(names)}
        return batch, Table(truth)
