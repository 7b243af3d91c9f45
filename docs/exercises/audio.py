"""Exercises for the page "Sound, and more than two modalities".

Fill in the functions, then let a machine check them: python -m pytest audio.py
You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:hub_loss]
def hub_loss(hub, spokes, scale):
    """The sum of the CLIP losses of the hub (N, d) with each spoke (N, d).

    Rows are of any length; spokes is a list.
    """
    raise NotImplementedError


# --8<-- [end:hub_loss]


# --8<-- [start:least_cosine]
def least_cosine(s1, s2):
    """The least cosine of two unit vectors with cosines s1, s2 to a third."""
    raise NotImplementedError


# --8<-- [end:least_cosine]


# ------------------------------------------------- what checks your answers


def test_hub_loss():
    g = torch.Generator().manual_seed(0)
    hub, a, b = torch.randn(3, 5, 7, generator=g, dtype=torch.float64)
    total = 0.0
    for spoke in (a, b):
        cos = torch.cosine_similarity(hub[:, None], spoke[None], dim=-1)
        for s in (cos, cos.T):
            for i in range(5):
                row = [math.exp(4 * float(x)) for x in s[i]]
                total -= math.log(row[i] / sum(row)) / 10
    assert float(hub_loss(hub, [a, b], 4.0)) == pytest.approx(total)


@pytest.mark.parametrize(("s1", "s2"), [(0.9, 0.8), (0.5, 0.5), (1.0, 0.3)])
def test_least_cosine(s1, s2):
    g = torch.Generator().manual_seed(0)
    rest = torch.nn.functional.normalize(
        torch.randn(2, 4000, 2, generator=g, dtype=torch.float64), dim=-1
    )
    first = torch.cat(
        [torch.full((4000, 1), s1).double(), (1 - s1**2) ** 0.5 * rest[0]], 1
    )
    second = torch.cat(
        [torch.full((4000, 1), s2).double(), (1 - s2**2) ** 0.5 * rest[1]], 1
    )
    seen = float((first @ second.T).min())
    assert least_cosine(s1, s2) == pytest.approx(seen, abs=1e-3)
