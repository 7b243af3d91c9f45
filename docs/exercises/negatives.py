"""Exercises for the page "Batch size and negatives".

Fill in the functions, then: python -m pytest negatives.py
You need torch and pytest. Losses are in nats.
"""

import itertools
import math

import pytest
import torch
from torch.nn import functional as F


# --8<-- [start:exact_bias]
def exact_bias(M, q, s_pos, tau):
    """E log of the mean denominator, less its limit of many negatives.

    A negative has cosine 1 with probability q, otherwise 0. The denominator
    over M is (e^(s_pos/tau) + sum of M terms e^(s/tau)) / M. Pass
    s_pos = -math.inf to leave the positive out. Count, do not sample.
    """
    raise NotImplementedError


# --8<-- [end:exact_bias]


# --8<-- [start:in_regime]
def in_regime(s, tau, factor=10):
    """Is the number of negatives well above the weight of the positive?

    s: (N, N) cosines, positives on the diagonal. Compare N - 1 with
    `factor` times b, the mean over rows of e^(s_ii/tau) over the mean of
    e^(s_ij/tau) of the row's negatives. Return True or False.
    """
    raise NotImplementedError


# --8<-- [end:in_regime]


# --8<-- [start:push_keys]
def push_keys(queue, keys, size):
    """The queue after these keys: newest last, at most `size`, no gradient."""
    raise NotImplementedError


# --8<-- [end:push_keys]


# ------------------------------------------------- what checks your answers


@pytest.mark.parametrize("s_pos", [1.0, -math.inf])
@pytest.mark.parametrize(("q", "tau"), [(0.5, 1.0), (0.2, 0.3)])
def test_exact_bias(q, tau, s_pos):
    M = 6
    total = 0.0
    for draw in itertools.product([0, 1], repeat=M):
        chance = math.prod(q if x else 1 - q for x in draw)
        sums = sum(math.exp(x / tau) for x in draw) + math.exp(s_pos / tau)
        total += chance * math.log(sums / M)
    limit = math.log(1 - q + q * math.exp(1 / tau))
    assert exact_bias(M, q, s_pos, tau) == pytest.approx(total - limit)


def test_exact_bias_of_many():
    """2^200 draws cannot be listed; the number of ones can."""
    b = math.exp(1) / ((1 + math.exp(1)) / 2)
    v = math.tanh(0.5) ** 2
    assert exact_bias(200, 0.5, 1.0, 1.0) == pytest.approx(
        (b - v / 2) / 200, rel=0.02
    )


def test_in_regime():
    s = torch.full((41, 41), -0.025, dtype=torch.float64).fill_diagonal_(0.975)
    assert bool(in_regime(s, 1.0)) is True  # b = e
    assert bool(in_regime(s, 0.5)) is False  # b = e^2
    assert bool(in_regime(s, 0.5, factor=5)) is True


def test_in_regime_averages_weights_not_cosines():
    s = torch.zeros(21, 21, dtype=torch.float64).fill_diagonal_(1.0)
    s[:, :3] += torch.where(torch.eye(21, 3) == 1, 0.0, 1.0)
    assert bool(in_regime(s, 0.1, factor=2)) is True


def test_push_keys():
    z = F.normalize(torch.arange(12.0).reshape(6, 2) + 1, dim=1)
    queue = push_keys(torch.empty(0, 2), z[:2], 3)
    assert torch.equal(queue, z[:2])
    queue = push_keys(queue, z[2:4], 3)
    assert torch.equal(queue, z[1:4])
    weights = z[4:].clone().requires_grad_()
    queue = push_keys(queue, weights * 1, 3)
    assert torch.equal(queue, z[3:])
    assert not queue.requires_grad
