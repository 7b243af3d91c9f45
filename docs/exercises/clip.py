"""Exercises for the page "CLIP".

Fill in the functions, then let a machine check them: python -m pytest clip.py
You need torch and pytest. S is a square matrix of cosines, images x texts.
"""

import math

import pytest
import torch


# --8<-- [start:scale_slope]
def scale_slope(S, scale):
    """The derivative of the CLIP loss by the logarithm of the scale.

    Do not use autograd.
    """
    raise NotImplementedError


# --8<-- [end:scale_slope]


# --8<-- [start:next_parameter]
def next_parameter(log_scale, slope, rate):
    """The parameter after a step of gradient descent, the scale at most 100."""
    raise NotImplementedError


# --8<-- [end:next_parameter]


# --8<-- [start:without_twins]
def without_twins(S, caption, scale):
    """The CLIP loss if rows with equal captions are no negatives of each other.

    caption: integers (N,); equal numbers are equal captions.
    """
    raise NotImplementedError


# --8<-- [end:without_twins]


# ------------------------------------------------- what checks your answers


def loss(S, scale):
    rows = torch.logsumexp(scale * S, 1) - scale * S.diagonal()
    columns = torch.logsumexp(scale * S, 0) - scale * S.diagonal()
    return (rows.mean() + columns.mean()) / 2


@pytest.mark.parametrize("scale", [1.0, 14.3])
def test_scale_slope(scale):
    g = torch.Generator().manual_seed(0)
    S = torch.rand(6, 6, generator=g, dtype=torch.float64) + torch.eye(6) / 3
    log_scale = torch.tensor(scale, dtype=torch.float64).log().requires_grad_()
    (expected,) = torch.autograd.grad(loss(S, log_scale.exp()), log_scale)
    assert float(scale_slope(S, scale)) == pytest.approx(expected.item())


def test_next_parameter():
    start = math.log(1 / 0.07)
    assert next_parameter(start, -0.5, 0.1) == pytest.approx(start + 0.05)
    assert next_parameter(start, -100.0, 1.0) == pytest.approx(math.log(100))
    assert next_parameter(start, 0.5, 0.1) == pytest.approx(start - 0.05)


def test_without_twins():
    g = torch.Generator().manual_seed(1)
    S = torch.rand(4, 4, generator=g, dtype=torch.float64)
    distinct = torch.arange(4)
    found = without_twins(S, distinct, 5.0)
    assert float(found) == pytest.approx(float(loss(S, 5.0)))
    twins = torch.tensor([7, 3, 7, 1])
    total = 0.0
    for a in range(4):
        for line in (S[a], S[:, a]):
            kept = [b for b in range(4) if b == a or twins[a] != twins[b]]
            total += math.log(sum(math.exp(5 * line[b]) for b in kept))
            total -= 5 * float(line[a])
    assert float(without_twins(S, twins, 5.0)) == pytest.approx(total / 8)
