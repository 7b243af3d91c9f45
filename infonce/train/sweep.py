# pyright: reportUnknownMemberType=false
# (torch leaves parts of `backward` without types)
r"""Many small trainings as one program: temperature by seed, negatives by seed.

A stack holds one encoder a configuration; a step moves all of them with one batched product for
each layer. A slice of the stack is the run that `infonce.train.simclr` would have made. Input is
not checked: this is the inner loop of experiments.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state
from torch.nn import functional as F

from infonce.train.encoders import Encoder
from infonce.train.views import augment

__all__ = ["stacked_nt_xent", "sweep"]

Loss = Callable[[Tensor, Tensor], Tensor]


def stacked_nt_xent(
    z: Tensor, temperature: Tensor | float, log_weight: Tensor | float = 0.0
) -> Tensor:
    r"""NT-Xent of each slice of a stack, with a weight for each negative.

    $$\ell_i = \log \Bigl(1 + \sum_{k \ne i, +} \omega_{ik} e^{(s_{ik} - s_{i+})/\tau}\Bigr)$$

    Args:
        z: unit rows, view 1 above view 2, shape `(C, 2N, d)`.
        temperature: $\tau > 0$, shape `(C,)`, or one for all.
        log_weight: $\log \omega$, anything that broadcasts to `(C, 2N, 2N)`; $-\infty$ leaves a
            candidate out. Its diagonal and the partners do not matter.

    Returns:
        Loss in nats, shape `(C,)`.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Eq. 1, at weights of one.

    Examples:
        Two orthonormal pairs at temperature 1, then with negatives that count twice:
        $\log(1 + 2/e)$ and $\log(1 + 4/e)$.

        >>> z = torch.eye(2).repeat(2, 1)[None]
        >>> print(f"{stacked_nt_xent(z, 1.0).item():.4f}")
        0.5514
        >>> print(f"{stacked_nt_xent(z, 1.0, torch.tensor(2.0).log()).item():.4f}")
        0.9048
    """
    n = z.shape[1] // 2
    scaled = z / torch.as_tensor(temperature, dtype=z.dtype).reshape(-1, 1, 1)
    positive = (scaled * z.roll(n, 1)).sum(-1)
    logits = scaled @ z.mT + log_weight
    with torch.no_grad():  # their weight is exactly 0, so is their gradient
        for offset in (0, n, -n):
            logits.diagonal(offset, 1, 2).fill_(torch.finfo(z.dtype).min)
    return F.softplus(logits.logsumexp(-1) - positive, threshold=40).mean(1)


def sweep(
    images: Tensor,
    loss: Loss,
    *,
    seeds: Sequence[int],
    steps: int,
    batch_size: int = 256,
    learning_rate: float = 4e-3,
) -> list[Encoder]:
    r"""Train one encoder a configuration, all in one program.

    Configurations of the same seed start from the same weights and see the same batches and
    views, so that their results are paired.

    Args:
        images: grey 8 by 8 pictures in [0, 1], shape `(n, 1, 8, 8)`.
        loss: given embeddings `(C, 2N, d)`, view 1 above view 2, and the rows of `images` that
            they show, `(C, N)`, returns one loss for each configuration, `(C,)`.
        seeds: one for each of the $C$ configurations, in the order of the loss.
        steps: number of batches.
        batch_size: $N$, pictures a batch.
        learning_rate: Adam's, constant.

    Returns:
        $C$ trained encoders.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Algorithm 1; training a stack of models as one batched
        program is described in the documentation of `torch.func`.

    Examples:
        Two temperatures, two seeds each; the final losses differ by temperature.

        >>> from infonce.train.data import load_digits
        >>> taus = torch.tensor([0.1, 0.1, 0.5, 0.5])
        >>> last = {}
        >>> def loss(z, rows):
        ...     last["losses"] = stacked_nt_xent(z, taus)
        ...     return last["losses"]
        >>> images = load_digits().images[:200]
        >>> encoders = sweep(images, loss, seeds=[0, 1, 0, 1], steps=20, batch_size=32)
        >>> print(len(encoders), (last["losses"][:2] < last["losses"][2:]).tolist())
        4 [True, True]
    """
    own = sorted(set(seeds))
    slot = [own.index(seed) for seed in seeds]
    generators = [torch.Generator().manual_seed(seed) for seed in own]
    fresh = [Encoder(generator) for generator in generators]
    encoders = [copy.deepcopy(fresh[k]) for k in slot]
    weights, _ = stack_module_state([*encoders])
    optimiser: Any = torch.optim.Adam(weights.values(), lr=learning_rate, fused=True)

    def embed(weights: dict[str, Tensor], x: Tensor) -> Tensor:
        return functional_call(fresh[0], weights, (x,)).z

    for _ in range(steps):
        rows: list[Tensor] = []
        views: list[Tensor] = []
        for generator in generators:
            rows.append(torch.randperm(len(images), generator=generator)[:batch_size])
            views.append(torch.cat([augment(images[rows[-1]], generator) for _ in range(2)]))
        z = torch.func.vmap(embed)(weights, torch.stack(views)[slot])
        optimiser.zero_grad()
        loss(z, torch.stack(rows)[slot]).sum().backward()
        optimiser.step()
    for k, encoder in enumerate(encoders):
        encoder.load_state_dict({name: stack[k] for name, stack in weights.items()})
    return encoders
