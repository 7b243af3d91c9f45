"""Solutions of the exercises for the page "Geometry"."""

import numpy as np


# --8<-- [start:simplex]
def simplex(N):
    """Corners of the unit cube's axes, seen from their common centre."""
    z = np.eye(N) - 1 / N
    return z / np.linalg.norm(z, axis=1, keepdims=True)


# --8<-- [end:simplex]


# --8<-- [start:circle_floor]
def circle_floor(N, tau):
    """A regular polygon; every negative counts twice."""
    s = np.cos(2 * np.pi * np.arange(1, N) / N)
    return np.log1p(2 * np.exp((s - 1) / tau).sum())


# --8<-- [end:circle_floor]


# --8<-- [start:temperature_of]
def temperature_of(mean_cosine):
    """The mean cosine rises with kappa: halve an interval, in logarithms."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        kappa = np.sqrt(low * high)
        if 1 / np.tanh(kappa) - 1 / kappa < mean_cosine:
            low = kappa
        else:
            high = kappa
    return 1 / kappa


# --8<-- [end:temperature_of]
