"""Solutions of the exercises for the page "Computing it"."""

import math

import torch


# --8<-- [start:anchor_loss]
def anchor_loss(positive, negatives):
    """The softplus of the negatives' log-sum-exp, less the positive."""
    top = max(negatives)
    x = top + math.log(sum(math.exp(n - top) for n in negatives)) - positive
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


# --8<-- [end:anchor_loss]


# --8<-- [start:merge]
def merge(m1, total1, m2, total2):
    """Both sums relative to the larger maximum."""
    m = max(m1, m2)
    return m, total1 * math.exp(m1 - m) + total2 * math.exp(m2 - m)


# --8<-- [end:merge]


# --8<-- [start:cached_backward]
def cached_backward(encode, weight, x, y, loss_of, chunk):
    """Embeddings without a graph, their gradient, then chunk by chunk."""
    with torch.no_grad():
        q, k = encode(x, weight), encode(y, weight)
    q.requires_grad_(), k.requires_grad_()
    loss_of(q, k).backward()
    for inputs, z in ((x, q), (y, k)):
        for rows, pull in zip(
            inputs.split(chunk), z.grad.split(chunk), strict=True
        ):
            (encode(rows, weight) * pull).sum().backward()


# --8<-- [end:cached_backward]
