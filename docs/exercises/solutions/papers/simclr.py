"""Solutions for the page "SimCLR, equation by equation"."""

import torch


# --8<-- [start:algorithm_1]
def algorithm_1(z, tau):
    """The partner of row i is row i with its last bit turned."""
    z = torch.nn.functional.normalize(z, dim=1)
    logits = (z @ z.T / tau).fill_diagonal_(-torch.inf)
    partner = torch.arange(len(z)) ^ 1
    return torch.nn.functional.cross_entropy(logits, partner)


# --8<-- [end:algorithm_1]


# --8<-- [start:table_2]
def table_2(u, v_pos, v_neg, tau):
    """To the positive by its doubt, away from negatives by their weights."""
    p = torch.softmax(torch.cat([v_pos[None], v_neg]) @ u / tau, 0)
    return ((1 - p[0]) * v_pos - p[1:] @ v_neg) / tau


# --8<-- [end:table_2]


# --8<-- [start:released]
def released(a, b, tau):
    """Twice the mean over all views."""
    a, b = (torch.nn.functional.normalize(x, dim=1) for x in (a, b))
    labels = torch.arange(len(a))
    total = 0
    for one, other in ((a, b), (b, a)):
        own = (one @ one.T / tau).fill_diagonal_(-torch.inf)
        logits = torch.cat([one @ other.T / tau, own], dim=1)
        total += torch.nn.functional.cross_entropy(logits, labels)
    return total


# --8<-- [end:released]
