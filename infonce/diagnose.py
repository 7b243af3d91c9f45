"""What a loss can be, and what a batch says about a run, in plain words."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from infonce import checks
from infonce.geometry import effective_rank
from infonce.gradients import info_nce_grad
from infonce.losses import info_nce
from infonce.temperature import negative_weights

__all__ = ["collapse_loss", "diagnose", "loss_floor"]

Loss = Literal["info_nce", "clip", "nt_xent"]


class Floor(NamedTuple):
    """A lower bound in nats, and whether some embedding of this width has exactly this loss."""

    nats: float
    attained: bool


def loss_floor(n: int, d: int, *, temperature: float, loss: Loss) -> Floor:
    r"""The least loss that any embedding of `n` pairs can have: perfection is not 0.

    $$\log\Bigl(1 + M e^{-\frac{N}{(N - 1)\tau}}\Bigr), \qquad
      M = \begin{cases} N - 1 & \text{InfoNCE in the batch, CLIP} \\
      2N - 2 & \text{NT-Xent} \end{cases}$$

    The loss is convex and symmetric in the similarities, and those of negatives average at
    least $-1/(N-1)$. Equality needs positives that coincide and a regular simplex, which fits
    into a width $d \ge N - 1$. In a smaller width the least loss is *above* this bound, by an
    amount without a closed form.

    Args:
        n: pairs $N \ge 1$ in the batch.
        d: width of the embeddings, at least 1.
        temperature: $\tau > 0$.
        loss: `"info_nce"` (without extra negatives), `"clip"` or `"nt_xent"`.

    Returns:
        `nats`, and `attained`: true if $d \ge N - 1$, and the bound is the minimum.

    Raises:
        TypeError: a count that is not an integer, a temperature that is not a number.
        ValueError: a count, temperature or loss out of its range.

    Source:
        Ours, by convexity; for classes in place of pairs Graf et al. 2021, arXiv 2102.08817.

    Examples:
        Three pairs on an equilateral triangle, $\log(1 + 4e^{-3})$; in width 1 it does not fit:

        >>> print(f"{loss_floor(3, 2, temperature=0.5, loss='nt_xent').nats:.4f}")
        0.1816
        >>> print(loss_floor(3, 1, temperature=0.5, loss="nt_xent").attained)
        False
    """
    checks.count("n", n)
    checks.count("d", d)
    checks.positive_number("temperature", temperature)
    spread = math.exp(-n / (max(n - 1, 1) * temperature))
    return Floor(math.log1p(_negatives(n, loss) * spread), d >= n - 1)


def collapse_loss(n: int, *, loss: Loss) -> float:
    r"""The loss of an encoder that sends everything to one point.

    $$\log(1 + M), \qquad \text{that is } \log N \text{ (InfoNCE in the batch, CLIP) or }
      \log(2N - 1) \text{ (NT-Xent)}$$

    It does not depend on width and temperature. Embeddings that are all orthogonal, positives
    too, have the same loss: the value alone does not tell collapse from no alignment, but
    `diagnose` does.

    Args:
        n: pairs $N \ge 1$ in the batch.
        loss: `"info_nce"` (without extra negatives), `"clip"` or `"nt_xent"`.

    Returns:
        Loss in nats.

    Raises:
        TypeError: `n` is not an integer.
        ValueError: `n` is below 1, or an unknown loss.

    Source:
        Chen et al. 2020, arXiv 2002.05709, Eq. 1, and Radford et al. 2021, arXiv 2103.00020,
        Fig. 3, at equal similarities.

    Examples:
        >>> print(f"{collapse_loss(4, loss='nt_xent'):.4f} {collapse_loss(4, loss='clip'):.4f}")
        1.9459 1.3863
    """
    checks.count("n", n)
    return math.log1p(_negatives(n, loss))


def _negatives(n: int, loss: Loss) -> int:
    counts = {"info_nce": n - 1, "clip": n - 1, "nt_xent": 2 * n - 2}
    if loss not in counts:
        raise ValueError(f"loss must be 'info_nce', 'clip' or 'nt_xent', got {loss!r}")
    return counts[loss]


class Norms(NamedTuple):
    """Lengths of raw rows; as text, with what is wrong with them."""

    least: float
    median: float
    most: float

    def __str__(self) -> str:
        note = ""
        if self.most > 100 * self.least:
            note = ", very uneven: the gradient of a row is divided by its norm"
        elif not 1e-3 < self.median < 1e3:
            change = "blown up" if self.median < 1 else "damped"
            note = f": the loss does not see it, but gradients are {change} by 1/norm"
        return f"{self.least:.3g} / {self.median:.3g} / {self.most:.3g}{note}"


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` measured; as text, what it means. Pairs are of (query, positive)."""

    pairs: int
    width: int
    temperature: float
    loss: float
    floor: Floor
    positive_cosine: float  # means
    negative_cosine: float
    noise: float  # three standard errors of their difference
    cones: tuple[float, float]  # mean cosine of two different rows of a side
    ranks: tuple[float, float]  # effective
    norms: tuple[Norms, Norms]
    duplicates: int  # rows with a twin on their own side
    hardest_share: float  # of the push, on the hardest 1% of an anchor's negatives
    gradient: float  # mean length of d(own loss)/d(raw query row)

    @property
    def progress(self) -> float:
        """Where the loss stands: 0 at log N, 1 at the floor, negative above log N."""
        chance = math.log(self.pairs)
        way = chance - self.floor.nats  # none if the temperature is huge
        return (chance - self.loss) / way if way else 0.0

    @property
    def verdict(self) -> str:
        """What this batch looks like, and why."""
        high, low = self.positive_cosine, self.negative_cosine
        means = f"mean cosine {high:.3f} of positives, {low:.3f} of negatives"
        if max(self.cones) > 0.9 and self.progress < 0.1:
            if min(self.cones) > 0.9:
                return "Collapse: all rows nearly coincide, where gradients tend to zero."
            side = "query" if self.cones[0] > 0.9 else "positive"
            return f"Collapse of one side: the rows of {side} nearly coincide."
        if abs(high - low) <= self.noise:
            why = "Nothing is learned yet, or rows are not in the same order. It is not collapse."
            return f"No alignment: {means}, no real difference. {why}"
        if high < low:
            return f"Reversed: {means}. Something pushes partners apart."
        near = self.progress > 0.95
        return f"{'Near the floor' if near else 'Partly aligned'}: {means}."

    def __str__(self) -> str:
        n, m, limit = self.pairs, self.pairs - 1, min(self.pairs, self.width)
        stands = f"{abs(self.progress):.0%} of the way down from log N to the floor"
        if self.loss > math.log(n) + 1e-6:
            stands = "above log N, worse than equal similarities"
        bound = "" if self.floor.attained else " (a bound: to reach it takes width N - 1)"
        twins = ", each the other's negative: the loss cannot tell them apart"
        unused = ": most dimensions are unused" if min(self.ranks) < 0.1 * limit else ""
        return f"""{self.verdict}
Loss: {self.loss:.4g} nats at temperature {self.temperature:.4g}, {stands}.
Range: floor {self.floor.nats:.4g}{bound}, log N = {math.log(n):.4g}.
Rows of query and positive, mean cosine: {self.cones[0]:.3f} and {self.cones[1]:.3f}.
Effective rank: {self.ranks[0]:.1f} and {self.ranks[1]:.1f} of at most {limit}{unused}.
Duplicates: {self.duplicates} of {n} rows have a twin{twins if self.duplicates else ""}.
Push: {self.hardest_share:.0%} on the hardest 1% of negatives ({_hardest(m)} of {m}).
Norms of query (least / median / most): {self.norms[0]}.
Norms of positive: {self.norms[1]}.
Gradient of a query's loss on its raw row: mean length {self.gradient:.3g}."""


