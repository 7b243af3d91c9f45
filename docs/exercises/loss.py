"""Exercises for the page "The loss".

Fill in the functions, then let a machine check them: python -m pytest loss.py
You need torch and pytest. Rows are embeddings; losses are in nats.
"""

import math

import pytest
import torch


# --8<-- [start:one_anchor]
def one_anchor(s_pos, s_neg, tau):
    """InfoNCE of one anchor, with `math` alone; s_neg is a list of floats."""
    raise NotImplementedError


# --8<-- [end:one_anchor]


# --8<-- [start:push]
def push(s, tau):
    """The derivative of the loss of one anchor by each of its cosines.

    s: tensor of shape (M + 1), the positive first. Do not use autograd.
    """
    raise NotImplementedError


# --8<-- [end:push]


# --8<-- [start:repaired]
def repaired(view1, view2, tau):
    """NT-Xent of two views (N, d). It runs, and has two mistakes: repair it."""
    z = torch.cat([view1, view2])
    z = torch.nn.functional.normalize(z, 1)
    n = len(view1)
    logits = z @ z.T / tau
    positive = torch.arange(2 * n).roll(n)
    return torch.nn.functional.cross_entropy(logits, positive)


# --8<-- [end:repaired]


# --8<-- [start:clip_floor]
def clip_floor(N, tau):
    """The smallest CLIP loss of N >= 2 pairs, in a width of N - 1 or more."""
    raise NotImplementedError


# --8<-- [end:clip_floor]


# ------------------------------------------------- what checks your answers


def test_one_anchor():
    assert one_anchor(1.0, [0.5, 0.0], 0.5) == pytest.approx(
        math.log(1 + math.exp(-1) + math.exp(-2))
    )
    assert one_anchor(0.3, [0.3] * 4, 0.07) == pytest.approx(math.log(5))


def test_one_anchor_at_a_low_temperature():
    """exp(1000) is too large for a float; the loss is not."""
    assert one_anchor(0.0, [1.0], 0.001) == pytest.approx(1000)


@pytest.mark.parametrize("tau", [0.1, 2.0])
def test_push(tau):
    s = torch.tensor(
        [0.9, 0.4, 0.1, -0.5], dtype=torch.float64, requires_grad=True
    )
    loss = torch.logsumexp(s / tau, 0) - s[0] / tau
    (expected,) = torch.autograd.grad(loss, s)
    torch.testing.assert_close(push(s.detach(), tau), expected)


def test_repaired():
    g = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 5, 3, generator=g, dtype=torch.float64)
    z = torch.cat(
        [a / a.norm(dim=1, keepdim=True), b / b.norm(dim=1, keepdim=True)]
    )
    total = 0.0
    for i in range(10):
        others = [
            math.exp(float(z[i] @ z[k]) / 0.2) for k in range(10) if k != i
        ]
        total += math.log(sum(others)) - float(z[i] @ z[(i + 5) % 10]) / 0.2
    assert float(repaired(a, b, 0.2)) == pytest.approx(total / 10)


def test_clip_floor():
    """Three pairs on an equilateral triangle reach it; other angles do not."""
    losses = []
    for opening in (1.9, 2 * math.pi / 3, 2.2):
        angles = torch.tensor([0.0, opening, -opening], dtype=torch.float64)
        cosines = torch.cos(angles[:, None] - angles)
        losses.append(
            float(
                torch.nn.functional.cross_entropy(
                    cosines / 0.5, torch.arange(3)
                )
            )
        )
    assert clip_floor(3, 0.5) == pytest.approx(losses[1])
    assert clip_floor(3, 0.5) < min(losses[0], losses[2])
    assert clip_floor(2, 1.0) == pytest.approx(math.log(1 + math.exp(-2)))
