"""What a training run carries along: a learned scale, and a queue of old keys."""

import math

import torch
from torch import Tensor, nn

from infonce import checks

__all__ = ["LogitScale", "MoCoQueue"]


class LogitScale(nn.Module):
    r"""A learned logit scale $\alpha = 1/\tau$, kept as its logarithm.

    $$\alpha = e^{t}, \qquad t_0 = \log(1/\tau_0)$$

    Calling it gives $\alpha$, the `logit_scale` of `clip_loss`. Call `clamp_` after each step
    of the optimiser. A clamp in the forward pass would cut the gradient at the limit, and a
    scale that has reached it could never come back. Leave `log_scale` out of weight decay.

    Args:
        temperature: $\tau_0 > 0$, where training starts.
        maximum: the largest $\alpha$ that `clamp_` leaves.

    Raises:
        TypeError: an argument is not a number.
        ValueError: a number that is not above zero, or a start beyond `maximum`.

    Source:
        Radford et al. 2021, arXiv 2103.00020, Section 2.5: the equivalent of 0.07, at most 100.

    Examples:
        >>> scale = LogitScale(temperature=0.05)
        >>> print(f"{scale():.4f} is e^{scale.log_scale.item():.4f}")
        20.0000 is e^2.9957
    """

    def __init__(self, temperature: float = 0.07, maximum: float = 100.0) -> None:
        super().__init__()
        checks.positive_number("temperature", temperature)
        checks.positive_number("maximum", maximum)
        if 1 / temperature > maximum * (1 + 1e-6):
            got = f"temperature {temperature} and maximum {maximum}"
            raise ValueError(f"temperature must be at least 1/maximum, got {got}")
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))
        self.maximum = maximum

    def forward(self) -> Tensor:
        """The scale, a 0-d tensor above zero."""
        return self.log_scale.exp()

    @torch.no_grad()
    def clamp_(self) -> None:
        """Bring the scale back to `maximum` if the optimiser has gone beyond it."""
        self.log_scale.clamp_(max=math.log(self.maximum))

    def extra_repr(self) -> str:
        return f"maximum={self.maximum:g}"


class MoCoQueue(nn.Module):
    r"""The keys of earlier batches as negatives: $K$ unit rows, first in, first out.

    With keys $k_i$ in the queue, the loss of one query is

    $$\ell = -\log \frac{e^{q \cdot k_+/\tau}}
      {e^{q \cdot k_+/\tau} + \sum_{i=1}^{K} e^{q \cdot k_i/\tau}}$$

    which is `info_nce(query, key, queue.keys, temperature=0.07)`. Call `enqueue(key)` after
    it: a positive that is already in the queue would be a negative of itself. The keys carry
    no gradient. They are a buffer, so they move with the module and are saved with it; with
    several processes, put the gathered keys of all of them into each queue.

    Args:
        size: $K$, rows in the queue.
        width: $d$, entries of a row.
        generator: makes the random unit rows that fill the queue at first.

    Raises:
        TypeError: a size that is not an integer, or keys that are not floating point.
        ValueError: a size below 1, keys of another width or device, or a bad row.

    Source:
        He et al. 2020, arXiv 1911.05722, Algorithm 1.

    Examples:
        The third row pushes the first one out:

        >>> queue = MoCoQueue(size=2, width=3)
        >>> queue.enqueue(2 * torch.eye(3)[:2])
        >>> queue.enqueue(torch.eye(3)[2:])
        >>> queue.keys.tolist()
        [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """

    keys: Tensor  # (K, d) unit rows
    oldest: Tensor  # 0-d: the row that is overwritten next

    def __init__(self, size: int, width: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        checks.count("size", size)
        checks.count("width", width)
        start = checks.unit_rows("keys", torch.randn(size, width, generator=generator))
        self.register_buffer("keys", start)
        self.register_buffer("oldest", torch.tensor(0))

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:
        """Put in keys `(N, d)` of any length, the last row as the newest; the oldest go."""
        checks.rows("keys", keys)
        size, width = self.keys.shape
        if keys.shape[1] != width:
            raise ValueError(f"keys must be (N, {width}), got {tuple(keys.shape)}")
        if keys.device != self.keys.device:
            raise ValueError(f"keys must be on {self.keys.device}, got {keys.device}")
        newest = checks.unit_rows("keys", keys)[-size:].to(self.keys.dtype)
        place = self.oldest + torch.arange(len(newest), device=keys.device)
        self.keys[place % size] = newest
        self.oldest.copy_((place[-1] + 1) % size)

    def extra_repr(self) -> str:
        return f"size={self.keys.shape[0]}, width={self.keys.shape[1]}"
