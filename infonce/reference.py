r"""The same functions once more: NumPy, float64, as literal as the equations are printed.

Every sum and every exponential is written out, nothing is rearranged for speed or range, and
no line is shared with the torch functions of the same names. What follows from that: logits
must stay below 700 (a temperature above 0.0015 for cosines), where $e^x$ overflows, and a
loss is exact to about $10^{-15}$, not to 15 digits when it is tiny. Input is not checked.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "anchor_loss", "clip_grad", "clip_loss", "effective_negatives", "entropy", "entropy_slope",
    "info_nce", "info_nce_from_similarity", "info_nce_grad", "negative_weights", "nt_xent",
    "nt_xent_grad", "siglip_loss", "similarity_grad", "softmax_weights", "sup_con",
]  # fmt: skip

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Reduction = Literal["mean", "sum", "none"]


def anchor_loss(positive: float, negatives: ArrayLike, temperature: float) -> float:
    r"""Loss of one anchor, from its similarities.

    $$\ell = -\log \frac{e^{s_+/\tau}}{e^{s_+/\tau} + \sum_{k=1}^{M} e^{s_k/\tau}}$$

    Args:
        positive: similarity $s_+$ of the positive.
        negatives: similarities $s_k$ of the negatives, shape `(M,)`.
        temperature: $\tau > 0$.

    Returns:
        Loss in nats.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        $\log(1 + e^{-1} + e^{-2})$:

        >>> print(f"{anchor_loss(1.0, [0.5, 0.0], temperature=0.5):.4f}")
        0.4076
    """
    e_positive = np.exp(positive / temperature)
    e_negatives = np.exp(_array(negatives) / temperature)
    return float(-np.log(e_positive / (e_positive + e_negatives.sum())))


def info_nce_from_similarity(
    similarity: ArrayLike,
    positives: ArrayLike | None = None,
    *,
    temperature: float = 0.1,
    reduction: Reduction = "mean",
) -> Array:
    r"""$-\log \bigl( e^{s_{i+}/\tau} / \sum_j e^{s_{ij}/\tau} \bigr)$ for each row.

    Args:
        similarity: $s$, shape `(N, C)`.
        positives: column of each row's positive, shape `(N,)`; by default the diagonal.
        temperature: $\tau > 0$.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        Loss in nats, shape `()`, or `(N,)` with `"none"`.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        >>> print(f"{info_nce_from_similarity([[1.0, 0.5, 0.0]], temperature=0.5):.4f}")
        0.4076
    """
    e = np.exp(_array(similarity) / temperature)
    i = np.arange(len(e))
    column = i if positives is None else np.asarray(positives)
    return _reduce(-np.log(e[i, column] / e.sum(axis=1)), reduction)


def info_nce(
    query: ArrayLike,
    positive: ArrayLike,
    negatives: ArrayLike | None = None,
    *,
    temperature: float = 0.1,
    in_batch: bool | None = None,
    exclude: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    r"""InfoNCE, query by query.

    Args:
        query: anchors, shape `(N, d)`.
        positive: keys, shape `(N, d)`.
        negatives: more keys, shape `(M, d)` or `(N, M, d)`; they replace the other rows of
            `positive` unless `in_batch` is true.
        temperature: $\tau > 0$.
        in_batch: whether the other rows of `positive` are negatives.
        exclude: as in `infonce.info_nce`.
        ids: as in `infonce.info_nce`.
        weights: as in `infonce.info_nce`.
        reduction: as in `infonce.info_nce`.

    Returns:
        Loss in nats, shape `()`, or `(N,)` with `"none"`.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4, with cosines.

    Examples:
        Four orthogonal pairs, $\log(1 + 3/e)$:

        >>> print(f"{info_nce(np.eye(4), np.eye(4), temperature=1.0):.4f}")
        0.7437
    """
    q, k = unit_rows(query), unit_rows(positive)
    n, beside = len(k), negatives is None or bool(in_batch)
    given = 0 if negatives is None else _array(negatives).shape[-2]
    kept = _kept(exclude, ids if beside else None, (n, n * beside + given))
    losses: list[float] = []
    for i, candidates in enumerate(_candidates(k, negatives, in_batch)):
        s = candidates @ q[i]  # the positive first
        others = np.delete(kept[i], i) if beside else kept[i]
        losses.append(anchor_loss(s[0], s[1:][others], temperature))
    return _reduce(np.array(losses), reduction, weights)


def nt_xent(
    view1: ArrayLike,
    view2: ArrayLike,
    *,
    temperature: float = 0.5,
    exclude: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    r"""NT-Xent: $-\log \bigl( e^{s_{i+}/\tau} / \sum_{k \ne i} e^{s_{ik}/\tau} \bigr)$.

    Args:
        view1: one view of each image, shape `(N, d)`.
        view2: the other view, shape `(N, d)`.
        temperature: $\tau > 0$.
        reduction: `"mean"` over the $2N$ anchors, `"sum"` or `"none"`.

    Returns:
        Loss in nats, shape `()`, or `(2N,)` with `"none"`, view 1 first.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Eq. 1.

    Examples:
        Two orthogonal images with equal views, $\log(1 + 2/e)$:

        >>> print(f"{nt_xent(np.eye(2), np.eye(2), temperature=1.0):.4f}")
        0.5514
    """
    z, partner = _views(view1, view2)
    twice = None if ids is None else np.tile(np.asarray(ids), 2)
    kept = _kept(exclude, twice, (len(z), len(z))) | (partner == 1)
    e = np.exp(z @ z.T / temperature) * (1 - np.eye(len(z))) * kept  # 1[k != i]
    return _reduce(-np.log((partner * e).sum(axis=1) / e.sum(axis=1)), reduction, weights)


def clip_loss(
    image: ArrayLike,
    text: ArrayLike,
    *,
    logit_scale: float,
    exclude: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    r"""The CLIP loss: cross-entropy along the rows and along the columns, averaged.

    Args:
        image: image embeddings, shape `(N, d)`.
        text: text embeddings, shape `(N, d)`.
        logit_scale: $\alpha > 0$.
        exclude: as in `infonce.clip_loss`.
        ids: as in `infonce.clip_loss`.
        weights: as in `infonce.clip_loss`.
        reduction: as in `infonce.clip_loss`.

    Returns:
        Loss in nats, shape `()`, or `(N,)` with `"none"`.

    Source:
        Radford et al. 2021, arXiv 2103.00020, Fig. 3.

    Examples:
        Three orthogonal pairs at scale 5, $\log(1 + 2e^{-5})$:

        >>> print(f"{clip_loss(np.eye(3), np.eye(3), logit_scale=5.0):.4f}")
        0.0134
    """
    e = np.exp(logit_scale * unit_rows(image) @ unit_rows(text).T)
    e = e * (_kept(exclude, ids, e.shape) | np.eye(len(e), dtype=bool))
    image_to_text = -np.log(np.diag(e) / e.sum(axis=1))
    text_to_image = -np.log(np.diag(e) / e.sum(axis=0))
    return _reduce((image_to_text + text_to_image) / 2, reduction, weights)


def siglip_loss(
    image: ArrayLike,
    text: ArrayLike,
    *,
    logit_scale: float,
    logit_bias: float,
    exclude: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    r"""$-\sum_j \log \sigma(z_{ij}(\alpha s_{ij} + b))$, $z_{ii} = 1$ and $-1$ elsewhere.

    Args:
        image: image embeddings, shape `(N, d)`.
        text: text embeddings, shape `(N, d)`.
        logit_scale: $\alpha > 0$.
        logit_bias: $b$.
        exclude: as in `infonce.siglip_loss`.
        ids: as in `infonce.siglip_loss`.
        weights: as in `infonce.siglip_loss`.
        reduction: as in `infonce.siglip_loss`.

    Returns:
        Loss in nats, shape `()`, or `(N,)` with `"none"`.

    Source:
        Zhai et al. 2023, arXiv 2303.15343, Algorithm 1.

    Examples:
        Two orthonormal pairs, $\log 2 + \log(1 + e^{-10})$:

        >>> print(f"{siglip_loss(np.eye(2), np.eye(2), logit_scale=10, logit_bias=-10):.4f}")
        0.6932
    """
    own = np.eye(len(_array(image)), dtype=bool)
    z = np.where(own, 1, -1)
    sigma = 1 / (1 + np.exp(-z * (logit_scale * unit_rows(image) @ unit_rows(text).T + logit_bias)))
    kept = _kept(exclude, ids, z.shape) | own
    return _reduce(-(kept * np.log(sigma)).sum(axis=1), reduction, weights)


def sup_con(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    temperature: float = 0.1,
    exclude: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> Array:
    r"""The mean of $-\log (e^{s_{ip}/\tau} / \sum_{k \ne i} e^{s_{ik}/\tau})$ over the positives.

    Args:
        features: embeddings, shape `(b, d)`.
        labels: class of each row, shape `(b,)`.
        temperature: $\tau > 0$.
        exclude: as in `infonce.sup_con`.
        ids: as in `infonce.sup_con`.
        weights: as in `infonce.sup_con`.
        reduction: as in `infonce.sup_con`.

    Returns:
        Loss in nats, shape `()`, or `(b,)` with `"none"`.

    Source:
        Khosla et al. 2020, arXiv 2004.11362, Eq. 2.

    Examples:
        Two classes of two equal rows, orthogonal, $\log(1 + 2/e)$:

        >>> print(f"{sup_con(np.eye(2)[[0, 0, 1, 1]], [0, 0, 1, 1], temperature=1.0):.4f}")
        0.5514
    """
    z, y = unit_rows(features), np.asarray(labels)
    kept = _kept(exclude, ids, (len(z), len(z)))
    positive = (y[:, None] == y) & ~np.eye(len(z), dtype=bool)
    has, losses = positive.any(axis=1), np.zeros(len(z))
    for i in np.flatnonzero(has):
        e = np.exp(z @ z[i] / temperature)
        p = e[positive[i]] / e[positive[i] | (kept[i] & (y != y[i]))].sum()
        losses[i] = -np.log(p).mean()
    return _reduce(losses, reduction, has if weights is None else has * _array(weights))


class InfoNCEGrad(NamedTuple):
    """Gradients of the mean InfoNCE loss, each of the shape of its argument."""

    query: Array
    positive: Array
    negatives: Array | None


class NTXentGrad(NamedTuple):
    """Gradients of the mean NT-Xent loss, each of the shape of its argument."""

    view1: Array
    view2: Array


class ClipGrad(NamedTuple):
    """Gradients of the mean CLIP loss, each of the shape of its argument."""

    image: Array
    text: Array
    logit_scale: Array


def similarity_grad(
    similarity: ArrayLike, positives: ArrayLike | None = None, *, temperature: float
) -> Array:
    r"""$(p - \mathrm{onehot})/\tau$ for each row.

    Args:
        similarity: $s$, shape `(N, C)`.
        positives: column of each row's positive, shape `(N,)`; by default the diagonal.
        temperature: $\tau > 0$.

    Returns:
        Nats per unit of similarity, shape `(N, C)`.

    Source:
        The derivative of cross-entropy.

    Examples:
        >>> grad = similarity_grad([[0.0, 0.0, 0.0]], temperature=0.5)
        >>> print([f"{g:.4f}" for g in grad[0]])
        ['-1.3333', '0.6667', '0.6667']
    """
    p = softmax_weights(similarity, temperature=temperature)
    column = np.arange(len(p)) if positives is None else np.asarray(positives)
    return (p - np.eye(p.shape[1])[column]) / temperature


def info_nce_grad(
    query: ArrayLike,
    positive: ArrayLike,
    negatives: ArrayLike | None = None,
    *,
    temperature: float,
    in_batch: bool | None = None,
) -> InfoNCEGrad:
    r"""Gradient of the mean of `info_nce`, query by query.

    Args:
        query: anchors, shape `(N, d)`.
        positive: keys, shape `(N, d)`.
        negatives: more keys, shape `(M, d)` or `(N, M, d)`.
        temperature: $\tau > 0$.
        in_batch: as in `info_nce`.

    Returns:
        Gradients `query`, `positive` and `negatives`, each of the shape of its argument.

    Source:
        The derivative of van den Oord, Li and Vinyals 2018, Eq. 4, through the cosine.

    Examples:
        The query (0, 2) coincides with its negative; the force is $-\sigma(1)/2$:

        >>> grad = info_nce_grad([[0.0, 2.0]], [[1.0, 0.0]], [[0.0, 1.0]], temperature=1.0)
        >>> print(f"{grad.query[0, 0]:.4f}")
        -0.3655
    """
    q, k = unit_rows(query), unit_rows(positive)
    n = len(q)
    dq, dk = np.zeros_like(q), np.zeros_like(k)
    dx = np.zeros_like(_array(negatives)) if negatives is not None else dk[:0]
    others = n - 1 if negatives is None or in_batch else 0
    for i, candidates in enumerate(_candidates(k, negatives, in_batch)):
        p = softmax_weights(candidates @ q[i], temperature=temperature)
        force = (p - np.eye(len(p))[0]) / (n * temperature)  # the positive is number 0
        dq[i] = force @ candidates
        on_positive, on_others, on_given = np.split(np.outer(force, q[i]), [1, 1 + others])
        dk[i] += on_positive[0]
        if others:
            dk[np.arange(n) != i] += on_others
        dx[i if dx.ndim == 3 else slice(None)] += on_given
    given = None if negatives is None else _through_norm(negatives, dx)
    return InfoNCEGrad(_through_norm(query, dq), _through_norm(positive, dk), given)


def nt_xent_grad(view1: ArrayLike, view2: ArrayLike, *, temperature: float) -> NTXentGrad:
    r"""$(P + P^\top - 2T)\,Z / (2N\tau)$, then through the normalisation.

    Args:
        view1: one view of each image, shape `(N, d)`.
        view2: the other view, shape `(N, d)`.
        temperature: $\tau > 0$.

    Returns:
        Gradients `view1` and `view2`, each `(N, d)`.

    Source:
        The derivative of Chen et al. 2020, arXiv 2002.05709, Eq. 1.

    Examples:
        >>> print(f"{nt_xent_grad(np.eye(2), np.eye(2), temperature=1.0).view1[0, 1]:.4f}")
        0.2119
    """
    z, partner = _views(view1, view2)
    e = np.exp(z @ z.T / temperature) * (1 - np.eye(len(z)))  # 1[k != i]
    p = e / e.sum(axis=1, keepdims=True)
    dz = (p + p.T - 2 * partner) @ z / (len(z) * temperature)
    grad = _through_norm(np.concatenate([view1, view2]), dz)
    return NTXentGrad(*np.split(grad, 2))


def clip_grad(image: ArrayLike, text: ArrayLike, *, logit_scale: float) -> ClipGrad:
    r"""$\alpha G V$, $\alpha G^\top U$ and $\langle G, S \rangle$, $G = (P_r + P_c - 2I)/2N$.

    Args:
        image: image embeddings, shape `(N, d)`.
        text: text embeddings, shape `(N, d)`.
        logit_scale: $\alpha = 1/\tau > 0$.

    Returns:
        Gradients `image` and `text`, `(N, d)`, and `logit_scale`, shape `()`.

    Source:
        The derivative of Radford et al. 2021, arXiv 2103.00020, Fig. 3.

    Examples:
        Three orthogonal pairs at scale 5, $-2/(e^5 + 2)$:

        >>> print(f"{clip_grad(np.eye(3), np.eye(3), logit_scale=5.0).logit_scale:.4f}")
        -0.0133
    """
    u, v = unit_rows(image), unit_rows(text)
    s = u @ v.T
    e = np.exp(logit_scale * s)
    p_rows, p_columns = e / e.sum(axis=1, keepdims=True), e / e.sum(axis=0, keepdims=True)
    g = (p_rows + p_columns - 2 * np.eye(len(u))) / (2 * len(u))
    du, dv = logit_scale * g @ v, logit_scale * g.T @ u
    return ClipGrad(_through_norm(image, du), _through_norm(text, dv), (g * s).sum())


def softmax_weights(similarity: ArrayLike, *, temperature: float) -> Array:
    r"""$p_k = e^{s_k/\tau} / \sum_l e^{s_l/\tau}$ over the last axis.

    Args:
        similarity: $s$, shape `(..., C)`.
        temperature: $\tau > 0$.

    Returns:
        Weights that sum to 1, shape `(..., C)`.

    Source:
        The softmax of van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        >>> p = softmax_weights([0.6, 0.5], temperature=0.1)
        >>> print(f"{p[0] / p[1]:.4f}")
        2.7183
    """
    e = np.exp(_array(similarity) / temperature)
    return e / e.sum(axis=-1, keepdims=True)


def negative_weights(
    similarity: ArrayLike, positives: ArrayLike | None = None, *, temperature: float
) -> Array:
    r"""$w_k = e^{s_k/\tau} / \sum_{l \le M} e^{s_l/\tau}$ over the negatives only.

    Args:
        similarity: $s$ of the negatives alone, `(..., M)`, or with `positives` `(N, C)`.
        positives: column of each row's positive, shape `(N,)`; its weight is 0.
        temperature: $\tau > 0$.

    Returns:
        Weights that sum to 1, of the shape of `similarity`.

    Source:
        The relative penalty of Wang and Liu 2021, arXiv 2012.09740.

    Examples:
        >>> w = negative_weights([[0.9, 0.5, 0.6]], [0], temperature=0.1)
        >>> print([f"{x:.4f}" for x in w[0]])
        ['0.0000', '0.2689', '0.7311']
    """
    e = np.exp(_array(similarity) / temperature)
    if positives is not None:
        e[np.arange(len(e)), np.asarray(positives)] = 0
    return e / e.sum(axis=-1, keepdims=True)


def entropy(weights: ArrayLike) -> Array:
    r"""$H = -\sum_k w_k \log w_k$ over the last axis, with $0 \log 0 = 0$.

    Args:
        weights: non-negative, sum 1, shape `(..., M)`.

    Returns:
        Entropy in nats, shape `(...)`.

    Source:
        Shannon 1948, with the natural logarithm.

    Examples:
        >>> print(f"{entropy([0.5, 0.25, 0.25]):.4f}")  # 1.5 log 2
        1.0397
    """
    w = _array(weights)
    return -(w * np.log(np.where(w > 0, w, 1))).sum(axis=-1)


def effective_negatives(weights: ArrayLike) -> Array:
    r"""$n_\mathrm{eff} = e^{H(w)}$.

    Args:
        weights: softmax weights of the negatives, shape `(..., M)`.

    Returns:
        A count from 1 to $M$, shape `(...)`.

    Source:
        The perplexity of the weights of Wang and Liu 2021, arXiv 2012.09740.

    Examples:
        >>> print(f"{effective_negatives([0.25, 0.25, 0.25, 0.25]):.4f}")
        4.0000
    """
    return np.exp(entropy(weights))


def entropy_slope(similarity: ArrayLike, *, temperature: float) -> Array:
    r"""$dH/d\tau = \mathrm{Var}_w(s)/\tau^3$.

    Args:
        similarity: similarities of the negatives alone, shape `(..., M)`.
        temperature: $\tau > 0$.

    Returns:
        Nats per unit of temperature, shape `(...)`.

    Source:
        The derivative of the entropy of a Boltzmann distribution (heat capacity over $\tau$).

    Examples:
        Two negatives $2\tau$ apart, $4\sigma(2)\sigma(-2)/\tau$:

        >>> print(f"{entropy_slope([0.0, 0.2], temperature=0.1):.4f}")
        4.1997
    """
    s, w = _array(similarity), softmax_weights(similarity, temperature=temperature)
    mean = (w * s).sum(axis=-1, keepdims=True)
    return (w * (s - mean) ** 2).sum(axis=-1) / temperature**3


def _candidates(k: Array, negatives: ArrayLike | None, in_batch: bool | None) -> Iterator[Array]:
    """For each query its candidates as unit rows: the positive, other rows, given negatives."""
    given = unit_rows(negatives) if negatives is not None else k[:0]
    for i in range(len(k)):
        others = np.delete(k, i, axis=0) if negatives is None or in_batch else k[:0]
        yield np.concatenate([k[[i]], others, given[i] if given.ndim == 3 else given])


def _views(view1: ArrayLike, view2: ArrayLike) -> tuple[Array, Array]:
    """Unit rows of both views, and the matrix T with a one where a view meets its partner."""
    z = np.concatenate([unit_rows(view1), unit_rows(view2)])
    return z, np.roll(np.eye(len(z)), len(z) // 2, axis=1)


def unit_rows(rows: ArrayLike) -> Array:
    h = _array(rows)
    return h / np.linalg.norm(h, axis=-1, keepdims=True)


def _through_norm(rows: ArrayLike, grad: Array) -> Array:
    r"""$(I - z z^\top)\, g / \lVert h \rVert$ for each row."""
    z, norm = unit_rows(rows), np.linalg.norm(_array(rows), axis=-1, keepdims=True)
    return (grad - z * (z * grad).sum(axis=-1, keepdims=True)) / norm


def _kept(exclude: ArrayLike | None, ids: ArrayLike | None, shape: tuple[int, ...]) -> Mask:
    """Negatives that stay: not excluded, not of the same id as their anchor."""
    kept = np.ones(shape, dtype=bool)
    if exclude is not None:
        kept &= ~np.asarray(exclude)
    if ids is not None:
        same = np.equal.outer(np.asarray(ids), np.asarray(ids))
        kept[:, : len(same)] &= ~same
    return kept


def _reduce(losses: Array, reduction: Reduction, weights: ArrayLike | None = None) -> Array:
    w = np.ones(len(losses)) if weights is None else _array(weights)
    total = (w * losses).sum()
    return {"mean": total / max(w.sum(), 1e-300), "sum": total, "none": w * losses}[reduction]


def _array(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)
