"""Exercises for the page "Computing it".

Fill in the functions, then let a machine check them:
python -m pytest computing.py. You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:anchor_loss]
def anchor_loss(positive, negatives):
    """InfoNCE of one anchor from logits (already divided by the temperature).

    positive: a float; negatives: a list of floats. With `math` alone.
    """
    raise NotImplementedError


# --8<-- [end:anchor_loss]


# --8<-- [start:merge]
def merge(m1, total1, m2, total2):
    """Maximum and relative sum of two tiles of a row as those of one.

    The log-sum-exp of a tile is m + log(total).
    """
    raise NotImplementedError


# --8<-- [end:merge]


# --8<-- [start:cached_backward]
def cached_backward(encode, weight, x, y, loss_of, chunk):
    """Add the gradient of loss_of(encode(x, weight), encode(y, weight)).

    It goes to weight.grad, as backward() would put it there.
    Never keep a graph of more than `chunk` rows through encode.
    """
    raise NotImplementedError


# --8<-- [end:cached_backward]


# ------------------------------------------------- what checks your answers


def test_anchor_loss():
    expected = math.log(1 + math.exp(-2) + math.exp(-3))
    assert anchor_loss(3.0, [1.0, 0.0]) == pytest.approx(expected)


def test_anchor_loss_at_its_limits():
    assert anchor_loss(0.0, [2000.0, 0.0]) == pytest.approx(2000)
    tiny = anchor_loss(500.0, [0.0, 0.0])
    assert tiny == pytest.approx(2 * math.exp(-500), rel=1e-9)
    assert tiny > 0


def test_merge():
    m, total = merge(1000.0, 2.0, 999.0, math.e)
    assert m + math.log(total) == pytest.approx(1000 + math.log(3))
    m, total = merge(-math.inf, 0.0, 3.0, 1.5)
    assert (m, total) == (3.0, 1.5)


def test_cached_backward():
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 12, 5, generator=g, dtype=torch.float64)
    weight = torch.randn(5, 3, generator=g, dtype=torch.float64)
    seen = []

    def encode(rows, w):
        if torch.is_grad_enabled() and w.requires_grad:
            seen.append(len(rows))
        return torch.tanh(rows @ w)

    def loss_of(q, k):
        return torch.nn.functional.cross_entropy(q @ k.T, torch.arange(len(q)))

    cached = weight.clone().requires_grad_()
    cached_backward(encode, cached, x, y, loss_of, 4)
    assert seen
    assert max(seen) <= 4
    whole = weight.clone().requires_grad_()
    loss_of(encode(x, whole), encode(y, whole)).backward()
    torch.testing.assert_close(cached.grad, whole.grad)
