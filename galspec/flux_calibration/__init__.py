"""Response curves of spectrographs from many stars of known energy distribution."""

from galspec.flux_calibration.measuring import response
from galspec.flux_calibration.result import Response

__all__ = ["Response", "response"]
