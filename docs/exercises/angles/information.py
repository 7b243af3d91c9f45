"""Exercises for the page "Information".

Fill in the functions, then let a machine check them:
python -m pytest information.py
You need NumPy and pytest. Information is in nats.
"""

import itertools

import numpy as np
import pytest


# --8<-- [start:best_scores]
def best_scores(joint):
    """Scores (contexts, symbols) that minimise InfoNCE for this joint law.

    joint: P(c, x) as an array (contexts, symbols), all entries positive.
    """
    raise NotImplementedError


# --8<-- [end:best_scores]


# --8<-- [start:gap]
def gap(joint, N):
    """I(X; C) minus the bound of the best critic with N candidates, exactly."""
    raise NotImplementedError


# --8<-- [end:gap]


# --8<-- [start:least_batch]
def least_batch(nats):
    """The least whole N for which log N - loss could be as large as nats."""
    raise NotImplementedError


# --8<-- [end:least_batch]


# ------------------------------------------------- what checks your answers

JOINT = np.array([[0.20, 0.10, 0.05], [0.05, 0.25, 0.35]])


def expected_loss(score, joint, N):
    """InfoNCE, every batch with its probability; the first is the positive."""
    marginal, total = joint.sum(axis=0), 0.0
    for c in range(joint.shape[0]):
        for x in itertools.product(range(joint.shape[1]), repeat=N):
            chance = joint[c, x[0]] * np.prod(marginal[list(x[1:])])
            top = np.exp(score[c, list(x)])
            total -= chance * np.log(top[0] / top.sum())
    return total


@pytest.mark.parametrize("N", [2, 4])
def test_best_scores(N):
    score = np.asarray(best_scores(JOINT), dtype=float)
    best = expected_loss(score, JOINT, N)
    rng = np.random.default_rng(N)
    for size in (1e-3, 1e-1, 1.0):
        for _ in range(5):
            other = score + size * rng.normal(size=JOINT.shape)
            assert best <= expected_loss(other, JOINT, N)


@pytest.mark.parametrize("N", [1, 2, 3])
def test_gap(N):
    c, x = JOINT.sum(axis=1, keepdims=True), JOINT.sum(axis=0)
    log_r = np.log(JOINT / (c * x))
    bound = np.log(N) - expected_loss(log_r, JOINT, N)
    assert gap(JOINT, N) == pytest.approx((JOINT * log_r).sum() - bound)


def test_least_batch():
    assert least_batch(0.0) == 1
    assert least_batch(np.log(512) - 1e-9) == 512
    assert least_batch(10.0) == 22027
