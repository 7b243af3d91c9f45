r"""Mutual information from critic scores, and what finitely many negatives do to the loss."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from infonce import checks
from infonce.losses import info_nce_from_similarity

__all__ = ["mutual_information", "negatives_bias", "negatives_moments"]


class MutualInformation(NamedTuple):
    """Three estimates of the mutual information in nats, and what the first cannot exceed."""

    info_nce: Tensor
    dv: Tensor
    nwj: Tensor
    cap: float


def mutual_information(logits: Tensor) -> MutualInformation:
    r"""Lower bounds of the mutual information of $x$ and $y$, from the scores of a critic.

    With scores $g_{ij}$ of $x_i$ and $y_j$, joint on the diagonal, independent off it:

    $$I_\mathrm{NCE} = \log N - \mathcal{L}_N, \qquad
      I_\mathrm{DV} = \bar g_\mathrm{joint} - \log \overline{e^{g}}_\mathrm{off}, \qquad
      I_\mathrm{NWJ} = 1 + \bar g_\mathrm{joint} - \overline{e^{g}}_\mathrm{off}$$

    All three are tight at $g = \log p(x, y)/(p(x) p(y))$. The first ignores what is added to a
    row, the second what is added to the matrix; NWJ needs the scale, and its usual critic
    $f$ is $1 + g$. Always $I_\mathrm{NWJ} \le I_\mathrm{DV}$.

    Args:
        logits: $g$, shape `(N, N)` with $N \ge 2$; for a trained encoder $s/\tau$.

    Returns:
        `info_nce`, `dv` and `nwj` in nats, shape `()`, and `cap`, $\log N$: no critic and no
        data lift `info_nce` above it, so that $I$ nats need a batch of more than $e^I$. In
        expectation `info_nce` and `nwj` are lower bounds; `dv`, which takes the logarithm of a
        sample mean, can exceed $I$ a little. The last two vary wildly when $I$ is large.

    Raises:
        TypeError: logits that are not floating point.
        ValueError: logits that are not square, of at least 2 rows and finite.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, section 2.3; Donsker and Varadhan
        1983; Nguyen, Wainwright and Jordan 2010; side by side in Poole et al. 2019,
        arXiv 1905.06922.

    Examples:
        Two pairs, joint scores 1 and others 0: $\log 2 - \log(1 + 1/e)$, 1 and 1.

        >>> print([f"{x:.4f}" for x in mutual_information(torch.eye(2))])
        ['0.3799', '1.0000', '1.0000', '0.6931']
        >>> print([f"{x:.4f}" for x in mutual_information(torch.eye(2) + 1)])
        ['0.3799', '1.0000', '0.2817', '0.6931']
    """
    logits = checks.similarities(logits, ndim=2, name="logits")
    n = len(logits)
    if n < 2 or logits.shape != (n, n):
        raise ValueError(f"logits must be (N, N) with N >= 2, got {tuple(logits.shape)}")
    joint = logits.diagonal().mean()
    off = logits.clone().fill_diagonal_(-math.inf)
    log_mean = torch.logsumexp(off.flatten(), 0) - math.log(n * (n - 1))
    loss = info_nce_from_similarity(logits, temperature=1.0)
    cap = math.log(n)
    return MutualInformation(cap - loss, joint - log_mean, 1 + joint - log_mean.exp(), cap)


def negatives_moments(
    similarity: Tensor, positive: Tensor | None = None, *, temperature: float | Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Moments of the negatives that decide the bias of a finite number of them.

    With $Y = e^{s_-/\tau}$ and its mean $\mu$ over the given negatives:

    $$b = \frac{e^{s_+/\tau}}{\mu}, \qquad v = \frac{\mathrm{Var}\, Y}{\mu^2}, \qquad
      g = \frac{\overline{(Y - \mu)^3}}{\mu^3}$$

    Args:
        similarity: $s_-$ of an anchor's negatives, shape `(..., S)`: the more, the better
            they stand for all.
        positive: $s_+$, shape `(..., 1)`; without it $b = 0$.
        temperature: $\tau > 0$ in the unit of the similarities.

    Returns:
        $b$, $v$ and $g$ without unit, shape `(...)` each.

    Raises:
        TypeError: similarities that are not floating point.
        ValueError: a shape, value or temperature that has no moments.

    Source:
        The moments of a Taylor series of the logarithm of a mean; ours.

    Examples:
        Negatives 0 and 1, equally likely, have $v = \tanh^2(1/(2\tau))$:

        >>> s = torch.tensor([0.0, 1.0])
        >>> b, v, g = negatives_moments(s, s[1:], temperature=1.0)
        >>> print(f"{v:.4f} {b:.4f}")  # b = 2/(1 + 1/e)
        0.2136 1.4621
    """
    similarity = checks.similarities(similarity)
    temperature = checks.positive_number("temperature", temperature)
    logits = similarity / temperature
    log_mean = logits.logsumexp(-1, keepdim=True) - math.log(logits.shape[-1])
    excess = (logits - log_mean).expm1()  # Y / mean - 1
    b = excess.new_zeros(log_mean.shape)
    if positive is not None:
        positive = checks.similarities(positive, name="positive")
        if positive.shape != log_mean.shape:
            got = tuple(positive.shape)
            raise ValueError(f"positive must be {tuple(log_mean.shape)}, got {got}")
        b = (positive / temperature - log_mean).exp()
    return b.squeeze(-1), excess.square().mean(-1), excess.pow(3).mean(-1)


