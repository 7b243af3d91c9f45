# pyright: reportUnknownMemberType=false
# (torch leaves `torch.linalg` without types)
r"""How embeddings lie on the sphere: alignment, uniformity, rank, and the gap between modalities.

Nothing here knows a temperature: these are properties of the rows alone.
"""

import math
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from infonce import checks
from infonce.checks import unit_rows
from infonce.temperature import entropy

__all__ = [
    "alignment", "effective_rank", "modality_gap", "uniformity", "uniformity_floor",
    "uniformity_reference",
]  # fmt: skip


def alignment(x: Tensor, y: Tensor, *, alpha: float = 2.0) -> Tensor:
    r"""How far apart the two rows of a positive pair are.

    $$\mathcal{L}_\mathrm{align} = \frac{1}{N} \sum_i \lVert \hat x_i - \hat y_i \rVert^\alpha$$

    At $\alpha = 2$ this is $2 - 2 \bar s_+$, with the mean cosine of the positives.

    Args:
        x: one row of each pair, shape `(N, d)`, any scale: rows are normalised here.
        y: the other row, shape `(N, d)`.
        alpha: exponent $\alpha > 0$.

    Returns:
        No unit, shape `()`: 0 if all pairs coincide, $2^\alpha$ if all are opposite.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row or exponent that has no alignment.

    Source:
        Wang and Isola 2020, arXiv 2005.10242, section 4.1.

    Examples:
        Orthogonal pairs are $\sqrt{2}$ apart:

        >>> x, y = torch.eye(2), torch.eye(2).flip(0)
        >>> print(f"{alignment(x, y):.4f} {alignment(x, y, alpha=1.0):.4f}")
        2.0000 1.4142
    """
    checks.pairs(x=x, y=y)
    checks.positive_number("alpha", alpha)
    apart = F.pairwise_distance(unit_rows("x", x), unit_rows("y", y), eps=0)
    equal = apart == 0  # where the slope of a power below 1 is infinite, and taken as 0
    return apart.masked_fill(equal, 1.0).pow(alpha).masked_fill(equal, 0.0).mean()


def uniformity(x: Tensor, *, t: float = 2.0) -> Tensor:
    r"""How evenly the rows spread over the sphere: a log-mean over all pairs of different rows.

    $$\mathcal{L}_\mathrm{unif} = \log \frac{2}{N(N-1)}
      \sum_{i<j} e^{-t \lVert \hat x_i - \hat x_j \rVert^2}$$

    Args:
        x: rows, shape `(N, d)` with $N \ge 2$, any scale: rows are normalised here.
        t: $t > 0$: the larger, the more only near rows count.

    Returns:
        Nats, shape `()`: 0 if all rows coincide, less the more even they are. Compare with
        `uniformity_reference(d)`, the value of the uniform distribution; a finite batch can
        lie below it, down to `uniformity_floor(N)`.

    Raises:
        TypeError: not a floating point tensor.
        ValueError: a shape, row or `t` that has no uniformity.

    Source:
        Wang and Isola 2020, arXiv 2005.10242, section 4.1.

    Examples:
        Orthogonal rows have squared distance 2:

        >>> print(f"{uniformity(torch.eye(3)):.4f} {uniformity(torch.eye(3), t=0.5):.4f}")
        -4.0000 -1.0000
    """
    checks.rows("x", x)
    checks.positive_number("t", t)
    checks.count("the number of rows of x", len(x), 2)
    squared = F.pdist(unit_rows("x", x)).square()
    return (-t * squared).logsumexp(0) - math.log(len(squared))


def uniformity_reference(d: int, *, t: float = 2.0) -> float:
    r"""Uniformity of the uniform distribution on the unit sphere of $\mathbb{R}^d$.

    $$-2t + \log {}_0F_1\bigl(; \tfrac{d}{2}; t^2\bigr), \qquad
      {}_0F_1(; b; x) = \sum_{k \ge 0} \frac{x^k}{b (b+1) \cdots (b+k-1) \, k!}$$

    No distribution has less. At $t = 1/(2\tau)$ it is also the limit of $\mathcal{L} - \log M$
    for many negatives, if positives coincide and embeddings are uniform.

    Args:
        d: width $d \ge 1$.
        t: $t > 0$.

    Returns:
        Nats. The error is below $10^{-12}$ up to $t = 100$; the series takes about $2t$ terms.

    Raises:
        TypeError: `d` is not an integer, or `t` not a number.
        ValueError: `d` or `t` below its range.

    Source:
        The expectation over the sphere of Wang and Isola 2020, arXiv 2005.10242, as the
        normaliser of the von Mises-Fisher distribution (Mardia and Jupp 2000, section 9.3.2).

    Examples:
        For $d = 3$ it is $\log((1 - e^{-4t})/(4t))$; for large $d$ it tends to $-2t$:

        >>> print(f"{uniformity_reference(3, t=1.0):.4f} {uniformity_reference(128):.4f}")
        -1.4048 -3.9375
    """
    checks.count("d", d)
    checks.positive_number("t", t)
    term, total, scale, k = 1.0, 1.0, -2.0 * t, 0
    while term > 1e-18 * total:
        term *= t**2 / ((d / 2 + k) * (k + 1))
        total, k = total + term, k + 1
        if total > 1e200:  # only the logarithm has to fit into a float
            term, total, scale = term / 1e200, total / 1e200, scale + math.log(1e200)
    return scale + math.log(total)


