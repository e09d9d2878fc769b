"""A folder of simulated LAMOST files as a survey hands them out, mishaps included."""

import gzip
import json
import multiprocessing
import os
import pathlib

import numpy as np
from files import GZIP_LEVEL, MORE_CARDS

#: Spectra that are drawn and written as one task.
CHUNK = 256
#: Of a thousand files: second spectra of an object, and each sort of spoilt file.
SECOND, SPOILT = 4, 1
MISHAPS = {
    "truncated": lambda packed: packed[: len(packed) // 2],
    "empty": lambda packed: b"",
    "no FITS": lambda packed: gzip.compress(b"<html>404 Not Found</html>\n"),
    "no gzip": lambda packed: b"\x1f\x8b" + packed[::-1],
}
#: A second spectrum lies so far from the first, in degrees: a third of an arcsecond.
OFFSET = 1e-4
DONE = "done.json"


def simulated_folder(folder, ingredients, n, seed=0, processes=2):
    """Write files, unless an earlier call has; one that was interrupted goes on.

    Parameters
    ----------
    folder : path-like
        A folder for these files alone.
    ingredients : path-like
        Of `galspec.simulation.GalaxyIngredients`.
    n, seed : int
        Files; of the random numbers.
    processes : int
        That draw and write.

    Returns
    -------
    dict of str to int
        How many files of each mishap there are, and how many second spectra.
    """
    folder = pathlib.Path(folder)
    asked = {"n": n, "seed": seed}
    if (folder / DONE).exists():
        done = json.loads((folder / DONE).read_text())
        if done["asked"] != asked:
            raise SystemExit(f"{folder} holds {done['asked']}, not {asked}")
        return done["special"]
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [
        (folder, start, min(CHUNK, n - start), seed) for start in range(0, n, CHUNK)
    ]
    # not forked: the parent may have threads
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _prepare, (ingredients,)) as pool:
        pool.starmap(_write_chunk, tasks, chunksize=1)
    kinds = [kind for _, start, m, _ in tasks for kind in _special(start, m, seed)]
    special = {kind: kinds.count(kind) for kind in sorted({*kinds} - {""})}
    (folder / DONE).write_text(json.dumps({"asked": asked, "special": special}))
    return special


def _prepare(ingredients):
    """What every process needs once."""
    global _simulator
    from galspec.simulation import GalaxyIngredients, GalaxySimulator

    _simulator = GalaxySimulator(GalaxyIngredients.load(ingredients))


def _special(start, n, seed):
    """What is special about each file of a chunk; empty for most."""
    random = np.random.default_rng([seed, start, 1])
    share = SPOILT / 1000
    kinds = [*MISHAPS, "second spectrum", ""]
    shares = [*[share] * len(MISHAPS), SECOND / 1000]
    return random.choice(kinds, n, p=[*shares, 1 - sum(shares)]).tolist()


def _write_chunk(folder, start, n, seed):
    """Write the files of one chunk; the last one says that all of them are there."""
    names = [folder / f"spec-{start + row:06d}.fits.gz" for row in range(n)]
    if names[-1].exists():
        return
    random = np.random.default_rng([seed, start, 2])
    batch, _ = _simulator.draw(n, [seed, start])
    flux, ivar = batch.flux.astype(float), np.where(batch.mask, 0, batch.ivar)
    redshift = batch.redshift.copy()
    ra, dec = (
        random.uniform(0, 360, n),
        np.degrees(np.arcsin(random.uniform(-0.2, 1, n))),
    )
    special = _special(start, n, seed)
    for row, name in enumerate(names):
        if special[row] == "second spectrum" and row:
            # the same galaxy again, with more noise
            noise = np.where(ivar[row - 1] > 0, ivar[row - 1], np.inf) ** -0.5
            flux[row] = flux[row - 1] + noise * random.normal(size=noise.shape)
            ivar[row] = ivar[row - 1] / 2
            redshift[row] = redshift[row - 1]
            ra[row], dec[row] = ra[row - 1], dec[row - 1] + OFFSET
        header = {"OBSID": start + row, "Z": round(float(redshift[row]), 7)}
        header |= {"RA": float(ra[row]), "DEC": float(dec[row]), **MORE_CARDS}
        packed = _packed(name, batch.wavelength, flux[row], ivar[row], header)
        packed = MISHAPS.get(special[row], bytes)(packed)
        draft = name.with_suffix(".draft")
        draft.write_bytes(packed)
        os.replace(draft, name)


def _packed(name, *spectrum):
    from galspec.simulation import write_lamost_fits

    plain = name.with_suffix("")
    write_lamost_fits(plain, *spectrum)
    content = plain.read_bytes()
    plain.unlink()
    return gzip.compress(content, GZIP_LEVEL)
