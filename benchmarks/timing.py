"""Times of jobs that take turns, so that a busy machine slows all of them."""

import time


def in_turns(jobs, rounds):
    """Time jobs one after the other, again and again; a first turn is not counted.

    Parameters
    ----------
    jobs : dict of str to (int, callable)
        Number of spectra that a job works on, and the job.
    rounds : int

    Returns
    -------
    dict of str to list of float
        Seconds a spectrum, one number a round.
    """
    seconds = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name, (n, job) in jobs.items():
            before = time.perf_counter()
            job()
            if turn:
                seconds[name].append((time.perf_counter() - before) / n)
    return seconds
