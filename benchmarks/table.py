"""From measured seconds to the table that is printed."""

import json
import statistics

#: How many times faster than the naive loop galspec has to be, on one core and on two.
ONE_CORE = {"torch": 4.5, "onnxruntime": 8.0}
TWO_CORES = {"torch": 8.0, "onnxruntime": 14.0}


def rows_of(results, cores):
    """Rows of the table.

    Parameters
    ----------
    results : dict of str to dict
        What each part measured.
    cores : list of int
        For which there are pipelines.

    Returns
    -------
    list of dict
        What is compared, milliseconds, how many times faster than the first of its
        group, what that must reach and whether it does.
    """
    return list(_rows(results, cores))


def _rows(results, cores):
    for n in cores:
        measured = results[f"pipelines-{n}"]
        unit = f"{n} core" + "s" * (n > 1)
        yield _row(f"files to table, {unit}: naive loop", measured, "naive")
        yield _row(f"files to table, {unit}: careful loop", measured, "careful")
        for engine, least in {1: ONE_CORE, 2: TWO_CORES}[n].items():
            what = f"files to table, {unit}: by {engine}"
            yield _row(what, measured, engine, least)
        yield from _floors(measured, unit)
    sizes = results["sizes"]
    yield _row("512 arrays, 16 in a call", sizes, "few")
    yield _row("512 arrays in one call", sizes, "many", 1.0)
    yield _row("512 stars, 16 in a call", results["stars"], "few")
    yield _row("512 stars in one call", results["stars"], "many", 1.0)
    for method, least in (("linear", 30.0), ("flux-conserving", 2000.0)):
        measured = results[method]
        yield _row(f"resample, {method}: specutils", measured, "specutils")
        yield _row(f"resample, {method}: galspec", measured, "galspec", least)
    for part, least in (("polynomial", 10.0), ("spline", 7.0), ("denoising", 2.0)):
        what = part if part == "denoising" else f"continuum, {part}"
        yield _row(f"{what}: one by one", results[part], "loop")
        yield _row(f"{what}: galspec", results[part], "galspec", least)
    yield _row("labels of stars: curve_fit", results["searching"], "loop")
    yield _row("labels of stars: galspec", results["searching"], "galspec", 2.5)
    yield _row("2000 templates: one by one", results["templates"], "loop")
    yield _row("2000 templates: galspec", results["templates"], "galspec", 100.0)
    measured = results["one-file"]
    yield _row("process, one file: specutils and torch", measured, "script")
    row = _row("process, one file: galspec predict", measured, "galspec", 5.0)
    yield row | {"holds": row["holds"] and not measured["loaded"]}
    measured = results["imports"]
    yield _row("process: import astropy.units", measured, "astropy.units")
    row = _row("process: import galspec", measured, "galspec", 1 / 1.3)
    yield row | {"holds": row["holds"] and not measured["loaded"]}


def _floors(measured, unit):
    """Reading and network alone, and their sum over the whole path."""
    yield _row(f"floor, {unit}: reading", measured, "reading")
    yield _row(f"floor, {unit}: network", measured, "network")
    pairs = zip(measured["reading"], measured["network"], strict=True)
    both = {"floors": [a + b for a, b in pairs], "path": measured["onnxruntime"]}
    yield _row(f"path against its floors, {unit}", both, "path", 1 / 1.25)


def _row(what, measured, name, least=None):
    """One row; the ratio is the median over the rounds, against the first job."""
    first = next(iter(measured.values()))
    ratio = statistics.median(a / b for a, b in zip(first, measured[name], strict=True))
    return {
        "what": what,
        "ms": 1e3 * statistics.median(measured[name]),
        "ratio": ratio,
        "least": least,
        "holds": least is None or ratio >= least,
    }


def as_text(rows):
    """The table as it is printed.

    Parameters
    ----------
    rows : list of dict
        What `rows_of` gave.

    Returns
    -------
    str
    """
    lines = [f"{'':44}{'ms each':>10}{'faster by':>12}{'at least':>10}"]
    for row in rows:
        least = "" if row["least"] is None else f"{row['least']:.2f}"
        verdict = "" if row["holds"] else "  MISSED"
        lines.append(
            f"{row['what']:44}{row['ms']:10.3f}{row['ratio']:12.2f}{least:>10}{verdict}"
        )
    return "\n".join(lines)


def concluded(rows, measured, path):
    """Write all figures where that is asked for, and say how the process ends.

    Parameters
    ----------
    rows : list of dict
        Of the table.
    measured : dict
        What they are made of.
    path : pathlib.Path or None

    Returns
    -------
    int
        Exit status: 1 where a bar is missed.
    """
    if path:
        figures = {"rows": rows, "measured": measured}
        path.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if all(row["holds"] for row in rows) else 1
