"""Exercises for the page "The modality gap".

Fill in the functions, then let a machine check them:
python -m pytest modality-gap.py. You need torch and pytest.
Rows are embeddings of length one; gaps are in [0, 1).
"""

import pytest
import torch


# --8<-- [start:open_gap]
def open_gap(image, text, g):
    """Move image and text, both (N, d), apart on a new axis: (N, d + 1).

    Rows keep length one; the means are 2g apart on the new axis.
    """
    raise NotImplementedError


# --8<-- [end:open_gap]


# --8<-- [start:same_loss]
def same_loss(tau, g):
    """The temperature that gives a model with gap g the loss it had at tau."""
    raise NotImplementedError


# --8<-- [end:same_loss]


# --8<-- [start:widest]
def widest(tau, scale_limit):
    """The largest gap g with which a model can act as one without a gap at tau.

    Its own scale cannot exceed scale_limit, and 1 / tau <= scale_limit.
    """
    raise NotImplementedError


# --8<-- [end:widest]


# ------------------------------------------------- what checks your answers


def clip_loss(image, text, tau):
    logits, labels = image @ text.T / tau, torch.arange(len(image))
    loss = torch.nn.functional.cross_entropy
    return float(loss(logits, labels) + loss(logits.T, labels)) / 2


@pytest.fixture
def pairs():
    g = torch.Generator().manual_seed(0)
    image = torch.randn(7, 5, generator=g, dtype=torch.float64)
    text = image + torch.randn(7, 5, generator=g, dtype=torch.float64)
    normalize = torch.nn.functional.normalize
    return normalize(image, dim=1), normalize(text, dim=1)


@pytest.mark.parametrize("g", [0.0, 0.5, 0.9])
def test_open_gap(pairs, g):
    image, text = open_gap(*pairs, g)
    for rows in (image, text):
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(7).double())
    between = (image.mean(0) - text.mean(0))[-1].abs()
    assert float(between) == pytest.approx(2 * g)
    before, after = pairs[0] @ pairs[1].T, image @ text.T
    assert torch.equal(before.argsort(1), after.argsort(1))


@pytest.mark.parametrize("g", [0.2, 0.8])
def test_same_loss(pairs, g):
    away = (1 - g**2) ** 0.5
    side = torch.full((7, 1), g, dtype=torch.float64)
    image = torch.cat([away * pairs[0], side], 1)
    text = torch.cat([away * pairs[1], -side], 1)
    tau = same_loss(0.3, g)
    assert clip_loss(image, text, tau) == pytest.approx(clip_loss(*pairs, 0.3))


@pytest.mark.parametrize(("tau", "limit"), [(0.05, 100.0), (0.1, 10.0)])
def test_widest(tau, limit):
    assert (1 - widest(tau, limit) ** 2) * limit == pytest.approx(1 / tau)
