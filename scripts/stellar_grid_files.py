"""Files of synthetic spectra: one a star while they are made, one a grid in the end."""

import dataclasses
import os
import pathlib
import re

import numpy as np

__all__ = ["collect", "save_grid", "save_star", "star_path"]

#: Names of finished stars; a file under another name is of a run that was interrupted.
_NAME = re.compile(r"s(\d{5,})\.npz")


def star_path(folder, index):
    """Where star number ``index`` is kept."""
    return pathlib.Path(folder) / f"s{index:05d}.npz"


def save_star(path, grid, star, norm, flux):
    """Write a star, whole or not at all.

    Parameters
    ----------
    path : path-like
    grid : StellarGrid
    star : Star
    norm, flux : ndarray, shape (n_pix,)
    """
    labels = dataclasses.asdict(star)
    _write(
        path,
        wave=grid.spectral_range.wavelength.astype(np.float32),
        norm=norm,
        flux=flux,
        **{name: labels[name] for name in grid.labels},
    )


def save_grid(path, arrays):
    """Write a grid, whole or not at all; its arrays are those of `collect`."""
    _write(path, **arrays)


def _write(path, **arrays):
    path = pathlib.Path(path)
    partial = path.with_name(path.name + ".part")
    # An open file, because numpy would add .npz to the name.
    with open(partial, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(partial, path)


def collect(sources, labels):
    """Gather stars and earlier grids in one.

    Parameters
    ----------
    sources : iterable of path-like
        Folders of stars, and files of grids.
    labels : tuple of str
        Labels that every source has.

    Returns
    -------
    dict of str to ndarray
        ``wave_air`` (n_pix,), angstrom; ``norm`` and ``flux`` (n, n_pix), float32;
        ``index`` (n,), ascending; each label (n,).

    Raises
    ------
    ValueError
        If a number occurs twice, or the wavelengths differ.
    """
    parts = [part for source in sources for part in _parts(pathlib.Path(source))]
    if not parts:
        raise ValueError("there are no stars to collect")
    for path, part in parts:
        if not np.array_equal(part["wave_air"], parts[0][1]["wave_air"]):
            raise ValueError(f"{path} has other wavelengths than {parts[0][0]}")
    _refuse_duplicates(parts)
    rows = np.concatenate([part["index"] for _, part in parts])
    order = np.argsort(rows)
    keys = ("norm", "flux", "index", *labels)
    return {"wave_air": parts[0][1]["wave_air"]} | {
        key: np.concatenate([part[key] for _, part in parts])[order] for key in keys
    }


def _parts(source):
    """Pairs of path and arrays of a source; of a star, arrays of one row."""
    if not source.is_dir():
        return [(source, _arrays(source))]
    return [
        (path, _star_as_grid(path, int(match[1])))
        for path in sorted(source.iterdir())
        if (match := _NAME.fullmatch(path.name))
    ]


def _arrays(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _star_as_grid(path, index):
    arrays = _arrays(path)
    wavelength = arrays.pop("wave")
    rows = {key: value[np.newaxis] for key, value in arrays.items()}
    return rows | {"wave_air": wavelength, "index": np.array([index])}


def _refuse_duplicates(parts):
    seen = {}
    for path, part in parts:
        for index in part["index"].tolist():
            if index in seen:
                raise ValueError(
                    f"star {index} is in {seen[index]} and in {path}: collect one of "
                    "them, or draw with other numbers"
                )
            seen[index] = path
