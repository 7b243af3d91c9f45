r"""Encoders: a representation for later use, and the embedding that the loss sees.

All weights are drawn from the generator that is given (Kaiming normal; biases start at 0), so an
untrained encoder of the same seed can always be made again.
"""

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["ClassVectors", "Encoder", "Features", "PictureEncoder", "TextEncoder"]


class Features(NamedTuple):
    """What an encoder makes of `n` inputs.

    Attributes:
        h: the representation, kept for later use, shape `(n, width)`.
        z: the embedding that the loss sees, unit rows, shape `(n, dim)`.
    """

    h: Tensor
    z: Tensor


class Encoder(nn.Module):
    r"""A small network for 8 by 8 pictures: $h = f(x)$ and $z = g(h) / \lVert g(h) \rVert$.

    $f$ is 64 - width - width with a ReLU after each layer, $g$ is linear.

    Args:
        generator: source of the weights.
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


class PictureEncoder(nn.Module):
    r"""Two convolutions, then a head: for pictures of 25 to 32 or of 13 to 16 pixels a side.

    The strides are 4 and 2, or 2 and 2 for the smaller pictures. $h$ is what the convolutions
    leave, 4 by 4 places of `2 width` channels; the head is linear, or, with `hidden`, linear -
    norm - ReLU - linear.

    Args:
        generator: source of the weights.
        channels: of the pictures.
        size: pixels a side, which decides the first layer.
        width: channels after the first convolution; they double once.
        dim: of the embedding `z`.
        hidden: width of the head's hidden layer, 0 for none.
        norm: `"batch"`, or `"group"`, which keeps the pictures of a batch apart.

    Source:
        Ours; the head with one hidden layer is SimCLR's, Chen et al. 2020, section 4.2.

    Examples:
        >>> encoder = PictureEncoder(torch.Generator().manual_seed(0), width=8, dim=4)
        >>> h, z = encoder(torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
        >>> print(tuple(h.shape), tuple(z.shape))
        (5, 256) (5, 4)
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        channels: int = 3,
        size: int = 32,
        width: int = 32,
        dim: int = 128,
        hidden: int = 0,
        norm: Literal["batch", "group"] = "batch",
    ) -> None:
        super().__init__()
        layers: list[Any] = []
        before = channels
        first = (width, 5, 4) if size > 16 else (width, 3, 2)
        for after, side, stride in (first, (2 * width, 3, 2)):
            conv = _raw(nn.Conv2d, before, after, side, stride, side // 2, bias=False)
            scale = nn.BatchNorm2d(after) if norm == "batch" else nn.GroupNorm(4, after)
            layers += [_drawn(conv, generator), scale, nn.ReLU()]
            before = after
        body: Any = nn.Sequential(*layers)
        self.body = body.to(memory_format=torch.channels_last)  # a fifth faster
        inputs = 16 * before
        head: list[Any] = []
        if hidden:
            scale = nn.BatchNorm1d(hidden) if norm == "batch" else nn.GroupNorm(1, hidden)
            head, inputs = [_linear(inputs, hidden, generator), scale, nn.ReLU()], hidden
        self.head = nn.Sequential(*head, _linear(inputs, dim, generator))

    def forward(self, images: Tensor) -> Features:
        maps = self.body(images.contiguous(memory_format=torch.channels_last))
        h = maps.permute(0, 2, 3, 1).flatten(1)  # as they lie in memory
        return Features(h, F.normalize(self.head(h), dim=1))


class TextEncoder(nn.Module):
    r"""A mean of token vectors and a small network: texts as bags of n-grams.

    Args:
        generator: source of the weights.
        tokens: number of token vectors.
        width: of a token vector, of the hidden layer and of `h`.
        dim: of the embedding `z`.
        residual: the network adds to the mean of the token vectors, and adds nothing at first, so
            that texts which share n-grams are close from the start; needs `width = dim`.

    Source:
        A bag of hashed character n-grams: Bojanowski et al. 2017, arXiv 1607.04606.

    Examples:
        Two texts: tokens 1 and 2, and token 2 alone.

        >>> encoder = TextEncoder(torch.Generator().manual_seed(0), tokens=9, width=8, dim=4)
        >>> h, z = encoder(torch.tensor([1, 2, 2]), torch.tensor([0, 2]))
        >>> print(tuple(h.shape), tuple(z.shape))
        (2, 8) (2, 4)
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        tokens: int,
        width: int = 128,
        dim: int = 128,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.residual = residual
        self.table = _raw(nn.EmbeddingBag, tokens, width, mode="mean")
        nn.init.normal_(self.table.weight, generator=generator)
        self.norm = nn.LayerNorm(width)
        self.hidden = _linear(width, width, generator)
        self.head = _linear(width, dim, generator)
        if residual:
            nn.init.zeros_(self.head.weight)

    def forward(self, tokens: Tensor, starts: Tensor) -> Features:
        mean = self.norm(self.table(tokens, starts))
        h = F.gelu(self.hidden(mean))
        z = self.head(h) + mean if self.residual else self.head(h)
        return Features(h, F.normalize(z, dim=1))


class ClassVectors(nn.Module):
    r"""A free unit vector for each class: what a softmax classifier over cosines compares with.

    Args:
        generator: source of the weights.
        classes: number of vectors.
        dim: of each.

    Source:
        Wang et al. 2017, "NormFace", arXiv 1704.06369.

    Examples:
        >>> vectors = ClassVectors(torch.Generator().manual_seed(0), 3, 4)()
        >>> print(tuple(vectors.shape), f"{vectors.norm(dim=1).min():.4f}")
        (3, 4) 1.0000
    """

    def __init__(self, generator: torch.Generator, classes: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, dim, generator=generator))

    def forward(self) -> Tensor:
        return F.normalize(self.weight, dim=1)


def _raw(layer: Any, *sizes: Any, **options: Any) -> Any:
    """A layer whose weights are not drawn yet: its own constructor would use the global seed."""
    return layer(*sizes, **options, device="meta").to_empty(device="cpu")


def _drawn(layer: Any, generator: torch.Generator) -> Any:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    return _drawn(_raw(nn.Linear, inputs, outputs), generator)
