"""Solutions of the exercises for the page "Temperature"."""

import torch


# --8<-- [start:temperature_for]
def temperature_for(s_neg, count):
    """The count never falls as tau rises, so halve an interval."""
    low, high = 1e-4, 1e4
    for _ in range(100):
        tau = (low * high) ** 0.5
        w = torch.softmax(s_neg / tau, dim=0)
        found = torch.special.entr(w).sum().exp()  # entr(0) is 0
        low, high = (tau, high) if found < count else (low, tau)
    return tau


# --8<-- [end:temperature_for]


# --8<-- [start:entropy_slope]
def entropy_slope(s_neg, tau):
    """The variance of the similarities under the weights, over tau cubed."""
    w = torch.softmax(s_neg / tau, dim=0)
    mean = (w * s_neg).sum()
    return (w * (s_neg - mean) ** 2).sum() / tau**3


# --8<-- [end:entropy_slope]


# --8<-- [start:false_share]
def false_share(z, labels, tau):
    """The softmax over negatives is the share of the push."""
    itself = torch.eye(len(z), dtype=torch.bool)
    w = (z @ z.T / tau).masked_fill(itself, -torch.inf).softmax(1)
    same = (labels[:, None] == labels) & ~itself
    return (w * same).sum(1).mean()


# --8<-- [end:false_share]
