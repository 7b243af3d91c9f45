"""Solutions of the exercises for the page "The loss"."""

import math

import torch


# --8<-- [start:one_anchor]
def one_anchor(s_pos, s_neg, tau):
    """Factor the largest exponential out, so that no other is above 1."""
    logits = [s / tau for s in [s_pos, *s_neg]]
    top = max(logits)
    return top + math.log(sum(math.exp(x - top) for x in logits)) - s_pos / tau


# --8<-- [end:one_anchor]


# --8<-- [start:push]
def push(s, tau):
    """Each candidate is pushed with its weight; one unit pulls the positive."""
    gradient = torch.softmax(s / tau, dim=0)
    gradient[0] -= 1
    return gradient / tau


# --8<-- [end:push]


# --8<-- [start:repaired]
def repaired(view1, view2, tau):
    """Norms are taken along rows; the anchor leaves its own denominator."""
    z = torch.cat([view1, view2])
    z = torch.nn.functional.normalize(z, dim=1)  # not 1: that is the norm
    n = len(view1)
    logits = z @ z.T / tau
    logits.fill_diagonal_(-math.inf)
    positive = torch.arange(2 * n).roll(n)
    return torch.nn.functional.cross_entropy(logits, positive)


# --8<-- [end:repaired]


# --8<-- [start:clip_floor]
def clip_floor(N, tau):
    """N - 1 negatives at cosine -1 / (N - 1), the positive at 1."""
    return math.log1p((N - 1) * math.exp(-N / ((N - 1) * tau)))


# --8<-- [end:clip_floor]
