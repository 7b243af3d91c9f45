"""Exercises for the page "Choose temperature and batch size".

Fill in the functions, then let a machine check them:
python -m pytest choose.py. You need pytest.
"""

import math

import pytest


# --8<-- [start:heard]
def heard(s, tau):
    """The effective number of negatives: e to the entropy of their weights.

    s: a list of cosines of the negatives. With `math` alone.
    """
    raise NotImplementedError


# --8<-- [end:heard]


# --8<-- [start:temperature_for]
def temperature_for(s, target):
    """The temperature at which so many of the negatives s are heard.

    1 < target < len(s), and no two cosines are equal.
    """
    raise NotImplementedError


# --8<-- [end:temperature_for]


# --8<-- [start:steps_for]
def steps_for(batch_sizes, pictures):
    """Steps of each batch size that show the same number of pictures in all.

    Refuse, with a ValueError, a size that does not divide it.
    """
    raise NotImplementedError


# --8<-- [end:steps_for]


# ------------------------------------------------- what checks your answers


def test_heard():
    assert heard([0.6, 0.3, 0.0], 0.1) == pytest.approx(1.23000966573336)
    assert heard([0.6, 0.3, 0.0], 2.0) == pytest.approx(2.97770910708848)
    assert heard([0.9, -0.9], 1e-4) == pytest.approx(1)


@pytest.mark.parametrize("target", [1.5, 2.9])
def test_temperature_for(target):
    s = [0.6, 0.3, 0.0]
    tau = temperature_for(s, target)
    weights = [math.exp((x - 0.6) / tau) for x in s]
    p = [w / sum(weights) for w in weights]
    entropy = -sum(x * math.log(x) for x in p if x > 0)
    assert math.exp(entropy) == pytest.approx(target, rel=1e-6)


def test_steps_for():
    assert steps_for([16, 64, 256], 6400) == [400, 100, 25]
    with pytest.raises(ValueError, match="96"):
        steps_for([64, 96], 6400)
