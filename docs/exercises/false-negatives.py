"""Exercises for the page "False and hard negatives".

Fill in the functions, then: python -m pytest false-negatives.py
You need torch and pytest. Losses are in nats.
"""

import math

import pytest
import torch
from torch.nn import functional as F


# --8<-- [start:masked]
def masked(s, ids, tau):
    """InfoNCE without the negatives that are known to be false.

    s: (N, N) cosines, positives on the diagonal. ids: (N), rows with the
    same id show the same thing. Return the mean over all rows.
    """
    raise NotImplementedError


# --8<-- [end:masked]


# --8<-- [start:largest_prior]
def largest_prior(s_pos, s_neg, tau):
    """The prior from which on the maximum in the debiased loss is active.

    Solve (mean of e^(s_k/tau) - prior e^(s_pos/tau)) / (1 - prior)
    = e^(-1/tau) for the prior. s_neg is a list of floats; s_pos is larger
    than all of them.
    """
    raise NotImplementedError


# --8<-- [end:largest_prior]


# --8<-- [start:sup_con]
def sup_con(z, labels, tau):
    """SupCon of unit rows (B, d), mean over the anchors with a positive.

    It runs, but it is wrong: repair it. At least one anchor has a positive.
    """
    itself = torch.eye(len(z), dtype=torch.bool)
    logits = (z @ z.T / tau).masked_fill(itself, -1e9)
    same = (labels[:, None] == labels) & ~itself
    p = logits.softmax(1)
    return -torch.log((p * same).sum(1) / same.sum(1)).mean()


# --8<-- [end:sup_con]


# ------------------------------------------------- what checks your answers


def cosines(n):
    g = torch.Generator().manual_seed(5)
    a, b = torch.randn(2, n, 3, generator=g, dtype=torch.float64)
    return F.normalize(a, dim=1) @ F.normalize(b, dim=1).T


def test_masked():
    s, ids, total = cosines(5), [7, 3, 7, 3, 1], 0.0
    for i in range(5):
        kept = [j for j in range(5) if j == i or ids[j] != ids[i]]
        total += math.log(sum(math.exp(s[i, j] / 0.2) for j in kept))
        total -= float(s[i, i]) / 0.2
    found = masked(s, torch.tensor(ids), 0.2)
    assert float(found) == pytest.approx(total / 5)


def test_masked_twins_alone_cost_nothing():
    s = cosines(4)
    assert float(masked(s, torch.zeros(4), 0.1)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("tau", [0.5, 1.0])
def test_largest_prior(tau):
    s_pos, s_neg = 0.5, [0.4, 0.0, -0.2]
    prior = largest_prior(s_pos, s_neg, tau)
    mean = sum(math.exp(s / tau) for s in s_neg) / 3
    assert 0 < prior < 1
    corrected = (mean - prior * math.exp(s_pos / tau)) / (1 - prior)
    assert corrected == pytest.approx(math.exp(-1 / tau))


def test_sup_con():
    angles = torch.tensor([0.0, 0.6, 1.0, 3.0, 3.3], dtype=torch.float64)
    z = torch.stack([angles.cos(), angles.sin()], dim=1)
    labels = torch.tensor([0, 0, 0, 1, 1])
    assert float(sup_con(z, labels, 0.5)) == pytest.approx(0.505447695205719)


def test_sup_con_without_friends():
    z = torch.eye(3, dtype=torch.float64)
    z[1] = z[0]
    labels = torch.tensor([0, 0, 1])
    expected = math.log(1 + math.exp(-2))
    assert float(sup_con(z, labels, 0.5)) == pytest.approx(expected)
