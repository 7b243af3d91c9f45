"""InfoNCE, NT-Xent and the CLIP loss: one loss of an anchor, three choices of its negatives."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from infonce import checks
from infonce.checks import unit_rows

__all__ = ["clip_loss", "info_nce", "info_nce_from_similarity", "nt_xent"]

Reduction = Literal["mean", "sum", "none"]


def info_nce(
    query: Tensor,
    positive: Tensor,
    negatives: Tensor | None = None,
    *,
    temperature: float | Tensor = 0.1,
    in_batch: bool | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""InfoNCE: which candidate belongs to the query?

    $$\mathcal{L} = -\frac{1}{N} \sum_i \log
      \frac{e^{s_{i+}/\tau}}{e^{s_{i+}/\tau} + \sum_{k=1}^{M} e^{s_{ik}/\tau}}$$

    with $s$ the cosine similarity. Without `negatives` the other rows of `positive` are the
    negatives of a row, $M = N - 1$, and the denominator is the sum over a row of the
    similarity matrix.

    Args:
        query: anchors $q$, shape `(N, d)`, any scale: rows are normalised here.
        positive: keys $k$, shape `(N, d)`; row `i` is the positive of row `i`.
        negatives: more keys, `(M, d)` for all queries or `(N, M, d)`, `M` for each. They
            replace the other rows unless `in_batch` is true.
        temperature: $\tau > 0$, no unit; a 0-d tensor receives its gradient.
        in_batch: whether the other rows of `positive` are negatives; by default only if no
            `negatives` are given.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(N,)` with `"none"`. Equal
        similarities give $\log(M + 1)$; no negatives at all give 0.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row, temperature or reduction that has no loss.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4, with the cosine and the
        temperature of Chen et al. 2020.

    Examples:
        Four orthogonal pairs at temperature 1 give $\log(1 + 3/e)$:

        >>> z = torch.eye(4)
        >>> print(f"{info_nce(z, z, temperature=1.0):.4f}")
        0.7437
    """
    checks.pairs(query=query, positive=positive)
    checks.negatives(negatives, query, in_batch)
    checks.positive_number("temperature", temperature)
    # --8<-- [start:info_nce]
    q = unit_rows("query", query) / temperature
    k = unit_rows("positive", positive)
    blocks: list[Tensor] = []  # logits of the negatives, each (N, number of keys)
    if negatives is None or in_batch:
        blocks.append(_mask_diagonals(_logits(q, k), 0))
    if negatives is not None:
        blocks.append(_logits(q, unit_rows("negatives", negatives)))
    logits = blocks[0] if len(blocks) == 1 else torch.cat(blocks, dim=-1)
    losses = _anchor_loss((q * k).sum(-1), logits)
    # --8<-- [end:info_nce]
    return _reduce(losses, reduction)


