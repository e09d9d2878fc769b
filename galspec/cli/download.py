"""get the weights of an estimator, for later use without network"""

import sys

from galspec.cli.text import megabytes
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "download"


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument("estimator", metavar="ESTIMATOR", help="its name in the list")
    parser.add_argument("--tag", default="default", help="which of its weights")


def run(arguments):
    """Print where the weights are, how large they are, and their SHA-256.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        0.
    """
    from galspec import weights

    name = get_estimator(arguments.estimator).name
    # astropy's progress goes to standard output, where scripts read the path
    progress_bar = None if sys.stdout.isatty() else False
    file = weights.download(name, arguments.tag, progress_bar=progress_bar)
    print(file)
    print(f"{megabytes(file.stat().st_size)}, SHA-256 {_sha256(file)}")
    return 0


def _sha256(file):
    from galspec.weights.files import file_sha256

    return file_sha256(file)
