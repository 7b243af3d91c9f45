"""What may come in: bad input is refused at once, naming the argument, the want and the got."""

import math
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral, Real
from typing import cast

import torch
from torch import Tensor

__all__ = ["data_checks"]

_reading_values = ContextVar("reading_values", default=True)


@contextmanager
def data_checks(enabled: bool) -> Generator[None]:
    r"""Switch the checks that read tensor values on or off, here and in what is called here.

    Shapes, dtypes, devices and Python numbers are always checked: that is free. Looking for
    zero, nan and inf rows, for a bad temperature tensor or for column numbers out of range
    reads values, which a GPU has to wait for and `torch.func.vmap` does not allow. With the
    checks off a bad row gives a nan loss instead of an error. (Above `infonce.losses.TILED`
    logits, those of 512 pairs (of 256 in `nt_xent`), losses are taken in blocks, which
    `torch.func` does not accept at all; raise that number to map over larger batches. Masks and
    ids can be mapped with the rows, not without them.)

    Args:
        enabled: whether tensor values are looked at inside the `with` block.

    Examples:
        >>> import torch
        >>> from infonce import data_checks, info_nce
        >>> with data_checks(False):
        ...     print(info_nce(torch.zeros(2, 3), torch.ones(2, 3)).item())
        nan
    """
    token = _reading_values.set(enabled)
    try:
        yield
    finally:
        _reading_values.reset(token)


def rows(name: str, value: Tensor) -> None:
    """An `(N, d)` tensor."""
    _floating(name, value)
    if value.ndim != 2 or value.numel() == 0:
        raise ValueError(f"{name} must be (N, d) with N, d >= 1, got {_shape(value)}")


def pairs(**both: Tensor) -> None:
    """Two `(N, d)` tensors, alike in shape, dtype and device."""
    (first, a), (second, b) = both.items()
    rows(first, a)
    rows(second, b)
    if a.shape != b.shape:
        got = f"{_shape(a)} and {_shape(b)}"
        raise ValueError(f"{first} and {second} must have the same shape, got {got}")
    _alike(first, a, second, b)


def negatives(negatives: Tensor | None, query: Tensor, in_batch: bool | None) -> None:
    """None, `(M, d)` shared or `(N, M, d)` own negatives for queries `(N, d)`."""
    if negatives is None:
        if in_batch is not None and not in_batch:
            raise ValueError("in_batch must not be False without negatives, got negatives=None")
        return
    _floating("negatives", negatives)
    n, d = query.shape
    shape, m = _shape(negatives), negatives.shape[-2] if negatives.ndim > 1 else 0
    if m == 0 or shape not in ((m, d), (n, m, d)):
        raise ValueError(f"negatives must be (M, {d}) or ({n}, M, {d}) with M >= 1, got {shape}")
    _alike("query", query, "negatives", negatives)


def numbers(name: str, values: Tensor, rows: Tensor, of: str = "rows") -> Tensor:
    """Integers, one for each row."""
    _tensor(name, values)
    if values.is_floating_point() or values.is_complex() or values.dtype == torch.bool:
        raise TypeError(f"{name} must be integers, got {values.dtype}")
    if values.shape != (len(rows),):
        raise ValueError(f"{name} must be ({len(rows)},), got {_shape(values)}")
    _same_device(of, rows, name, values)
    return values


def count(name: str, value: int, least: int = 1) -> None:
    """A whole number of things, at least so many."""
    if type(value) is bool or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, got {type(value).__name__}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def similarities(similarity: Tensor, ndim: int | None = None, name: str = "similarity") -> Tensor:
    """Finite similarities with candidates last, in float32 or better.

    Larger ones than 1e30 would overflow at a low temperature; the smallest number is a mask.
    """
    _floating(name, similarity)
    if similarity.ndim == 0 or similarity.numel() == 0 or ndim not in (None, similarity.ndim):
        want = "(N, C) with N, C >= 1" if ndim else "(..., C) with C >= 1"
        raise ValueError(f"{name} must be {want}, got {_shape(similarity)}")
    if _reading_values.get() and not _between(similarity, -math.inf, 1e30):
        i = _first(~((similarity > -math.inf) & (similarity < 1e30)))
        raise ValueError(f"{name} must be finite, below 1e30, got {similarity[i].item()} at {i}")
    return _at_least_float32(similarity)


