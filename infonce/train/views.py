r"""Random views of pictures: what changes here should not matter to the encoder.

Every function works on a whole batch at once and takes its randomness as numbers, one row a
picture, so that a batch may be drawn in one place and its views made in several.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from infonce.train.data import compose

__all__ = [
    "DIGIT_VIEWS", "EMOJI_VIEWS", "FASHION_VIEWS", "Views", "augment", "backdrop", "cut_out",
    "place", "tint", "tone",
]  # fmt: skip


class Views(NamedTuple):
    """A family of random views.

    Attributes:
        draw: from a number of pictures and a generator, random numbers, one row a picture.
        make: from pictures and those numbers, one view of each picture.
    """

    draw: Callable[[int, torch.Generator], tuple[Tensor, ...]]
    make: Callable[..., Tensor]


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
    _check(images)
    uniform, field = _draw_warp(len(images), generator, images.dtype)
    return _warp(images, uniform, field, (math.radians(rotation), scale, shear, shift, bend))


def _draw_warp(
    n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    uniform = 2 * torch.rand(6, n, generator=generator, dtype=dtype) - 1
    return uniform.T, torch.randn(n, 2, 3, 3, generator=generator, dtype=dtype)


def _warp(
    images: Tensor,
    uniform: Tensor,
    field: Tensor,
    strength: tuple[float, ...] = (math.radians(15), 0.15, 0.2, 0.15, 0.15),
) -> Tensor:
    rotation, scale, shear, shift, bend = strength
    turn, grow_x, grow_y, lean, move_x, move_y = uniform.T
    cos, sin = torch.cos(turn * rotation), torch.sin(turn * rotation)
    x, y, lean = torch.exp(scale * grow_x), torch.exp(scale * grow_y), shear * lean
    rows = (
        torch.stack((cos * x, (lean * cos - sin) * y, shift * move_x), dim=1),
        torch.stack((sin * x, (lean * sin + cos) * y, shift * move_y), dim=1),
    )
    grid = _grid(torch.stack(rows, dim=1), *images.shape[2:])
    smooth = F.interpolate(bend * field, images.shape[2:], mode="bilinear", align_corners=True)
    return F.grid_sample(images, grid + smooth.permute(0, 2, 3, 1), align_corners=False)


def place(
    images: Tensor,
    u: Tensor,
    *,
    rotation: float = 10.0,
    zoom: tuple[float, float] = (0.6, 1.0),
    shift: float = 0.0,
    flip: bool = True,
) -> Tensor:
    r"""Turn, crop or shrink, shift and mirror each picture, in one `grid_sample`.

    Args:
        images: shape `(n, channels, height, width)`; outside they are 0.
        u: uniform in [0, 1): angle, zoom, shift x, shift y, mirror; shape `(n, 5)`.
        rotation: largest angle in degrees, uniform on both sides.
        zoom: least and most of the picture's side that is seen, uniform in its logarithm; below
            1 the part lies anywhere in the picture, above 1 the picture is shrunk.
        shift: largest further shift along either axis, uniform; 1 is half the picture.
        flip: mirror half of the pictures left to right.

    Returns:
        Views, same shape.

    Raises:
        ValueError: images are not `(n, channels, height, width)`.

    Source:
        Random resized crops and flips: Chen et al. 2020, Appendix A.

    Examples:
        Numbers in the middle leave a picture as it is:

        >>> image = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(0))
        >>> view = place(image, torch.full((1, 5), 0.5), zoom=(0.5, 2.0))
        >>> print(torch.allclose(view, image, atol=1e-6))
        True
    """
    _check(images)
    angle = math.radians(rotation) * (2 * u[:, 0] - 1)
    side = zoom[0] * (zoom[1] / zoom[0]) ** u[:, 1]
    move = (shift + (1 - side).clamp(min=0))[:, None] * (2 * u[:, 2:4] - 1)
    mirror = torch.where(u[:, 4] < 0.5, -1.0, 1.0) if flip else torch.ones(len(u))
    cos, sin = side * torch.cos(angle), side * torch.sin(angle)
    rows = (
        torch.stack((mirror * cos, -sin, move[:, 0]), dim=1),
        torch.stack((mirror * sin, cos, move[:, 1]), dim=1),
    )
    grid = _grid(torch.stack(rows, dim=1), *images.shape[2:])
    return F.grid_sample(images, grid, align_corners=False)


def tone(images: Tensor, u: Tensor, *, strength: float = 0.4) -> Tensor:
    r"""Contrast and gamma of grey pictures: $c \, x^\gamma$, both near 1.

    Args:
        images: values in [0, 1], shape `(n, 1, height, width)`.
        u: uniform in [0, 1): contrast, gamma; shape `(n, 2)`.
        strength: largest change of either, as a logarithm.

    Returns:
        Views in [0, 1], same shape.

    Source:
        Ours; for brightness and contrast as views see Chen et al. 2020, Appendix A.

    Examples:
        >>> print(f"{tone(torch.full((1, 1, 1, 1), 0.5), torch.tensor([[1.0, 0.5]])).item():.3f}")
        0.746
    """
    contrast, gamma = torch.exp(strength * (2 * u - 1)).T[:, :, None, None, None]
    return (contrast * images.clamp(min=1e-6) ** gamma).clamp(max=1)


def tint(images: Tensor, u: Tensor, *, strength: float = 0.15) -> Tensor:
    r"""Brightness, contrast and the balance of the three colours.

    Args:
        images: values in [0, 1], shape `(n, 3, height, width)`.
        u: uniform in [0, 1): contrast, brightness of each colour; shape `(n, 4)`.
        strength: largest relative change of contrast and absolute change of brightness.

    Returns:
        Views, same shape; slightly outside [0, 1] where colours were full.

    Source:
        Colour jitter: Chen et al. 2020, Appendix A.

    Examples:
        Grey 0.5 has no contrast to change:

        >>> grey = torch.full((1, 3, 1, 1), 0.5)
        >>> print(tint(grey, torch.tensor([[0.9, 0.5, 0.5, 1.0]])).flatten().tolist())
        [0.5, 0.5, 0.6499999761581421]
    """
    change = strength * (2 * u - 1)
    contrast, colours = 1 + change[:, :1, None, None], change[:, 1:, None, None]
    return (images - 0.5) * contrast + 0.5 + colours


def cut_out(images: Tensor, u: Tensor, *, p: float = 0.3, largest: float = 0.5) -> Tensor:
    r"""Blank a rectangle in some of the pictures.

    Args:
        images: shape `(n, channels, height, width)`.
        u: uniform in [0, 1): whether, height, width, centre y, centre x; shape `(n, 5)`.
        p: share of the pictures that lose a rectangle.
        largest: largest side, as a share of the picture's.

    Returns:
        Views, same shape.

    Source:
        DeVries & Taylor 2017, arXiv 1708.04552.

    Examples:
        >>> view = cut_out(torch.ones(1, 1, 4, 4), torch.tensor([[0.0, 0.9, 0.9, 0.5, 0.5]]))
        >>> print(int(view.sum()))
        12
    """
    sides = [torch.linspace(0.5 / s, 1 - 0.5 / s, s) for s in images.shape[2:]]
    inside = [
        (positions - u[:, 3 + k, None]).abs() < largest / 2 * u[:, 1 + k, None]
        for k, positions in enumerate(sides)
    ]
    hole = (inside[0] & (u[:, :1] < p))[:, :, None] & inside[1][:, None]
    return images.masked_fill(hole[:, None], 0)


def backdrop(premultiplied: Tensor, u: Tensor, *, p: float = 0.1) -> Tensor:
    r"""Lay pictures with alpha on white, and some on a random colour.

    Args:
        premultiplied: colours times alpha and alpha, shape `(n, 4, height, width)`.
        u: uniform in [0, 1): whether, red, green, blue; shape `(n, 4)`.
        p: share of the pictures that get a colour.

    Returns:
        Opaque pictures, shape `(n, 3, height, width)`.

    Source:
        Ours.

    Examples:
        >>> clear = torch.zeros(1, 4, 1, 1)
        >>> print(backdrop(clear, torch.tensor([[0.5, 0.0, 0.0, 0.0]])).flatten().tolist())
        [1.0, 1.0, 1.0]
    """
    return compose(premultiplied, torch.where(u[:, :1] < p, u[:, 1:], 1.0))


def _grid(maps: Tensor, height: int, width: int) -> Tensor:
    """`affine_grid` at `align_corners=False`, in a tenth of its time: maps `(n, 2, 3)`."""
    x, y = ((2 * torch.arange(s, dtype=maps.dtype) + 1) / s - 1 for s in (width, height))
    across, down = maps[:, :, :1] * x, maps[:, :, 1:2] * y + maps[:, :, 2:]
    return (across[:, :, None] + down[..., None]).permute(0, 2, 3, 1)


def _check(images: Tensor) -> None:
    if images.ndim != 4:
        raise ValueError(f"images must be (n, channels, height, width), got {tuple(images.shape)}")


def _uniform(columns: int) -> Callable[[int, torch.Generator], tuple[Tensor, ...]]:
    return lambda n, generator: (torch.rand(n, columns, generator=generator),)


def _fashion(images: Tensor, u: Tensor) -> Tensor:
    views = tone(place(images, u[:, :5], rotation=10, zoom=(0.6, 1.0)), u[:, 5:7], strength=0.5)
    return cut_out(views, u[:, 7:])


def _emoji(premultiplied: Tensor, u: Tensor) -> Tensor:
    views = place(premultiplied, u[:, :5], rotation=12, zoom=(0.87, 1.18), shift=0.15)
    return tint(backdrop(views, u[:, 5:9], p=0.25), u[:, 9:], strength=0.25)


DIGIT_VIEWS = Views(_draw_warp, _warp)
"""Views of 8 by 8 digits: those of `augment` at its defaults."""

FASHION_VIEWS = Views(_uniform(12), _fashion)
"""Views of clothes: `place` (crop, turn, mirror), `tone`, `cut_out`."""

EMOJI_VIEWS = Views(_uniform(13), _emoji)
"""Views of premultiplied emoji: `place`, `backdrop`, `tint`."""
