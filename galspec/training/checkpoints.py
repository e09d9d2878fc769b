"""Training state on disk, as safetensors: a run resumes exactly where it was."""

import json
import os
import pathlib

__all__ = ["load_checkpoint", "save_checkpoint"]


def save_checkpoint(path, model, best, optimizer, state):
    """Write the state of a run, atomically.

    Parameters
    ----------
    path : path-like
        Where to; an older checkpoint is replaced.
    model : `torch.nn.Module`
        In its present state.
    best : dict of str to `torch.Tensor`
        Parameters of the best epoch so far.
    optimizer : `torch.optim.Optimizer`
        Its moments and steps.
    state : dict
        Whatever else the run needs, as JSON.
    """
    from safetensors.torch import save_file

    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in best.items()}
    moments = optimizer.state_dict()
    for index, entries in moments["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v for k, v in entries.items()}
    state = {**state, "optimizer": moments["param_groups"]}
    # views and layouts of torch tensors do not matter to a file
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
    partial = path.with_name(path.name + f".{os.getpid()}.part")
    try:
        save_file(tensors, partial, metadata={"state": json.dumps(state)})
        os.replace(partial, path)
    finally:  # of a full disk nothing is left behind
        partial.unlink(missing_ok=True)


def load_checkpoint(path, model, optimizer):
    """Read what `save_checkpoint` wrote into the model and the optimizer.

    Parameters
    ----------
    path : path-like
        An existing checkpoint.
    model : `torch.nn.Module`
        Of the same configuration.
    optimizer : `torch.optim.Optimizer`
        Of the same kind.

    Returns
    -------
    best : dict of str to `torch.Tensor`
    state : dict

    Raises
    ------
    ValueError
        If the checkpoint is of another network.
    """
    from safetensors import safe_open

    groups = {"model": {}, "best": {}, "optimizer": {}}
    with safe_open(os.fspath(path), "pt") as file:
        state = json.loads(file.metadata()["state"])
        for key in file.keys():  # noqa: SIM118 - not a dict
            group, _, name = key.partition(".")
            groups[group][name] = file.get_tensor(key)
    try:
        model.load_state_dict(groups["model"])
    except RuntimeError as error:
        raise ValueError(
            f"the checkpoint {path} is of another network: remove it to start anew "
            f"({error})"
        ) from error
    moments = {}
    for key, value in groups["optimizer"].items():
        index, _, name = key.partition(".")
        moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict(
        {"state": moments, "param_groups": state.pop("optimizer")}
    )
    return groups["best"], state
