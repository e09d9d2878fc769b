"""Numbers of nature that several modules need, each stated once with its source."""

__all__ = ["NII_RATIO", "OIII_RATIO", "SPEED_OF_LIGHT", "WAVELENGTHS"]

#: km/s; exact by the definition of the metre. A plain float, unlike what
#: `astropy.constants` gives, leaves arrays in float32.
SPEED_OF_LIGHT = 299_792.458

#: [O III] 5007/4959 and [N II] 6584/6548, which atomic physics fixes (Storey & Zeippen
#: 2000, MNRAS 312, 813).
OIII_RATIO, NII_RATIO = 2.98, 3.05

#: Vacuum wavelengths of emission lines in angstrom (NIST Atomic Spectra Database).
WAVELENGTHS = {
    "OII_3726": 3727.09,
    "OII_3729": 3729.88,
    "H10": 3798.98,
    "H9": 3836.47,
    "NeIII_3869": 3869.86,
    "H8": 3890.15,
    "NeIII_3968": 3968.59,
    "Hepsilon": 3971.20,
    "Hdelta": 4102.89,
    "Hgamma": 4341.69,
    "OIII_4363": 4364.44,
    "HeI_4471": 4472.73,
    "HeII_4686": 4687.02,
    "Hbeta": 4862.68,
    "OIII_4959": 4960.30,
    "OIII_5007": 5008.24,
    "NI_5199": 5200.53,
    "NII_5755": 5756.24,
    "HeI_5876": 5877.25,
    "OI_6300": 6302.05,
    "SIII_6312": 6313.81,
    "OI_6364": 6365.54,
    "NII_6548": 6549.85,
    "Halpha": 6564.61,
    "NII_6584": 6585.27,
    "HeI_6678": 6680.00,
    "SII_6716": 6718.29,
    "SII_6731": 6732.67,
    "HeI_7065": 7067.14,
    "ArIII_7136": 7137.77,
    "OII_7320": 7321.94,
    "OII_7330": 7332.21,
}
