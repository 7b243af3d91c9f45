"""Solutions of the exercises for the page "Physics and probability"."""

import numpy as np


# --8<-- [start:melting_point]
def melting_point(lead, M, weight=0.5):
    """Solve weight = 1 / (1 + M exp(-lead / tau)) for tau."""
    return lead / np.log(M * weight / (1 - weight))


# --8<-- [end:melting_point]


# --8<-- [start:entropy_from_free_energy]
def entropy_from_free_energy(energy, tau):
    """Factor the lowest energy out of Z; then F = mean energy - tau H."""
    lowest = energy.min()
    p = np.exp(-(energy - lowest) / tau)
    F = lowest - tau * np.log(p.sum())
    p = p / p.sum()
    return F, (p @ energy - F) / tau


# --8<-- [end:entropy_from_free_energy]


# --8<-- [start:sinkhorn]
def sinkhorn(S, tau):
    """Repair rows and columns in turn until both are right."""
    plan, N = np.exp(S / tau), len(S)
    for _ in range(1000):
        plan = plan / plan.sum(axis=1, keepdims=True) / N
        plan = plan / plan.sum(axis=0, keepdims=True) / N
    return plan


# --8<-- [end:sinkhorn]