def shares(name: str, weights: Tensor) -> Tensor:
    """Weights `(..., M)`, at least 0 and of sum 1, in float32 or better."""
    weights = similarities(weights, name=name)
    least, most = weights.detach().sum(-1).aminmax()
    if _reading_values.get() and not (weights.min() >= 0 and least > 0.99 and most < 1.01):
        got = f"a least weight of {weights.min():.4g} and sums from {least:.4g} to {most:.4g}"
        raise ValueError(f"{name} must be at least 0 and of sum 1, got {got}")
    return weights


def columns(positives: Tensor | None, similarity: Tensor) -> Tensor:
    """Column of each row's positive, `(N, 1)`; the diagonal unless given."""
    n, c = similarity.shape
    if positives is None:
        if c < n:
            got = _shape(similarity)
            raise ValueError(f"similarity must have C >= N without positives, got {got}")
        return torch.arange(n, device=similarity.device)[:, None]
    positives = numbers("positives", positives, similarity, "similarity").long()
    if _reading_values.get() and not _between(positives, -1, c):
        row = _first((positives < 0) | (positives >= c))
        got = f"{positives[row].item()} in row {row}"
        raise ValueError(f"positives must be columns 0 to {c - 1}, got {got}")
    return positives[:, None]


def positive_number(name: str, value: float | Tensor) -> float | Tensor:
    """A temperature or a scale: above zero, and its inverse fits float32; a tensor in float64."""
    return number(name, value, 1e-30)


def number(name: str, value: float | Tensor, least: float = -1e30) -> float | Tensor:
    """A bias: any number that fits float32; a tensor in float64."""
    if type(value) is float and least <= value <= 1e30:
        return value  # at once: to write what is wanted takes longer
    want = f"{name} must be a number or 0-d tensor from {least:g} to 1e+30"
    if isinstance(value, Tensor):
        if not value.is_floating_point():
            raise TypeError(f"{want}, got {value.dtype}")
        if value.ndim != 0:
            raise ValueError(f"{want}, got {_shape(value)}")
        if _reading_values.get():
            number(name, value.item(), least)
        return value.double()
    if type(value) is bool or not isinstance(value, Real):
        raise TypeError(f"{want}, got {type(value).__name__}")
    if not least <= value <= 1e30:  # also catches nan
        raise ValueError(f"{want}, got {value}")
    return float(value)


def at_most(limit: float, value: float | Tensor) -> bool:
    """Whether a number is known to be no larger; false for a tensor if values are not read."""
    known = _reading_values.get() or not isinstance(value, Tensor)
    return known and bool(value <= limit)


