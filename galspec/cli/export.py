"""write the graph of weights of your own, for prediction by onnxruntime"""

from galspec.cli.errors import CommandError

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "export"


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument(
        "weights",
        metavar="PATH",
        help="what save, train or fine-tune has written: a .safetensors file or a "
        "folder; the graph goes beside it",
    )


def run(arguments):
    """Print where the graph is.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        0.
    """
    from galspec.engines.export import export_graph

    try:
        print(export_graph(arguments.weights))
    except (ImportError, OSError) as error:
        raise CommandError(str(error)) from error
    return 0
