"""Solutions of the exercises for the page "Bugs"."""

import math

import torch
from torch.nn import functional as F


# --8<-- [start:is_right]
def is_right(loss):
    """Right angles, one point, and rows of other lengths."""
    n, tau = 4, 0.1
    eye = torch.eye(n, dtype=torch.float64)
    point = torch.ones(n, 3, dtype=torch.float64)
    skew = torch.tensor([[3.0, 4, 0], [0, 3, 4], [4, 0, 3]])
    near = skew @ skew.T / 25 / tau  # cosines over tau
    rows = torch.cat([near, near], 1)
    skew_loss = (rows.fill_diagonal_(-math.inf).logsumexp(1) - 1 / tau).mean()
    expected = {
        math.log(1 + (2 * n - 2) * math.exp(-1 / tau)): loss(eye, eye, tau),
        math.log(2 * n - 1): loss(point, point, tau),
        float(skew_loss): loss(skew, skew, tau),
    }
    return all(
        math.isclose(float(got), wanted, rel_tol=1e-4)
        for wanted, got in expected.items()
    )


# --8<-- [end:is_right]


# --8<-- [start:clip]
def clip(image, text, scale):
    """Texts look for images in the transposed matrix, with the same labels."""
    logits = scale * image @ text.T
    labels = torch.arange(len(image))
    images = F.cross_entropy(logits, labels)
    texts = F.cross_entropy(logits.T, labels)
    return (images + texts) / 2


# --8<-- [end:clip]


# --8<-- [start:with_queue]
def with_queue(query, key, queue, tau):
    """The newest keys are the positives: row i must not meet key i twice."""
    n = len(query)
    negatives = query @ queue.T
    negatives[:, -n:].fill_diagonal_(-math.inf)
    logits = torch.cat([(query * key).sum(1, keepdim=True), negatives], 1)
    return F.cross_entropy(logits / tau, torch.zeros(n).long())


# --8<-- [end:with_queue]
