"""Exercises for the page "Connections".

Fill in the functions, then let a machine check them:
python -m pytest connections.py
You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:gradient]
def gradient(z, keys, tau):
    """The gradient of InfoNCE by z (d); keys (n, d), the positive first.

    Use torch.nn.functional.scaled_dot_product_attention.
    """
    raise NotImplementedError


# --8<-- [end:gradient]


# --8<-- [start:pmi]
def pmi(counts):
    """Pointwise mutual information, in nats, of a table of counts."""
    raise NotImplementedError


# --8<-- [end:pmi]


# --8<-- [start:loss_for_recall]
def loss_for_recall(recall):
    """The loss, in nats, up to which recall at one is at least `recall`."""
    raise NotImplementedError


# --8<-- [end:loss_for_recall]


# ------------------------------------------------- what checks your answers


@pytest.mark.parametrize("tau", [0.2, 1.0])
def test_gradient(tau):
    g = torch.Generator().manual_seed(0)
    z = torch.randn(4, generator=g, dtype=torch.float64, requires_grad=True)
    keys = torch.randn(6, 4, generator=g, dtype=torch.float64)
    loss = torch.logsumexp(keys @ z / tau, 0) - keys[0] @ z / tau
    (expected,) = torch.autograd.grad(loss, z)
    torch.testing.assert_close(gradient(z.detach(), keys, tau), expected)


def test_pmi():
    counts = torch.tensor([[8.0, 2.0], [2.0, 8.0]])
    expected = torch.tensor([[1.6, 0.4], [0.4, 1.6]]).log()
    torch.testing.assert_close(pmi(counts), expected)
    torch.testing.assert_close(pmi(7 * counts), expected)
    uneven = torch.tensor([[3.0, 1.0], [2.0, 14.0]])
    mean = (uneven / 20 * pmi(uneven)).sum()
    assert float(mean) == pytest.approx(0.14845, abs=1e-5)


def test_loss_for_recall():
    assert loss_for_recall(1.0) == pytest.approx(0.0)
    assert loss_for_recall(0.5) == pytest.approx(math.log(2) / 2)
    share = loss_for_recall(0.9) / math.log(2)  # so many may be tied
    assert share == pytest.approx(0.1)
