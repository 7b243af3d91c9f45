"""Exercises for the page "CLIP, equation by equation".

Fill in the functions, then let a machine check them: python -m pytest clip.py
You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:figure_3]
def figure_3(image, text, W_i, W_t, t):
    """Figure 3 of the paper: features (N, d_i) and (N, d_t) to a loss.

    W_i, W_t: projections (d_i, d) and (d_t, d); t: the learned number.
    """
    raise NotImplementedError


# --8<-- [end:figure_3]


# --8<-- [start:texts_ask]
def texts_ask(logits):
    """Mean cross-entropy of the texts' question: which image is mine?

    logits: shape (N, N), rows are images, columns texts.
    """
    raise NotImplementedError


# --8<-- [end:texts_ask]


# ------------------------------------------------- what checks your answers


def test_figure_3_in_closed_form():
    """Three unrelated pairs at scale 5, features of any length."""
    image, text = 3 * torch.eye(3), torch.diag(torch.tensor([1.0, 2.0, 9.0]))
    loss = figure_3(image, text, torch.eye(3), torch.eye(3), math.log(5))
    expected = math.log(1 + 2 * math.exp(-5))
    assert float(loss) == pytest.approx(expected, 1e-4)


def test_figure_3_asks_both_ways():
    s = torch.tensor([[0.8, 0.3], [0.1, 0.6]])
    text = torch.cat([s.T, torch.diag((1 - s.square().sum(0)).sqrt())], dim=1)
    loss = figure_3(
        torch.eye(2, 4), text, torch.eye(4), torch.eye(4), math.log(5)
    )
    assert float(loss) == pytest.approx(0.0972357912101181, 1e-5)


def test_figure_3_projects():
    image, text = (
        torch.tensor([[1.0, 0], [0, 1]]),
        torch.tensor([[0.0, 1], [1, 0]]),
    )
    swap = torch.tensor([[0.0, 1], [1, 0]])
    loss = figure_3(image, text, torch.eye(2), swap, math.log(5))
    assert float(loss) == pytest.approx(math.log(1 + math.exp(-5)), 1e-4)


def test_texts_ask():
    logits = 5 * torch.tensor([[0.8, 0.3], [0.1, 0.6]])
    assert float(texts_ask(logits)) == pytest.approx(0.115581848127686, 1e-5)
