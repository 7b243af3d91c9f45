r"""Recipes: the settings that worked, by method and data set, and the tasks they make.

Chosen by validation on training data and on the emoji style `noto-v1`, never on what is reported.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from infonce.train.data import (
    Split,
    emoji_table,
    load_digits,
    load_fashion_mnist,
    stratified_split,
)
from infonce.train.encoders import Encoder, PictureEncoder
from infonce.train.loop import Run, fit
from infonce.train.tasks import ClipTask, SimCLR, Supervised, Task, TextPairs
from infonce.train.views import DIGIT_VIEWS, FASHION_VIEWS

__all__ = ["RECIPES", "Labelled", "labelled", "make_task", "run_recipe", "simclr"]

RECIPES: dict[tuple[str, str], dict[str, Any]] = {
    ("simclr", "digits"): {
        "steps": 600, "batch_size": 256, "temperature": 0.2, "learning_rate": 4e-3, "cosine": False,
    },
    ("simclr", "fashion-mnist"): {
        "steps": 1200, "batch_size": 128, "temperature": 0.2, "learning_rate": 3e-3,
        "weight_decay": 1e-4, "muon": 0.05, "width": 64, "norm": "batch",
    },
    ("clip", "emoji"): {
        "steps": 2000, "batch_size": 256, "learning_rate": 5e-3, "weight_decay": 0.05,
        "muon": 0.05, "width": 32, "tokens": 2560, "norm": "batch", "drop": 0.0, "pool": 2,
    },
    ("text", "emoji"): {
        "steps": 1000, "batch_size": 256, "learning_rate": 5e-3, "weight_decay": 0.05,
        "tokens": 8192, "drop": 0.3,
    },
}  # fmt: skip
"""(method, data) -> settings; the command line may change steps, batch, rate and temperature."""

_OF_THE_LOOP = ("steps", "learning_rate", "weight_decay", "muon", "cosine", "seed")


class Labelled(NamedTuple):
    """Pictures with classes and the split to train and test on."""

    images: Tensor
    labels: Tensor
    split: Split


def labelled(data: str, folder: Path | None = None) -> Labelled:
    """The digits or Fashion-MNIST, in one form.

    Args:
        data: `"digits"` or `"fashion-mnist"`.
        folder: where the files of Fashion-MNIST are, if not where Debian puts them.

    Source:
        See `load_digits` and `load_fashion_mnist`.

    Examples:
        >>> print(len(labelled("digits").split.train))
        1198
    """
    if data == "digits":
        images, labels = load_digits()
        return Labelled(images, labels, stratified_split(labels))
    return Labelled(*load_fashion_mnist(folder))


def make_task(
    method: str,
    data: str,
    settings: dict[str, Any],
    generator: torch.Generator,
    folder: Path | None = None,
) -> Task:
    """The task of a recipe with its weights drawn; settings of the loop are ignored.

    Source:
        Ours.

    Examples:
        >>> settings = RECIPES["simclr", "digits"]
        >>> task = make_task("simclr", "digits", settings, torch.Generator().manual_seed(0))
        >>> print(task.config["method"], task.config["on"])
        simclr digits
    """
    own = {k: v for k, v in settings.items() if k not in _OF_THE_LOOP}
    supervised = own.pop("supervised", False)
    labels = torch.arange(len(emoji_table()))  # with labels, every emoji is a class of its own
    if method == "clip":
        task: Task = ClipTask(generator, **own)
    elif method == "text":
        task = TextPairs(generator, **own)
    else:
        images, labels, split = labelled(data, folder)
        images, labels = images[split.train], labels[split.train]
        shape = {k: own.pop(k) for k in ("width", "norm") if k in own}
        encoder = (
            Encoder(generator)
            if data == "digits"
            else PictureEncoder(generator, channels=1, size=28, dim=64, hidden=128, **shape)
        )
        views = DIGIT_VIEWS if data == "digits" else FASHION_VIEWS
        task = SimCLR(images, encoder, views, **own)
        task.config |= shape
    task.config["on"] = data
    return Supervised(task, labels, generator) if supervised else task


def run_recipe(
    method: str,
    data: str,
    settings: dict[str, Any],
    *,
    seed: int,
    checkpoint: Path | None = None,
    folder: Path | None = None,
    progress: bool = True,
    **more: Any,
) -> Run:
    """Train a recipe: `fit` with the settings that belong to the loop.

    Source:
        Ours.

    Examples:
        >>> settings = RECIPES["simclr", "digits"] | {"steps": 2}
        >>> print(len(run_recipe("simclr", "digits", settings, seed=0, progress=False).losses))
        2
    """
    loop = {k: settings[k] for k in _OF_THE_LOOP if k in settings}
    return fit(
        lambda generator: make_task(method, data, settings, generator, folder),
        **loop,
        seed=seed,
        checkpoint=checkpoint,
        progress=progress,
        checkpoint_every=max(50, settings["steps"] // 20),
        **more,
    )


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
    r"""Train an encoder of 8 by 8 pictures without labels by SimCLR.

    Each step draws $N$ pictures, makes two random views of each and lowers NT-Xent
    (`infonce.nt_xent`) with Adam: `fit` with the task `SimCLR`.

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
        >>> images = load_digits().images[:200]
        >>> run = simclr(images, steps=30, batch_size=64, progress=False)
        >>> print(len(run.losses), run.losses[-1] < run.losses[0] < 4.84)  # log(2 N - 1)
        30 True
    """
    if images.ndim != 4 or images.shape[1:] != (1, 8, 8):
        raise ValueError(f"images must be (n, 1, 8, 8), got {tuple(images.shape)}")
    return fit(
        lambda generator: SimCLR(
            images,
            Encoder(generator),
            DIGIT_VIEWS,
            batch_size=batch_size,
            temperature=temperature,
        ),
        steps=steps,
        learning_rate=learning_rate,
        cosine=False,
        seed=seed,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
        progress=progress,
        on_step=on_step,
    )
