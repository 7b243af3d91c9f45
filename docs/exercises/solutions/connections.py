"""Solutions of the exercises for the page "Connections"."""

import math

import torch


# --8<-- [start:gradient]
def gradient(z, keys, tau):
    """(attention - positive) / tau, with one head and one query."""
    attended = torch.nn.functional.scaled_dot_product_attention(
        z[None, None], keys[None], keys[None], scale=1 / tau
    )[0, 0]
    return (attended - keys[0]) / tau


# --8<-- [end:gradient]


# --8<-- [start:pmi]
def pmi(counts):
    """log P(x, c) / (P(x) P(c)); the total count cancels once."""
    rows, columns = counts.sum(1, keepdim=True), counts.sum(0)
    return (counts * counts.sum() / (rows * columns)).log()


# --8<-- [end:pmi]


# --8<-- [start:loss_for_recall]
def loss_for_recall(recall):
    """A query whose positive is not first costs at least log 2."""
    return (1 - recall) * math.log(2)


# --8<-- [end:loss_for_recall]
