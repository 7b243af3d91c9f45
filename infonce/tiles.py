# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportIncompatibleMethodOverride=false
# (torch leaves autograd functions without types)
r"""The losses at any batch size: rows of the matrix at a time, and gradients on the way.

With $x_i = \log \sum_k e^{\alpha s_{ik}} - \alpha s_{i+}$ over the negatives of anchor $i$, its
loss is $\ell_i = \log(1 + e^{x_i})$ and the gradient for a logit is $\sigma(x_i)\, p_{ik}$, $p_i$
the softmax of its negatives. So as soon as the sum of a row is known, so is its part of the
gradient: what is kept is of the size of the embeddings, never of their N x N similarities
(but for `SMALL` ones, which two passes would make twice).

    rows   queries against keys              3 matrix products, one pass
    both   the same, rows and columns        4, the second pass after all sums are known
    self   rows against themselves           2, the upper half does for the lower
    pairs  each entry on its own (SigLIP)    3, one pass

Logits are of the precision of the rows, everything of length N in float64.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from infonce.checks import at_most, unit_rows

__all__ = ["Layout", "anchor_loss", "leave_out", "log_sums", "softplus", "tiled"]

Kind = Literal["rows", "both", "self", "pairs"]
ROWS = 256  # of a block, or d: enough to keep the products fast
CACHED = 2**20  # logits of a block with more rows: few enough to stay in cache
SMALL = 2**22  # logits, at most, that the first of two passes keeps for the second
BLOCK = 2**23  # logits of a block, at most, if 32 rows are not more
FEW = 1024  # keys in one product: of all of them, BLAS would make a copy for every block
TINY = torch.finfo(torch.float64).tiny
HOT = 64.0  # where no logit is larger, e^logit summed over a batch fits float32 without a shift


class Layout(NamedTuple):
    """Which entries of the matrix of logits are negatives, and where the positives are.

    Keys before `first` are positives only; the columns of the matrix are the keys from there on.
    """

    positives: Tensor | None = None  # key of each row; by default row i has key i
    diagonals: tuple[int, ...] = ()  # offsets of the diagonals that are not negatives
    first: int = 0
    ids: Tensor | None = None  # of rows and columns: equal ones are not negatives
    labels: Tensor | None = None  # of rows and columns, equal ones are positives, whatever ids say
    parts: Tensor | None = None  # with labels: of each positive in a row's mean, 1/|P|, 0 if none
    exclude: Tensor | None = None  # true entries are not negatives

    def same(self, rows: slice, columns: slice) -> Tensor:
        """With labels: where the positives are in a part of the matrix."""
        assert self.labels is not None
        same = self.labels[rows, None] == self.labels[columns]
        same.diagonal(rows.start - columns.start).fill_(False)
        return same


def leave_out(logits: Tensor, layout: Layout, row: int = 0, column: int = 0) -> Tensor:
    """Take what is no negative out of the logits that begin at a row and a column, in place.

    Autograd need not know: the weight of such an entry is exactly 0, so is its gradient. The
    smallest finite number does it; -inf would make nan of a row without negatives.
    """
    nothing = torch.finfo(logits.dtype).min
    rows = slice(row, row + logits.shape[0])
    columns = slice(column, column + logits.shape[1])
    with torch.no_grad():
        for offset in layout.diagonals:
            logits.diagonal(offset + row - column).fill_(nothing)
        if layout.ids is not None:
            same = layout.ids[rows, None] == layout.ids[columns]
            if layout.labels is not None:
                same &= layout.labels[rows, None] != layout.labels[columns]
            logits[:, : same.shape[1]].masked_fill_(same, nothing)
        if layout.parts is not None:
            alone = layout.parts[rows, None] == 1
            logits.masked_fill_(layout.same(rows, columns) & alone, nothing)
        if layout.exclude is not None:
            logits.masked_fill_(layout.exclude[rows, columns], nothing)
    return logits


def log_sums(z: Tensor, dims: Sequence[int], scale: float | Tensor, layout: Layout) -> list[Tensor]:
    """Log-sum-exp of the negatives' logits along these dimensions."""
    left = layout.ids is None and layout.labels is None and layout.exclude is None
    # with the square root of the range, because second derivatives square the sums
    if left and z.shape[1] > len(layout.diagonals) and at_most(HOT / 2, scale):
        e = z.exp()  # without a shift: no sum is 0 or too large
        return [e.sum(dim).log() for dim in dims]
    return [z.logsumexp(dim) for dim in dims]