def uniformity_floor(n: int, *, t: float = 2.0) -> float:
    r"""The least uniformity that `n` rows can have: that of a regular simplex.

    $$-\frac{2 t N}{N - 1}$$

    Squared distances average at most $2N/(N-1)$, and the log-mean of an exponential is at
    least the mean of the exponent. Equality needs equal distances, for which a width
    $d \ge N - 1$ is needed; in a smaller width all uniformities are above this bound.

    Args:
        n: number of rows $N \ge 2$.
        t: $t > 0$.

    Returns:
        Nats.

    Raises:
        TypeError: `n` is not an integer, or `t` not a number.
        ValueError: `n` or `t` below its range.

    Source:
        Jensen's inequality; ours.

    Examples:
        Three points on a circle, 120 degrees apart:

        >>> print(uniformity_floor(3), uniformity_floor(3, t=0.5))
        -6.0 -1.5
    """
    checks.count("n", n, 2)
    checks.positive_number("t", t)
    return -2 * t * n / (n - 1)


def effective_rank(x: Tensor) -> Tensor:
    r"""How many dimensions the rows use: the exponential of the entropy of singular values.

    $$\exp\Bigl(-\sum_k p_k \log p_k\Bigr), \qquad p_k = \frac{\sigma_k}{\sum_l \sigma_l}$$

    with the singular values $\sigma$ of the matrix of unit rows. Rows are not centred, so that
    a direction that all rows share counts as the one dimension it is.

    Args:
        x: rows, shape `(N, d)`, any scale: rows are normalised here.

    Returns:
        A number of dimensions, shape `()`: from 1 (all rows on one line) to $\min(N, d)$.

    Raises:
        TypeError: not a floating point tensor.
        ValueError: a shape or row that has no rank.

    Source:
        Roy and Vetterli 2007, "The effective rank"; for dimensional collapse as in Jing et al.
        2022, arXiv 2110.09348.

    Examples:
        Four rows, two of them equal: singular values 1, 1, $\sqrt{2}$.

        >>> print(f"{effective_rank(torch.eye(4)):.4f}")
        4.0000
        >>> print(f"{effective_rank(torch.eye(4)[[0, 1, 2, 2]]):.4f}")
        2.9576
    """
    checks.rows("x", x)
    sigma = cast("Tensor", torch.linalg.svdvals(unit_rows("x", x)))
    return entropy(sigma / sigma.sum()).exp()


def modality_gap(image: Tensor, text: Tensor) -> Tensor:
    r"""The vector from the mean text to the mean image; its length is the modality gap.

    $$\vec\Delta = \frac{1}{N} \sum_i \hat u_i - \frac{1}{N} \sum_i \hat v_i$$

    Args:
        image: image embeddings, shape `(N, d)`, any scale: rows are normalised here.
        text: text embeddings, shape `(N, d)`.

    Returns:
        $\vec\Delta$ without unit, shape `(d,)`, with a length from 0 to 2. A gap is not in
        itself a fault: at a free temperature the loss does not depend on it.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device or row that has no gap.

    Source:
        Liang et al. 2022, arXiv 2203.02053, section 4.

    Examples:
        Images and texts with 0.6 and -0.6 on an axis of their own:

        >>> image = torch.tensor([[0.8, 0.0, 0.6], [0.0, 0.8, 0.6]])
        >>> text = image * torch.tensor([1.0, 1.0, -1.0])
        >>> print(f"{modality_gap(image, text).norm():.4f}")
        1.2000
    """
    checks.pairs(image=image, text=text)
    return unit_rows("image", image).mean(0) - unit_rows("text", text).mean(0)
