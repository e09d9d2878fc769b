"""Which parameters of a network may move while it is tuned."""

import numbers

__all__ = ["freeze", "layer_names", "training_mode"]


def layer_names(model):
    """The layers that have parameters of their own, in the order of their making.

    Parameters
    ----------
    model : `torch.nn.Module`

    Returns
    -------
    list of str
        As ``model.named_modules()`` calls them; a parameter that is in no layer counts
        as one.
    """
    layers = []
    for name, part in model.named_modules():
        own = [key for key, _ in part.named_parameters(recurse=False)]
        if own:
            layers += [name] if name else own
    return layers


def freeze(model, layers, outputs):
    """Let some parameters of a network move, and no others.

    Parameters
    ----------
    model : `torch.nn.Module`
        Its parameters get ``requires_grad`` or lose it.
    layers : str, int or list of str
        "head": the last layers, as many as give the outputs together. A number: so
        many of the last layers. "all". Or one name or several, of layers, of parts
        that hold some, or of a parameter of a layer, such as "head.bias".
    outputs : int
        Of the network.

    Returns
    -------
    list of str
        The layers that move, or the parameters where these were named.

    Raises
    ------
    TypeError
        If ``layers`` is none of these.
    ValueError
        If there is no such layer, or not so many.
    """
    every = layer_names(model)
    moving = _chosen(model, every, layers, outputs)
    for name, parameter in model.named_parameters():
        layer = name.rpartition(".")[0] or name
        parameter.requires_grad_(layer in moving or name in moving)
    return moving


def training_mode(model):
    """Set a network to training, apart from the parts of which nothing may move.

    Parameters
    ----------
    model : `torch.nn.Module`
        Frozen parts keep their running statistics, and drop nothing out.
    """
    model.train()
    for part in model.modules():
        parameters = list(part.parameters())
        if parameters and not any(each.requires_grad for each in parameters):
            part.eval()


def _chosen(model, every, layers, outputs):
    if layers == "all":
        return every
    if layers == "head":
        layers = _head(model, every, outputs)
    if isinstance(layers, numbers.Integral) and not isinstance(layers, bool):
        if not 1 <= layers <= len(every):
            raise ValueError(f"layers is {layers}; 1 to {len(every)} are there")
        return every[-layers:]
    names = [layers] if isinstance(layers, str) else layers
    if not isinstance(names, (list, tuple)):
        raise TypeError(
            f"layers is {layers!r}; it can be 'head', 'all', a whole number, a name or "
            "a list of names"
        )
    if not names:
        raise ValueError(f"layers is {layers!r}: nothing would move")
    return _named(model, every, names)


def _named(model, every, names):
    """Layers by their names or those of what holds them; else parameters."""
    single, chosen = dict(model.named_parameters()), []
    for name in names:
        found = [layer for layer in every if _within(layer, name)]
        if not found and name not in single:
            raise ValueError(
                f"the network has no layer {name!r}; it has {', '.join(every)}, and "
                "'head', 'all' or a number of the last ones can be told"
            )
        chosen += found or [name]
    # each once, in the order of the network
    order = [*every, *single]
    return sorted(set(chosen), key=order.index)


def _within(layer, name):
    return layer == name or layer.startswith(name + ".")


def _head(model, every, outputs):
    """How many of the last layers give the outputs: means and errors may have each."""
    parameters, total = dict(model.named_parameters()), 0
    for count, layer in enumerate(reversed(every), 1):
        total += len(parameters.get(f"{layer}.weight", parameters.get(layer, ())))
        if total >= outputs:
            return count if total == outputs else 1
    return 1
