"""Runs of ``galspec catalog`` in processes of their own: measured, killed, compared."""

import dataclasses
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy as np

from galspec.catalog.parts import is_unfinished, parts_folder

GALSPEC = (sys.executable, "-c", "import sys, galspec.cli as c; sys.exit(c.main())")
#: Exit codes of a catalogue that was written; 1 since some files are unreadable.
WRITTEN = (0, 1)
#: Seconds between two looks at whether it is the moment to kill.
LOOK = 0.001


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a run ended: exit code (negative: killed), seconds, bytes, cores used."""

    code: int
    wall: float
    peak: int
    cores: float


def run(folder, output, more=(), moment=None):
    """Run the command once.

    Parameters
    ----------
    folder, output : path-like
        Spectra; the catalogue.
    more : iterable of str
        Other options of the command.
    moment : callable, optional
        Told the seconds since the start again and again; when it says True, the process
        is killed (SIGKILL).

    Returns
    -------
    Ended
    """
    command = [*GALSPEC, "catalog", str(folder), "-o", str(output), *more, "--quiet"]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    ended = threading.Event()
    if moment is not None:
        arguments = (process.pid, moment, start, ended)
        killer = threading.Thread(target=_kill_at, args=arguments)
        killer.start()
    # unlike Popen.wait, it tells what this very process has used
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.perf_counter() - start
    ended.set()
    if moment is not None:
        killer.join()  # before the number of the process is free for another one
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cores = (used.ru_utime + used.ru_stime) / wall
    return Ended(process.returncode, wall, 1024 * used.ru_maxrss, cores)


def _kill_at(pid, moment, start, ended):
    while not ended.wait(LOOK):
        if moment(time.perf_counter() - start):
            os.kill(pid, 9)
            return


def moments(output, longest, n, seed=0):
    """When to kill: at random, and in the middle of each sort of writing.

    Parameters
    ----------
    output : path-like
        The catalogue.
    longest : float
        Seconds up to which the random moments lie.
    n : int
        Random moments.
    seed : int

    Yields
    ------
    words : str
    moment : callable
        As `run` takes it.
    """
    random = np.random.default_rng(seed)
    output = pathlib.Path(output)
    parts = pathlib.Path(parts_folder(output))
    yield "while a part is written", lambda _: any(parts.glob("draft.*.npz"))
    for after in random.uniform(0, longest, n):
        yield f"after {after:.1f} s", lambda elapsed, after=after: elapsed > after
    # a kill leaves such a folder behind
    before = {*output.parent.glob(".galspec-*/*")}
    yield (
        "while the catalogue is written",
        lambda _: {*output.parent.glob(".galspec-*/*")} - before,
    )
    yield (
        "while the parts are removed",
        lambda _: output.exists() and parts.exists(),
    )


def run_through_kills(folder, output, more, when, tell):
    """Repeat the command, killed at each moment, until the catalogue is written.

    Parameters
    ----------
    folder, output, more
        As for `run`.
    when : iterable of (str, callable)
        Of `moments`.
    tell : callable
        Told a line about each run.

    Returns
    -------
    int
        How often it was killed.
    """
    parts = pathlib.Path(parts_folder(output))
    for kills, (words, moment) in enumerate([*when, ("not", None)]):
        ended = run(folder, output, more, moment)
        kept = len([*parts.glob("part-*")])
        tell(f"killed {words}: exit code {ended.code}, {kept} parts kept")
        if ended.code in WRITTEN:
            return kills
        if ended.code != -9:
            raise SystemExit(f"the command failed with exit code {ended.code}")
        if output.exists() and not is_unfinished(output):
            return kills + 1  # killed when nothing was left to do
    raise AssertionError("unreachable: a run that is not killed ends")


def differences(output, expected, folder):
    """What is wrong with a catalogue, in words; nothing if it is right.

    Parameters
    ----------
    output, expected : path-like
        The catalogue of interrupted runs, and that of one run.
    folder : path-like
        The spectra.

    Returns
    -------
    list of str
    """
    from astropy.table import Table

    names = sorted(str(path) for path in pathlib.Path(folder).glob("*.fits.gz"))
    one, other = (Table.read(path) for path in (output, expected))
    wrong = []
    if one["file"].astype(str).tolist() != names:
        wrong.append("the rows are not each file once, in order")
    if one.colnames != other.colnames or len(one) != len(other):
        return [*wrong, "columns or numbers of rows differ"]
    for name in one.colnames:
        if not _equal(one[name], other[name]):
            wrong.append(f"column {name} differs")
    metas = [{**table.meta, "DATE": ""} for table in (one, other)]
    return wrong if metas[0] == metas[1] else [*wrong, "headers differ"]


def _equal(a, b):
    masks = [np.ma.getmaskarray(np.ma.asarray(column)) for column in (a, b)]
    a, b = (np.ma.asarray(column).data for column in (a, b))
    same = np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return same and np.array_equal(*masks)
