"""Solutions of the exercises for the page "Information"."""

import itertools

import numpy as np


# --8<-- [start:best_scores]
def best_scores(joint):
    """log r up to a constant of each row: P(c) may be left out, P(x) not."""
    return np.log(joint / joint.sum(axis=0))


# --8<-- [end:best_scores]


# --8<-- [start:gap]
def gap(joint, N):
    """E[mean log mean] of the ratios of candidates independent of c."""
    c, x = joint.sum(axis=1), joint.sum(axis=0)
    r = joint / np.outer(c, x)
    total = 0.0
    for j in range(len(c)):
        for draw in itertools.product(range(len(x)), repeat=N):
            mean = r[j, list(draw)].mean()
            total += c[j] * np.prod(x[list(draw)]) * mean * np.log(mean)
    return total


# --8<-- [end:gap]


# --8<-- [start:least_batch]
def least_batch(nats):
    """The loss is never negative, so log N has to reach it."""
    return int(np.ceil(np.exp(nats)))


# --8<-- [end:least_batch]
