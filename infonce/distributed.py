# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportIncompatibleMethodOverride=false
# (torch leaves process groups and autograd functions without types)
"""The losses of a batch that lies on several processes: each holds some of its pairs.

What is promised about value, gradient, memory and failure stands on the page "Several
processes". Everything is sent in the forward pass: what each process has, the rows, and the sum
of the gradients. So the backward pass cannot wait for anybody.
"""

from typing import Any, Literal

import torch
import torch.distributed as dist
from torch import Tensor

from infonce import checks
from infonce.tiles import Layout, tiled

__all__ = ["clip_loss", "info_nce", "nt_xent", "siglip_loss"]

Group = dist.ProcessGroup | None
Kind = Literal["rows", "both", "views", "pairs"]


def info_nce(
    query: Tensor, positive: Tensor, *, temperature: float | Tensor = 0.1, group: Group = None
) -> Tensor:
    """`infonce.info_nce` over the rows of all processes.

    Args:
        query: anchors of this process, shape `(n, d)`.
        positive: their keys, shape `(n, d)`; those of all other anchors are negatives.
        temperature: the same in all processes; a 0-d tensor receives its gradient.
        group: the processes that take part; by default all.

    Returns:
        The mean over all $N$ anchors in nats, shape `()`, the same in all processes.

    Raises:
        TypeError: an argument here that `infonce.info_nce` refuses.
        ValueError: the same, or another process refused its own, or they do not agree.
        RuntimeError: another process died or did not answer in time.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        One process is a group too:

        >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
        >>> print(f"{info_nce(torch.eye(4), torch.eye(4), temperature=1.0):.4f}")
        0.7437
        >>> dist.destroy_process_group()
    """
    return _loss("rows", {"query": query, "positive": positive}, group, temperature=temperature)


def nt_xent(
    view1: Tensor, view2: Tensor, *, temperature: float | Tensor = 0.5, group: Group = None
) -> Tensor:
    """`infonce.nt_xent` over the rows of all processes.

    Args:
        view1: one view of each image of this process, shape `(n, d)`.
        view2: the other view, shape `(n, d)`.
        temperature: the same in all processes; a 0-d tensor receives its gradient.
        group: the processes that take part; by default all.

    Returns:
        The mean over all $2N$ anchors in nats, shape `()`, the same in all processes.

    Raises:
        TypeError: an argument here that `infonce.nt_xent` refuses.
        ValueError: the same, or another process refused its own, or they do not agree.
        RuntimeError: another process died or did not answer in time.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Eq. 1.

    Examples:
        >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
        >>> print(f"{nt_xent(torch.eye(2), torch.eye(2), temperature=1.0):.4f}")
        0.5514
        >>> dist.destroy_process_group()
    """
    return _loss("views", {"view1": view1, "view2": view2}, group, temperature=temperature)


def clip_loss(
    image: Tensor, text: Tensor, *, logit_scale: float | Tensor, group: Group = None
) -> Tensor:
    """`infonce.clip_loss` over the rows of all processes.

    Args:
        image: image embeddings of this process, shape `(n, d)`.
        text: their text embeddings, shape `(n, d)`.
        logit_scale: the same in all processes; a 0-d tensor receives its gradient.
        group: the processes that take part; by default all.

    Returns:
        The mean over all $N$ pairs in nats, shape `()`, the same in all processes.

    Raises:
        TypeError: an argument here that `infonce.clip_loss` refuses.
        ValueError: the same, or another process refused its own, or they do not agree.
        RuntimeError: another process died or did not answer in time.

    Source:
        Radford et al. 2021, arXiv 2103.00020, Fig. 3.

    Examples:
        >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
        >>> print(f"{clip_loss(torch.eye(3), torch.eye(3), logit_scale=5.0):.4f}")
        0.0134
        >>> dist.destroy_process_group()
    """
    return _loss("both", {"image": image, "text": text}, group, logit_scale=logit_scale)


def siglip_loss(
    image: Tensor,
    text: Tensor,
    *,
    logit_scale: float | Tensor,
    logit_bias: float | Tensor,
    group: Group = None,
) -> Tensor:
    """`infonce.siglip_loss` over the rows of all processes.

    Args:
        image: image embeddings of this process, shape `(n, d)`.
        text: their text embeddings, shape `(n, d)`.
        logit_scale: the same in all processes; a 0-d tensor receives its gradient.
        logit_bias: likewise.
        group: the processes that take part; by default all.

    Returns:
        The mean over all $N$ images in nats, shape `()`, the same in all processes.

    Raises:
        TypeError: an argument here that `infonce.siglip_loss` refuses.
        ValueError: the same, or another process refused its own, or they do not agree.
        RuntimeError: another process died or did not answer in time.

    Source:
        Zhai et al. 2023, arXiv 2303.15343, Algorithm 1.

    Examples:
        >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
        >>> image, text = torch.eye(4)[:2], torch.eye(4)[2:]
        >>> print(f"{siglip_loss(image, text, logit_scale=10.0, logit_bias=-10.0):.4f}")
        10.0001
        >>> dist.destroy_process_group()
    """
    pair = {"image": image, "text": text}
    return _loss("pairs", pair, group, logit_scale=logit_scale, logit_bias=logit_bias)


