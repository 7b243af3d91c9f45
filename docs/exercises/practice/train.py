"""Exercises for the page "Train a small model".

Fill in the functions, then let a machine check them:
python -m pytest train.py (you need torch and pytest).
"""

import pytest
import torch


# --8<-- [start:rate]
def rate(done, peak):
    """The learning rate when this share of the steps is done.

    It rises along a line that reaches the peak at 5% of the steps, and falls
    along half a cosine, from the peak at 0 to nothing at 1: the lower counts.
    """
    raise NotImplementedError


# --8<-- [end:rate]


# --8<-- [start:ensemble]
def ensemble(z):
    """One unit vector for a class, from raw embeddings of its prompts (P, d).

    Each prompt counts the same, however long its embedding is.
    """
    raise NotImplementedError


# --8<-- [end:ensemble]


def test_rate_rises_and_falls():
    assert rate(0.025, 2.0) == pytest.approx(1.0)
    assert rate(0.5, 2.0) == pytest.approx(1.0)
    assert rate(1.0, 2.0) == pytest.approx(0.0, abs=1e-6)
    assert rate(0.05, 2.0) == pytest.approx(2 * 0.993844, rel=1e-5)


def test_ensemble_weighs_prompts_alike():
    found = ensemble(torch.tensor([[10.0, 0.0], [0.0, 0.1]]))
    assert found.tolist() == pytest.approx([0.5**0.5, 0.5**0.5])
    assert ensemble(torch.tensor([[0.0, 3.0]])).tolist() == [0.0, 1.0]
