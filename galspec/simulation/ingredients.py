"""The raw material of simulated galaxies, read from a folder that the caller names."""

import dataclasses
from pathlib import Path

import numpy as np

from galspec.simulation.continuum import StellarLibrary
from galspec.simulation.line_vectors import LineVectors

from . import hard_sources, line_sources

__all__ = ["GalaxyIngredients"]

_FILES = {
    "stars": "bc03_ssp_4Zx42age_2900-9000A_f2.npz",
    "desi": "desi_bgs_ew10.npz",
    "hcm_stars": "HCm_C17_POPSTAR_1myr.dat.gz",
    "hcm_agn": "HCm_C17_AGN_a08.dat.gz",
    "hcm_pagb": "HCm_C17_PAGB_T100.dat.gz",
    "nb_stars": "NB_HII_grid.fits.gz",
    "nb_agn": "NB_NLR_grid.fits.gz",
}


@dataclasses.dataclass(frozen=True, eq=False)
class GalaxyIngredients:
    """Stellar populations and emission lines from which galaxies are made.

    Parameters
    ----------
    stars : StellarLibrary
        Simple stellar populations.
    lines : LineVectors
        Dust-free line fluxes of real galaxies and of models.
    """

    stars: StellarLibrary
    lines: LineVectors

    @classmethod
    def load(cls, folder):
        """Read the ingredients.

        Stellar populations are BC03-MILES; lines are those of DESI BGS galaxies
        (Khederlarian et al. 2024) and of the HII-CHI-mistry and NebulaBayes grids.

        Parameters
        ----------
        folder : str or pathlib.Path
            Folder that holds the files.

        Returns
        -------
        GalaxyIngredients
            The same for the same files: the scatter of the lines that a source
            does not give is drawn once, from a fixed seed.

        Raises
        ------
        FileNotFoundError
            If files are missing; the message names them.
        """
        paths = {key: Path(folder) / name for key, name in _FILES.items()}
        missing = [path.name for path in paths.values() if not path.exists()]
        if missing:
            raise FileNotFoundError(f"no {', '.join(missing)} in {folder}")
        rng = np.random.default_rng(20040101)
        parts = [
            line_sources.read_desi_bgs(paths["desi"], rng),
            line_sources.read_metal_poor_hcm(paths["hcm_stars"], rng),
            line_sources.read_nebulabayes(paths["nb_stars"], rng),
            hard_sources.read_narrow_line_regions(
                paths["hcm_agn"], paths["nb_agn"], rng
            ),
            hard_sources.read_retired(paths["hcm_pagb"], rng),
        ]
        return cls(
            stars=StellarLibrary.from_bc03(paths["stars"]),
            lines=LineVectors.concatenate(parts),
        )
