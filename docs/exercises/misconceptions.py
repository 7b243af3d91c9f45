"""Exercises for the page "Misconceptions".

Fill in the functions, then let a machine check them:
python -m pytest misconceptions.py (you need torch and pytest).
"""

import math

import pytest
import torch


# --8<-- [start:progress]
def progress(loss, N, tau):
    """Where NT-Xent of N pairs stands: 0 at collapse, 1 at its floor."""
    raise NotImplementedError


# --8<-- [end:progress]


# --8<-- [start:scrambled]
def scrambled(codes):
    """The same rows of `codes`, (64, d), so that no line separates the halves.

    Row x of the result stands for input x. Every row is used once.
    """
    raise NotImplementedError


# --8<-- [end:scrambled]


# --8<-- [start:with_gap]
def with_gap(image, text, tau, g):
    """Unit rows one dimension wider, with means 2g apart, and a temperature.

    Their CLIP loss at that temperature is the loss of image and text at tau.
    Returns image, text, temperature. The means of both sides are zero before.
    """
    raise NotImplementedError


# --8<-- [end:with_gap]


# ------------------------------------------------- what checks your answers


def nt_xent(z, tau):
    """NT-Xent of views that coincide."""
    z = torch.cat([z, z])
    logits = (z @ z.T / tau).fill_diagonal_(-math.inf)
    positive = torch.arange(len(z)).roll(len(z) // 2)
    return float(torch.nn.functional.cross_entropy(logits, positive))


@pytest.mark.parametrize("tau", [0.1, 0.5])
def test_progress(tau):
    simplex = torch.eye(9, dtype=torch.float64) - 1 / 9
    simplex = torch.nn.functional.normalize(simplex, dim=1)
    assert progress(nt_xent(simplex, tau), 9, tau) == pytest.approx(1)
    point = torch.ones(9, 1, dtype=torch.float64)
    assert progress(nt_xent(point, tau), 9, tau) == pytest.approx(0)


def test_scrambled():
    angle = math.pi * torch.arange(64, dtype=torch.float64) / 64
    codes = torch.stack([angle.cos(), angle.sin()], dim=1)
    mixed = scrambled(codes)
    order = [row.tolist() for row in mixed]
    assert sorted(order) == sorted(row.tolist() for row in codes)
    half = torch.arange(64) >= 32
    best = 0.0
    for turn in torch.linspace(0, 2 * math.pi, 60, dtype=torch.float64):
        along = mixed @ torch.stack([turn.cos(), turn.sin()])
        for line in along.sort().values:
            right = float(((along > line) == half).double().mean())
            best = max(best, right)
    assert best < 0.7


def test_with_gap():
    image = torch.eye(4, dtype=torch.float64)
    image = torch.nn.functional.normalize(image - 0.25, dim=1)
    text = image.flip(1)
    u, v, temperature = with_gap(image, text, 0.5, 0.6)
    assert u.shape == v.shape == (4, 5)
    assert torch.allclose(u.norm(dim=1), torch.ones(4, dtype=u.dtype))
    gap = float((u.mean(0) - v.mean(0)).norm())
    assert gap == pytest.approx(1.2)
    losses = [
        sum(
            float(torch.nn.functional.cross_entropy(s, torch.arange(4)))
            for s in (cosines, cosines.T)
        )
        for cosines in (image @ text.T / 0.5, u @ v.T / temperature)
    ]
    assert losses[0] == pytest.approx(losses[1])
