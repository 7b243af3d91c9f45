"""Exercises for the page "Conventions".

Fill in the functions, then: python -m pytest conventions.py
You need torch and pytest. Losses are in nats.
"""

import math

import pytest
import torch
from torch.nn import functional as F


# --8<-- [start:in_paper_units]
def in_paper_units(value, convention, N, tau):
    """The mean over 2N views (SimCLR, as printed) behind a reported value.

    convention: "paper", "simclr code", "supcon paper" or "supcon code"
    (base temperature 0.07), all without labels.
    """
    raise NotImplementedError


# --8<-- [end:in_paper_units]


# --8<-- [start:queue_loss]
def queue_loss(q, k, queue, tau):
    """MoCo: unit rows q (N, d), their keys k (N, d), K old keys (K, d)."""
    raise NotImplementedError


# --8<-- [end:queue_loss]


# --8<-- [start:recognise]
def recognise(loss):
    """Say how many candidates an anchor has, and what the mean is scaled by.

    loss: a function of two views, each (N, d). It is InfoNCE of one
    direction, NT-Xent, or a multiple of one of them by a whole number from
    1 to 3. Return ("one direction", 1), ("all views", 2), and so on. Choose
    batches that give it away.
    """
    raise NotImplementedError


# --8<-- [end:recognise]


# ------------------------------------------------- what checks your answers


def pairs(n=5):
    g = torch.Generator().manual_seed(3)
    a, b = torch.randn(2, n, 4, generator=g, dtype=torch.float64)
    return F.normalize(a, dim=1), F.normalize(b, dim=1)


def one_direction(a, b, tau=0.2):
    return F.cross_entropy(a @ b.T / tau, torch.arange(len(a)))


def all_views(a, b, tau=0.2):
    z = torch.cat([a, b])
    logits = (z @ z.T / tau).fill_diagonal_(-math.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(a)))


@pytest.mark.parametrize("tau", [0.1, 0.5])
def test_in_paper_units(tau):
    a, b = pairs()
    z = torch.cat([a, b])
    logits = (z @ z.T / tau).fill_diagonal_(-math.inf)
    target = torch.arange(10).roll(5)
    each = F.cross_entropy(logits, target, reduction="none")
    reported = {
        "paper": each.mean(),
        "simclr code": each[:5].mean() + each[5:].mean(),
        "supcon paper": each.sum(),
        "supcon code": tau / 0.07 * each.mean(),
    }
    for convention, value in reported.items():
        found = in_paper_units(float(value), convention, 5, tau)
        assert found == pytest.approx(float(each.mean())), convention


def test_queue_loss():
    q, k = pairs()
    queue = torch.cat(pairs(9))
    total = 0.0
    for i in range(5):
        right = math.exp(float(q[i] @ k[i]) / 0.2)
        wrong = sum(math.exp(float(q[i] @ x) / 0.2) for x in queue)
        total -= math.log(right / (right + wrong)) / 5
    assert float(queue_loss(q, k, queue, 0.2)) == pytest.approx(total)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("name", ["one direction", "all views"])
def test_recognise(name, times):
    plain = {"one direction": one_direction, "all views": all_views}[name]
    assert recognise(lambda a, b: times * plain(a, b)) == (name, times)