def anchor_loss(total: Tensor, positive: Tensor, parts: Tensor | None = None) -> Tensor:
    """Loss of each row, from the log-sum-exp of its negatives and the logit of its positive.

    Cross-entropy, but the positive stays out of the sum: a loss of 1e-30 is not rounded to
    log(1) = 0, nor is its gradient. But the total of rows with several positives holds them, and
    `positive` is their mean.
    """
    x = total - positive
    return softplus(x) if parts is None else torch.where(parts == 1, softplus(x), x)


def softplus(x: Tensor) -> Tensor:
    """log(1 + e^x). Where it may return `x` itself, above 40, that is exact in float64."""
    return F.softplus(x, threshold=40)  # its default, 20, is not


def tiled(
    kind: Kind,
    query: Tensor,
    keys: Tensor | None,
    scale: Tensor | float,
    layout: Layout,
    weights: Tensor | None,
    bias: Tensor | float = 0.0,
) -> Tensor:
    """The sum of a batch's losses times `weights`, or, without them, the losses `(N,)`.

    With weights the gradients are ready when this returns; without, the backward pass computes
    the blocks once more.
    """
    exact = torch.float64
    numbers = [x if isinstance(x, Tensor) else torch.tensor(x, dtype=exact) for x in (scale, bias)]
    inputs = [query, keys, *numbers]
    if not torch.is_grad_enabled():  # else gradients would be made for nothing
        inputs = [x if x is None else x.detach() for x in inputs]
    return _Tiled.apply(*inputs, weights, layout, kind)  # pyright: ignore


class _Tiled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        *inputs, weights, layout, kind = arguments
        ctx.recompute = (layout, kind, ctx.needs_input_grad) if weights is None else None
        now = weights if any(ctx.needs_input_grad) else None
        losses, gradients = _run(inputs, now, layout, kind, ctx.needs_input_grad)
        kept = (*inputs, layout.ids, layout.exclude)  # saved, so that no change goes unseen
        ctx.save_for_backward(*(kept if weights is None else gradients))
        losses = losses if weights is None else (losses * weights).sum()
        return losses.to(torch.promote_types(inputs[0].dtype, torch.float32))

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> Any:
        if torch.is_grad_enabled():
            raise RuntimeError(
                "a loss of more than infonce.losses.TILED logits has no second derivatives: "
                "take a smaller batch, or info_nce_from_similarity"
            )
        if ctx.recompute is None:
            # in float32 or better, and rounded to the dtype of the rows when it is scaled
            gradients = [None if g is None else g * upstream for g in ctx.saved_tensors]
        else:
            _, gradients = _run(ctx.saved_tensors[:4], upstream.double(), *ctx.recompute)
        return *gradients, None, None, None