def diagnose(query: Tensor, positive: Tensor, *, temperature: float | Tensor) -> Diagnosis:
    r"""What is wrong, or right, with a batch of embeddings: measured, and said in plain words.

    Print it. The loss is `info_nce` in the batch, from queries to positives; swap the
    arguments for the other direction. What decides between the verdicts:

    - *collapse*: rows of one side have mean cosine above 0.9, and the loss is not 10% of the
      way from $\log N$ to the floor;
    - *no alignment*: mean cosines of positives and negatives are within three standard
      errors, $3 \sigma_- / \sqrt{N}$; *reversed*: positives are farther by more than that;
    - *near the floor*: the last 5% of the way.

    Args:
        query: raw embeddings, before any normalisation, shape `(N, d)` with $N \ge 2$.
        positive: raw embeddings of their partners, shape `(N, d)`.
        temperature: $\tau > 0$ of the run.

    Returns:
        A frozen dataclass of plain numbers, computed in float64 on the CPU, with a `verdict`,
        and with all of it as text. Up to eight $N \times N$ matrices are held on the way: 1 GiB
        at $N = 4096$.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device, row or temperature that has no loss; a single pair.

    Source:
        Wang and Isola 2020, arXiv 2005.10242; Wang and Liu 2021, arXiv 2012.09740; Jing et
        al. 2022, arXiv 2110.09348; the thresholds are ours.

    Examples:
        Collapse and orthogonality have the same loss, $\log 4$:

        >>> collapsed = diagnose(torch.ones(4, 8), torch.ones(4, 8), temperature=0.1)
        >>> orthogonal = diagnose(torch.eye(8)[:4], torch.eye(8)[4:], temperature=0.1)
        >>> for d in (collapsed, orthogonal):
        ...     print(f"{d.loss:.4f} {d.verdict.split(':')[0]}")
        1.3863 Collapse
        1.3863 No alignment
    """
    checks.pairs(query=query, positive=positive)
    checks.positive_number("temperature", temperature)
    checks.count("the number of pairs", len(query), 2)
    n, d = query.shape
    tau = float(torch.as_tensor(temperature, dtype=torch.float64).item())
    rows = [x.detach().to("cpu", torch.float64) for x in (query, positive)]
    q, k = checks.unit_rows("query", rows[0]), checks.unit_rows("positive", rows[1])
    others = ~torch.eye(n, dtype=torch.bool)
    similarity = q @ k.T
    apart, q_apart, k_apart = (s[others].view(n, n - 1) for s in (similarity, q @ q.T, k @ k.T))
    hardest = negative_weights(apart, temperature=tau).topk(_hardest(n - 1)).values
    gradient = info_nce_grad(*rows, temperature=tau).query * n  # of sums: own losses
    return Diagnosis(
        pairs=n,
        width=d,
        temperature=tau,
        loss=info_nce(*rows, temperature=tau).item(),
        floor=loss_floor(n, d, temperature=tau, loss="info_nce"),
        positive_cosine=similarity.diagonal().mean().item(),
        negative_cosine=apart.mean().item(),
        noise=3 * apart.std(correction=0).item() / math.sqrt(n) + 1e-6,
        cones=(q_apart.mean().item(), k_apart.mean().item()),
        ranks=(effective_rank(q).item(), effective_rank(k).item()),
        norms=(_norms(rows[0], q), _norms(rows[1], k)),
        duplicates=int((torch.maximum(q_apart, k_apart) > 1 - 1e-6).any(-1).sum()),
        hardest_share=hardest.sum(-1).mean().item(),
        gradient=gradient.square().sum(-1).sqrt().mean().item(),
    )


def _hardest(negatives: int) -> int:
    """One per cent of the negatives, at least one."""
    return math.ceil(negatives / 100)


def _norms(rows: Tensor, unit: Tensor) -> Norms:
    lengths = (rows * unit).sum(-1)  # in range where squares are not
    return Norms(lengths.min().item(), lengths.quantile(0.5).item(), lengths.max().item())
