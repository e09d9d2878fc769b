"""Which parameters of a network may move while it is tuned."""

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
        many of the last layers. "all". Or one name or several, of layers or of parts
        that hold some.
    outputs : int
        Of the network.

    Returns
    -------
    list of str
        The layers that move.

    Raises
    ------
    ValueError
        If there is no such layer, or not so many.
    """
    every = layer_names(model)
    moving = _chosen(model, every, layers, outputs)
    for name, parameter in model.named_parameters():
        layer = name.rpartition(".")[0] or name
        parameter.requires_grad_(layer in moving)
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
    if isinstance(layers, int):
        if not 1 <= layers <= len(every):
            raise ValueError(f"layers is {layers}; the network has {len(every)}")
        return every[-layers:]
    names = [layers] if isinstance(layers, str) else list(layers)
    for name in names:
        if not any(_within(layer, name) for layer in every):
            raise ValueError(
                f"the network has no layer {name!r}; it has {', '.join(every)}, and "
                "'head', 'all' or a number of the last ones can be told"
            )
    chosen = [layer for layer in every if any(_within(layer, n) for n in names)]
    if not chosen:
        raise ValueError(f"layers is {layers!r}: nothing would move")
    return chosen


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
