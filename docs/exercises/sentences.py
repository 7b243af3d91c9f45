"""Exercises for the page "Sentences".

Fill in the functions, then let a machine check them:
python -m pytest sentences.py. You need torch and pytest.
"""

import math

import pytest
import torch


# --8<-- [start:ranking_loss]
def ranking_loss(anchors, positives, hard, scale):
    """Mean loss if all positives and all hard negatives are candidates.

    anchors, positives, hard: (N, d), rows of any length. Each anchor has 2N
    candidates, and its own positive is the right one.
    """
    raise NotImplementedError


# --8<-- [end:ranking_loss]


# --8<-- [start:overlap]
def overlap(one, two, n=3):
    """Common pieces of n characters over all pieces of the two names.

    A space is put at both ends of each name first.
    """
    raise NotImplementedError


# --8<-- [end:overlap]


# ------------------------------------------------- what checks your answers


def test_ranking_loss():
    g = torch.Generator().manual_seed(0)
    a, p, h = torch.randn(3, 4, 6, generator=g, dtype=torch.float64)
    total = 0.0
    for i in range(4):
        row = [
            math.exp(5 * float(torch.cosine_similarity(a[i], c, dim=0)))
            for c in [*p, *h]
        ]
        total -= math.log(row[i] / sum(row))
    assert float(ranking_loss(a, p, h, 5.0)) == pytest.approx(total / 4)


def test_overlap():
    assert overlap("cat", "cat") == 1
    assert overlap("cat", "car") == pytest.approx(1 / 5)
    assert overlap("cat", "dog") == 0
    assert overlap("ab", "abc", n=2) == pytest.approx(2 / 5)
