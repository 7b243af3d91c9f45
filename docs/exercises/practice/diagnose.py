"""Exercises for the page "Diagnose a run".

Fill in the functions, then let a machine check them:
python -m pytest diagnose.py (you need torch and pytest).
"""

import math

import pytest
import torch


# --8<-- [start:clip_range]
def clip_range(N, scale):
    """The CLIP loss of N pairs at collapse, and the least possible one."""
    raise NotImplementedError


# --8<-- [end:clip_range]


# --8<-- [start:state]
def state(query, key):
    """Say "collapse", "no alignment" or "aligned", for raw rows (N, d)."""
    raise NotImplementedError


# --8<-- [end:state]


# ------------------------------------------------- what checks your answers


def test_clip_range():
    collapse, floor = clip_range(3, 2.0)
    assert collapse == pytest.approx(math.log(3))
    assert floor == pytest.approx(math.log(1 + 2 * math.exp(-3)))


def test_state():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(200, 32, generator=g)
    near = 2 * x + torch.randn(200, 32, generator=g)
    assert state(x, near) == "aligned"
    assert state(x, near.roll(1, 0)) == "no alignment"
    assert state(1 + 0.01 * x, 1 + 0.01 * near) == "collapse"
