"""Solutions of the exercises for the page "The modality gap"."""

import torch


# --8<-- [start:open_gap]
def open_gap(image, text, g):
    """Shorten the rows, then put one side at +g and the other at -g."""
    side = torch.full((len(image), 1), g, dtype=image.dtype)
    shorter = (1 - g**2) ** 0.5
    return (
        torch.cat([shorter * image, side], 1),
        torch.cat([shorter * text, -side], 1),
    )


# --8<-- [end:open_gap]


# --8<-- [start:same_loss]
def same_loss(tau, g):
    """Cosines shrink by 1 - g^2, so the temperature has to."""
    return tau * (1 - g**2)


# --8<-- [end:same_loss]


# --8<-- [start:widest]
def widest(tau, scale_limit):
    """The scale needed is 1 / (tau (1 - g^2)); it reaches the limit here."""
    return (1 - 1 / (tau * scale_limit)) ** 0.5


# --8<-- [end:widest]
