"""Exercises for the page "Physics and probability".

Fill in the functions, then let a machine check them:
python -m pytest physics.py
You need NumPy and pytest.
"""

import numpy as np
import pytest


# --8<-- [start:melting_point]
def melting_point(lead, M, weight=0.5):
    """The temperature at which a positive has this softmax weight.

    All M negatives lie `lead` > 0 below it in similarity.
    """
    raise NotImplementedError


# --8<-- [end:melting_point]


# --8<-- [start:entropy_from_free_energy]
def entropy_from_free_energy(energy, tau):
    """(F, H) of Boltzmann's distribution; H from F and the mean energy.

    energy: array (states); tau may be so low that exp overflows.
    """
    raise NotImplementedError


# --8<-- [end:entropy_from_free_energy]


# --8<-- [start:sinkhorn]
def sinkhorn(S, tau):
    """The plan (N, N) whose rows and columns sum to 1/N, from similarities.

    It is diag(a) exp(S / tau) diag(b) for some positive a and b.
    """
    raise NotImplementedError


# --8<-- [end:sinkhorn]


# ------------------------------------------------- what checks your answers


@pytest.mark.parametrize("weight", [0.5, 0.9])
@pytest.mark.parametrize("M", [255, 65535])
def test_melting_point(M, weight):
    tau = melting_point(0.7, M, weight)
    assert 1 / (1 + M * np.exp(-0.7 / tau)) == pytest.approx(weight)


def test_melting_point_halves_when_the_crowd_is_squared():
    assert melting_point(1.0, 1000**2) == pytest.approx(
        melting_point(1.0, 1000) / 2
    )


@pytest.mark.parametrize("tau", [0.3, 1.0, 0.0005])
def test_entropy_from_free_energy(tau):
    energy = np.array([-0.9, -0.9, -0.6, 0.2])
    F, H = entropy_from_free_energy(energy, tau)
    p = np.exp(-(energy - energy.min()) / tau)
    p /= p.sum()
    expected = -sum(x * np.log(x) for x in p if x > 0)
    assert pytest.approx(expected, abs=1e-9) == H
    assert pytest.approx(p @ energy - tau * expected, abs=1e-9) == F


def test_sinkhorn():
    S = np.array([[0.8, 0.3, 0.1], [0.5, 0.6, 0.0], [0.9, 0.2, 0.4]])
    plan = np.asarray(sinkhorn(S, 0.2))
    np.testing.assert_allclose(plan.sum(axis=0), 1 / 3, atol=1e-9)
    np.testing.assert_allclose(plan.sum(axis=1), 1 / 3, atol=1e-9)
    logs = np.log(plan) - S / 0.2  # has to be a sum of a row and a column
    logs = logs - logs[:1] - logs[:, :1] + logs[0, 0]
    np.testing.assert_allclose(logs, 0, atol=1e-6)
