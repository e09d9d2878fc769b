"""The one fit loop."""

import concurrent.futures
import dataclasses
import logging
import math
import os

from galspec.training.checkpoints import load_checkpoint, save_checkpoint
from galspec.training.freezing import training_mode
from galspec.training.losses import LOSSES

__all__ = ["fit"]

log = logging.getLogger(__name__)


def fit(
    model,
    train,
    validation,
    options,
    *,
    seed=0,
    device="cpu",
    checkpoint=None,
    progress_bar=False,
    prepared=False,
):
    """Fit a network and leave it with the parameters of its best epoch.

    Parameters
    ----------
    model : `torch.nn.Module`
        Changed in place, where it requires a gradient. A term that it leaves as
        ``penalty`` in a training pass is added to the loss. One that has a method
        ``learn(inputs, labels, loss, seed)`` is trained by that, on the first epoch
        alone and without checkpoints. One that has a method ``prepare(inputs)`` sees
        the first epoch before it is trained.
    train : callable
        ``train(epoch)`` gives the arrays (inputs, standardised labels) of an epoch.
    validation : tuple of `numpy.ndarray`
        Inputs and standardised labels.
    options : FitOptions
        How.
    seed : int
        Of the shuffling; with the model's own start it decides the result.
    device : str
        Of torch.
    checkpoint : path-like, optional
        Written after every epoch; the run resumes from it where it exists.
    progress_bar : bool
        Show one.
    prepared : bool
        The model has seen training spectra before: it goes on from what it is.

    Returns
    -------
    list of dict
        Epoch, training loss and validation loss of each epoch; fewer of them than
        ``options.epochs`` where the run stopped early, none where the model learned by
        itself.

    Raises
    ------
    FloatingPointError
        If the loss is no longer finite.
    ValueError
        If the checkpoint is of another network, seed, loss or optimiser.
    """
    from tqdm import tqdm

    if hasattr(model, "learn"):
        model.learn(*train(0), options.loss, seed)
        model.to(device).eval()
        return []
    if hasattr(model, "prepare") and not prepared:
        model.prepare(train(0)[0])
    model.to(device)
    optimizer = _optimizer(model, options)
    plateau = _plateau(optimizer, options)
    best, history, lowest = _snapshot(model), [], math.inf
    settings = _settings(options, seed)
    if checkpoint is not None and os.path.exists(checkpoint):
        best, state = load_checkpoint(checkpoint, model, optimizer)
        _check_settings(checkpoint, state.get("settings", settings), settings)
        history, lowest = state["history"], state["lowest"]
        plateau.load_state_dict(state["plateau"])
        log.info("resumed %s after epoch %d", checkpoint, len(history))
    last = len(history) if _stalled(history, options) else options.epochs
    epochs = range(len(history), last)
    bar = tqdm(
        _made_ahead(train, epochs),
        "training",
        len(epochs),
        disable=not progress_bar,
        unit="epoch",
    )
    for epoch, arrays in bar:
        trained = _train_epoch(model, optimizer, arrays, options, epoch, seed)
        validated = evaluate(model, *validation, options)
        if not math.isfinite(trained) or not math.isfinite(validated):
            raise FloatingPointError(
                f"the loss of epoch {epoch} is not finite: lower the learning rate "
                f"({options.learning_rate}) or look for unusual labels"
            )
        if options.schedule == "plateau":
            plateau.step(validated)
        if validated < lowest:
            best, lowest = _snapshot(model), validated
        history.append({"epoch": epoch, "train": trained, "validation": validated})
        log.info("epoch %d: train %.4f, validation %.4f", epoch, trained, validated)
        bar.set_postfix(train=f"{trained:.3f}", validation=f"{validated:.3f}")
        if checkpoint is not None:
            state = {
                "history": history,
                "lowest": lowest,
                "plateau": plateau.state_dict(),
                "settings": settings,
            }
            save_checkpoint(checkpoint, model, best, optimizer, state)
        if _stalled(history, options):
            log.info("stopped after epoch %d: no improvement", len(history))
            break
    model.load_state_dict(best)
    model.eval()
    return history


