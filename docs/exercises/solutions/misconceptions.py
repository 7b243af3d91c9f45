"""Solutions of the exercises for the page "Misconceptions"."""

import math

import torch


# --8<-- [start:progress]
def progress(loss, N, tau):
    """Compare with what nothing costs, and with what perfection costs."""
    collapse = math.log(2 * N - 1)
    floor = math.log1p(2 * (N - 1) * math.exp(-N / ((N - 1) * tau)))
    return (collapse - loss) / (collapse - floor)


# --8<-- [end:progress]


# --8<-- [start:scrambled]
def scrambled(codes):
    """Let even points go to the first half of the inputs, odd to the second.

    Then the two halves lie between each other all along the arc.
    """
    return torch.cat([codes[::2], codes[1::2]])


# --8<-- [end:scrambled]


# --8<-- [start:with_gap]
def with_gap(image, text, tau, g):
    """Cosines become (1 - g^2) s - g^2: the shift cancels in every softmax."""
    column = torch.full((len(image), 1), g, dtype=image.dtype)
    short = (1 - g**2) ** 0.5
    u = torch.cat([short * image, column], dim=1)
    v = torch.cat([short * text, -column], dim=1)
    return u, v, tau * (1 - g**2)


# --8<-- [end:with_gap]
