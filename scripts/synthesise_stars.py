"""Extend a grid of synthetic stellar spectra.

    python scripts/prepare_synthesis.py TOOLS
    python scripts/synthesise_stars.py cemp --tools TOOLS --folder stars --first 1000 \\
        --count 500 --workers 2 --collect cemp_grid.npz --merge earlier.npz

computes stars 1000 to 1499 of the grid ``cemp`` (or ``sed``: ultraviolet to infrared),
one file each. Stars whose file is there are skipped: a run that was stopped goes on
when it is repeated. ``--collect`` gathers the stars of the folder, and the grids and
folders of ``--merge``, in one file; with ``--count 0`` that is all. A star takes about
a minute of one core. The log is in the folder. See `prepare_synthesis.py` for the
tools.
"""

import argparse
import concurrent.futures
import logging
import pathlib
import resource

import tqdm
from spectral_synthesis import Synthesiser
from stellar_grid_files import collect, save_grid, save_star, star_path
from stellar_populations import GRIDS

LOG = logging.getLogger("synthesise_stars")


def parse(arguments=None):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grid", choices=GRIDS)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--tools", type=pathlib.Path, help="not needed for --count 0")
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--collect", type=pathlib.Path, metavar="FILE.npz")
    parser.add_argument("--merge", type=pathlib.Path, nargs="*", default=[])
    options = parser.parse_args(arguments)
    if options.count and not options.tools:
        parser.error("--tools is needed: a folder that prepare_synthesis.py filled")
    return options


def make_star(synthesise, grid, folder, index):
    """Compute and write one star; a failure is logged, for the others' sake.

    Returns
    -------
    bool
        Whether the star is there now.
    """
    star = grid.star(index)
    try:
        norm, flux = synthesise(star, grid.spectral_range)
        save_star(star_path(folder, index), grid, star, norm, flux)
    except Exception:  # whatever it is, the next star may do
        LOG.exception("star %d failed: %s", index, star)
        return False
    LOG.info("star %d, %s: %s", index, grid.population_of(index), star)
    return True


def make_stars(synthesise, grid, folder, indices, workers=1):
    """Compute the stars that are not in the folder yet.

    Parameters
    ----------
    synthesise : callable
        Takes a star and a spectral range, gives the normalised spectrum and the flux.
    grid : StellarGrid
    folder : pathlib.Path
    indices : iterable of int
    workers : int
        Stars at a time.

    Returns
    -------
    int
        How many failed.
    """
    todo = [index for index in indices if not star_path(folder, index).exists()]
    # Threads: the work is done in programs of their own.
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        jobs = [
            pool.submit(make_star, synthesise, grid, folder, index) for index in todo
        ]
        try:
            done = concurrent.futures.as_completed(jobs)
            made = [job.result() for job in tqdm.tqdm(done, "stars", len(jobs))]
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    return made.count(False)


def unlimited_stack():
    """Let the programs have the stack that their large arrays need."""
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


def main(arguments=None):
    options = parse(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=options.folder / "log.txt",
        level=logging.INFO,
        format="%(asctime)s %(message)s",
    )
    grid = GRIDS[options.grid]
    if options.count:
        unlimited_stack()
        indices = range(options.first, options.first + options.count)
        synthesise = Synthesiser(options.tools)
        failed = make_stars(synthesise, grid, options.folder, indices, options.workers)
        if failed:
            print(f"{failed} stars failed: see {options.folder / 'log.txt'}")
    if options.collect:
        sources = [*options.merge, options.folder]
        save_grid(options.collect, collect(sources, grid.labels))


if __name__ == "__main__":
    main()
