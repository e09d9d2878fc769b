"""Compare galspec with what a user would write, and say what has to hold.

``python benchmarks/run.py`` prints one table; see README.md beside this file.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from table import as_text, concluded, rows_of

#: Threads of numerical libraries, for all pipelines: galspec works in parallel over
#: spectra, and two threads inside one operation collapse on busy cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
#: Network inputs and results (dex) may differ by this from the naive loop's.
ALLOWED = {"inputs": 1e-6, "outputs": 1e-5}
#: What is measured on one core, beside the pipelines.
PARTS = (
    "sizes",
    "stars",
    "linear",
    "flux-conserving",
    "polynomial",
    "spline",
    "denoising",
    "searching",
    "templates",
    "one-file",
    "imports",
)
#: Files that a loop takes in each round.
PART = 32


def main():
    """Run every part in a process of its own, and print the table."""
    options = _options()
    if options.part:
        print(json.dumps(_part(options)))
        return 0
    cores = [n for n in (1, 2) if n <= len(os.sched_getaffinity(0))]
    with tempfile.TemporaryDirectory() as folder:
        results = {
            f"pipelines-{n}": _in_process("pipelines", n, folder, options)
            for n in cores
        }
        for part in PARTS:
            results[part] = _in_process(part, 1, folder, options)
    rows = rows_of(results, cores)
    print(as_text(rows))
    print(_differences(results["pipelines-1"]["difference"]))
    return concluded(rows, results, options.json)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=256, help="files to make")
    parser.add_argument("--rounds", type=int, default=7, help="turns of every job")
    parser.add_argument("--weights", help="a weight file instead of the published one")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures here")
    for internal in ("--part", "--folder", "--cores"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_process(part, cores, folder, options):
    """What a part measures in a process that may use so many cores."""
    print(f"measuring: {part}, cores: {cores}", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--part", part, "--folder", folder]
    command += ["--cores", str(cores), "--files", str(options.files)]
    command += ["--rounds", str(options.rounds)]
    if options.weights:
        command += ["--weights", options.weights]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD
    )
    return json.loads(done.stdout)


def _part(options):
    """Measure one part; before anything is imported, keep to the cores."""
    cores = int(options.cores)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    import preprocessing
    import searches
    import stages
    import templates

    if options.part == "pipelines":
        return _pipelines(options, cores)
    if options.part == "sizes":
        from galspec import GasMetallicity

        estimator = GasMetallicity.pretrained("feng2025", path=options.weights)
        return stages.call_sizes(estimator, options.rounds)
    if options.part == "stars":
        from galspec import CEMPParams

        return stages.call_sizes(CEMPParams.pretrained(), options.rounds)
    if options.part == "one-file":
        return stages.one_file(options.rounds, options.folder)
    if options.part == "imports":
        return stages.imports(options.rounds)
    if options.part == "denoising":
        return preprocessing.denoising(options.rounds)
    if options.part == "searching":
        return searches.searching(options.rounds)
    if options.part == "templates":
        return templates.matching(options.rounds)
    if options.part in preprocessing.CONTINUA:
        return preprocessing.continuum(options.part, options.rounds)
    return stages.resampling(options.part, options.rounds)


def _pipelines(options, cores):
    import pipelines
    import torch
    from files import write_files

    torch.set_num_threads(1)
    names = sorted(map(str, pathlib.Path(options.folder).glob("*.fits.gz")))
    names = names or write_files(options.folder, options.files)
    chosen = pipelines.build(cores, options.weights)
    difference = pipelines.differences(chosen, names)
    for what, allowed in ALLOWED.items():
        worst = max(difference[what].values())
        if not worst <= allowed:
            raise AssertionError(f"{what} differ by {worst}; {allowed} is allowed")
    seconds = pipelines.compare(chosen, names, options.rounds, PART)
    return seconds | {"difference": difference}


def _differences(difference):
    """What the pipelines of one run differed by at most, in words."""
    return "\n".join(
        f"largest difference of {what} from the naive loop's: "
        + ", ".join(f"{name} {value:.1e}" for name, value in found.items())
        for what, found in difference.items()
    )


if __name__ == "__main__":
    sys.exit(main())
