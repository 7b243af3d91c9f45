"""Exercises for the page "Temperature".

Fill in the functions, then: python -m pytest temperature.py
You need torch and pytest. Entropies are in nats.
"""

import math

import pytest
import torch
from torch.nn import functional as F


# --8<-- [start:temperature_for]
def temperature_for(s_neg, count):
    """The temperature at which these negatives count as `count`.

    s_neg: cosines (M), without ties; 1 < count < M. Accurate to 1e-6.
    """
    raise NotImplementedError


# --8<-- [end:temperature_for]


# --8<-- [start:entropy_slope]
def entropy_slope(s_neg, tau):
    """The derivative of the entropy of the weights by tau. No autograd."""
    raise NotImplementedError


# --8<-- [end:entropy_slope]


# --8<-- [start:false_share]
def false_share(z, labels, tau):
    """Mean share of the push that falls on negatives of the anchor's class.

    z: unit rows (B, d), every other row is a negative. labels: (B).
    """
    raise NotImplementedError


# --8<-- [end:false_share]


# ------------------------------------------------- what checks your answers

S = torch.tensor([0.6, 0.3, 0.0], dtype=torch.float64)


@pytest.mark.parametrize(
    ("tau", "count"), [(0.1, 1.23000966573336), (0.5, 2.68733447682705)]
)
def test_temperature_for(tau, count):
    assert float(temperature_for(S, count)) == pytest.approx(tau, abs=1e-6)


def test_temperature_for_many():
    g = torch.Generator().manual_seed(0)
    s = torch.rand(500, generator=g, dtype=torch.float64)
    w = torch.softmax(s / float(temperature_for(s, 50.0)), 0)
    assert float((-(w * w.log()).sum()).exp()) == pytest.approx(50, rel=1e-3)


@pytest.mark.parametrize(
    ("tau", "slope"), [(0.1, 4.86270387673998), (2.0, 0.00741630571391818)]
)
def test_entropy_slope(tau, slope):
    assert float(entropy_slope(S, tau)) == pytest.approx(slope)


@pytest.mark.parametrize("tau", [0.1, 1.0])
def test_false_share(tau):
    g = torch.Generator().manual_seed(1)
    z = F.normalize(torch.randn(6, 3, generator=g, dtype=torch.float64), dim=1)
    kind, total = [0, 1, 0, 2, 1, 0], 0.0
    for i in range(6):
        e = [math.exp(float(z[i] @ z[j]) / tau) for j in range(6)]
        rest = [j for j in range(6) if j != i]
        own = sum(e[j] for j in rest if kind[j] == kind[i])
        total += own / sum(e[j] for j in rest) / 6
    found = false_share(z, torch.tensor(kind), tau)
    assert float(found) == pytest.approx(total)