def evaluate(model, inputs, labels, options):
    """Mean loss over arrays, without training; the likelihood for 'beta-gaussian'.

    Parameters
    ----------
    model : `torch.nn.Module`
    inputs, labels : `numpy.ndarray`
    options : FitOptions
        Whose loss is taken.

    Returns
    -------
    float
    """
    import torch

    model.eval()
    # its weights belong to training: they would prefer small sigmas
    name = "gaussian" if options.loss == "beta-gaussian" else options.loss
    device, total = next(model.parameters()).device, 0.0
    with torch.inference_mode():
        for start in range(0, len(inputs), options.batch_size):
            part = slice(start, start + options.batch_size)
            x, y = (torch.from_numpy(a[part]).to(device) for a in (inputs, labels))
            total += float(LOSSES[name](model(x), y)) * len(x)
    return total / max(len(inputs), 1)


def _made_ahead(train, epochs):
    """Each epoch with its arrays, the next made while the network learns from one."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        following = None
        for epoch in epochs:
            arrays = (following or pool.submit(train, epoch)).result()
            if epoch + 1 in epochs:
                following = pool.submit(train, epoch + 1)
            yield epoch, arrays


def _settings(options, seed):
    """What must not change while a run is resumed; it may become longer or shorter."""
    settings = dataclasses.asdict(options) | {"seed": seed}
    return {k: v for k, v in settings.items() if k not in ("epochs", "stop_after")}


def _check_settings(checkpoint, old, new):
    changed = [
        f"{name} was {old.get(name)} and is {new[name]}"
        for name in new
        if old.get(name) != new[name]
    ]
    if changed:
        raise ValueError(
            f"the run of {checkpoint} cannot be resumed, since {', '.join(changed)}: "
            "give the same, or remove the file to start anew"
        )


def _stalled(history, options):
    """Whether the last epochs brought nothing; told by the history, resumed or not."""
    if options.stop_after is None or not history:
        return False
    losses = [row["validation"] for row in history]
    return len(losses) - 1 - losses.index(min(losses)) >= options.stop_after


def _train_epoch(model, optimizer, arrays, options, epoch, seed):
    import torch

    inputs, labels = arrays
    # seeded by the epoch, so that a resumed run repeats an uninterrupted one
    generator = torch.Generator().manual_seed(hash((seed, epoch)) % 2**31)
    torch.manual_seed(generator.initial_seed())
    orders = [
        torch.randperm(len(inputs), generator=generator) for _ in range(options.passes)
    ]
    order = torch.cat(orders).numpy()
    device, total = next(model.parameters()).device, 0.0
    steps = math.ceil(len(order) / options.batch_size)
    training_mode(model)
    for step in range(steps):
        if options.schedule == "cosine":
            _set_rate(optimizer, options, epoch + step / steps)
        rows = order[step * options.batch_size : (step + 1) * options.batch_size]
        x, y = (torch.from_numpy(a[rows]).to(device) for a in (inputs, labels))
        loss = LOSSES[options.loss](model(x), y)
        # what a network asks of itself beside the labels
        loss = loss + getattr(model, "penalty", 0.0)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        # stays on the device: reading it would make a GPU wait at every step
        total += loss.detach() * len(rows)
    return float(total) / max(len(order), 1)


def _optimizer(model, options):
    import torch

    moving = [each for each in model.parameters() if each.requires_grad]
    if options.optimizer == "adam":
        return torch.optim.Adam(moving, options.learning_rate)
    return torch.optim.AdamW(
        moving, options.learning_rate, weight_decay=options.weight_decay
    )


def _plateau(optimizer, options):
    from torch.optim.lr_scheduler import ReduceLROnPlateau

    return ReduceLROnPlateau(optimizer, patience=options.patience, factor=0.1)


def _set_rate(optimizer, options, epoch):
    """Linear warm-up over the first epoch, then half a cosine to zero."""
    warm = min(1.0, (epoch + 0.01) / 1.0)
    rate = options.learning_rate * warm
    rate *= 0.5 * (1 + math.cos(math.pi * min(epoch / options.epochs, 1)))
    for group in optimizer.param_groups:
        group["lr"] = rate


def _snapshot(model):
    return {k: v.detach().cpu().clone() for k, v in model.state_dict().items()}
