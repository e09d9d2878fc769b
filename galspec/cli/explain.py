"""tell which wavelengths the value of a spectrum comes from"""

from galspec.cli import photometric
from galspec.cli.arguments import add_engine, add_offline, add_weights, weight_options
from galspec.cli.errors import CommandError
from galspec.cli.output import check_output, check_plot, render, write_table
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "explain"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add("file", metavar="FILE", help="a LAMOST, SDSS or DESI file with one spectrum")
    add(
        "--target",
        metavar="NAME",
        help="column of a result (default: the first target); for energy "
        "distributions, a wavelength in angstrom, or two: 3000-3500",
    )
    add("--redshift", metavar="Z", type=float, help="if the file does not state it")
    add(
        "--method",
        choices=("occlusion", "gradient"),
        default="occlusion",
        help="leave out one line after the other, or follow the networks' gradients "
        "(default: %(default)s)",
    )
    add(
        "--windows",
        metavar="WIDTH",
        type=float,
        help="windows of so many angstrom over the whole spectrum, not named lines",
    )
    add(
        "-o",
        "--output",
        metavar="OUT",
        help="a .ecsv, .fits or .parquet file for the windows; otherwise printed",
    )
    add("--pixels", metavar="OUT", help="such a file for the relevance of each pixel")
    add("--overwrite", action="store_true", help="replace files that exist")
    add("--plot", metavar="PNG", help="draw it: a .png, .pdf or .svg file")
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)


def run(arguments):
    """Explain a value, and write or print the effects of the windows.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        0.
    """
    for path in (arguments.output, arguments.pixels):
        if path is not None:
            check_output(path, arguments.overwrite)
    if arguments.plot is not None:
        check_plot(arguments.plot)
    cls = get_estimator(arguments.estimator)
    if photometric.is_photometric(cls):
        raise CommandError(f"{cls.name} works on photometry: spectra can be explained")
    estimator = cls.pretrained(**weight_options(arguments))
    explanation = _explained(estimator, arguments)
    if arguments.output is not None:
        write_table(explanation.windows, arguments.output)
    else:
        print(render(explanation.windows), flush=True)
    if arguments.pixels is not None:
        write_table(explanation.spectrum, arguments.pixels)
    if arguments.plot is not None:
        explanation.plot(arguments.plot)
    return 0


def _explained(estimator, arguments):
    import astropy.units as u

    from galspec.estimator import NotFittedError

    windows = None if arguments.windows is None else arguments.windows * u.AA
    try:
        return estimator.explain(
            arguments.file,
            target=_target(estimator, arguments.target),
            redshift=arguments.redshift,
            method=arguments.method,
            windows=windows,
        )
    except (TypeError, ValueError, NotFittedError) as error:
        raise CommandError(str(error)) from error


def _target(estimator, text):
    """The name of a column, or of a spectrum its wavelength or band."""
    if text is None or estimator.target_wavelength is None:
        return text
    import astropy.units as u

    try:
        return [float(part) for part in text.split("-")] * u.AA
    except ValueError:
        return text
