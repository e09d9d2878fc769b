"""Strong-line abundances as estimators: one class for each calibration."""

import astropy.units as u

from galspec.baselines.calibrations import CALIBRATIONS
from galspec.baselines.line_estimator import LineEstimator
from galspec.metallicity_scales import SCALES, convert_oh
from galspec.targets import Target

__all__ = [
    "C20N2",
    "C20O3N2",
    "C20O32",
    "C20R3",
    "C20R23",
    "D16N2S2",
    "KD02N2O2",
    "KK04R23",
    "M13N2",
    "M13O3N2",
    "PG16R",
    "PG16S",
    "PP04N2",
    "PP04O3N2",
    "T04R23",
    "PP04N2Cubic",
    "StrongLineEstimator",
]


class StrongLineEstimator(LineEstimator):
    """Base of the estimators by strong lines; a subclass names its calibration.

    Parameters
    ----------
    snr, dust_correction, draws, seed
        See `~galspec.baselines.line_estimator.LineEstimator`.

    Examples
    --------
    >>> from galspec.baselines.strong_lines import PP04O3N2
    >>> lines = {"OIII_5007": [10.0], "Hbeta": [10.0], "NII_6584": [3.0],
    ...     "Halpha": [30.0], "OIII_5007_err": [1.0], "Hbeta_err": [1.0],
    ...     "NII_6584_err": [0.3], "Halpha_err": [0.3]}
    >>> table = PP04O3N2().predict_lines(lines)
    >>> table["oh"].round(2), table["oh_err"].round(2)
    (<Quantity [8.41] dex>, <Quantity [0.02] dex>)
    """

    #: A `galspec.baselines.calibrations.Calibration`.
    calibration = None

    def __init_subclass__(cls, *, name, scale, **kwargs):
        """Declare what follows from the calibration.

        Parameters
        ----------
        name : str
            For the registry.
        scale : str
            Name of the calibration.
        """
        super().__init_subclass__(**kwargs)
        calibration = CALIBRATIONS[scale]
        cls.name, cls.scale, cls.calibration = name, scale, calibration
        cls.targets = (Target("oh", u.dex, "12 + log10(O/H)", calibration.valid),)
        cls.references = (calibration.reference,)
        cls.lines = calibration.lines
        cls.dust_correction = calibration.reddened
        cls.convert = staticmethod(convert_oh) if scale in SCALES else None

    def abundance(self, lines):
        """As of `LineEstimator`; NaN outside of the range of the calibration."""
        return self.calibration(lines)


class PP04N2(StrongLineEstimator, name="strong-line-pp04-n2", scale="PP04 N2"):
    """[N II]/H-alpha, linear (Pettini & Pagel 2004)."""


class PP04N2Cubic(
    StrongLineEstimator, name="strong-line-pp04-n2-cubic", scale="PP04 N2 cubic"
):
    """[N II]/H-alpha, cubic (Pettini & Pagel 2004)."""


class PP04O3N2(StrongLineEstimator, name="strong-line-pp04-o3n2", scale="PP04 O3N2"):
    """[O III]/H-beta over [N II]/H-alpha (Pettini & Pagel 2004)."""


class M13N2(StrongLineEstimator, name="strong-line-m13-n2", scale="M13 N2"):
    """[N II]/H-alpha (Marino et al. 2013)."""


class M13O3N2(StrongLineEstimator, name="strong-line-m13-o3n2", scale="M13 O3N2"):
    """[O III]/H-beta over [N II]/H-alpha (Marino et al. 2013)."""


class C20N2(StrongLineEstimator, name="strong-line-c20-n2", scale="C20 N2"):
    """[N II]/H-alpha (Curti et al. 2020)."""


class C20O3N2(StrongLineEstimator, name="strong-line-c20-o3n2", scale="C20 O3N2"):
    """[O III]/H-beta over [N II]/H-alpha (Curti et al. 2020)."""


class C20O32(StrongLineEstimator, name="strong-line-c20-o32", scale="C20 O32"):
    """[O III]/[O II] (Curti et al. 2020)."""


class C20R3(StrongLineEstimator, name="strong-line-c20-r3", scale="C20 R3"):
    """[O III]/H-beta, metal-rich branch (Curti et al. 2020)."""


class C20R23(StrongLineEstimator, name="strong-line-c20-r23", scale="C20 R23"):
    """([O II] + [O III])/H-beta, metal-rich branch (Curti et al. 2020)."""


class T04R23(StrongLineEstimator, name="strong-line-t04-r23", scale="T04"):
    """([O II] + [O III])/H-beta, metal-rich branch (Tremonti et al. 2004)."""


class KD02N2O2(StrongLineEstimator, name="strong-line-kd02-n2o2", scale="KD02"):
    """[N II]/[O II], metal-rich gas (Kewley & Dopita 2002)."""


class KK04R23(StrongLineEstimator, name="strong-line-kk04-r23", scale="KK04"):
    """([O II] + [O III])/H-beta with ionisation (Kobulnicky & Kewley 2004)."""


class PG16R(StrongLineEstimator, name="strong-line-pg16-r", scale="PG16 R"):
    """[O II], [O III] and [N II] over H-beta (Pilyugin & Grebel 2016)."""


class PG16S(StrongLineEstimator, name="strong-line-pg16-s", scale="PG16 S"):
    """[S II], [O III] and [N II] over H-beta (Pilyugin & Grebel 2016)."""


class D16N2S2(StrongLineEstimator, name="strong-line-d16-n2s2", scale="D16"):
    """[N II]/[S II] and [N II]/H-alpha (Dopita et al. 2016)."""
