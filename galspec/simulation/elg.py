"""Photometry and images of emission-line galaxies of known redshift."""

import numpy as np

from galspec.photometry import PhotometryBatch
from galspec.simulation.band_fluxes import BandFluxes
from galspec.simulation.bulges import bulge_light, colours_apart, components
from galspec.simulation.elg_catalogue import observe_catalogue
from galspec.simulation.elg_prior import ELGPrior, distance_modulus
from galspec.simulation.galaxy_shapes import draw_profiles, draw_sizes
from galspec.simulation.imaging_surveys import LS_DR10, STAMP_PIXEL
from galspec.simulation.stamps import (
    Frame,
    blended,
    enlarged,
    observe_image,
    profiles,
    render,
)
from galspec.simulation.template_choice import TemplateChoice
from galspec.stamps import SIZE

__all__ = ["ELGSimulator"]

#: Galaxies drawn at a time, and of which images are made at a time: a few megabytes.
_CHUNK, _IMAGES = 1024, 32
#: Half of the width in arcsec of images on pixels of another width.
_REACH = 22.0


class ELGSimulator:
    """Draw emission-line galaxies as an imaging survey sees them.

    Every galaxy is a mixture of two templates: a bulge, most often the redder one, and
    a disc. In clumpy ones, frequent at high redshift, both are mixed all over.

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
            ``sersic``, ``half_light`` (arcsec), ``axis_ratio``, ``angle`` (radians) of
            the whole galaxy; ``bulge_share`` (in r), ``bulge_half_light``,
            ``disc_half_light`` (arcsec), ``bulge_ur``, ``disc_ur`` (u - r at rest);
            ``clumpy``, true where bulge and disc have one colour, that of the mixture;
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
            truth, state = self._galaxies(rows.stop - start, choice, sky)
            truth["object_id"] = np.arange(rows.start, rows.stop)
            flux = truth["flux"]
            if stamps:
                measured.append(self._photographed(flux, state, images[rows], noise))
            else:
                measured.append(self._catalogued(flux, state, noise))
            truths.append(truth)
        return self._collected(truths, measured, images)

    def _galaxies(self, n, choice, rng):
        """Return the truth of galaxies, with what only their observation needs."""
        truth = self.prior.draw(n, rng)
        shapes = draw_profiles(truth, self.mixtures, rng)
        share = bulge_light(shapes["index"], rng)
        both = self._templates(truth, share, choice, rng)
        bulge, disc = (
            part[:, None] * self._fluxes.at(number, truth["z"])
            for part, number in zip((share, 1 - share), both, strict=True)
        )
        unit = bulge + disc
        # Magnitudes are those of the prior in r of SDSS, the last of the bands.
        scale = 10 ** (0.4 * (22.5 - truth["mag_r"])) / unit[:, -1]
        absolute = 22.5 - 2.5 * np.log10(scale) - distance_modulus(truth["z"])
        shapes["half_light"] = draw_sizes(
            truth, shapes, absolute, self.prior.brightening, rng
        )
        light = bulge / unit
        # In clumpy galaxies both populations are everywhere.
        light = np.where(truth["clumpy"][:, None], light[:, -1:], light)
        parts = components(shapes, light[:, -1], rng)
        # Maps of dust are known to a tenth.
        ebv = truth["ebv"] * np.exp(0.1 * rng.standard_normal(n))
        dimmed = ebv[:, None] * self.survey.extinction
        dimmed += rng.normal(self.survey.offsets, self.survey.calibration, dimmed.shape)
        flux = unit[:, :-1] * scale[:, None] * 10 ** (-0.4 * dimmed)
        seeing, noise = self.survey.conditions(n, rng)
        early = share > 0.5
        first, second = np.where(early, both, both[::-1])
        known = {
            "type": self.templates.kinds[first],
            "template": self.templates.names[first],
            "second": self.templates.names[second],
            "share": np.where(early, share, 1 - share),
            "absolute_r": absolute,
            "ew_ha": self.templates.ew_ha[first],
            "ebv_true": ebv,
            "bulge_share": light[:, -1],
            "bulge_half_light": parts[0]["half_light"],
            "bulge_ur": self._fluxes.ultraviolet[both[0]],
            "disc_half_light": parts[1]["half_light"],
            "disc_ur": self._fluxes.ultraviolet[both[1]],
            "flux": flux,
        }
        state = {"light": light, "seeing": seeing, "noise": noise, "parts": parts}
        return truth | shapes | known, state

    def _templates(self, truth, share, choice, rng):
        """Return the numbers of the templates of bulges and discs, (2, n)."""
        colours = colours_apart(truth["ur"], truth["difference"], share)
        return np.stack(
            [choice.choose(truth["kind"], ur, truth["z"], rng) for ur in colours]
        )

    def _catalogued(self, flux, state, rng):
        """Return total and aperture fluxes by band, without images."""
        return {
            name: observe_catalogue(
                state["parts"],
                state["light"][:, k],
                flux[:, k],
                state["noise"][:, k],
                state["seeing"][:, k],
                band,
                self.survey.radii(name),
                rng,
            )
            for k, (name, band) in enumerate(self.survey.bands.items())
        }

    def _photographed(self, flux, state, images, rng):
        """Fill in images; return total and aperture fluxes by band, from them."""
        measured = {name: [] for name in self.survey.bands}
        for start in range(0, len(images), _IMAGES):
            rows = slice(start, start + _IMAGES)
            parts = [
                {key: values[rows] for key, values in part.items()}
                for part in state["parts"]
            ]
            transforms = {
                pixel: [profiles(frame, part) for part in parts]
                for pixel, frame in self._frames.items()
            }
            for k, (name, band) in enumerate(self.survey.bands.items()):
                frame, seeing = self._frames[band.pixel], state["seeing"][rows, k]
                blend = blended(*transforms[band.pixel], state["light"][rows, k])
                image, *values = observe_image(
                    render(frame, blend, seeing),
                    flux[rows, k],
                    state["noise"][rows, k],
                    seeing,
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
        for name in ("index", "kind", "difference"):
            del truth[name]
        truth |= {f"flux_{name}": flux[:, k] for k, name in enumerate(names)}
        return batch, Table(truth)
