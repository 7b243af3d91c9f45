"""Solutions of the exercises for the page "Conventions"."""

import math

import torch
from torch.nn import functional as F


# --8<-- [start:in_paper_units]
def in_paper_units(value, convention, N, tau):
    """Each differs from the mean by a factor that no embedding changes."""
    factor = {
        "paper": 1,
        "simclr code": 2,
        "supcon paper": 2 * N,
        "supcon code": tau / 0.07,
    }
    return value / factor[convention]


# --8<-- [end:in_paper_units]


# --8<-- [start:queue_loss]
def queue_loss(q, k, queue, tau):
    """The positive in column 0, the queue behind it."""
    positive = (q * k).sum(1, keepdim=True)
    logits = torch.cat([positive, q @ queue.T], dim=1) / tau
    return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long))


# --8<-- [end:queue_loss]


# --8<-- [start:recognise]
def recognise(loss):
    """One pair costs nothing; a constant batch of two costs a logarithm."""
    row = torch.ones(2, 4, dtype=torch.float64) / 2
    value = float(loss(row, row))
    for name, candidates in (("one direction", 2), ("all views", 3)):
        times = value / math.log(candidates)
        if math.isclose(times, round(times)):
            return name, round(times)
    raise ValueError(f"neither: {value} for a constant batch of two")


# --8<-- [end:recognise]