class _Work(NamedTuple):
    """Unit rows, their gradients-to-be (None: not asked for), and what makes logits of them."""

    q: Tensor
    k: Tensor
    dq: Tensor | None
    dk: Tensor | None
    scale: float
    bias: float
    layout: Layout
    kind: Kind
    hot: bool
    partner: Tensor  # of each row the key that is its positive; of several their mean

    def rows(self) -> Iterator[slice]:
        # Each block reads and writes the gradients of all keys, so blocks are at least d rows
        # high. Higher ones of `self` waste work: their square on the diagonal is made in full.
        height = max(ROWS, self.q.shape[1])
        height = height if self.kind == "self" else max(height, CACHED // len(self.k))
        height = min(height, max(32, BLOCK // len(self.k)))
        for start in range(0, len(self.q), height):
            yield slice(start, min(start + height, len(self.q)))

    def blocks(self, kept: bool = False) -> Iterator[tuple[slice, slice, Tensor]]:
        """Rows, keys, and their logits without what is no negative, `hot` ones exponentiated.

        Unless they are kept, the next block takes their room.
        """
        first, room = self.layout.first, None
        for rows in self.rows():
            keys = slice(rows.start if self.kind == "self" else first, len(self.k))
            q, k = self.q[rows] * self.scale, self.k[keys]
            if room is None or kept:
                room = self.q.new_empty(len(q) * len(k))
            logits = room[: len(q) * len(k)].view(len(q), len(k))
            for part, few in zip(logits.split(FEW, 1), k.split(FEW), strict=True):
                torch.mm(q, few.T, out=part)
            if self.bias:
                logits += self.bias
            leave_out(logits, self.layout, rows.start, keys.start - first)
            yield rows, keys, logits.exp_() if self.hot else logits

    def positive(self, rows: slice) -> Tensor:
        """Logits of the positives of some rows."""
        s = (self.q[rows] * self.partner[rows]).sum(-1)
        return s.double() * self.scale + self.bias

    def beyond(self, rows: slice, keys: slice) -> slice:
        """Keys of a block without its square on the diagonal, if that is its own mirror image."""
        return slice(rows.stop if self.kind == "self" else keys.start, keys.stop)

    def push(
        self, rows: slice, keys: slice, g: Tensor, force: Tensor | None, pull: Tensor | None
    ) -> None:
        """A block's part of the gradient: for its logits `g`, times a force of each row.

        With labels, `pull` of each positive is taken off first. In a tight class it nearly
        equals `g`, and the difference of their sums would have few digits.
        """
        assert self.dq is not None
        if pull is not None:
            g.addcmul_(self.layout.same(rows, keys).to(g.dtype), pull.to(g.dtype), value=-1)
        f = g.new_ones(()) if force is None else force.to(g.dtype)[:, None]
        self.dq[rows].addcmul_(g @ self.k[keys], f)
        if self.dk is not None:
            beyond = self.beyond(rows, keys)
            right = g[:, beyond.start - keys.start :]
            self.dk[beyond].addmm_(right.T, self.q[rows] * f)

    def pull(self, rows: slice, force: Tensor) -> None:
        """The positives' part, which has the other sign."""
        assert self.dq is not None
        f, at = force.to(self.q.dtype)[:, None], self.layout.positives
        self.dq[rows].addcmul_(f, self.partner[rows], value=-1)
        if self.dk is not None and at is not None:
            self.dk.index_add_(0, at[rows], f * self.q[rows], alpha=-1)
        elif self.dk is not None:
            self.dk[rows].addcmul_(f, self.q[rows], value=-1)


def _run(
    inputs: Sequence[Any], weights: Tensor | None, layout: Layout, kind: Kind, needs: Sequence[bool]
) -> tuple[Tensor, list[Tensor | None]]:
    """Losses of the rows, and gradients of their weighted sum for rows, keys, scale and bias."""
    query, keys, scale, bias = inputs
    with torch.no_grad(), torch.autocast(query.device.type, enabled=False):
        q = unit_rows(None, query)
        k = q if keys is None else unit_rows(None, keys)
        dq = None if weights is None else torch.zeros_like(q)
        dk = dq if keys is None else torch.zeros_like(k) if dq is not None and needs[1] else None
        s, b = scale.item(), bias.item()
        partner = k if layout.positives is None else k[layout.positives]
        if layout.labels is not None and layout.parts is not None:
            exactly = q.double()  # equal rows would add up their errors
            sums = torch.zeros_like(exactly).index_add_(0, layout.labels, exactly)
            partner = ((sums[layout.labels] - exactly) * layout.parts[:, None]).to(q.dtype)
        work = _Work(q, k, dq, dk, s, b, layout, kind, s + abs(b) <= HOT, partner)
        if kind == "pairs":
            losses, on_bias = _pairs(work, weights)
        else:
            losses, on_bias = (_rows if kind == "rows" else _both)(work, weights), 0 * bias
        if dq is None:
            return losses, [None] * 4
        # without keys dq holds a row as anchor and as key, so that each logit counts twice
        on_scale = _through_norm(dq, query, q, s) / (2 if keys is None else 1)
        if keys is not None and dk is not None:
            _through_norm(dk, keys, k, s)
        return losses, [dq, None if keys is None else dk, on_scale, on_bias]


def _rows(work: _Work, weights: Tensor | None) -> Tensor:
    losses, parts = list[Tensor](), work.layout.parts
    for rows, keys, e in work.blocks():
        shift = None if work.hot else e.amax(1)
        e = e if shift is None else e.sub_(shift[:, None]).exp_()
        sums = e.sum(1).double().clamp_min(TINY)
        over = sums.log() if shift is None else sums.log() + shift
        positive, part = work.positive(rows), None if parts is None else parts[rows]
        losses.append(anchor_loss(over, positive, part))
        if weights is not None:
            pull = weights[rows] * _slope(over - positive, part)
            many = None if part is None else (sums * part)[:, None]
            work.push(rows, keys, e, pull / sums, many)
            if many is None:
                work.pull(rows, pull)
    return torch.cat(losses)


def _pairs(work: _Work, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    losses, on_bias = list[Tensor](), torch.zeros((), dtype=torch.float64)
    most = max(work.scale + work.bias, 0.0) + 1.0  # log(1 + e) is less
    for rows, keys, e in work.blocks():
        positive, parts = work.positive(rows), e.split(FEW, 1)  # for little room on the way
        sums = [_log1p_sum(x, most) if work.hot else softplus(x).sum(1) for x in parts]
        losses.append(softplus(-positive) + torch.stack(sums).sum(0))
        if weights is not None:
            pull = weights[rows] * (-positive).sigmoid()
            for x in parts:
                x.div_(x + 1) if work.hot else x.sigmoid_()
            work.push(rows, keys, e, weights[rows], None)
            work.pull(rows, pull)
            on_bias = on_bias + (e.sum(1) * weights[rows]).sum() - pull.sum()
    return torch.cat(losses), on_bias


def _log1p_sum(e: Tensor, most: float) -> Tensor:
    """Row sums of log(1 + e), each below `most`, with few logarithms, which are dear.

    (1 + a)(1 + b) = 1 + (a + b + ab): columns are folded while that cannot overflow.
    """
    while e.shape[1] % 2 == 0 and most < 40:
        a, b = e.chunk(2, 1)
        e, most = torch.addcmul(a + b, a, b), 2 * most
    return e.log1p().sum(1)


def _both(work: _Work, weights: Tensor | None) -> Tensor:
    """Rows and columns, or rows of a symmetric matrix. All sums come first, then the gradient."""
    hot, parts = work.hot, work.layout.parts
    add, total = (torch.add, torch.sum) if hot else (torch.logaddexp, torch.logsumexp)
    over = work.q.new_full((len(work.q),), 0.0 if hot else -torch.inf, dtype=torch.float64)
    sides = [over] if work.kind == "self" else [over, over.clone()]  # of rows, of keys
    small = weights is not None and len(work.q) * len(work.k) <= SMALL
    blocks = list(work.blocks(kept=True)) if small else work.blocks()
    for rows, keys, e in blocks:
        beyond = work.beyond(rows, keys)
        sides[0][rows] = add(sides[0][rows], total(e, 1).double())
        right = e[:, beyond.start - keys.start :]
        sides[-1][beyond] = add(sides[-1][beyond], total(right, 0).double())
    sides = [x.clamp_min(TINY).log() if hot else x for x in sides]
    positive = torch.cat([work.positive(rows) for rows in work.rows()])
    losses = torch.stack([anchor_loss(x, positive, parts) for x in sides]).mean(0)
    if weights is None:
        return losses
    pulls = torch.stack([weights * _slope(x - positive, parts) / len(sides) for x in sides])
    forces = [c * (-x).exp() if hot else c for c, x in zip(pulls, sides, strict=True)]
    # The gradient for a logit is f_i e^(s - x_i) + f_j e^(s - x_j), of its row and of its column.
    many = None if parts is None else pulls[0] * parts
    ends = [torch.stack(two).to(work.q.dtype) for two in zip(forces, sides, strict=True)]
    for rows, keys, e in blocks if small else work.blocks():
        (a, x), (b, y) = ends[0][:, rows, None], ends[-1][:, keys]
        g = e.mul_(a + b) if hot else (e - x).exp_().mul_(a).addcmul_((e - y).exp_(), b)
        work.push(rows, keys, g, None, None if many is None else many[rows, None] + many[keys])
    for rows in work.rows() if many is None else ():
        work.pull(rows, pulls[:, rows].sum(0))
    return losses


def _slope(x: Tensor, parts: Tensor | None) -> Tensor:
    """Derivative of `anchor_loss` for the total, and the opposite of that for the positive."""
    return x.sigmoid() if parts is None else torch.where(parts == 1, x.sigmoid(), 1.0)


def _through_norm(grad: Tensor, rows: Tensor, z: Tensor, factor: float) -> Tensor:
    """From unit rows to raw rows, in place: tangent part over the norm, times a factor.

    Returns the sum of the parts along the rows: before the factor, the gradient for the scale.
    """
    along = torch.zeros((), dtype=torch.float64, device=grad.device)
    for g, r, u in zip(grad.split(FEW), rows.split(FEW), z.split(FEW), strict=True):
        part = (g * u).sum(-1, keepdim=True)
        along += part.double().sum()
        g.sub_(u * part).mul_(factor / (u * r).sum(-1, keepdim=True))
    return along