def counting(reduction: str, weights: Tensor | None, losses: Tensor) -> None:
    """How losses `(n,)` are counted."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    if weights is None:
        return
    _floating("weights", weights)
    if weights.shape != losses.shape:
        raise ValueError(f"weights must be {_shape(losses)}, got {_shape(weights)}")
    _same_device("rows", losses, "weights", weights)
    if _reading_values.get():
        bad = ~(weights.isfinite() & (weights >= 0))
        if bad.any():
            got = f"{weights[bad][0].item()} at {_first(bad)}"
            raise ValueError(f"weights must be finite and at least 0, got {got}")
        if not weights.any():
            raise ValueError("weights must not all be 0, got only zeros")


def left_out(
    exclude: Tensor | None,
    shape: tuple[int, int],
    positives: tuple[int, ...] | Tensor,
    ids: Tensor | None,
    rows: Tensor,
) -> None:
    """What is no negative: true entries of a matrix of such a shape, and rows of equal ids.

    The positives stand on these diagonals, or where these labels are equal.
    """
    if ids is not None:
        numbers("ids", ids, rows)
    if exclude is None:
        return
    _tensor("exclude", exclude)
    if exclude.dtype != torch.bool:
        raise TypeError(f"exclude must be torch.bool, got {exclude.dtype}")
    if exclude.shape != shape:
        raise ValueError(f"exclude must be {shape}, got {_shape(exclude)}")
    _same_device("rows", rows, "exclude", exclude)
    if isinstance(positives, Tensor):
        found = exclude & (positives[:, None] == positives).fill_diagonal_(False)
    else:
        found = torch.zeros_like(exclude)
        for offset in positives:
            found.diagonal(offset).copy_(exclude.diagonal(offset))
    if _reading_values.get() and found.any():
        raise ValueError(f"exclude must not be true for a positive, got true at {_first(found)}")


def unit_rows(name: str | None, rows: Tensor, length: float | Tensor = 1.0) -> Tensor:
    """Rows of length one, or another, along the last dimension, in float32 or better.

    Without a name they are not checked, and a row of zeros, nan or inf becomes nan. Dividing by
    the largest entry first keeps the squares of rows of length 1e-20 or 1e20 in range. It may be
    a constant for autograd, because the result does not depend on it.
    """
    rows = _at_least_float32(rows)
    if _ordinary(norms := _norms(rows)):
        return rows * (norms.reciprocal() * length)
    if name is not None:
        sound(name, rows)
    scaled = rows / rows.detach().abs().amax(-1, keepdim=True)
    return scaled * (scaled.square().sum(-1, keepdim=True).rsqrt() * length)


def sound(name: str, rows: Tensor) -> None:
    """Rows that have a direction: finite and not all zero."""
    rows = _at_least_float32(rows.detach())
    strange = _reading_values.get() and not _ordinary(_norms(rows))
    if strange and not _between(largest := rows.abs().amax(-1, keepdim=True), 0, math.inf):
        row = _first(~((largest > 0) & (largest < math.inf))[..., 0])
        got = f"row {row} with largest entry {largest[row].item()}"
        raise ValueError(f"{name} must have finite non-zero rows, got {got}")


def _norms(rows: Tensor) -> Tensor:
    return cast("Tensor", torch.linalg.vector_norm(rows, dim=-1, keepdim=True))  # pyright: ignore


def _ordinary(norms: Tensor) -> bool:
    """Whether no square under- or overflows; unknown, so false, if values are not read."""
    return _reading_values.get() and _between(norms, 1e-15, 1e15)


def _between(values: Tensor, low: float, high: float) -> bool:
    """Whether all values lie strictly between the two; false with a nan. One pass."""
    smallest, largest = values.detach().aminmax()
    return low < smallest.item() and largest.item() < high


def _first(bad: Tensor) -> int | tuple[int, ...]:
    """Where the first true entry is: a number, or a tuple in several dimensions."""
    first = tuple(int(i) for i in bad.nonzero()[0])
    return first[0] if len(first) == 1 else first


def _at_least_float32(values: Tensor) -> Tensor:
    return values if values.dtype.itemsize >= 4 else values.float()  # `to` takes time


def _tensor(name: str, value: object) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")


def _floating(name: str, value: Tensor) -> None:
    _tensor(name, value)
    if not value.is_floating_point():
        raise TypeError(f"{name} must be floating point, got {value.dtype}")


def _alike(first: str, a: Tensor, second: str, b: Tensor) -> None:
    if a.dtype != b.dtype:
        got = f"{a.dtype} and {b.dtype}"
        raise TypeError(f"{first} and {second} must have the same dtype, got {got}")
    _same_device(first, a, second, b)


def _same_device(first: str, a: Tensor, second: str, b: Tensor) -> None:
    if a.device != b.device:
        got = f"{a.device} and {b.device}"
        raise ValueError(f"{first} and {second} must be on the same device, got {got}")


def _shape(value: Tensor) -> tuple[int, ...]:
    return tuple(value.shape)
