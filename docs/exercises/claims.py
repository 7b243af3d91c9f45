"""Exercises for the page "Claims and evidence".

Fill in the functions, then let a machine check them:
python -m pytest claims.py. You need pytest.
"""

import math

import pytest

# 97.5% quantiles of Student's t distribution, by degrees of freedom
T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}


# --8<-- [start:paired_gain]
def paired_gain(old, new):
    """Mean of new - old, and half the width of its 95% interval.

    old, new: scores of two methods, in the order of the same seeds. T holds
    the quantiles of Student's t by degrees of freedom, runs less one.
    """
    raise NotImplementedError


# --8<-- [end:paired_gain]


# --8<-- [start:what_differs]
def what_differs(one, other):
    """What two runs do not share: a set of names.

    A run is a dictionary with "batch", "steps" and "rate"; the names are these
    three, and "pictures" for the pictures it has seen in all.
    """
    raise NotImplementedError


# --8<-- [end:what_differs]


# --8<-- [start:above_chance]
def above_chance(hits, queries, candidates, k):
    """0 for guessing, 1 for always right, and straight in between.

    hits of the queries had their one right answer among the first k of the
    candidates.
    """
    raise NotImplementedError


# --8<-- [end:above_chance]


# ------------------------------------------------- what checks your answers


def test_paired_gain():
    mean, half = paired_gain([0.70, 0.60, 0.80], [0.73, 0.64, 0.82])
    assert mean == pytest.approx(0.03)
    assert half == pytest.approx(4.303 * 0.01 / math.sqrt(3))


def test_paired_gain_does_not_care_for_hard_seeds():
    """What both find hard is no part of the difference."""
    _, half = paired_gain([0.1, 0.9, 0.5], [0.2, 1.0, 0.6])
    assert half == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"batch": 256, "steps": 100, "rate": 0.1}, set()),
        ({"batch": 512, "steps": 100, "rate": 0.1}, {"batch", "pictures"}),
        ({"batch": 512, "steps": 50, "rate": 0.1}, {"batch", "steps"}),
        ({"batch": 512, "steps": 50, "rate": 0.2}, {"batch", "steps", "rate"}),
    ],
)
def test_what_differs(other, found):
    one = {"batch": 256, "steps": 100, "rate": 0.1}
    assert what_differs(one, other) == found
    assert what_differs(other, one) == found


def test_above_chance():
    assert above_chance(10, 100, candidates=50, k=5) == pytest.approx(0)
    assert above_chance(100, 100, candidates=50, k=5) == pytest.approx(1)
    assert above_chance(55, 100, candidates=50, k=5) == pytest.approx(0.5)
    assert above_chance(0, 100, candidates=2, k=1) == pytest.approx(-1)
