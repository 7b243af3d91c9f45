"""Solutions for the page "Train a small model"."""

import torch


# --8<-- [start:rate]
def rate(done, peak):
    falling = (1 + torch.cos(torch.pi * torch.tensor(done))).item() / 2
    return peak * min(done / 0.05, falling)


# --8<-- [end:rate]


# --8<-- [start:ensemble]
def ensemble(z):
    unit = torch.nn.functional.normalize
    return unit(unit(z, dim=1).mean(0), dim=0)


# --8<-- [end:ensemble]
