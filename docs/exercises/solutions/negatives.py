"""Solutions of the exercises for the page "Batch size and negatives"."""

import math

import torch


# --8<-- [start:exact_bias]
def exact_bias(M, q, s_pos, tau):
    """All draws with the same number of ones have the same sum."""
    total = 0.0
    for ones in range(M + 1):
        chance = math.comb(M, ones) * q**ones * (1 - q) ** (M - ones)
        sums = ones * math.exp(1 / tau) + (M - ones) + math.exp(s_pos / tau)
        total += chance * math.log(sums / M)
    return total - math.log(1 - q + q * math.exp(1 / tau))


# --8<-- [end:exact_bias]


# --8<-- [start:in_regime]
def in_regime(s, tau, factor=10):
    """Weights are averaged, not cosines: a few hard negatives dominate."""
    e = torch.exp(s / tau)
    positive = e.diagonal()
    negatives = (e.sum(1) - positive) / (len(s) - 1)
    return len(s) - 1 > factor * (positive / negatives).mean()


# --8<-- [end:in_regime]


# --8<-- [start:push_keys]
def push_keys(queue, keys, size):
    """`detach` cuts the gradient; the slice drops the oldest."""
    return torch.cat([queue, keys.detach()])[-size:]


# --8<-- [end:push_keys]
