# pyright: reportUnknownMemberType=false
# (torch leaves parts of `backward` without types)
r"""The training loop, one for all tasks.

All randomness (weights, batches, views) comes from one `torch.Generator`, whose state is part of
the checkpoint: a run that was killed and started again ends in the same weights, bit for bit, as
one that was not, given the same number of threads and the same version of torch.

Under `torchrun` every process draws the same batch, embeds its own part of it, and takes part in
the loss of the whole (`infonce.distributed`); gradients are averaged and all take the same step.
"""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor

from infonce.train.checkpoint import load_checkpoint, save_checkpoint
from infonce.train.data import require
from infonce.train.muon import optimisers
from infonce.train.tasks import Make, Task

__all__ = ["Run", "fit"]


class Run(NamedTuple):
    """A finished training run.

    Attributes:
        encoder: the trained network, or networks.
        losses: the loss of every step, in nats.
    """

    encoder: Any
    losses: list[float]


def fit(
    make: Make,
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float = 0.0,
    muon: float = 0.0,
    cosine: bool = True,
    seed: int = 0,
    checkpoint: Path | None = None,
    checkpoint_every: int = 50,
    progress: bool = True,
    on_step: Callable[[int, float], None] | None = None,
    on_start: Callable[[Task], None] | None = None,
) -> Run:
    r"""Train a task: draw a batch, embed it, lower its loss with AdamW, or Muon for its layers.

    Args:
        make: given the generator, a `Task` whose weights are drawn from it.
        steps: number of batches, at least 1.
        learning_rate: of AdamW, at its peak.
        weight_decay: of AdamW, for matrices; vectors such as biases are left alone.
        muon: rate of Muon at its peak, for the matrices of layers; 0 leaves them to AdamW.
        cosine: rise over the first 5% of the steps, then fall to 0 along a cosine; otherwise the
            rate is constant.
        seed: of the one generator.
        checkpoint: file to continue from if it is there, and to write to; None keeps nothing.
        checkpoint_every: steps between checkpoints; it does not change the result.
        progress: show a progress bar on standard error.
        on_step: called after each step, and after its checkpoint, with the number of steps done
            and the loss. What it raises ends the run.
        on_start: called with the task before the first step.

    Returns:
        `Run(encoder, losses)`.

    Raises:
        ValueError: an argument is out of range.
        ImportError: tqdm is missing.
        CheckpointError: the checkpoint is damaged or belongs to other settings or data; it is
            left as it is.

    Source:
        Loshchilov & Hutter 2017, arXiv 1608.03983 (cosine); see `infonce.train.muon`.

    Examples:
        >>> from infonce.train import ClipTask
        >>> make = lambda generator: ClipTask(generator, batch_size=64, width=4, tokens=512)
        >>> run = fit(make, steps=3, learning_rate=5e-3, progress=False)
        >>> print(len(run.losses), round(run.losses[0]))
        3 5
    """
    if steps < 1 or checkpoint_every < 1:
        given = f"{steps} and {checkpoint_every}"
        raise ValueError(f"steps and checkpoint_every must be at least 1, got {given}")
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    if not 0 <= muon < math.inf:
        raise ValueError(f"muon must be a rate, at least 0 and finite, got {muon}")
    # --8<-- [start:fit]
    generator = torch.Generator().manual_seed(seed)
    task = make(generator)
    config = {
        **task.config,
        "steps": steps,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "muon": muon,
        "cosine": cosine,
        "seed": seed,
    }
    movers = optimisers(task.model, learning_rate, weight_decay, muon)
    losses: list[float] = []

    def save() -> None:
        if checkpoint and not _place()[0]:  # one process writes
            state = {
                "config": config,
                "platform": _platform(),
                "encoder": task.model.state_dict(),
                "optimisers": [mover.state_dict() for mover in movers],
                "generator": generator.get_state(),
                "losses": losses,
            }
            save_checkpoint(checkpoint, state)

    if checkpoint and (state := load_checkpoint(checkpoint, config)):
        _warn_if_elsewhere(state["platform"])
        task.model.load_state_dict(state["encoder"])
        for mover, kept in zip(movers, state["optimisers"], strict=True):
            mover.load_state_dict(kept)
        generator.set_state(state["generator"])
        losses = state["losses"]
    else:
        save()  # from here on the settings are fixed
    if on_start:
        on_start(task)
    task.model.train()
    with _bar(steps, len(losses), f"seed {seed}", progress) as bar:
        for step in range(len(losses) + 1, steps + 1):
            loss = task.loss(*task.embed(*map(_own, task.draw(generator))))
            task.model.zero_grad()
            loss.backward()
            _average(task.model)
            share = _share((step - 1) / steps) if cosine else 1
            for mover in movers:
                for group in mover.param_groups:
                    group["lr"] = group["peak"] * share
                mover.step()
            task.after_step()
            losses.append(loss.item())
            if step % checkpoint_every == 0 or step == steps:
                save()
            bar.set_postfix_str(f"loss {losses[-1]:.3f} nats", refresh=False)
            bar.update()
            if on_step:
                on_step(step, losses[-1])
    return Run(task.model.eval(), losses)
    # --8<-- [end:fit]


def _place() -> tuple[int, int]:
    """The number of this process and how many there are."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def _own(rows: Tensor) -> Tensor:
    """This process's part of a batch that all processes drew alike."""
    rank, processes = _place()
    return rows.tensor_split(processes)[rank]


def _average(model: Any) -> None:
    """Average gradients over processes, as the losses of `infonce.distributed` expect."""
    processes = _place()[1]
    if processes == 1:
        return
    gradients: list[Any] = [w.grad for w in model.parameters()]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    ends = torch.tensor([g.numel() for g in gradients]).cumsum(0)[:-1]
    for gradient, part in zip(gradients, (flat / processes).tensor_split(ends), strict=True):
        gradient.copy_(part.view_as(gradient))


def _share(done: float) -> float:
    """Share of the peak learning rate when this share of the steps is done."""
    return min((done + 1e-3) / 0.05, 0.5 + 0.5 * math.cos(math.pi * done))


def _bar(steps: int, done: int, name: str, progress: bool) -> Any:
    tqdm = require("tqdm", "tqdm").tqdm
    return tqdm(total=steps, initial=done, desc=name, unit="step", disable=not progress)


def _platform() -> dict[str, Any]:
    return {
        "threads": torch.get_num_threads(),
        "torch": str(torch.__version__),
        "processes": _place()[1],
    }


def _warn_if_elsewhere(platform: dict[str, Any]) -> None:
    if platform != _platform():
        warnings.warn(
            f"continuing on {_platform()} a run begun on {platform}: "
            "the last bits of the weights may differ from an unbroken run",
            stacklevel=3,
        )
