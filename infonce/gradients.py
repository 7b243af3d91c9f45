"""Gradients in closed form: every candidate pushes or pulls by its softmax weight."""

from typing import NamedTuple

import torch
from torch import Tensor

from infonce import checks

__all__ = ["clip_grad", "info_nce_grad", "nt_xent_grad", "similarity_grad"]


class InfoNCEGrad(NamedTuple):
    """Gradients of the mean InfoNCE loss, each of the shape of its argument."""

    query: Tensor
    positive: Tensor
    negatives: Tensor | None


class NTXentGrad(NamedTuple):
    """Gradients of the mean NT-Xent loss, each of the shape of its argument."""

    view1: Tensor
    view2: Tensor


class ClipGrad(NamedTuple):
    """Gradients of the mean CLIP loss, each of the shape of its argument."""

    image: Tensor
    text: Tensor
    logit_scale: Tensor


def similarity_grad(
    similarity: Tensor, positives: Tensor | None = None, *, temperature: float | Tensor
) -> Tensor:
    r"""Gradient of each row's loss with respect to its similarities.

    $$\frac{\partial \ell}{\partial s_+} = -\frac{1 - p_+}{\tau}, \qquad
      \frac{\partial \ell}{\partial s_k} = \frac{p_k}{\tau}$$

    A row sums to zero: what is pushed away together equals what is pulled.

    Args:
        similarity: $s$, shape `(N, C)`: a row for each anchor, a column for each candidate.
        positives: integer column of each row's positive, shape `(N,)`; by default the
            diagonal, which needs $C \ge N$.
        temperature: $\tau > 0$ in the unit of `similarity`.

    Returns:
        $(p - \mathrm{onehot})/\tau$ in nats per unit of similarity, shape `(N, C)`. It is
        the gradient of `info_nce_from_similarity` with `reduction="sum"`.

    Raises:
        TypeError: similarities that are not floating point, positives that are not integer.
        ValueError: a shape, device, value, column or temperature that has no gradient.

    Source:
        The derivative of cross-entropy; for many positives Khosla et al. 2020,
        arXiv 2004.11362, Eq. 4.

    Examples:
        Equal similarities of three candidates give $-2/(3\tau)$ and $1/(3\tau)$:

        >>> grad = similarity_grad(torch.zeros(1, 3), temperature=0.5)
        >>> print([f"{g:.4f}" for g in grad[0].tolist()])
        ['-1.3333', '0.6667', '0.6667']
    """
    similarity = checks.similarities(similarity, ndim=2)
    column = checks.columns(positives, similarity)
    temperature = checks.positive_number("temperature", temperature)
    return _residual(similarity / temperature, column) / temperature


def info_nce_grad(
    query: Tensor,
    positive: Tensor,
    negatives: Tensor | None = None,
    *,
    temperature: float | Tensor,
    in_batch: bool | None = None,
) -> InfoNCEGrad:
    r"""Gradient of the mean of `info_nce` with respect to the raw rows.

    At the normalised query $z$ the positive pulls and the softmax mean of all candidates
    pushes; the way back through $z = h/\lVert h \rVert$ keeps the part orthogonal to $h$:

    $$\frac{\partial \ell}{\partial z} = \frac{1}{\tau}
      \Bigl(\sum_a p_a z_a - z_+\Bigr), \qquad
      \frac{\partial \ell}{\partial h} = \frac{1}{\lVert h \rVert}
      (I - z z^\top) \frac{\partial \ell}{\partial z}$$

    Args:
        query: anchors, shape `(N, d)`, any scale.
        positive: keys, shape `(N, d)`; row `i` is the positive of row `i`.
        negatives: more keys, `(M, d)` for all queries or `(N, M, d)`, `M` for each.
        temperature: $\tau > 0$, no unit.
        in_batch: as in `info_nce`.

    Returns:
        Gradients `query`, `positive` and `negatives` (`None` if there were none), in nats
        per unit of the rows, each of the shape of its argument.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row or temperature that has no gradient.

    Source:
        The derivative of van den Oord, Li and Vinyals 2018, Eq. 4, through the cosine.

    Examples:
        The query (0, 2) coincides with its negative; the force is $-\sigma(1)/2$:

        >>> q, k, n = torch.tensor([[0.0, 2.0]]), torch.eye(2)[:1], torch.eye(2)[1:]
        >>> grad = info_nce_grad(q, k, n, temperature=1.0)
        >>> print([f"{g:.4f}" for g in grad.query[0].tolist()])
        ['-0.3655', '0.0000']
    """
    checks.pairs(query=query, positive=positive)
    checks.negatives(negatives, query, in_batch)
    temperature = checks.positive_number("temperature", temperature)
    with torch.autocast(query.device.type, enabled=False):  # half precision is too coarse
        n = len(query)
        q, k = checks.unit_rows("query", query), checks.unit_rows("positive", positive)
        x = q[:0] if negatives is None else checks.unit_rows("negatives", negatives)
        keys = "md" if x.ndim == 2 else "nmd"  # shared or own
        near = q @ k.T
        if negatives is not None and not in_batch:
            off_diagonal = ~torch.eye(n, dtype=torch.bool, device=q.device)
            near = near.masked_fill(off_diagonal, -torch.inf)
        similarity = torch.cat([near, torch.einsum(f"nd,{keys}->nm", q, x)], dim=-1)
        residual = _residual(similarity / temperature, _diagonal(q)) / (n * temperature)
        near, far = residual[:, :n], residual[:, n:]
        dq = near @ k + torch.einsum(f"nm,{keys}->nd", far, x)
        dx = torch.einsum(f"nm,nd->{keys}", far, q)
        on_negatives = None if negatives is None else _through_norm(negatives, x, dx)
        on_query, on_positive = _through_norm(query, q, dq), _through_norm(positive, k, near.T @ q)
        return InfoNCEGrad(on_query, on_positive, on_negatives)


