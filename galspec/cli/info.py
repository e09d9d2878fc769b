"""show what an estimator gives, how it works, and the card of its weights"""

from galspec.cli.options import declared
from galspec.cli.text import in_columns, megabytes
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "info"


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument("estimator", metavar="ESTIMATOR", help="its name in the list")
    parser.add_argument("--tag", help="which of its weights (default: default)")
    parser.add_argument("--weights", metavar="PATH", help="weights of your own instead")


def run(arguments):
    """Print the declaration, and the card if the weights are on this machine.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        0.
    """
    cls = get_estimator(arguments.estimator)
    bundle, state = _weights(cls.name, arguments.tag, arguments.weights)
    # what the weights were trained for need not be what the class declares
    form = cls if bundle is None else cls.from_config(bundle.config)
    print(f"{cls.name}: {(cls.__doc__ or '').strip().partition(chr(10))[0]}\n")
    print(in_columns([("target", "unit", "valid", ""), *map(_target, form.targets)]))
    print()
    steps = [("", repr(step)) for step in form.recipe.transformers]
    facts = [
        ("scale", form.scale or "-"),
        ("recipe", form.recipe.name),
        *steps,
        ("network", "none: a formula" if form.network is None else repr(form.network)),
        *_options(cls),
        ("references", ", ".join(cls.references) or "-"),
        *state,
    ]
    print(in_columns(facts))
    if bundle is not None and bundle.card:
        print(f"\n{bundle.card.strip()}")
    return 0


def _options(cls):
    """What ``predict`` takes besides, one a line."""
    lines = [f"{name}: {words}".rstrip(": ") for name, words in declared(cls).items()]
    return [("options" if line is lines[0] else "", line) for line in lines]


def _target(target):
    low, high = target.valid
    unit = "" if target.unit is None else str(target.unit)
    return target.name, unit or "-", f"{low:g} to {high:g}", target.description


def _weights(estimator, wanted, path):
    """The weights if they are on this machine, and lines that say what they are."""
    from galspec import weights

    if path is not None:
        file = weights.resolve(estimator, path=path)
        return _described(file, file.name)
    tag = wanted or "default"
    tags = [entry.tag for entry in weights.available(estimator)]
    others = [("all tags", ", ".join(tags))] if tags else []
    try:
        file = weights.resolve(estimator, tag, offline=True)
        bundle, state = _described(file, tag)
    except weights.WeightsError as error:
        # without weights of its own, an estimator still has a declaration
        if wanted is not None and wanted not in tags:
            raise
        return None, [("weights", str(error).replace("\n", " ")), *others]
    return bundle, [*state, *others]


def _described(file, name):
    from galspec import weights

    bundle = weights.read_bundle(file)
    bundle.require("estimator", "targets", "recipe", "network")
    files = [file] if file.is_file() else file.iterdir()
    size = megabytes(sum(each.stat().st_size for each in files))
    return bundle, [("weights", f"{name}, {size}"), ("SHA-256", bundle.sha256)]