def _loss(kind: Kind, pair: dict[str, Tensor], group: Group, **numbers: float | Tensor) -> Tensor:
    """Check here, hear what the others say, and only then exchange rows."""
    z, refusal = None, None
    try:
        z = _accepted(pair, numbers)
    except (TypeError, ValueError) as error:
        refusal = error
    needs = torch.is_grad_enabled() and any(
        isinstance(x, Tensor) and x.requires_grad for x in (*pair.values(), *numbers.values())
    )
    fixed = {name: x for name, x in numbers.items() if not isinstance(x, Tensor)}
    alike = None if z is None else f"{kind}, width {z.shape[2]}, {z.dtype}, {fixed}"
    said = (refusal and str(refusal), alike, 0 if z is None else len(z), needs)
    heard: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(heard, said, group=group)
    if z is None:
        raise refusal or AssertionError
    for process, (theirs, what, _, _) in enumerate(heard):
        if theirs is not None:
            raise ValueError(f"all processes must have good input, but process {process}: {theirs}")
        if what != alike:
            raise ValueError(f"processes must agree, got {alike} and in process {process} {what}")
    numbers = {"logit_bias": 0.0} | numbers
    bias, scale = (torch.as_tensor(x, dtype=z.dtype, device=z.device) for x in numbers.values())
    scale = 1 / scale if "temperature" in numbers else scale
    sizes, any_needs = [size for _, _, size, _ in heard], any(needs for *_, needs in heard)
    loss: Tensor = _OverAll.apply(z, scale, bias, kind, sizes, any_needs, group)  # pyright: ignore
    return loss


def _accepted(pair: dict[str, Tensor], numbers: dict[str, float | Tensor]) -> Tensor:
    """Unit rows `(n, 2, d)` of input that has a loss."""
    checks.pairs(**pair)
    for name, value in numbers.items():
        (checks.number if name == "logit_bias" else checks.positive_number)(name, value)
    return torch.stack([checks.unit_rows(name, rows) for name, rows in pair.items()], dim=1)


class _OverAll(torch.autograd.Function):
    """The loss of all rows, from the rows, the scale and the bias of each process."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        z, scale, bias, kind, sizes, needs, group = arguments
        rank = dist.get_rank(group)
        own = slice(sum(sizes[:rank]), sum(sizes[: rank + 1]))
        leaves = [_gathered(z, sizes, group), scale.detach(), bias.detach()]
        with torch.set_grad_enabled(needs), torch.autocast(z.device.type, enabled=False):
            leaves = [x.requires_grad_(needs) for x in leaves]
            sums = [_part(kind, *leaves, own)]
        if needs:
            sums += torch.autograd.grad(sums[0], leaves, materialize_grads=True)
        sums = torch.cat([x.detach().flatten() for x in sums])
        dist.all_reduce(sums, group=group)
        if needs:
            on_rows = sums[1:-2].view_as(leaves[0])[own] * len(sizes)  # DDP divides by it again
            ctx.save_for_backward(on_rows, *sums[-2:].clone())
        return sums[0].clone()

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        if torch.is_grad_enabled():
            raise RuntimeError("a loss over several processes has no second derivatives")
        return *(upstream[0] * g for g in ctx.saved_tensors), None, None, None, None


def _gathered(z: Tensor, sizes: list[int], group: Group) -> Tensor:
    """The rows of all processes in their order; shorter parts travel padded."""
    padded = z.new_zeros(max(sizes), *z.shape[1:])
    padded[: len(z)] = z
    parts = [torch.empty_like(padded) for _ in sizes]
    dist.all_gather(parts, padded, group=group)
    return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])


def _part(kind: Kind, z: Tensor, scale: Tensor, bias: Tensor, own: slice) -> Tensor:
    """The part of the mean loss that the own rows make, against the rows of all."""
    (u, v), n, at = z.unbind(1), len(z), own.start
    rows = torch.arange(own.start, own.stop, device=z.device)
    weights = torch.full((len(rows),), 1 / n, dtype=torch.float64, device=z.device)
    match kind:
        case "rows" | "pairs":
            return tiled(kind, u[own], v, scale, Layout(rows, (at,)), weights, bias)
        case "both":
            parts = [(u[own], v, Layout(rows, (at,))), (v[own], u, Layout(rows, (at,)))]
        case "views":  # of the diagonals one is the anchor itself, one its partner
            keys, both = torch.cat([u, v]), (at, at + n)
            parts = [(u[own], keys, Layout(rows + n, both)), (v[own], keys, Layout(rows, both))]
    there, back = (tiled("rows", q, k, scale, layout, weights) for q, k, layout in parts)
    return (there + back) / 2