def negatives_bias(b: Tensor, v: Tensor, g: Tensor, *, count: int) -> tuple[Tensor, Tensor]:
    r"""How far the expected loss of $M$ negatives lies from its limit of infinitely many.

    $$\mathbb{E} \log \frac{1}{M} \Bigl(e^{s_+/\tau} + \sum_{k \le M} Y_k\Bigr) - \log \mu
      = \frac{b - v/2}{M} + \frac{1}{M^2}
      \Bigl(-\frac{b^2}{2} + \frac{g}{3} + b v - \frac{3 v^2}{4}\Bigr) + O(M^{-3})$$

    The logarithm of a mean is too small by $v/(2M)$; the positive in the denominator adds
    $b/M$, which is usually more. With $b = 0$ it is the bias without the positive in the
    denominator. If the loss is compared with $\log(M + 1)$ instead of $\log M$, a further
    $1/M$ leaves.

    Args:
        b: $e^{s_+/\tau}/\mu$, of `negatives_moments` or of a model; 0 if the positive is not
            in the denominator.
        v: variance of $Y/\mu$.
        g: third central moment of $Y/\mu$.
        count: $M \ge 1$, independent negatives of an anchor.

    Returns:
        First and second order in nats, of the shape of the moments. They mean something only
        for $M$ well above $b$ and $v$: if the second is not the smaller, neither is right.

    Raises:
        TypeError: `count` is not an integer.
        ValueError: `count` is below 1.

    Source:
        A Taylor series about the mean, ours; the limit is that of Wang and Isola 2020,
        arXiv 2005.10242, Theorem 1.

    Examples:
        Negatives 0 and 1, positive 1, temperature 1, eight negatives: $(b - v/2)/8$ with
        $b = 1.4621$ and $v = 0.2136$.

        >>> s = torch.tensor([0.0, 1.0])
        >>> b, v, g = negatives_moments(s, s[1:], temperature=1.0)
        >>> first, second = negatives_bias(b, v, g, count=8)
        >>> first_without, second_without = negatives_bias(0 * b, v, g, count=8)
        >>> print(f"{first:.4f} {first_without:.4f}")
        0.1694 -0.0133
    """
    checks.count("count", count)
    second = b * (v - b / 2) + g / 3 - 3 * v**2 / 4  # this order: no inf - inf
    return (b - v / 2) / count, second / count**2