def nt_xent(
    view1: Tensor,
    view2: Tensor,
    *,
    temperature: float | Tensor = 0.5,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""NT-Xent, the loss of SimCLR: both views of all other images are negatives.

    $$\ell_i = -\log \frac{e^{s_{i,+}/\tau}}{\sum_{k \ne i} e^{s_{ik}/\tau}}, \qquad
      \mathcal{L} = \frac{1}{2N} \sum_{i=1}^{2N} \ell_i$$

    Each of the $2N$ views is an anchor once, with one positive and $2N - 2$ negatives. An
    anchor is never compared with itself.

    Args:
        view1: one view of each image, shape `(N, d)`, any scale: rows are normalised here.
        view2: the other view, shape `(N, d)`; row `i` is the positive of row `i`.
        temperature: $\tau > 0$, no unit; a 0-d tensor receives its gradient.
        reduction: `"mean"` over the $2N$ anchors, `"sum"` or `"none"`.

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(2N,)` with `"none"`, view 1
        first. Equal similarities give $\log(2N - 1)$; one pair alone gives 0.

    Raises:
        TypeError: a view is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row, temperature or reduction that has no loss.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Eq. 1. The released code adds the means of the
        two views, twice this value.

    Examples:
        Two orthogonal images with equal views at temperature 1 give $\log(1 + 2/e)$:

        >>> z = torch.eye(2)
        >>> print(f"{nt_xent(z, z, temperature=1.0):.4f}")
        0.5514
    """
    checks.pairs(view1=view1, view2=view2)
    checks.positive_number("temperature", temperature)
    # --8<-- [start:nt_xent]
    n = len(view1)
    z1, z2 = unit_rows("view1", view1), unit_rows("view2", view2)
    positives = (z1 * z2).sum(-1).repeat(2) / temperature  # (2N,)
    z = torch.cat([z1, z2])
    logits = _mask_diagonals(_logits(z / temperature, z), 0, n, -n)  # self and partner leave
    losses = _anchor_loss(positives, logits)
    # --8<-- [end:nt_xent]
    return _reduce(losses, reduction)


def clip_loss(
    image: Tensor,
    text: Tensor,
    *,
    logit_scale: float | Tensor,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""The CLIP loss: InfoNCE from images to texts and from texts to images, averaged.

    $$\mathcal{L} = -\frac{1}{2N} \sum_i \left[
      \log \frac{e^{\alpha s_{ii}}}{\sum_j e^{\alpha s_{ij}}} +
      \log \frac{e^{\alpha s_{ii}}}{\sum_j e^{\alpha s_{ji}}} \right]$$

    Args:
        image: image embeddings, shape `(N, d)`, any scale: rows are normalised here.
        text: text embeddings, shape `(N, d)`; row `i` belongs to image `i`.
        logit_scale: $\alpha = 1/\tau > 0$, already exponentiated (CLIP learns its
            logarithm); a 0-d tensor receives its gradient.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(N,)` with `"none"`: half the
        sum of both directions. Equal similarities give $\log N$; one pair alone gives 0.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row, scale or reduction that has no loss.

    Source:
        Radford et al. 2021, arXiv 2103.00020, Fig. 3.

    Examples:
        Three orthogonal pairs at scale 5 give $\log(1 + 2e^{-5})$:

        >>> z = torch.eye(3)
        >>> print(f"{clip_loss(z, z, logit_scale=5.0):.4f}")
        0.0134
    """
    checks.pairs(image=image, text=text)
    checks.positive_number("logit_scale", logit_scale)
    # --8<-- [start:clip_loss]
    u = unit_rows("image", image) * logit_scale
    v = unit_rows("text", text)
    positives = (u * v).sum(-1)  # (N,)
    logits = _mask_diagonals(_logits(u, v), 0)
    losses = (_anchor_loss(positives, logits) + _anchor_loss(positives, logits.T)) / 2
    # --8<-- [end:clip_loss]
    return _reduce(losses, reduction)


def info_nce_from_similarity(
    similarity: Tensor,
    positives: Tensor | None = None,
    *,
    temperature: float | Tensor = 0.1,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""InfoNCE as classification, from similarities however they were made.

    $$\ell_i = -\log \frac{e^{s_{i+}/\tau}}{\sum_{j=1}^{C} e^{s_{ij}/\tau}}$$

    Args:
        similarity: $s$, shape `(N, C)`: a row for each anchor, a column for each candidate.
        positives: integer column of each row's positive, shape `(N,)`; by default the
            diagonal, which needs $C \ge N$.
        temperature: $\tau > 0$ in the unit of `similarity`; a 0-d tensor receives its gradient.
        reduction: `"mean"`, `"sum"` or `"none"`.

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(N,)` with `"none"`. Equal
        similarities give $\log C$.

    Raises:
        TypeError: similarities that are not floating point, positives that are not integer.
        ValueError: a shape, device, value, column, temperature or reduction with no loss.

    Source:
        van den Oord, Li and Vinyals 2018, arXiv 1807.03748, Eq. 4.

    Examples:
        A positive at 1 and negatives at 0.5 and 0 give $\log(1 + e^{-1} + e^{-2})$:

        >>> s = torch.tensor([[1.0, 0.5, 0.0]])
        >>> print(f"{info_nce_from_similarity(s, temperature=0.5):.4f}")
        0.4076
    """
    similarity = checks.similarities(similarity, ndim=2)
    column = checks.columns(positives, similarity)
    checks.positive_number("temperature", temperature)
    # --8<-- [start:info_nce_from_similarity]
    logits = similarity / temperature
    positive = logits.gather(1, column)[:, 0]
    losses = _anchor_loss(positive, logits.scatter(1, column, _nothing(logits)))
    # --8<-- [end:info_nce_from_similarity]
    return _reduce(losses, reduction)


# --8<-- [start:anchor_loss]
def _anchor_loss(positive: Tensor, negatives: Tensor) -> Tensor:
    """log(1 + sum of e^(negative - positive)) of each row of logits, `(R,)` and `(R, M)`.

    Cross-entropy, but the positive stays out of the sum: a loss of 1e-30 is not rounded to
    log(1) = 0, nor is its gradient. The softplus of `x` is log(1 + e^x); where it may return
    `x` itself, above 40, that is exact in float64 (above 20, its default, it is not).
    """
    x = torch.logsumexp(negatives, dim=-1) - positive
    return F.softplus(x, threshold=40)


# --8<-- [end:anchor_loss]


def _logits(query: Tensor, keys: Tensor) -> Tensor:
    """Products of queries `(N, d)` with shared `(M, d)` or own `(N, M, d)` keys: `(N, M)`."""
    with torch.autocast(query.device.type, enabled=False):  # half precision is too coarse
        return query @ keys.T if keys.ndim == 2 else torch.einsum("nd,nmd->nm", query, keys)


def _mask_diagonals(logits: Tensor, *offsets: int) -> Tensor:
    """Take diagonals out of the denominator, in place.

    Autograd need not know: the weight of a masked entry is exactly 0, so is its gradient.
    """
    with torch.no_grad():
        for offset in offsets:
            logits.diagonal(offset).fill_(_nothing(logits))
    return logits


def _nothing(logits: Tensor) -> float:
    """A logit whose exponential is 0 next to any other; -inf would make nan of a row of them."""
    return torch.finfo(logits.dtype).min


def _reduce(losses: Tensor, reduction: Reduction) -> Tensor:
    match reduction:
        case "mean":
            return losses.mean()
        case "sum":
            return losses.sum()
        case "none":
            return losses
    raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
