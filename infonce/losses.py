"""The InfoNCE family: one loss of an anchor, and what each member takes for its negatives."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any, Literal, cast

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint  # pyright: ignore

from infonce import checks
from infonce.tiles import BLOCK, Kind, Layout, anchor_loss, leave_out, log_sums, softplus, tiled

__all__ = ["clip_loss", "info_nce", "info_nce_from_similarity", "nt_xent", "siglip_loss", "sup_con"]

Reduction = Literal["mean", "sum", "none"]
TILED = 512 * 512  # logits: a larger matrix is never held, and is faster in blocks (`make bench`)


def info_nce(
    query: Tensor,
    positive: Tensor,
    negatives: Tensor | None = None,
    *,
    temperature: float | Tensor = 0.1,
    in_batch: bool | None = None,
    exclude: Tensor | None = None,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
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
        exclude: true entries leave the denominator, shape `(N, C)` for
            the C negatives' columns: the rows of `positive` (if in batch), then `negatives`.
        ids: integers, shape `(N,)`: rows of equal id are not each other's negatives.
        weights: of the losses, shape `(N,)`, at least 0 and not all 0: constants.
        reduction: `"mean"` (with weights $\sum w \ell / \sum w$), `"sum"` ($\sum w \ell$) or
            `"none"` ($w \ell$).

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
    temperature = checks.positive_number("temperature", temperature)
    n, beside = len(query), negatives is None or bool(in_batch)
    columns = n * beside + (0 if negatives is None else negatives.shape[-2])
    checks.left_out(exclude, (n, columns), (0,) if beside else (), ids, query)
    shared = {} if negatives is None or negatives.ndim == 3 else {"negatives": negatives}
    keys, own = {"positive": positive, **shared}, None if shared else negatives
    same = ids if beside else None
    layout = Layout(diagonals=(0,) * beside, first=n * (not beside), ids=same, exclude=exclude)
    scale = 1 / temperature
    return _batch_loss("rows", {"query": query}, keys, scale, layout, weights, reduction, own=own)


def nt_xent(
    view1: Tensor,
    view2: Tensor,
    *,
    temperature: float | Tensor = 0.5,
    exclude: Tensor | None = None,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
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
        exclude: true entries leave the denominator, shape `(2N, 2N)`, view 1
            first.
        ids: integers, shape `(N,)`: rows of equal id are not each other's negatives.
        weights: of the losses of the $2N$ anchors, shape `(2N,)`, at least 0, not all 0: constants.
        reduction: `"mean"` (with weights $\sum w \ell / \sum w$), `"sum"` ($\sum w \ell$) or
            `"none"` ($w \ell$).

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
    temperature = checks.positive_number("temperature", temperature)
    n = len(view1)
    checks.left_out(exclude, (2 * n, 2 * n), (n, -n), ids, view1)
    partners = torch.arange(2 * n, device=view1.device).roll(n)
    leaving = (0, n, -n)  # the anchor itself, and its partner
    twice = None if ids is None else ids.repeat(2)
    layout = Layout(partners, leaving, ids=twice, exclude=exclude)
    views = {"view1": view1, "view2": view2}
    return _batch_loss("self", views, None, 1 / temperature, layout, weights, reduction)


def clip_loss(
    image: Tensor,
    text: Tensor,
    *,
    logit_scale: float | Tensor,
    exclude: Tensor | None = None,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
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
        exclude: true entries leave the denominator, shape `(N, N)`, images by texts.
        ids: integers, shape `(N,)`: rows of equal id are not each other's negatives.
        weights: of the losses of the pairs, shape `(N,)`, at least 0 and not all 0: constants.
        reduction: `"mean"` (with weights $\sum w \ell / \sum w$), `"sum"` ($\sum w \ell$) or
            `"none"` ($w \ell$).

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
    logit_scale = checks.positive_number("logit_scale", logit_scale)
    layout, images, texts = _square(image, exclude, ids), {"image": image}, {"text": text}
    return _batch_loss("both", images, texts, logit_scale, layout, weights, reduction)


def siglip_loss(
    image: Tensor,
    text: Tensor,
    *,
    logit_scale: float | Tensor,
    logit_bias: float | Tensor,
    exclude: Tensor | None = None,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""The sigmoid loss of SigLIP: every image and text is a question of its own, yes or no.

    $$\mathcal{L} = \frac{1}{N} \sum_i \Bigl[ \log(1 + e^{-(\alpha s_{ii} + b)}) +
      \sum_{j \ne i} \log(1 + e^{\alpha s_{ij} + b}) \Bigr]$$

    Args:
        image: image embeddings, shape `(N, d)`, any scale: rows are normalised here.
        text: text embeddings, shape `(N, d)`; row `i` belongs to image `i`.
        logit_scale: $\alpha > 0$, already exponentiated (it starts at 10); a 0-d tensor
            receives its gradient.
        logit_bias: $b$, finite, added to every logit (it starts at -10, against the $N - 1$
            negatives of each positive); a 0-d tensor receives its gradient.
        exclude: true entries leave the sum, shape `(N, N)`, images by texts.
        ids: integers, shape `(N,)`: rows of equal id are not each other's negatives.
        weights: of the losses of the images, shape `(N,)`, at least 0 and not all 0: constants.
        reduction: `"mean"` (with weights $\sum w \ell / \sum w$), `"sum"` ($\sum w \ell$) or
            `"none"` ($w \ell$).

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(N,)` with `"none"`: an image's
        sum over all texts. It is not a mean over the $N^2$ pairs.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row, scale, bias, option or reduction with no loss.

    Source:
        Zhai et al. 2023, arXiv 2303.15343, Algorithm 1. The equation printed there subtracts
        the bias; the code and the stated start at -10 add it.

    Examples:
        Two orthogonal pairs, $\log(1 + e^{-\alpha - b}) + \log(1 + e^b)$:

        >>> z = torch.eye(2)
        >>> for scale in (10.0, 5.0):
        ...     print(f"{siglip_loss(z, z, logit_scale=scale, logit_bias=-10.0):.4f}")
        0.6932
        5.0068
    """
    checks.pairs(image=image, text=text)
    logit_scale = checks.positive_number("logit_scale", logit_scale)
    logit_bias = checks.number("logit_bias", logit_bias)
    layout, images, texts = _square(image, exclude, ids), {"image": image}, {"text": text}
    numbers = logit_scale, layout, weights, reduction
    return _batch_loss("pairs", images, texts, *numbers, bias=logit_bias)