def nt_xent_grad(view1: Tensor, view2: Tensor, *, temperature: float | Tensor) -> NTXentGrad:
    r"""Gradient of the mean of `nt_xent` with respect to the raw rows.

    $$\frac{\partial \mathcal{L}}{\partial Z} = \frac{(P + P^\top - 2T)\, Z}{2N\tau}$$

    then through the normalisation. $P$ holds the softmax weights, with zeros on the
    diagonal; $T$ has a one where a view meets its partner. A view is pushed as an anchor
    ($P$) and as the candidate of others ($P^\top$).

    Args:
        view1: one view of each image, shape `(N, d)`, any scale.
        view2: the other view, shape `(N, d)`; row `i` is the positive of row `i`.
        temperature: $\tau > 0$, no unit.

    Returns:
        Gradients `view1` and `view2` in nats per unit of the rows, each `(N, d)`.

    Raises:
        TypeError: a view is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row or temperature that has no gradient.

    Source:
        The derivative of Chen et al. 2020, arXiv 2002.05709, Eq. 1.

    Examples:
        Two orthogonal images with equal views at temperature 1: only the push along the
        other image survives the normalisation, $2/(2(e + 2))$ from two views, twice over:

        >>> z = torch.eye(2)
        >>> print(f"{nt_xent_grad(z, z, temperature=1.0).view1[0, 1]:.4f}")
        0.2119
    """
    checks.pairs(view1=view1, view2=view2)
    temperature = checks.positive_number("temperature", temperature)
    with torch.autocast(view1.device.type, enabled=False):  # half precision is too coarse
        n = len(view1)
        z = torch.cat([checks.unit_rows("view1", view1), checks.unit_rows("view2", view2)])
        logits = (z @ z.T / temperature).fill_diagonal_(-torch.inf)
        residual = _residual(logits, _diagonal(z).roll(n, 0))  # P - T
        dz = (residual + residual.T) @ z / (2 * n * temperature)
        return NTXentGrad(*_through_norm(torch.cat([view1, view2]), z, dz).chunk(2))


def clip_grad(image: Tensor, text: Tensor, *, logit_scale: float | Tensor) -> ClipGrad:
    r"""Gradient of the mean of `clip_loss` with respect to the raw rows and the scale.

    $$G = \frac{P_r + P_c - 2I}{2N}, \qquad
      \frac{\partial \mathcal{L}}{\partial U} = \alpha G V, \quad
      \frac{\partial \mathcal{L}}{\partial V} = \alpha G^\top U, \quad
      \frac{\partial \mathcal{L}}{\partial \alpha} = \langle G, S \rangle$$

    with the row and column softmax $P_r$ and $P_c$, then through the normalisation. The
    scale grows as long as the positives beat their softmax mean.

    Args:
        image: image embeddings, shape `(N, d)`, any scale.
        text: text embeddings, shape `(N, d)`; row `i` belongs to image `i`.
        logit_scale: $\alpha = 1/\tau > 0$, already exponentiated.

    Returns:
        Gradients `image` and `text`, `(N, d)`, in nats per unit of the rows, and
        `logit_scale`, shape `()`, in nats. Times $\alpha$ it is the gradient for $\log\alpha$.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row or scale that has no gradient.

    Source:
        The derivative of Radford et al. 2021, arXiv 2103.00020, Fig. 3.

    Examples:
        Three orthogonal pairs at scale 5 give $-2/(e^5 + 2)$ for the scale:

        >>> z = torch.eye(3)
        >>> print(f"{clip_grad(z, z, logit_scale=5.0).logit_scale:.4f}")
        -0.0133
    """
    checks.pairs(image=image, text=text)
    logit_scale = checks.positive_number("logit_scale", logit_scale)
    with torch.autocast(image.device.type, enabled=False):  # half precision is too coarse
        u, v = checks.unit_rows("image", image), checks.unit_rows("text", text)
        similarity = u @ v.T
        logits = similarity * logit_scale
        rows, columns = _residual(logits, _diagonal(u)), _residual(logits.T, _diagonal(u)).T
        g = (rows + columns) / (2 * len(u))
        du, dv = logit_scale * g @ v, logit_scale * g.T @ u
        return ClipGrad(
            _through_norm(image, u, du), _through_norm(text, v, dv), (g * similarity).sum()
        )


def _residual(logits: Tensor, column: Tensor) -> Tensor:
    """Softmax minus one-hot; -(1 - p) as minus the sum of the others, which does not cancel."""
    others = logits.softmax(-1).scatter(-1, column, 0.0)
    return others.scatter(-1, column, -others.sum(-1, keepdim=True))


def _through_norm(rows: Tensor, unit: Tensor, grad: Tensor) -> Tensor:
    """From the gradient at unit rows to that at raw rows: tangent part over the norm."""
    tangent = grad - unit * (unit * grad).sum(-1, keepdim=True)
    return tangent / (unit * rows).sum(-1, keepdim=True)


def _diagonal(rows: Tensor) -> Tensor:
    return torch.arange(len(rows), device=rows.device)[:, None]
