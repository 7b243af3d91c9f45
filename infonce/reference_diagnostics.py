r"""The diagnostics once more: NumPy, float64, as literal as the equations are printed.

As in `infonce.reference`, no line is shared with the torch functions of the same names, nothing
is rearranged for range, and input is not checked. Floors and collapse values are their own
transcription, and so have none here.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from infonce.reference import Array, unit_rows

__all__ = [
    "alignment", "effective_rank", "knn_accuracy", "median_rank", "modality_gap",
    "mutual_information", "negatives_bias", "negatives_moments", "recall_at_k", "retrieval_ranks",
    "uniformity", "uniformity_reference",
]  # fmt: skip


def alignment(x: ArrayLike, y: ArrayLike, *, alpha: float = 2.0) -> float:
    r"""$\frac{1}{N} \sum_i \lVert \hat x_i - \hat y_i \rVert^\alpha$.

    Args:
        x: one row of each pair, shape `(N, d)`.
        y: the other row, shape `(N, d)`.
        alpha: exponent $\alpha > 0$.

    Returns:
        No unit.

    Source:
        Wang and Isola 2020, arXiv 2005.10242, section 4.1.

    Examples:
        >>> print(f"{alignment([[1, 0]], [[0, 1]], alpha=1.0):.4f}")
        1.4142
    """
    return float((np.linalg.norm(unit_rows(x) - unit_rows(y), axis=1) ** alpha).mean())


def uniformity(x: ArrayLike, *, t: float = 2.0) -> float:
    r"""$\log \frac{2}{N(N-1)} \sum_{i<j} e^{-t \lVert \hat x_i - \hat x_j \rVert^2}$.

    Args:
        x: rows, shape `(N, d)`.
        t: $t > 0$.

    Returns:
        Nats.

    Source:
        Wang and Isola 2020, arXiv 2005.10242, section 4.1.

    Examples:
        >>> print(f"{uniformity(np.eye(3), t=0.5):.4f}")
        -1.0000
    """
    z = unit_rows(x)
    i, j = np.triu_indices(len(z), k=1)
    return float(np.log(np.exp(-t * ((z[i] - z[j]) ** 2).sum(axis=1)).mean()))


def uniformity_reference(d: int, *, t: float = 2.0) -> float:
    r"""$\log \mathbb{E}\, e^{-2t(1 - s)}$ over the cosine $s$ of two uniform unit vectors.

    Its density is proportional to $(1 - s^2)^{(d-3)/2}$. The integral is a sum over 20,001
    equally spaced $u$ with $s = \tanh(\frac{\pi}{2} \sinh u)$, which flattens both ends.

    Args:
        d: width $d \ge 2$.
        t: $t > 0$.

    Returns:
        Nats.

    Source:
        Wang and Isola 2020, arXiv 2005.10242; the substitution of Takahasi and Mori 1974.

    Examples:
        >>> print(f"{uniformity_reference(3, t=1.0):.4f}")  # log((1 - e^-4)/4)
        -1.4048
    """
    u = np.linspace(-4, 4, 20001)
    v = np.pi / 2 * np.sinh(u)
    density = np.exp(-(d - 1) * np.log(np.cosh(v))) * np.cosh(u)  # with ds = .. cosh(u) du
    return float(np.log((density * np.exp(-2 * t * (1 - np.tanh(v)))).sum() / density.sum()))


def effective_rank(x: ArrayLike) -> float:
    r"""$\exp(-\sum_k p_k \log p_k)$ of the singular values of the unit rows, divided by their sum.

    Args:
        x: rows, shape `(N, d)`.

    Returns:
        A number of dimensions.

    Source:
        Roy and Vetterli 2007, "The effective rank".

    Examples:
        >>> print(f"{effective_rank(np.eye(4)[[0, 1, 2, 2]]):.4f}")
        2.9576
    """
    sigma = np.linalg.svd(unit_rows(x), compute_uv=False)
    p = (sigma / sigma.sum())[sigma > 0]
    return float(np.exp(-(p * np.log(p)).sum()))


def modality_gap(image: ArrayLike, text: ArrayLike) -> Array:
    r"""$\frac{1}{N} \sum_i \hat u_i - \frac{1}{N} \sum_i \hat v_i$.

    Args:
        image: image embeddings, shape `(N, d)`.
        text: text embeddings, shape `(N, d)`.

    Returns:
        No unit, shape `(d,)`.

    Source:
        Liang et al. 2022, arXiv 2203.02053, section 4.

    Examples:
        >>> print(modality_gap([[2, 0]], [[0, 3]]).tolist())
        [1.0, -1.0]
    """
    return unit_rows(image).mean(axis=0) - unit_rows(text).mean(axis=0)


def mutual_information(logits: ArrayLike) -> tuple[float, float, float, float]:
    r"""InfoNCE, DV and NWJ estimates, and $\log N$.

    Args:
        logits: scores $g$, shape `(N, N)`: joint on the diagonal, independent off it.

    Returns:
        $\log N - \mathcal{L}_N$, $\bar g - \log \overline{e^g}$, $1 + \bar g - \overline{e^g}$
        and $\log N$, in nats.

    Source:
        Poole et al. 2019, arXiv 1905.06922.

    Examples:
        >>> print([f"{x:.4f}" for x in mutual_information(np.eye(2))])
        ['0.3799', '1.0000', '1.0000', '0.6931']
    """
    g = np.asarray(logits, dtype=np.float64)
    joint, off, cap = np.diag(g).mean(), np.exp(g[~np.eye(len(g), dtype=bool)]).mean(), len(g)
    loss = -np.log(np.exp(np.diag(g)) / np.exp(g).sum(axis=1)).mean()
    return float(np.log(cap) - loss), joint - np.log(off), 1 + joint - off, float(np.log(cap))


def negatives_moments(
    similarity: ArrayLike, positive: ArrayLike | None = None, *, temperature: float
) -> tuple[Array, Array, Array]:
    r"""$b = e^{s_+/\tau}/\mu$, $v = \mathrm{Var}\,Y/\mu^2$, $g = \overline{(Y-\mu)^3}/\mu^3$.

    Args:
        similarity: $s_-$, shape `(..., S)`; $Y = e^{s_-/\tau}$ and $\mu$ is its mean.
        positive: $s_+$, shape `(..., 1)`; without it $b = 0$.
        temperature: $\tau > 0$.

    Returns:
        No unit, shape `(...)` each.

    Source:
        The moments of a Taylor series of the logarithm of a mean; ours.

    Examples:
        >>> print(f"{negatives_moments([0.0, 1.0], temperature=1.0)[1]:.4f}")  # tanh(1/2)^2
        0.2136
    """
    y = np.exp(np.asarray(similarity, dtype=np.float64) / temperature)
    mean = y.mean(axis=-1)
    top = 0 * mean if positive is None else np.exp(np.asarray(positive)[..., 0] / temperature)
    third = ((y - mean[..., None]) ** 3).mean(axis=-1)
    return top / mean, y.var(axis=-1) / mean**2, third / mean**3


def negatives_bias(b: Array, v: Array, g: Array, *, count: int) -> tuple[Array, Array]:
    r"""$\frac{b - v/2}{M}$ and $\frac{1}{M^2}(-\frac{b^2}{2} + \frac{g}{3} + bv - \frac{3v^2}{4})$.

    Args:
        b: $e^{s_+/\tau}/\mu$, or 0.
        v: variance of $Y/\mu$.
        g: third central moment of $Y/\mu$.
        count: $M \ge 1$.

    Returns:
        Nats.

    Source:
        A Taylor series about the mean; ours.

    Examples:
        >>> bias = negatives_bias(*negatives_moments([0.0, 1.0], temperature=1.0), count=8)
        >>> print(f"{bias[0]:.4f}")
        -0.0133
    """
    return (b - v / 2) / count, (-(b**2) / 2 + g / 3 + b * v - 3 * v**2 / 4) / count**2


def retrieval_ranks(query: ArrayLike, positive: ArrayLike) -> NDArray[np.int64]:
    r"""$\#\{ j : s_{ij} \ge s_{ii} \}$, with $16 \epsilon$ for rounding.

    Args:
        query: shape `(N, d)`.
        positive: shape `(N, d)`.

    Returns:
        Ranks from 1, shape `(N,)`.

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1.

    Examples:
        >>> print(retrieval_ranks([[1.0, 0.1], [1.0, 0.9]], np.eye(2)).tolist())
        [1, 2]
    """
    s = unit_rows(query) @ unit_rows(positive).T
    return (s >= np.diag(s)[:, None] - 16 * np.finfo(np.float64).eps).sum(axis=1)


def recall_at_k(query: ArrayLike, positive: ArrayLike, *, k: int = 1) -> float:
    r"""$\frac{1}{N} \, \#\{ i : \mathrm{rank}_i \le k \}$.

    Args:
        query: shape `(N, d)`.
        positive: shape `(N, d)`.
        k: how many places count.

    Returns:
        A share in [0, 1].

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1.

    Examples:
        >>> print(recall_at_k([[1.0, 0.1], [1.0, 0.9]], np.eye(2)))
        0.5
    """
    return float((retrieval_ranks(query, positive) <= k).mean())


def median_rank(query: ArrayLike, positive: ArrayLike) -> float:
    r"""Median of the ranks.

    Args:
        query: shape `(N, d)`.
        positive: shape `(N, d)`.

    Returns:
        A rank.

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1.

    Examples:
        >>> print(median_rank([[1.0, 0.1], [1.0, 0.9]], np.eye(2)))
        1.5
    """
    return float(np.median(retrieval_ranks(query, positive)))


def knn_accuracy(
    fit: ArrayLike, labels: ArrayLike, query: ArrayLike, query_labels: ArrayLike, *, k: int = 20
) -> float:
    r"""$\arg\max_c \, \#\{ i \in \mathrm{kNN}(x) : c_i = c \}$; a tied vote is wrong.

    Args:
        fit: labelled rows, shape `(n, d)`.
        labels: their classes, shape `(n,)`.
        query: rows to classify, shape `(m, d)`.
        query_labels: their classes, shape `(m,)`.
        k: number of neighbours.

    Returns:
        A share in [0, 1].

    Source:
        Cover and Hart 1967, "Nearest neighbor pattern classification".

    Examples:
        >>> print(knn_accuracy([[1, 0], [1, 1]], [0, 1], [[1, 0.1], [1, 0.9]], [0, 0], k=1))
        0.5
    """
    nearest = np.argsort(-unit_rows(query) @ unit_rows(fit).T, axis=1)[:, :k]
    classes = np.unique(labels)
    votes = (np.asarray(labels)[nearest][:, :, None] == classes).sum(axis=1)  # (m, classes)
    own = np.asarray(query_labels)[:, None] == classes
    return float(((votes * own).max(axis=1) > (votes * ~own).max(axis=1)).mean())
