"""Solutions of the exercises for the page "Diagnose a run"."""

import math

import torch


# --8<-- [start:clip_range]
def clip_range(N, scale):
    """Equal cosines, and negatives all at -1 / (N - 1)."""
    return math.log(N), math.log1p((N - 1) * math.exp(-scale * N / (N - 1)))


# --8<-- [end:clip_range]


# --8<-- [start:state]
def state(query, key):
    """Collapse shows inside one side, alignment between the two."""
    q = torch.nn.functional.normalize(query, dim=1)
    k = torch.nn.functional.normalize(key, dim=1)
    n = len(q)
    off = ~torch.eye(n, dtype=torch.bool)
    if min((q @ q.T)[off].mean(), (k @ k.T)[off].mean()) > 0.9:
        return "collapse"
    between = q @ k.T
    lead = between.diagonal().mean() - between[off].mean()
    noise = 3 * between[off].std() / n**0.5
    return "aligned" if lead > noise else "no alignment"


# --8<-- [end:state]