def sup_con(
    features: Tensor,
    labels: Tensor,
    *,
    temperature: float | Tensor = 0.1,
    exclude: Tensor | None = None,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    r"""Supervised contrastive loss: all others of an anchor's class are its positives.

    $$\ell_i = -\frac{1}{|P(i)|} \sum_{p \in P(i)}
      \log \frac{e^{s_{ip}/\tau}}{\sum_{k \ne i} e^{s_{ik}/\tau}}$$

    The form with the sum outside the logarithm. With labels that come in pairs it is NT-Xent.

    Args:
        features: embeddings, shape `(b, d)`, any scale: rows are normalised here.
        labels: integer class of each row, shape `(b,)`.
        temperature: $\tau > 0$, no unit; a 0-d tensor receives its gradient.
        exclude: true entries leave the denominator, shape `(b, b)`.
        ids: integers, shape `(b,)`: rows of equal id and other label are
            not each other's negatives.
        weights: of the losses of the anchors, shape `(b,)`, at least 0 and not all 0: constants.
        reduction: `"mean"` (with weights $\sum w \ell / \sum w$), `"sum"` ($\sum w \ell$) or
            `"none"` ($w \ell$).

    Returns:
        Loss in nats, in float32 or better, shape `()`, or `(b,)` with `"none"`. Anchors
        without positives give 0 and leave the mean (without any the mean is 0). With $|P|$
        positives a loss is at least $\log |P|$.

    Raises:
        TypeError: features that are not floating point, labels that are not integer.
        ValueError: a shape, device, row, temperature, option or reduction with no loss.

    Source:
        Khosla et al. 2020, arXiv 2004.11362, Eq. 2. The released code multiplies by
        $\tau/0.07$.

    Examples:
        Two classes of two equal rows, orthogonal: $\log(1 + 2e^{-1})$:

        >>> z = torch.eye(2).repeat(2, 1)
        >>> print(f"{sup_con(z, torch.tensor([0, 1, 0, 1]), temperature=1.0):.4f}")
        0.5514
    """
    checks.rows("features", features)
    checks.numbers("labels", labels, features)
    temperature = checks.positive_number("temperature", temperature)
    label = cast("Tensor", torch.unique(labels, return_inverse=True)[1])  # pyright: ignore
    checks.left_out(exclude, (len(label), len(label)), label, ids, features)
    others = torch.bincount(label)[label] - 1  # |P|
    counts = (others > 0).double()  # of rows without positives neither loss nor weight
    parts = counts / others.clamp_min(1)
    layout = Layout(None, (0,), 0, ids, label, parts, exclude)
    rows, scale = {"features": features}, 1 / temperature
    return _batch_loss("self", rows, None, scale, layout, weights, reduction, counts)


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
            Entries below -1e30 count as -1e30, so the smallest finite number masks a candidate.
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
    temperature = checks.positive_number("temperature", temperature)
    logits = similarity.clamp(min=-1e30) / temperature
    positive = logits.gather(1, column)[:, 0]
    negatives = logits.scatter(1, column, torch.finfo(logits.dtype).min)
    losses = anchor_loss(negatives.logsumexp(-1), positive)
    return _reduced(losses, None, reduction, None)


def _batch_loss(
    kind: Kind,
    query: dict[str, Tensor],
    keys: dict[str, Tensor] | None,
    scale: float | Tensor,
    layout: Layout,
    weights: Tensor | None,
    reduction: Reduction,
    counts: Tensor | None = None,
    *,
    own: Tensor | None = None,
    bias: float | Tensor = 0.0,
) -> Tensor:
    """Rows against keys (None: against themselves): the plain form, or in blocks if it is large.

    `own` are negatives of one query each, `(N, M, d)`.
    """
    n, columns = (sum(x.shape[0] for x in (rows or query).values()) for rows in (query, keys))
    if n * columns > TILED and own is None:
        rows, others = _join(query.values()), None if keys is None else _join(keys.values())
        for name, part in (query | (keys or {})).items():
            checks.sound(name, part)
        shares = _shares(rows, weights, reduction, counts)
        kind = "rows" if layout.exclude is not None and kind == "self" else kind  # not symmetric
        part = None if reduction == "none" else shares
        loss = tiled(kind, rows, others, scale, layout, part, bias)
        return loss if part is not None else loss * shares.to(loss.dtype)
    k = _join(checks.unit_rows(*rows) for rows in (keys or query).items())
    q = _join(checks.unit_rows(*rows, scale) for rows in query.items()) if keys else k * scale
    positives = k if layout.positives is None else k[layout.positives]
    positive = (q * (positives if k.shape == q.shape else positives[: len(q)])).sum(-1)
    mixed = torch.is_autocast_enabled(q.device.type)  # half precision is too coarse
    with torch.autocast(q.device.type, enabled=False) if mixed else nullcontext():
        if own is not None:
            sums = _sums_with_own(q, k[layout.first :], checks.unit_rows("negatives", own), layout)
            return _reduced(anchor_loss(sums, positive), weights, reduction, counts)
        logits = q @ (k[layout.first :] if layout.first else k).T
    if kind == "pairs":
        logits = leave_out(logits + bias, layout)
        losses = softplus(-positive - bias) + softplus(logits).sum(1)
        return _reduced(losses, weights, reduction, counts)
    if layout.parts is not None:  # their mean, from the matrix: see `push`
        same = layout.same(slice(0, n), slice(0, n)).to(logits.dtype)
        positive = (logits * same).sum(1) * layout.parts.to(logits.dtype)
    dims = (1, 0) if kind == "both" else (1,)
    totals = log_sums(leave_out(logits, layout), dims, scale, layout)
    first, *second = (anchor_loss(x, positive, layout.parts) for x in totals)
    losses = (first + second[0]) / 2 if second else first
    return _reduced(losses, weights, reduction, counts)


def _sums_with_own(q: Tensor, k: Tensor, own: Tensor, layout: Layout) -> Tensor:
    """Log-sum-exp of the logits of the batch's keys and of each query's own negatives.

    Of a large matrix some rows are held at a time, and made again in the backward pass.
    """

    def sums(q: Tensor, own: Tensor, row: int, *_: Tensor | None) -> Tensor:
        logits = torch.cat([q @ k.T, torch.einsum("nd,nmd->nm", q, own)], dim=1)
        return leave_out(logits, layout, row).logsumexp(1)

    height = max(1, BLOCK // max(1, len(k)))
    if len(q) <= height:
        return sums(q, own, 0)
    again, kept = cast("Any", checkpoint), {"use_reentrant": False, "preserve_rng_state": False}
    masks = layout.ids, layout.exclude  # passed on, so that a change is noticed
    parts = [slice(at, at + height) for at in range(0, len(q), height)]
    return torch.cat([again(sums, q[r], own[r], r.start, *masks, **kept) for r in parts])


def _shares(
    rows: Tensor, weights: Tensor | None, reduction: Reduction, counts: Tensor | None
) -> Tensor:
    """What each loss counts, in float64: `counts`, times its weight, in the mean over the sum."""
    if counts is None:
        counts = torch.ones(len(rows), dtype=torch.float64, device=rows.device)
    checks.counting(reduction, weights, counts)
    shares = counts if weights is None else counts * weights.detach()
    return shares / shares.sum().clamp_min(1e-300) if reduction == "mean" else shares


def _reduced(
    losses: Tensor, weights: Tensor | None, reduction: Reduction, counts: Tensor | None
) -> Tensor:
    if reduction == "mean" and weights is None and counts is None:
        return losses.mean()
    counted = losses * _shares(losses, weights, reduction, counts).to(losses.dtype)
    return counted if reduction == "none" else counted.sum()


def _square(rows: Tensor, exclude: Tensor | None, ids: Tensor | None) -> Layout:
    """Row i belongs to key i, the other keys are its negatives."""
    checks.left_out(exclude, (len(rows), len(rows)), (0,), ids, rows)
    return Layout(diagonals=(0,), ids=ids, exclude=exclude)


def _join(parts: Iterable[Tensor]) -> Tensor:
    parts = list(parts)
    return parts[0] if len(parts) == 1 else torch.cat(parts)
