r"""Encoders: a representation for later use, and the embedding that the loss sees."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Encoder", "Features"]


class Features(NamedTuple):
    """What an encoder makes of `n` pictures.

    Attributes:
        h: the representation, kept for later use, shape `(n, width)`.
        z: the embedding that the loss sees, unit rows, shape `(n, dim)`.
    """

    h: Tensor
    z: Tensor


class Encoder(nn.Module):
    r"""A small network for 8 by 8 pictures: $h = f(x)$ and $z = g(h) / \lVert g(h) \rVert$.

    $f$ is 64 - width - width with a ReLU after each layer, $g$ is linear. The weights are drawn
    from the generator that is given, so an untrained encoder of the same seed is
    `Encoder(torch.Generator().manual_seed(seed))`.

    Args:
        generator: source of the weights (Kaiming normal; biases start at 0).
        width: of both hidden layers and of `h`.
        dim: of the embedding `z`.

    Source:
        The split in representation and projection head is SimCLR's, Chen et al. 2020, section
        2.1; the sizes are ours.

    Examples:
        >>> encoder = Encoder(torch.Generator().manual_seed(0), width=16, dim=4)
        >>> h, z = encoder(torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(1)))
        >>> print(tuple(h.shape), tuple(z.shape), f"{z.norm(dim=1).max():.4f}")
        (5, 16) (5, 4) 1.0000
    """

    def __init__(self, generator: torch.Generator, *, width: int = 128, dim: int = 32) -> None:
        super().__init__()
        self.body = nn.ModuleList((_linear(64, width, generator), _linear(width, width, generator)))
        self.head = _linear(width, dim, generator)

    def forward(self, images: Tensor) -> Features:
        h = images.flatten(1)
        for layer in self.body:
            h = torch.relu(layer(h))
        return Features(h, F.normalize(self.head(h), dim=1))


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, device="meta").to_empty(device="cpu")  # no global seed
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
