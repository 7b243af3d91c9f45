"""Solutions of the exercises for the page "False and hard negatives"."""

import math

import torch
from torch.nn import functional as F


# --8<-- [start:masked]
def masked(s, ids, tau):
    """Others with the same id leave; the positive stays."""
    positive = torch.eye(len(s), dtype=torch.bool)
    false = (ids[:, None] == ids) & ~positive
    logits = (s / tau).masked_fill(false, -math.inf)
    return F.cross_entropy(logits, torch.arange(len(s)))


# --8<-- [end:masked]


# --8<-- [start:largest_prior]
def largest_prior(s_pos, s_neg, tau):
    """Linear in the prior: mean - prior e = (1 - prior) floor."""
    mean = sum(math.exp(s / tau) for s in s_neg) / len(s_neg)
    floor = math.exp(-1 / tau)
    return (mean - floor) / (math.exp(s_pos / tau) - floor)


# --8<-- [end:largest_prior]


# --8<-- [start:sup_con]
def sup_con(z, labels, tau):
    """Logarithm first, then the mean; anchors without friends leave."""
    itself = torch.eye(len(z), dtype=torch.bool)
    logits = (z @ z.T / tau).masked_fill(itself, -math.inf)
    same = (labels[:, None] == labels) & ~itself
    log_p = logits.log_softmax(1).masked_fill(~same, 0)
    has = same.any(1)
    return -(log_p.sum(1)[has] / same.sum(1)[has]).mean()


# --8<-- [end:sup_con]
