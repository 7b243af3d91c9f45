"""Exercises for the page "SimCLR, equation by equation".

Fill in the functions, then let a machine check them: python -m pytest simclr.py
You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:algorithm_1]
def algorithm_1(z, tau):
    """The loss of Algorithm 1; rows 0 and 1 are views of one image, and so on.

    z: tensor of shape (2N, d), any lengths.
    """
    raise NotImplementedError


# --8<-- [end:algorithm_1]


# --8<-- [start:table_2]
def table_2(u, v_pos, v_neg, tau):
    """The gradient by u that Table 2 prints for NT-Xent. Do not use autograd.

    u, v_pos: shape (d); v_neg: shape (M, d); u is taken as free. The table
    prints the gradient of *minus* the loss.
    """
    raise NotImplementedError


# --8<-- [end:table_2]


# --8<-- [start:released]
def released(a, b, tau):
    """What the released code logs for two views (N, d) of N images.

    It asks the first views, then the second ones, and adds the two means.
    """
    raise NotImplementedError


# --8<-- [end:released]


# ------------------------------------------------- what checks your answers


def test_algorithm_1_in_closed_form():
    views = torch.eye(3).repeat_interleave(2, dim=0)
    expected = math.log(1 + 4 * math.exp(-2))
    assert float(algorithm_1(7 * views, 0.5)) == pytest.approx(expected, 1e-5)


def test_algorithm_1_knows_its_pairs():
    """Views that are opposite to their partner: a price far above a guess."""
    z = torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    expected = 2 + math.log(math.exp(-2) + 2)
    assert float(algorithm_1(z, 0.5)) == pytest.approx(expected, 1e-5)


def test_table_2():
    g = torch.Generator().manual_seed(0)
    u, v_pos = torch.randn(2, 4, generator=g, dtype=torch.float64)
    v_neg = torch.randn(5, 4, generator=g, dtype=torch.float64)
    free = u.clone().requires_grad_()
    logits = torch.cat([v_pos[None], v_neg]) @ free / 0.7
    torch.log_softmax(logits, 0)[0].backward()
    found = table_2(u, v_pos, v_neg, 0.7)
    torch.testing.assert_close(found, free.grad)


@pytest.mark.parametrize("tau", [0.1, 1.0])
def test_released(tau):
    eye = torch.eye(4)
    mean = math.log(1 + 6 * math.exp(-1 / tau))
    assert float(released(eye, eye, tau)) == pytest.approx(2 * mean, 1e-4)
