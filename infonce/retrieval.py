"""Finding the partner: ranks, recall, nearest neighbours. Ties of ranks count against the model.

A collapsed encoder makes everything equal; it must not look good because the right answer
happens to be listed first.
"""

import torch
from torch import Tensor

from infonce import checks

__all__ = ["knn_accuracy", "median_rank", "recall_at_k", "retrieval_ranks"]


def retrieval_ranks(query: Tensor, positive: Tensor) -> Tensor:
    r"""The rank of each query's positive among all rows of `positive`, by cosine.

    $$\mathrm{rank}_i = \#\{ j : s_{ij} \ge s_{ii} \}$$

    One direction; swap the arguments for the other.

    Args:
        query: what is searched with, shape `(N, d)`, any scale: rows are normalised here.
        positive: what is searched, shape `(N, d)`; row `i` is the right answer to query `i`.

    Returns:
        Integers, shape `(N,)`: 1 is best. A tie takes the worst place, so that a collapsed
        encoder has rank $N$ everywhere; cosines within 16 units of rounding are tied.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device or row that has no rank.

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1; the rule for ties is ours.

    Examples:
        The second query is nearer to the first answer; the third answer is the first again:

        >>> answers = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        >>> queries = torch.tensor([[1.0, 0.1], [1.0, 0.9], [-1.0, 0.5]])
        >>> print(retrieval_ranks(queries, answers).tolist())
        [2, 3, 3]
    """
    checks.pairs(query=query, positive=positive)
    similarity = _cosines(checks.unit_rows("query", query), checks.unit_rows("positive", positive))
    rounding = 16 * torch.finfo(similarity.dtype).eps
    return (similarity >= similarity.diagonal()[:, None] - rounding).sum(-1)


def recall_at_k(query: Tensor, positive: Tensor, *, k: int = 1) -> Tensor:
    r"""Share of queries whose positive is among the `k` nearest rows (R@k).

    $$\frac{1}{N} \, \#\{ i : \mathrm{rank}_i \le k \}$$

    Args:
        query: what is searched with, shape `(N, d)`.
        positive: what is searched, shape `(N, d)`; swap the two for the other direction.
        k: how many places count, at least 1.

    Returns:
        A share in [0, 1], shape `()`. Ties count against, as in `retrieval_ranks`.

    Raises:
        TypeError: an argument is not a floating point tensor, dtypes differ, or `k` is not an
            integer.
        ValueError: a shape, device, row or `k` that has no recall.

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1.

    Examples:
        The second query finds its answer in second place only:

        >>> answers = torch.eye(2)
        >>> queries = torch.tensor([[1.0, 0.1], [1.0, 0.9]])
        >>> print(recall_at_k(queries, answers).item(), recall_at_k(queries, answers, k=2).item())
        0.5 1.0
    """
    checks.count("k", k)
    return (retrieval_ranks(query, positive) <= k).float().mean()


def median_rank(query: Tensor, positive: Tensor) -> Tensor:
    r"""Median of `retrieval_ranks`: half of the queries find their positive at least so early.

    Args:
        query: what is searched with, shape `(N, d)`.
        positive: what is searched, shape `(N, d)`; swap the two for the other direction.

    Returns:
        A rank, shape `()`, from 1 to $N$; the mean of the two middle ones if $N$ is even.

    Raises:
        TypeError: an argument is not a floating point tensor, or dtypes differ.
        ValueError: a shape, device or row that has no rank.

    Source:
        Karpathy and Fei-Fei 2015, arXiv 1412.2306, section 4.1.

    Examples:
        Ranks 1 and 2, and of a collapsed encoder:

        >>> queries = torch.tensor([[1.0, 0.1], [1.0, 0.9]])
        >>> print(median_rank(queries, torch.eye(2)).item())
        1.5
        >>> print(median_rank(queries, torch.ones(2, 2)).item())
        2.0
    """
    ranks = retrieval_ranks(query, positive).sort().values
    n = len(ranks)
    return (ranks[(n - 1) // 2] + ranks[n // 2]) / 2


def knn_accuracy(
    fit: Tensor, labels: Tensor, query: Tensor, query_labels: Tensor, *, k: int = 20
) -> Tensor:
    r"""Accuracy of the majority among the `k` nearest labelled rows, by cosine.

    $$\hat c(x) = \arg\max_c \, \#\{ i \in \mathrm{kNN}(x) : c_i = c \}$$

    Args:
        fit: labelled rows, shape `(n, d)`, any scale: rows are normalised here.
        labels: their classes, any integers, shape `(n,)`.
        query: rows to classify, shape `(m, d)`.
        query_labels: their classes, shape `(m,)`.
        k: number of neighbours, 1 to `n`; each has one vote. If more rows than fit are
            equally near at the last place, which of them vote is not defined.

    Returns:
        A share in [0, 1], shape `()`. A row is right if its class has more votes than any
        other: a tied vote is wrong.

    Raises:
        TypeError: rows that are not floating point, labels or a `k` that are not integer.
        ValueError: a shape, device, dtype, row or `k` that has no neighbours.

    Source:
        Cover and Hart 1967, "Nearest neighbor pattern classification"; on contrastive
        features Wu et al. 2018, arXiv 1805.01978, who weight the votes.

    Examples:
        The nearest neighbour is right, two neighbours disagree, three outvote it:

        >>> fit = torch.tensor([[1.0, 0.0], [1.0, 0.5], [1.0, 0.6], [-1.0, 0.0]])
        >>> labels, query, own = torch.tensor([0, 1, 1, 0]), torch.eye(2)[:1], torch.tensor([0])
        >>> print([knn_accuracy(fit, labels, query, own, k=k).item() for k in (1, 2, 3)])
        [1.0, 0.0, 0.0]
    """
    checks.rows("fit", fit)
    checks.rows("query", query)
    checks.numbers("labels", labels, fit)
    checks.numbers("query_labels", query_labels, query)
    checks.count("k", k)
    kinds = [f"width {x.shape[1]}, {x.dtype}, {x.device}" for x in (fit, query)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"fit and query must be alike, got {kinds[0]} and {kinds[1]}")
    if k > len(fit):
        raise ValueError(f"k must be at most n = {len(fit)}, got {k}")
    similarity = _cosines(checks.unit_rows("query", query), checks.unit_rows("fit", fit))
    voters = labels[similarity.topk(k).indices]  # (m, k)
    own = voters == query_labels[:, None]
    votes = (voters[:, :, None] == voters[:, None, :]).sum(-1)  # of each voter's class
    return (own.sum(-1) > votes.masked_fill(own, 0).amax(-1)).float().mean()


def _cosines(a: Tensor, b: Tensor) -> Tensor:
    with torch.autocast(a.device.type, enabled=False):  # half precision would tie neighbours
        return a @ b.T
