# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false
# (torch leaves optimisers without types)
r"""AdamW, and Muon for the matrices of hidden layers: half the steps for the same loss."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Muon", "optimisers", "orthogonal"]


def orthogonal(matrix: Tensor, *, rounds: int = 3) -> Tensor:
    r"""Nearly the closest matrix with orthonormal rows or columns: $U V^\top$ of $U \Sigma V^\top$.

    Each round maps every singular value $\sigma$ (at first divided by their root sum of squares)
    to $3.4445\,\sigma - 4.775\,\sigma^3 + 2.0315\,\sigma^5$, which brings those above about 0.01
    into 0.7 to 1.2 in five rounds; three are enough to train with. The polynomials are multiplied
    as functions of the smaller Gram matrix, so that the matrix itself is touched twice only.

    Args:
        matrix: shape `(n, m)`.
        rounds: at least 1.

    Returns:
        Same shape.

    Source:
        Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks",
        <https://kellerjordan.github.io/posts/muon/>.

    Examples:
        >>> diagonal = orthogonal(torch.diag(torch.tensor([1.0, 0.3, 0.1]))).diagonal()
        >>> print([f"{value:.1f}" for value in diagonal.tolist()])
        ['0.7', '0.9', '0.7']
    """
    x = matrix.T if len(matrix) > matrix.shape[1] else matrix
    x = F.normalize(x.flatten(), dim=0).view_as(x)
    gram = x @ x.T
    product = factor = _factor(gram)
    for _ in range(rounds - 1):
        gram = factor @ (factor @ gram)
        factor = _factor(gram)
        product = factor @ product
    x = product @ x
    return x.T if len(matrix) > matrix.shape[1] else x


def _factor(gram: Tensor) -> Tensor:
    """What a round multiplies with: the polynomial over its singular value, of the Gram matrix."""
    return 3.4445 * torch.eye(len(gram), dtype=gram.dtype) - 4.775 * gram + 2.0315 * gram @ gram


class Muon(torch.optim.Optimizer):
    r"""Steps of equal size in every direction: $W \leftarrow W - \eta \sqrt{\max(1, n/m)}\; O(M)$.

    $M$ is Nesterov's momentum of the gradient, $O$ is `orthogonal`; a kernel is read as a matrix
    with one row an output channel.

    Args:
        weights: matrices and kernels.
        lr: $\eta$, of the order of 0.05 with normalised activations.
        momentum: share of the old mean that stays.

    Source:
        Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks",
        <https://kellerjordan.github.io/posts/muon/>.

    Examples:
        >>> weight = torch.zeros(2, 2, requires_grad=True)
        >>> (weight * torch.tensor([[5.0, 0.0], [0.0, 1.0]])).sum().backward()
        >>> Muon([weight], lr=1.0).step()
        >>> print([f"{value:.1f}" for value in weight.diagonal().tolist()])
        ['-0.7', '-0.8']
    """

    def __init__(self, weights: Any, lr: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """One step with the gradients that the weights hold."""
        for group in self.param_groups:
            momentum = group["momentum"]
            for weight in group["params"]:
                mean = self.state[weight].setdefault("mean", torch.zeros_like(weight))
                mean.mul_(momentum).add_(weight.grad)
                update = orthogonal((weight.grad + momentum * mean).flatten(1))
                size = group["lr"] * max(1, update.shape[0] / update.shape[1]) ** 0.5
                weight.sub_(size * update.view_as(weight))


def optimisers(model: Any, learning_rate: float, weight_decay: float, muon: float) -> list[Any]:
    """AdamW, which decays matrices but not vectors; with a rate for it, Muon takes the layers.

    Each group keeps its rate as `"peak"`.

    Source:
        Loshchilov & Hutter 2019, arXiv 1711.05101.

    Examples:
        >>> print([type(o).__name__ for o in optimisers(nn.Linear(2, 2), 0.01, 0.1, 0.05)])
        ['AdamW', 'Muon']
    """
    layers: list[Any] = [
        m.weight for m in model.modules() if muon and isinstance(m, nn.Linear | nn.Conv2d)
    ]
    ids = {id(w) for w in layers}
    rest = [w for w in model.parameters() if id(w) not in ids]
    groups = [
        {"params": [w for w in rest if w.ndim > 1], "weight_decay": weight_decay},
        {"params": [w for w in rest if w.ndim <= 1], "weight_decay": 0.0},
    ]
    found: list[Any] = [torch.optim.AdamW(groups, lr=learning_rate, fused=True)]
    found += [Muon(layers, lr=muon)] if layers else []
    for optimiser in found:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return found
