# pyright: reportUnknownMemberType=false
# (torch leaves parts of `backward` without types)
r"""SimCLR in one function: two random views of a picture are the positive pair.

All randomness (weights, batches, views) comes from one `torch.Generator`, whose state is part of
the checkpoint: a run that was killed and started again ends in the same weights, bit for bit, as
one that was not, given the same number of threads and the same version of torch.
"""

import hashlib
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from infonce.losses import nt_xent
from infonce.train.checkpoint import load_checkpoint, save_checkpoint
from infonce.train.data import require
from infonce.train.encoders import Encoder
from infonce.train.views import augment

__all__ = ["Run", "simclr"]


class Run(NamedTuple):
    """A finished training run.

    Attributes:
        encoder: the trained network.
        losses: the loss of every step, in nats.
    """

    encoder: Encoder
    losses: list[float]


def simclr(
    images: Tensor,
    *,
    steps: int = 600,
    batch_size: int = 256,
    temperature: float = 0.2,
    learning_rate: float = 4e-3,
    seed: int = 0,
    checkpoint: Path | None = None,
    checkpoint_every: int = 50,
    progress: bool = True,
    on_step: Callable[[int, float], None] | None = None,
) -> Run:
    r"""Train an encoder without labels by SimCLR.

    Each step draws $N$ pictures, makes two random views of each and lowers NT-Xent
    (`infonce.nt_xent`) with Adam.

    Args:
        images: grey 8 by 8 pictures in [0, 1], shape `(n, 1, 8, 8)`.
        steps: number of batches, at least 1.
        batch_size: $N$, pictures a batch, at most `n`; each anchor meets $2N - 2$ negatives.
        temperature: $\tau > 0$.
        learning_rate: Adam's, constant.
        seed: of the one generator.
        checkpoint: file to continue from if it is there, and to write to; None keeps nothing.
        checkpoint_every: steps between checkpoints; it does not change the result.
        progress: show a progress bar on standard error.
        on_step: called after each step, and after its checkpoint, with the number of steps done
            and the loss. What it raises ends the run.

    Returns:
        `Run(encoder, losses)`. The loss starts below $\log(2N - 1)$, the value of a collapsed
        encoder.

    Raises:
        TypeError: images are not float32.
        ValueError: an argument is out of range.
        ImportError: tqdm is missing.
        CheckpointError: the checkpoint is damaged or belongs to other settings or data; it is
            left as it is.

    Source:
        Chen, Kornblith, Norouzi & Hinton 2020, Algorithm 1.

    Examples:
        >>> from infonce.train import load_digits
        >>> images = load_digits().images[:200]
        >>> run = simclr(images, steps=30, batch_size=64, progress=False)
        >>> print(len(run.losses), run.losses[-1] < run.losses[0] < math.log(2 * 64 - 1))
        30 True
    """
    if images.ndim != 4 or images.shape[1:] != (1, 8, 8):
        raise ValueError(f"images must be (n, 1, 8, 8), got {tuple(images.shape)}")
    if images.dtype != torch.float32:
        raise TypeError(f"images must be float32, got {images.dtype}")
    if not 1 <= batch_size <= len(images):
        raise ValueError(f"batch_size must be 1 to {len(images)}, got {batch_size}")
    if steps < 1 or checkpoint_every < 1:
        given = f"{steps} and {checkpoint_every}"
        raise ValueError(f"steps and checkpoint_every must be at least 1, got {given}")
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    # --8<-- [start:simclr]
    config = {
        "task": "simclr",
        "data": hashlib.sha256(bytes(images.contiguous().numpy())).hexdigest()[:16],
        "steps": steps,
        "batch_size": batch_size,
        "temperature": temperature,
        "learning_rate": learning_rate,
        "seed": seed,
    }
    generator = torch.Generator().manual_seed(seed)
    encoder = Encoder(generator)
    optimiser: Any = torch.optim.Adam(encoder.parameters(), lr=learning_rate, fused=True)
    losses: list[float] = []
    if checkpoint and (state := load_checkpoint(checkpoint, config)):
        _warn_if_elsewhere(state["platform"])
        encoder.load_state_dict(state["encoder"])
        optimiser.load_state_dict(state["optimiser"])
        generator.set_state(state["generator"])
        losses = state["losses"]
    bar = require("tqdm", "tqdm").tqdm(
        total=steps, initial=len(losses), desc=f"seed {seed}", unit="step", disable=not progress
    )
    with bar:
        for step in range(len(losses) + 1, steps + 1):
            rows = torch.randperm(len(images), generator=generator)[:batch_size]
            view1 = augment(images[rows], generator)
            view2 = augment(images[rows], generator)
            z1, z2 = encoder(torch.cat((view1, view2))).z.chunk(2)
            loss = nt_xent(z1, z2, temperature=temperature)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            if checkpoint and (step % checkpoint_every == 0 or step == steps):
                state = {
                    "config": config,
                    "platform": _platform(),
                    "encoder": encoder.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "generator": generator.get_state(),
                    "losses": losses,
                }
                save_checkpoint(checkpoint, state)
            bar.set_postfix_str(f"loss {losses[-1]:.3f} nats", refresh=False)
            bar.update()
            if on_step:
                on_step(step, losses[-1])
    return Run(encoder, losses)
    # --8<-- [end:simclr]


def _platform() -> dict[str, Any]:
    return {"threads": torch.get_num_threads(), "torch": str(torch.__version__)}


def _warn_if_elsewhere(platform: dict[str, Any]) -> None:
    if platform != _platform():
        warnings.warn(
            f"continuing on {_platform()} a run begun on {platform}: "
            "the last bits of the weights may differ from an unbroken run",
            stacklevel=3,
        )
