"""Solutions of the exercises for the page "SigLIP"."""

import math

import torch


# --8<-- [start:sigmoid_loss]
def sigmoid_loss(S, logit_scale, logit_bias):
    """The sum over a row, the mean over rows; logsigmoid does not overflow."""
    y = 2 * torch.eye(len(S), dtype=S.dtype) - 1
    logits = logit_scale * S + logit_bias
    return -torch.nn.functional.logsigmoid(y * logits).sum(1).mean()


# --8<-- [end:sigmoid_loss]


# --8<-- [start:default_bias]
def default_bias(N, positives):
    """The log-odds of a yes."""
    return math.log(positives / (N - positives))


# --8<-- [end:default_bias]


# --8<-- [start:push]
def push(s, belongs, logit_scale, logit_bias):
    """The probability of a yes, less the truth, times the scale."""
    yes = 1 / (1 + math.exp(-(logit_scale * s + logit_bias)))
    return logit_scale * (yes - belongs)


# --8<-- [end:push]
