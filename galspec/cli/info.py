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
    bundle, state = _weights(cls.name, arguments.tag)
    recipe, network = _form(cls, bundle)
    print(f"{cls.name}: {(cls.__doc__ or '').strip().partition(chr(10))[0]}\n")
    print(in_columns([("target", "unit", "valid", ""), *map(_target, cls.targets)]))
    print()
    steps = [("", repr(step)) for step in recipe.transformers]
    facts = [
        ("scale", cls.scale or "-"),
        ("recipe", recipe.name),
        *steps,
        ("network", "none: a formula" if network is None else repr(network)),
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


def _weights(estimator, wanted):
    """The weights if they are on this machine, and lines that say what they are."""
    from galspec import weights

    tag = wanted or "default"
    tags = [entry.tag for entry in weights.available(estimator)]
    others = [("all tags", ", ".join(tags))] if tags else []
    try:
        file = weights.resolve(estimator, tag, offline=True)
        bundle = weights.read_bundle(file)
    except weights.WeightsError as error:
        # without weights of its own, an estimator still has a declaration
        if wanted is not None and wanted not in tags:
            raise
        return None, [("weights", str(error).replace("\n", " ")), *others]
    size = megabytes(file.stat().st_size)
    return bundle, [("weights", f"{tag}, {size}"), ("SHA-256", bundle.sha256), *others]


def _form(cls, bundle):
    """Recipe and network: those of the weights, or the declared ones."""
    if bundle is None:
        return cls.recipe, cls.network
    from galspec.networks import NetworkConfig
    from galspec.transforms import Recipe

    return (
        Recipe.from_config(bundle.config["recipe"]),
        NetworkConfig.from_config(bundle.config["network"]),
    )
