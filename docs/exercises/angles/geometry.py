"""Exercises for the page "Geometry".

Fill in the functions, then let a machine check them:
python -m pytest geometry.py
You need NumPy and pytest. Rows are points of the unit sphere.
"""

import numpy as np
import pytest


# --8<-- [start:simplex]
def simplex(N):
    """N unit rows in at most N dimensions, every two with the same cosine,
    as small as it can be."""
    raise NotImplementedError


# --8<-- [end:simplex]


# --8<-- [start:circle_floor]
def circle_floor(N, tau):
    """The least NT-Xent of N pairs in two dimensions, for 2 <= N <= 6."""
    raise NotImplementedError


# --8<-- [end:circle_floor]


# --8<-- [start:temperature_of]
def temperature_of(mean_cosine):
    """The temperature whose critic s / tau is best, for d = 3.

    Positives follow von Mises and Fisher: their mean cosine is
    coth(kappa) - 1 / kappa.
    """
    raise NotImplementedError


# --8<-- [end:temperature_of]


# ------------------------------------------------- what checks your answers


@pytest.mark.parametrize("N", [2, 3, 7])
def test_simplex(N):
    z = np.asarray(simplex(N), dtype=float)
    assert z.shape[0] == N
    assert z.shape[1] <= N
    expected = np.full((N, N), -1 / (N - 1))
    np.fill_diagonal(expected, 1)
    np.testing.assert_allclose(z @ z.T, expected, atol=1e-12)


def nt_xent_on_circle(angles, tau):
    e = np.exp(np.cos(angles[:, None] - angles) / tau)
    own = np.diag(e)
    return np.log((own + 2 * (e.sum(axis=1) - own)) / own).mean()


@pytest.mark.parametrize("N", [2, 3, 5, 6])
@pytest.mark.parametrize("tau", [0.5, 1.0])
def test_circle_floor(N, tau):
    """Many starts, moved at random as long as it helps: nobody gets below."""
    rng = np.random.default_rng(N)
    found = []
    for _ in range(5):
        angles = rng.uniform(0, 2 * np.pi, N)
        value = nt_xent_on_circle(angles, tau)
        for size in np.geomspace(1, 1e-4, 400):
            other = angles + size * rng.normal(size=N)
            if (moved := nt_xent_on_circle(other, tau)) < value:
                angles, value = other, moved
        found.append(value)
    assert circle_floor(N, tau) <= min(found) + 1e-12
    assert circle_floor(N, tau) == pytest.approx(min(found), abs=1e-4)


@pytest.mark.parametrize("kappa", [1.0, 10.0, 200.0])
def test_temperature_of(kappa):
    mean_cosine = 1 / np.tanh(kappa) - 1 / kappa
    assert temperature_of(mean_cosine) == pytest.approx(1 / kappa, rel=1e-6)
