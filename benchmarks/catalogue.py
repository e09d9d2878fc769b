"""Make a large catalogue: does it finish, go on after kills, and waste no time?

``python benchmarks/catalogue.py --ingredients DIR`` prints one table; see README.md
beside this file. The exit status is 1 where a bar is missed.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

from catalogue_files import simulated_folder
from catalogue_runs import WRITTEN, differences, moments, run, run_through_kills
from table import concluded

#: Before numpy is imported anywhere: numerical libraries take one thread each.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
#: Most bytes that the process may take, and largest share of its time that may be
#: spent outside of reading and networks.
PEAK, OUTSIDE = 2e9, 0.30
METHODS = {"weights": "estimator", "classifier_weights": "classifier"}


def main():
    """Simulate the files, run, kill, measure, and print the table."""
    options = _options()
    if options.part:
        print(json.dumps(_stages(options)))
        return 0
    os.environ.update(ONE_THREAD)
    work = options.folder
    folder = work / f"spectra-{options.files}"
    special = simulated_folder(folder, options.ingredients, options.files)
    _tell(f"{options.files} files, of which {special}")
    whole, wrong, kills = _runs(folder, work, options)
    seconds = _in_process(options)
    rows = _rows(options.files, whole, wrong, kills, seconds)
    print(_text(rows))
    for words in wrong:
        print(f"after kills: {words}")
    return concluded(rows, seconds, options.json)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--ingredients", required=True, help="folder of the simulator's ingredients")
    add("--folder", type=pathlib.Path, required=True, help="for files and catalogues")
    add("--files", type=int, default=20_000, help="files to make")
    add("--kills", type=int, default=8, help="kills at random moments")
    add("--measured", type=int, default=1000, help="files that stages are timed on")
    add("--rounds", type=int, default=7, help="turns of every stage")
    add("--weights", help="a weight file instead of the published one")
    add("--classifier-weights", help="a weight file instead of the published one")
    add("--json", type=pathlib.Path, help="write all figures here")
    add("--part", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _more(options):
    """Options of the command that name the weights."""
    given = {name: getattr(options, name) for name in METHODS}
    pairs = [(f"--{n.replace('_', '-')}", path) for n, path in given.items() if path]
    return [word for pair in pairs for word in pair]


def _runs(folder, work, options):
    """One run in one go, and one that is killed again and again."""
    expected, output = work / "whole.fits", work / "killed.fits"
    more = _more(options)
    for path in (expected, output):
        path.unlink(missing_ok=True)
    whole = run(folder, expected, [*more, "--overwrite"])
    _tell(f"in one go: {whole}")
    if whole.code not in WRITTEN:
        raise SystemExit(f"the command failed with exit code {whole.code}")
    # on average all of them together are one run, less the starts: most find work
    longest = 2 * whole.wall / max(options.kills, 1)
    when = moments(output, longest, options.kills)
    kills = run_through_kills(folder, output, more, when, _tell)
    return whole, differences(output, expected, folder), kills


def _in_process(options):
    """What `_stages` measures, in a process that keeps to one core."""
    _tell("measuring stages")
    command = [sys.executable, *sys.argv, "--part"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def _stages(options):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    import torch
    from catalogue_stages import stages

    from galspec.estimators.gas_metallicity import GasMetallicity
    from galspec.estimators.star_forming_classifier import StarFormingClassifier

    torch.set_num_threads(1)
    methods = {
        METHODS[option]: cls.pretrained(path=getattr(options, option), device="cpu")
        for option, cls in zip(
            METHODS, (GasMetallicity, StarFormingClassifier), strict=True
        )
    }
    folder = options.folder / f"spectra-{options.files}"
    names = sorted(str(path) for path in folder.glob("*.fits.gz"))
    return stages(names[: options.measured], methods, _more(options), options.rounds)


def _rows(n, whole, wrong, kills, seconds):
    """Rows of the table: what is measured, its value in words, its bar, the verdict."""

    def row(what, value, bar="", holds=True):
        return {"what": what, "value": value, "bar": bar, "holds": bool(holds)}

    turns = list(zip(*(seconds[name] for name in _EACH), strict=True))
    floors = [sum(floor) / total for total, *floor in turns]
    # a whole run also has to start, once
    whole_run = [
        1 - sum(floor) / (total + start / n)
        for (total, *floor), start in zip(turns, seconds["start"], strict=True)
    ]
    outside = statistics.median(whole_run)
    each = {name: 1e3 * statistics.median(seconds[name]) for name in _EACH}
    return [
        row("files", f"{n}"),
        row("seconds in one go", f"{whole.wall:.0f}"),
        row("files a second", f"{n / whole.wall:.0f}"),
        row("cores used", f"{whole.cores:.2f}"),
        row("peak memory, GB", f"{whole.peak / 1e9:.2f}", "< 2", whole.peak < PEAK),
        row("kills", f"{kills}"),
        row("differences after kills", f"{len(wrong)}", "0", not wrong),
        *(row(f"{name}, ms a file", f"{ms:.2f}") for name, ms in each.items()),
        row("start of a process, s", f"{statistics.median(seconds['start']):.1f}"),
        row("outside, of the call", f"{1 - statistics.median(floors):.1%}"),
        row("outside, with the start", f"{outside:.1%}", "< 30 %", outside < OUTSIDE),
    ]


#: The call, and its floors.
_EACH = ("catalogue", "reading", "classifier", "estimator")


def _text(rows):
    lines = [f"{'':28}{'measured':>12}{'bar':>10}"]
    for row in rows:
        verdict = "" if row["holds"] else "  MISSED"
        lines.append(f"{row['what']:28}{row['value']:>12}{row['bar']:>10}{verdict}")
    return "\n".join(lines)


def _tell(words):
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
