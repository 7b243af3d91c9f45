r"""Random views of pictures: what changes here should not matter to the encoder."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["augment"]


def augment(
    images: Tensor,
    generator: torch.Generator,
    *,
    rotation: float = 15.0,
    scale: float = 0.15,
    shear: float = 0.2,
    shift: float = 0.15,
    bend: float = 0.15,
) -> Tensor:
    r"""One random view of every picture, all in one `grid_sample`.

    The point that is read for the pixel at $u \in [-1, 1]^2$ is $A u + t + b(u)$: $A$ rotates,
    scales each axis and shears, $t$ shifts, and $b$ is a smooth field that interpolates a 3 by 3
    grid of random displacements. Outside the picture is 0.

    Args:
        images: shape `(n, channels, height, width)`.
        generator: source of all randomness.
        rotation: largest angle in degrees, uniform on both sides.
        scale: largest logarithm of the scale of either axis, uniform.
        shear: largest shear, uniform.
        shift: largest shift along either axis, uniform; 1 is half the picture.
        bend: standard deviation of the displacements; 1 is half the picture.

    Returns:
        Views, same shape.

    Raises:
        ValueError: images are not `(n, channels, height, width)`.

    Source:
        Ours; for elastic distortions of digits see Simard, Steinkraus & Platt 2003.

    Examples:
        The mean change of a black picture with one white row, without and with a bend:

        >>> image = torch.zeros(1, 1, 8, 8).index_fill(2, torch.tensor(3), 1.0)
        >>> still = dict(rotation=0.0, scale=0.0, shear=0.0, shift=0.0)
        >>> for bend in (0.0, 0.2):
        ...     view = augment(image, torch.Generator().manual_seed(0), bend=bend, **still)
        ...     print(f"{(view - image).abs().mean():.4f}")
        0.0000
        0.1424
    """
    if images.ndim != 4:
        raise ValueError(f"images must be (n, channels, height, width), got {tuple(images.shape)}")
    n = len(images)
    turn, grow_x, grow_y, lean, move_x, move_y = (
        2 * torch.rand(6, n, generator=generator, dtype=images.dtype) - 1
    )
    cos, sin = torch.cos(turn * math.radians(rotation)), torch.sin(turn * math.radians(rotation))
    x, y, lean = torch.exp(scale * grow_x), torch.exp(scale * grow_y), shear * lean
    rows = (
        torch.stack((cos * x, (lean * cos - sin) * y, shift * move_x), dim=1),
        torch.stack((sin * x, (lean * sin + cos) * y, shift * move_y), dim=1),
    )
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    field = bend * torch.randn(n, 2, 3, 3, generator=generator, dtype=images.dtype)
    field = F.interpolate(field, size=images.shape[2:], mode="bilinear", align_corners=True)
    return F.grid_sample(images, grid + field.permute(0, 2, 3, 1), align_corners=False)
