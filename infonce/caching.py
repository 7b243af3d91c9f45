"""Gradient caching: any batch with the memory of a small one, and the gradients of the whole."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]
from torch.nn.parallel import DistributedDataParallel
from torch.utils import checkpoint as recomputing

from infonce import checks

__all__ = ["CachedEncoder"]

# Calls a module and keeps its input and the random state instead of its activations.
checkpoint: Callable[..., Any] = recomputing.checkpoint  # pyright: ignore


class CachedEncoder(nn.Module):
    r"""An encoder that takes its batch in chunks and keeps no activations of them.

    A contrastive loss needs the embeddings $z_i = f_\theta(x_i)$ of the whole batch at once,
    but not the activations behind them, because

    $$\frac{d\mathcal{L}}{d\theta} = \sum_{\text{chunks } C} \sum_{i \in C}
      \Bigl( \frac{\partial z_i}{\partial\theta} \Bigr)^{\!\top}
      \frac{\partial\mathcal{L}}{\partial z_i}$$

    The forward pass keeps the embeddings only. The backward pass takes one chunk after the
    other, encodes it again and adds up its gradient. Time is that of one more forward pass.
    (Accumulating the gradients of small batches is not the same: negatives are lost.)

    The loss is written as for any encoder. Dropout draws the same numbers again, on the CPU and on
    CUDA devices where inputs are; autocast is as it was in the forward pass, and sums over chunks
    stay in the dtype of the parameters. For several processes wrap this module, not the encoder
    inside it: `DistributedDataParallel(CachedEncoder(encoder, 64))` exchanges gradients once a
    step.

    Args:
        encoder: a module that gives a tensor with a row for each row of its input. Each row
            must be encoded by itself: batch normalisation in training mode is refused. What
            cannot be seen from outside gives other gradients without an error: random numbers
            from a generator of the encoder's own, `F.batch_norm` called as a function, weights
            that change between forward and backward pass. Buffers that count rows or keep
            running statistics see each row twice.
        chunk_size: rows that are encoded at a time; the last chunk may be smaller.

    Raises:
        TypeError: a chunk size that is not an integer, or an encoder that is no module or
            gives no tensor.
        ValueError: a chunk size below 1, no rows or inputs of different lengths, an encoder
            that gives another number of rows, normalises by batch or is wrapped for
            several processes.

    Source:
        Gao et al. 2021, arXiv 2101.06983.

    Examples:
        >>> encoder, x = torch.nn.Linear(3, 1, bias=False), torch.arange(12.0).view(4, 3)
        >>> _ = torch.nn.init.ones_(encoder.weight)
        >>> for f in (encoder, CachedEncoder(encoder, chunk_size=3)):
        ...     f(x).square().sum().backward()
        ...     print(encoder.weight.grad.tolist())
        ...     encoder.weight.grad = None
        [[864.0, 996.0, 1128.0]]
        [[864.0, 996.0, 1128.0]]
    """

    def __init__(self, encoder: nn.Module, chunk_size: int) -> None:
        super().__init__()
        checks.count("chunk_size", chunk_size)
        if not isinstance(encoder, nn.Module):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"encoder must be a torch.nn.Module, got {type(encoder).__name__}")
        if isinstance(encoder, DistributedDataParallel):
            raise ValueError("encoder must not be wrapped: wrap the CachedEncoder in its place")
        self.encoder = encoder
        self.chunk_size = chunk_size

    def forward(self, *inputs: Any, **options: Any) -> Tensor:
        """Embeddings of all rows. Tensors are cut along their first dimension.

        Anything else is handed to the encoder with each chunk as it is.
        """
        self._refuse_batch_statistics()
        tensors = [x for x in (*inputs, *options.values()) if _has_rows(x)]
        n = len(tensors[0]) if tensors else 0
        if n == 0 or any(len(x) != n for x in tensors):
            got = [tuple(x.shape) for x in tensors]
            raise ValueError(f"inputs must be tensors with the same number of rows, got {got}")
        embeddings: list[Tensor] = []
        for start in range(0, n, self.chunk_size):
            rows = slice(start, min(start + self.chunk_size, n))
            chunk = [x[rows] if _has_rows(x) else x for x in inputs]
            named = {name: x[rows] if _has_rows(x) else x for name, x in options.items()}
            # Chunks that share weights cast by autocast would add up gradients in half precision.
            torch.clear_autocast_cache()
            z = checkpoint(self._encode, named, *chunk, use_reentrant=False)
            embeddings.append(_checked(z, rows.stop - start))
        return torch.cat(embeddings)

    def _encode(self, options: dict[str, Any], *inputs: Any) -> Any:
        # As one of the positional inputs, where `checkpoint` finds devices and takes no name for
        # an option of its own.
        return self.encoder(*inputs, **options)

    def _refuse_batch_statistics(self) -> None:
        for module in self.encoder.modules():
            if isinstance(module, _BatchNorm) and (module.training or module.running_mean is None):
                raise ValueError(
                    "encoder must treat each row by itself, got batch normalisation in training "
                    "mode: its statistics, and so the gradients, would be those of a chunk; put "
                    "it in eval mode, or use layer or group normalisation"
                )


def _has_rows(x: object) -> bool:
    return isinstance(x, Tensor) and x.ndim > 0


def _checked(z: Any, rows: int) -> Tensor:
    if not isinstance(z, Tensor):
        raise TypeError(f"encoder must give a torch.Tensor, got {type(z).__name__}")
    if z.shape[:1] != (rows,):
        raise ValueError(f"encoder must give {rows} rows for {rows}, got {tuple(z.shape)}")
    return z
