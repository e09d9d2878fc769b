"""Spectra with errors: what an estimator of energy distributions has learned."""

import dataclasses
import warnings

import numpy as np

from galspec.flags import Flags
from galspec.learned_values import UNINFORMATIVE, LearnedValues
from galspec.sed import normalised, reference_place
from galspec.training.calibration import ONE_SIGMA, Calibration
from galspec.training.domain import in_units_of_noise, units_by_noise
from galspec.training.label_range import (
    extend_label_range,
    fit_label_range,
    label_range_distance,
)
from galspec.training.losses import SHARP_LIMITS

__all__ = ["LearnedSpectra"]

#: Known labels that a wavelength needs, to be learned and to be calibrated.
LEAST = 10
#: Decimals of the widths that calibrate errors: they are many.
DIGITS = 4


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedSpectra(LearnedValues):
    """See `~galspec.learned_values.LearnedValues`.

    Networks give the natural logarithm of a spectrum and an error of that at each
    wavelength. In linear flux this is a log-normal distribution. The value is its
    median, exp(mean), divided by that at 5500 angstrom; the error is half the width of
    its central 68 %, value times sinh(width of the logarithm), which is what the errors
    of all estimators are. Its mean would be larger by exp(sigma^2 / 2): half a per cent
    where the error is a tenth.

    A wavelength of which too few labels are known is not learned, and NaN.

    Far from the training set is what looks unlike it, and also what is predicted to lie
    beyond its range: see `galspec.training.label_range`.
    """

    log_sigma_limits = SHARP_LIMITS

    @classmethod
    def label_scale(cls, labels, loss):
        """Mean and standard deviation at each wavelength, and that they are kept."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where none is known
            mean, std = np.nanmean(labels, axis=0), np.nanstd(labels, axis=0)
        known = np.isfinite(labels).sum(axis=0)
        learned = (known >= min(LEAST, known.max())) & (std > 0)
        if not learned.any():
            raise ValueError(
                "the labels are the same for all spectra, or not known at any "
                "wavelength: nothing can be learned"
            )
        mean, std = (np.where(learned, values, np.nan) for values in (mean, std))
        return mean, std, {"label_mean": mean, "label_std": std}

    def calibrated(self, inputs, labels, snr):
        """Itself, with errors and a domain that hold at the noise of spectra."""
        learned = super().calibrated(inputs, labels, snr)
        if not self.domain:
            return learned
        mean, _, distance = self.posterior(inputs)
        domain = learned.domain | units_by_noise(distance, snr)
        if "label_axis" not in domain:
            domain |= fit_label_range(self._standardised(mean))
        return dataclasses.replace(learned, domain=domain)

    def _standardised(self, mean):
        return (mean - self.label_mean) / self.label_std

    def calibrated_by(self, estimates, labels, snr):
        """Itself, with errors that hold for these means and sigmas, and at home there.

        A wavelength with too few labels keeps an earlier calibration; where there is
        none, it takes that of the nearest wavelength with enough of them.
        """
        mean, sigma = estimates
        error = mean - labels
        if self.calibration is None:
            calibration = _calibration(error, sigma, snr)
        else:
            calibration = self.calibration.renewed(error, sigma, snr)
        widths = np.round(calibration.widths, DIGITS).tolist()
        calibration = dataclasses.replace(calibration, widths=widths)
        domain = self.domain
        if "label_axis" in domain:
            domain = domain | extend_label_range(domain, self._standardised(mean))
        return dataclasses.replace(self, calibration=calibration, domain=domain)

    def _value(self, mean, part, pixels):
        """As of `LearnedValues`; in linear flux, 1 at the reference wavelength."""
        scale = self.label_std, self.label_mean
        std, zero = (mean.new_tensor(np.nan_to_num(each)) for each in scale)
        logs = mean * std + zero
        below, share = reference_place()
        beside = logs[:, below : below + 2]
        reference = (1 - share) * beside[:, :1] + share * beside[:, 1:]
        value = (logs - reference).exp()
        return (value if pixels is None else value[:, list(pixels)]).mean(dim=1)

    def columns(self, inputs, snr, estimator, interval):
        """The spectrum and its error in linear flux, with an interval its limits."""
        mean, sigma, distance = self.posterior(inputs)
        width = self.calibration.half_width(sigma, snr, ONE_SIGMA)
        (target,) = estimator.targets
        value = normalised(np.exp(mean))
        columns = {target.name: value, target.name + "_err": value * np.sinh(width)}
        if interval is not None:
            half = self.calibration.half_width(sigma, snr, interval)
            columns[target.name + "_lo"] = value * np.exp(-half)
            columns[target.name + "_hi"] = value * np.exp(half)
        outside = ((value < target.valid[0]) | (value > target.valid[1])).any(axis=1)
        vague = (width > UNINFORMATIVE * self.label_std).mean(axis=1) > 0.5
        flags = np.where(outside, int(Flags.OUT_OF_RANGE), 0)
        flags |= np.where(vague, int(Flags.UNINFORMATIVE), 0)
        distance = np.maximum(
            in_units_of_noise(distance, snr, self.domain),
            label_range_distance(self._standardised(mean), self.domain),
        )
        return columns, distance, flags

    @classmethod
    def config_fields(cls, config):
        """What `more_config` wrote, as fields; JSON has no NaN."""
        return super().config_fields(config) | {
            name: np.array(config[name], dtype=float)
            for name in ("label_mean", "label_std")
        }


def _calibration(error, sigma, snr):
    """Of each wavelength, or of the nearest that has enough known errors."""
    known = np.isfinite(error).sum(axis=0)
    enough = np.flatnonzero(known >= max(1, min(LEAST, known.max())))
    if not len(enough):
        raise ValueError(
            "no label is known in the calibration part: more labelled spectra are "
            "needed"
        )
    place = np.arange(len(known))
    nearest = np.abs(place[:, None] - enough).argmin(axis=1)
    each = Calibration.fit(error[:, enough], sigma[:, enough], snr, least=LEAST)
    widths = np.asarray(each.widths)[nearest]
    return dataclasses.replace(each, widths=widths.tolist())
