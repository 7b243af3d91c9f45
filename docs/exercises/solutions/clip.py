"""Solutions of the exercises for the page "CLIP"."""

import math

import torch


# --8<-- [start:scale_slope]
def scale_slope(S, scale):
    """Both softmaxes, averaged, against the positives."""
    rows = (torch.softmax(scale * S, 1) * S).sum(1) - S.diagonal()
    columns = (torch.softmax(scale * S, 0) * S).sum(0) - S.diagonal()
    return scale * (rows.mean() + columns.mean()) / 2


# --8<-- [end:scale_slope]


# --8<-- [start:next_parameter]
def next_parameter(log_scale, slope, rate):
    """Down the slope; the limit of the scale is one of its logarithm."""
    return min(log_scale - rate * slope, math.log(100))


# --8<-- [end:next_parameter]


# --8<-- [start:without_twins]
def without_twins(S, caption, scale):
    """A logit of minus infinity has no weight, in rows and in columns."""
    twins = caption[:, None] == caption
    twins.fill_diagonal_(False)
    logits = (scale * S).masked_fill(twins, -math.inf)
    labels = torch.arange(len(S))
    loss = torch.nn.functional.cross_entropy
    return (loss(logits, labels) + loss(logits.T, labels)) / 2


# --8<-- [end:without_twins]
