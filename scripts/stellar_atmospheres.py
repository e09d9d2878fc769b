"""Model atmospheres of the networks of atmosnet (C3K/ATLAS12 models), as numbers.

The PyPI package ``atmosnet`` (Nidever & Ting, MIT licence) carries perceptrons that map
effective temperature, gravity, [Fe/H] and [alpha/Fe] to the layers of Kurucz model
atmospheres. Only its weights are used: its own module no longer imports with today's
scipy, and takes exp of what is log10 (which gives temperatures of 30 K).

The weights come as a pickle. galspec never loads one; this tool outside of the package
has to read a third party's, and does so with an unpickler that knows nothing but numpy
arrays, once, when `prepare_synthesis.py` rewrites the weights as plain arrays.
"""

import importlib.util
import pathlib
import pickle

import numpy as np

__all__ = ["AtmosphereNetworks", "atmosnet_folder", "read_network_pickle"]

#: What the networks give, in their order: column mass (g/cm2), temperature (K), gas
#: pressure (dyn/cm2), electron density (1/cm3), Rosseland opacity (cm2/g), radiative
#: acceleration (cm/s2).
COLUMNS = 6
#: One network below this effective temperature (K), another above.
HOT = 8000.0
WEIGHTS = tuple(f"{kind}_array_{k}" for k in range(3) for kind in ("w", "b"))


class _ArrayUnpickler(pickle.Unpickler):
    """Reads numpy arrays in lists and dictionaries, refuses everything else."""

    def find_class(self, module, name):
        allowed = {
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            # dill writes numpy.core._multiarray_umath._reconstruct as these two calls.
            ("dill._dill", "_import_module"): _named_module,
            ("dill._dill", "_get_attr"): _named_function,
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(
                f"the file wants {module}.{name}, but only numpy arrays are read"
            )
        return allowed[module, name]


def _named_module(name):
    """The name alone: nothing is imported."""
    return name


def _named_function(module, name):
    """The one function that array pickles need."""
    if (module, name) != ("numpy.core._multiarray_umath", "_reconstruct"):
        raise pickle.UnpicklingError(
            f"the file wants {module}.{name}, but only numpy arrays are read"
        )
    return _empty_array


def _empty_array(kind, shape, code):
    """An array that the unpickler fills; of numbers only."""
    if kind is not np.ndarray:
        raise pickle.UnpicklingError(f"the file wants {kind}, not a numpy array")
    return np.ndarray(shape, dtype=np.dtype(code))


def read_network_pickle(path):
    """Read a list of dictionaries of arrays from a pickle, and run none of it.

    Parameters
    ----------
    path : path-like
        A weight file of ``atmosnet``.

    Returns
    -------
    list of dict
        One network a column of the atmosphere.

    Raises
    ------
    pickle.UnpicklingError
        If the file asks for anything but numpy arrays.
    """
    with open(path, "rb") as file:
        return _ArrayUnpickler(file).load()


def atmosnet_folder():
    """The folder of atmosnet's weights, found without importing the package."""
    spec = importlib.util.find_spec("atmosnet")
    if spec is None:
        raise ImportError("atmosnet is missing: pip install astro-galspec[synthesis]")
    return pathlib.Path(spec.origin).parent / "data"


class AtmosphereNetworks:
    """Perceptrons that give the layers of an atmosphere.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Weights of the networks ``cool`` and ``hot``, stacked over the columns; keys
        are ``cool_w_array_0`` and so on, with the ranges ``cool_x_min``,
        ``cool_x_max``.
    """

    def __init__(self, arrays):
        self.arrays = arrays

    @classmethod
    def from_atmosnet(cls, folder):
        """Take the weights out of the pickles in a folder of atmosnet."""
        arrays = {}
        for kind in ("cool", "hot"):
            name = f"atmosnet_c3k_300neurons_{kind}.pkl"
            networks = read_network_pickle(pathlib.Path(folder) / name)[:COLUMNS]
            for key in (*WEIGHTS, "x_min", "x_max"):
                arrays[f"{kind}_{key}"] = np.stack([net[key] for net in networks])
        return cls(arrays)

    @classmethod
    def load(cls, path):
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(dict(file))

    def save(self, path):
        """Write the weights as an npz of plain arrays."""
        np.savez(path, **self.arrays)

    def layers(self, teff, logg, feh, alpha):
        """Return the layers of an atmosphere, from the outside inwards.

        Parameters
        ----------
        teff, logg, feh, alpha : float
            Effective temperature (K), log10 of gravity (cm/s2), [Fe/H], [alpha/Fe]
            (dex).

        Returns
        -------
        ndarray of shape (80, 6)
            Column mass, temperature, gas pressure, electron density, Rosseland
            opacity, radiative acceleration, in cgs units.

        Raises
        ------
        ValueError
            If the networks did not train on such a star.
        """
        net = self._network("cool" if teff <= HOT else "hot")
        labels = np.array([teff, logg, feh, alpha])
        low, high = net["x_min"], net["x_max"]
        bottom, top = low.max(axis=0), high.min(axis=0)
        if np.any((labels < bottom) | (labels > top)):
            raise ValueError(
                f"teff, logg, feh, alpha = {labels.tolist()} lie outside of the "
                f"atmospheres, {bottom.tolist()} to {top.tolist()}"
            )
        value = (labels - low) / (high - low) - 0.5
        for k in range(3):
            value = np.einsum("cij,cj->ci", net[f"w_array_{k}"], value)
            value += net[f"b_array_{k}"]
            if k < 2:
                value = np.where(value > 0, value, 0.01 * value)
        # Trap: log10, where atmosnet itself applies exp.
        return 10.0**value.T

    def _network(self, kind):
        keys = (*WEIGHTS, "x_min", "x_max")
        return {key: self.arrays[f"{kind}_{key}"] for key in keys}
