"""A million rows on Dask: how much memory, and what does the engine cost?

``python benchmarks/partitions.py`` prints one table; see README.md beside this file.
The exit status is 1 where a bar is missed.
"""

import argparse
import concurrent.futures
import functools
import multiprocessing
import os
import pathlib
import resource
import statistics
import sys
import time

#: Before numpy is imported anywhere: numerical libraries take one thread each.
os.environ.update({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

import dask.dataframe as dd
import distributed
import pandas as pd
import psutil
from partitions_work import WORKS, Told, Work, of_batches, told
from table import concluded
from timing import in_turns

#: Least share of the throughput without an engine, and most megabytes of a worker.
SHARE, CEILING = 0.90, 1000
#: Rows of a partition: half a second of work.
PARTITION = {"spectra": 1000, "photometry": 20_000}
META = pd.DataFrame({"rows": [0], "values": [0], "total": [0.0]})


def main():
    """Run all rows, compare in turns, and print the table."""
    options = _options()
    work = Work(options.work, options.partition)
    spawn = multiprocessing.get_context("spawn")
    # its processes start before Dask puts malloc's settings into the environment
    with concurrent.futures.ProcessPoolExecutor(
        options.processes, mp_context=spawn
    ) as pool:
        list(pool.map(time.sleep, [1] * options.processes))
        with (
            distributed.LocalCluster(
                n_workers=options.processes,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            whole = _whole(work, client, options)
            parts = -(-options.measured // options.partition)
            seconds = _compared(work, pool, range(parts), options.rounds)
    rows = _rows(options, seconds, whole)
    print(_text(rows))
    return concluded(rows, {"seconds": seconds, "whole": whole}, options.json)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="rows of the long run")
    add("--work", choices=WORKS, default="spectra", help="what the rows are")
    add("--partition", type=int, help="rows of a partition")
    add("--processes", type=int, default=2, help="with a thread each")
    add("--measured", type=int, default=20_000, help="rows of a turn")
    add("--rounds", type=int, default=7, help="turns of either side")
    add("--ceiling", type=int, default=CEILING, help="megabytes a worker may take")
    add("--json", type=pathlib.Path, help="write all figures here")
    options = parser.parse_args()
    options.partition = options.partition or PARTITION[options.work]
    return options


def _compared(work, pool, numbers, rounds):
    """Seconds a row on Dask, and of the same work in a plain pool of processes.

    By the clock, and of the processors: the latter hold on a busy machine too.
    """
    results, spent = {}, {"plain cpu": [], "dask cpu": []}
    n = len(numbers) * work.rows

    def counted(name, job):
        before = _processors()
        results[name] = job()
        spent[f"{name} cpu"].append((_processors() - before) / n)

    def plain():
        return _sum(pool.map(functools.partial(of_batches, work), numbers))

    def engine():
        return _on_dask(work, numbers)

    jobs = {
        "plain": (n, functools.partial(counted, "plain", plain)),
        "dask": (n, functools.partial(counted, "dask", engine)),
    }
    seconds = in_turns(jobs, rounds)
    seconds |= {name: each[1:] for name, each in spent.items()}  # as in_turns does
    one, other = results["plain"], results["dask"]
    if (one.rows, one.values) != (other.rows, other.values):
        raise SystemExit(f"Dask gave {other}, a plain pool {one}")
    if abs(one.total - other.total) > 1e-5 * abs(one.total):
        raise SystemExit(f"Dask gave {other}, a plain pool {one}")
    return seconds


def _on_dask(work, numbers):
    """Partitions that are made, predicted for and counted on Dask."""
    function = work.function()
    kind = work.__class__(work.kind, 1).frame(0).iloc[:0]
    frame = dd.from_map(work.frame, numbers, meta=kind)
    results = frame.map_partitions(function, meta=function.meta_for(kind))
    rows = results.map_partitions(_counted, work.target, meta=META.iloc[:0])
    return _sum(Told(*row) for row in rows.compute().itertuples(index=False))


def _counted(results, target):
    """One row on a partition; Dask asks for an empty one too."""
    about = told(results[target])
    return pd.DataFrame([[about.rows, about.values, about.total]], columns=[*META])


def _sum(made):
    made = list(made)
    return Told(
        sum(one.rows for one in made),
        sum(one.values for one in made),
        sum(one.total for one in made),
    )


def _whole(work, client, options):
    """All rows: seconds, and what each worker took at most, early and at the end."""
    parts = -(-options.rows // options.partition)
    few = max(parts // 10, options.processes)
    begin = time.perf_counter()
    made = [_on_dask(work, range(few))]
    early = client.run(_peak)
    if parts > few:
        made.append(_on_dask(work, range(few, parts)))
    late = client.run(_peak)
    found = _sum(made)
    return {
        "seconds": time.perf_counter() - begin,
        "rows": found.rows,
        "values": found.values,
        "early": sorted(early.values()),
        "late": sorted(late.values()),
        "client": _peak(),
    }


def _processors():
    """Seconds that processors have worked for this process and those it started."""
    own = psutil.Process()
    times = [each.cpu_times() for each in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _peak():
    """Most megabytes that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rows(options, seconds, whole):
    """Rows of the table: what is measured, its value in words, its bar, the verdict."""

    def row(what, value, bar="", holds=True):
        return {"what": what, "value": value, "bar": bar, "holds": bool(holds)}

    share, of_cpu = (
        statistics.median(
            plain / engine
            for plain, engine in zip(
                seconds[f"plain{kind}"], seconds[f"dask{kind}"], strict=True
            )
        )
        for kind in ("", " cpu")
    )
    rate = {name: 1 / statistics.median(each) for name, each in seconds.items()}
    peak, ceiling = whole["late"][-1], options.ceiling
    return [
        row("kind of rows", options.work),
        row("processes", f"{options.processes}"),
        row("rows a second, plain", f"{rate['plain']:.0f}"),
        row("rows a second, Dask", f"{rate['dask']:.0f}"),
        row("share of plain", f"{share:.3f}", f">= {SHARE}", share >= SHARE),
        row("the same, processor time", f"{of_cpu:.3f}"),
        row("rows of the long run", f"{whole['rows']}"),
        row("rows with a value", f"{whole['values']}"),
        row("seconds", f"{whole['seconds']:.0f}"),
        row("peak after a tenth, MB", f"{whole['early'][-1]:.0f}"),
        row("peak of a worker, MB", f"{peak:.0f}", f"< {ceiling}", peak < ceiling),
        row("peak of the client, MB", f"{whole['client']:.0f}"),
    ]


def _text(rows):
    lines = [f"{'':28}{'measured':>12}{'bar':>10}"]
    for row in rows:
        verdict = "" if row["holds"] else "  MISSED"
        lines.append(f"{row['what']:28}{row['value']:>12}{row['bar']:>10}{verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
