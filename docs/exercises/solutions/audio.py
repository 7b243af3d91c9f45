"""Solutions for the page "Sound, and more than two modalities"."""

import math

import torch


# --8<-- [start:hub_loss]
def hub_loss(hub, spokes, scale):
    """Each spoke meets the hub alone; spokes never meet each other."""
    unit = torch.nn.functional.normalize
    labels = torch.arange(len(hub))
    total = 0.0
    for spoke in spokes:
        logits = scale * unit(hub, dim=1) @ unit(spoke, dim=1).T
        for way in (logits, logits.T):
            total += torch.nn.functional.cross_entropy(way, labels) / 2
    return total


# --8<-- [end:hub_loss]


# --8<-- [start:least_cosine]
def least_cosine(s1, s2):
    """On opposite sides of the third vector the angles add up."""
    return math.cos(min(math.pi, math.acos(s1) + math.acos(s2)))


# --8<-- [end:least_cosine]
