"""Exercises for the page "Bugs".

Fill in or repair the functions, then let a machine check them:
python -m pytest bugs.py (you need torch and pytest).
"""

import math

import pytest
import torch
from torch.nn import functional as F


# --8<-- [start:is_right]
def is_right(loss):
    """Is `loss(view1, view2, tau)` NT-Xent? Decide by closed forms."""
    raise NotImplementedError


# --8<-- [end:is_right]


# --8<-- [start:clip]
def clip(image, text, scale):
    """The CLIP loss of unit rows (N, d). Repair it."""
    logits = scale * image @ text.T
    labels = torch.arange(len(image))
    images = F.cross_entropy(logits, labels)
    texts = F.cross_entropy(scale * image @ text.T, labels)
    return (images + texts) / 2


# --8<-- [end:clip]


# --8<-- [start:with_queue]
def with_queue(query, key, queue, tau):
    """InfoNCE of unit rows against their keys and a queue of older ones.

    Row i of `key` is the positive of row i of `query`; the last N rows of
    `queue` are these same keys. Repair it.
    """
    logits = torch.cat([(query * key).sum(1, keepdim=True), query @ queue.T], 1)
    return F.cross_entropy(logits / tau, torch.zeros(len(query)).long())


# --8<-- [end:with_queue]


# ------------------------------------------------- what checks your answers


def implementation(keep_self=False, factor=1.0, order=2, shift=0):
    """NT-Xent, or NT-Xent with one mistake."""

    def loss(view1, view2, tau):
        z = F.normalize(torch.cat([view1, view2]), p=order, dim=1)
        logits = z @ z.T / tau
        if not keep_self:
            logits.fill_diagonal_(-math.inf)
        positive = torch.arange(len(z)).roll(len(view1) + shift)
        return factor * F.cross_entropy(logits, positive)

    return loss


def test_is_right():
    assert is_right(implementation())


@pytest.mark.parametrize(
    "mistake",
    [{"keep_self": True}, {"factor": 2.0}, {"order": 1}, {"shift": 1}],
)
def test_is_right_finds(mistake):
    assert is_right(implementation(**mistake)) is False


def test_clip():
    s = torch.tensor([[0.8, 0.3], [0.1, 0.6]], dtype=torch.float64)
    image = torch.eye(2, 4, dtype=torch.float64)
    rest = torch.diag((1 - (s**2).sum(0)).sqrt())
    text = torch.cat([s.T, rest], 1)
    assert float(clip(image, text, 5.0)) == pytest.approx(0.0972357912)


def test_with_queue():
    rows = torch.eye(6, dtype=torch.float64)
    loss = with_queue(rows[:2], rows[:2], rows[2:].flip(0), 0.5)
    stale = torch.cat([rows[2:], rows[:2]])
    again = with_queue(rows[:2], rows[:2], stale, 0.5)
    expected = math.log(1 + 5 * math.exp(-2))
    assert float(again) == pytest.approx(expected)
    assert float(loss) < float(again)
