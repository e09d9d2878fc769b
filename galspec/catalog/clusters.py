"""Work on many processes with dask.distributed: connect, compare, run in order."""

import contextlib
import itertools
import logging

from galspec.partitions.reference import WorkerMismatchError

log = logging.getLogger("galspec")

__all__ = ["ClusterError", "check_versions", "connected", "run_in_order"]

#: Tasks that are handed out ahead: this many, or more for each thread of the cluster,
#: so that it neither waits nor holds more than it needs.
AHEAD = 64
AHEAD_A_THREAD = 4
TIMEOUT = "20s"
DISTRIBUTION = "astro-galspec"


class ClusterError(RuntimeError):
    """A cluster cannot be reached, or its workers die."""


@contextlib.contextmanager
def connected(scheduler, workers=None):
    """A cluster of Dask to work on, until the end of the block.

    Parameters
    ----------
    scheduler : str or distributed.Client
        ``"local"`` for processes on this machine, which end with the block; or the
        address of a scheduler, such as ``"tcp://10.0.0.1:8786"``; or who is connected
        to one already.
    workers : int, optional
        Processes on this machine, of one thread each; as many as cores when not given.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ImportError
        If Dask is not installed.
    ClusterError
        If no scheduler answers.
    ValueError
        If a number of processes is given for a cluster that has its own.
    """
    distributed = _distributed()
    if scheduler != "local":
        if workers is not None:
            raise ValueError(
                f"workers is {workers}, but the cluster at {scheduler} has its own"
            )
        if isinstance(scheduler, distributed.Client):
            with scheduler.as_current():
                yield scheduler
            return
        with _client(distributed, scheduler) as client:
            yield client
        return
    # the usual port of the dashboard may be taken, by another such call for example
    with (
        distributed.LocalCluster(
            n_workers=workers or _cores(),
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def check_versions(client):
    """Refuse a cluster whose workers have another galspec, before any work is done.

    Parameters
    ----------
    client : distributed.Client

    Raises
    ------
    WorkerMismatchError
        If a worker has another version, or none.
    """
    # told by installations, so that a worker without galspec can tell too
    found = client.get_versions(packages=[DISTRIBUTION])
    own = found["client"]["packages"][DISTRIBUTION]
    if not found["workers"]:
        log.warning("%s has no workers yet: waiting", client.scheduler.address)
    for address, about in found["workers"].items():
        version = about["packages"][DISTRIBUTION]
        if version != own:
            raise WorkerMismatchError(
                f"the worker {address} has {version or 'no version'} of "
                f"{DISTRIBUTION}, this process {own}: install the same everywhere"
            )


def run_in_order(client, function, items, done=lambda result: None):
    """Run a function on many items, few ahead of what is finished.

    A task whose worker dies runs again on another one; after some deaths
    (``distributed.scheduler.allowed-failures``) it is given up.

    Parameters
    ----------
    client : distributed.Client
    function : callable
        Of one item, that other processes can import.
    items : iterable
    done : callable
        Is told every result as soon as it is there.

    Returns
    -------
    list
        The results, in the order of the items.

    Raises
    ------
    ClusterError
        If the workers die of an item.
    """
    import distributed

    results, places, waiting = {}, {}, enumerate(items)

    def submitted():
        for place, item in waiting:
            # "pure" would answer from memory what a file was before it changed
            future = client.submit(function, item, pure=False)
            places[future] = place
            yield future

    coming = submitted()
    threads = sum(client.nthreads().values())
    ahead = max(AHEAD, AHEAD_A_THREAD * threads)
    first = itertools.islice(coming, ahead)
    finished = distributed.as_completed(first, loop=client.loop)
    try:
        for future in finished:
            result = future.result()
            results[places.pop(future)] = result
            done(result)
            future.release()
            for later in itertools.islice(coming, 1):
                finished.add(later)
    except distributed.scheduler.KilledWorker as error:
        raise ClusterError(
            "workers died again and again over the same part of the work; most often "
            f"their memory is short: smaller parts help, or more memory. ({error})"
        ) from error
    finally:
        client.cancel(list(places))
    return [results[place] for place in range(len(results))]


def _distributed():
    try:
        import distributed
    except ImportError as error:
        raise ImportError(
            f"a scheduler needs {error.name}: pip install 'astro-galspec[dask]'"
        ) from error
    return distributed


def _client(distributed, address):
    try:
        return distributed.Client(address, timeout=TIMEOUT)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no scheduler answers at {address}: {error}") from error


def _cores():
    from dask.system import CPU_COUNT

    return CPU_COUNT
