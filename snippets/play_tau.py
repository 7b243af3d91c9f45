"""Temperatures at which something happens to one anchor."""

# --8<-- [start:compute]
import torch

import infonce

s = torch.tensor([[0.8, 0.75, 0.5, 0.2, -0.1, -0.4]]).double()  # positive first
first = torch.tensor([0])


def count(tau):
    w = infonce.negative_weights(s[0, 1:], temperature=tau)
    return infonce.effective_negatives(w)


def hardest(tau):
    return infonce.negative_weights(s[0, 1:], temperature=tau)[0]


def push(tau):
    return infonce.similarity_grad(s, first, temperature=tau)[0, 1]


def loss(tau, s=s):
    return infonce.info_nce_from_similarity(s, first, temperature=tau)


def rising(f, low, high):
    """Where f, which rises, is zero."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if f(middle) > 0 else (middle, high)
    return middle


def slope(f, tau, h=1e-6):
    return f(tau + h) - f(tau - h)


two = rising(lambda tau: count(tau) - 2, 0.05, 1)
half = rising(lambda tau: 0.5 - hardest(tau), 0.05, 1)
strongest = rising(lambda tau: -slope(push, tau), 0.02, 0.1)
swapped = s[:, [1, 0, 2, 3, 4, 5]]
best = rising(lambda tau: slope(lambda t: loss(t, swapped), tau), 0.05, 1)
print(f"two count at {two:.4f}, one takes half at {half:.4f}")
print(f"strongest push at {strongest:.4f}, lowest loss at {best:.4f}")
# --8<-- [end:compute]

strongest_push = push(strongest)
best_loss = loss(best, swapped)
guess = loss(0.2, torch.zeros_like(s))

VALUES = {
    "two": two,
    "half": half,
    "strongest": strongest,
    "strongest_push": strongest_push,
    "best": best,
    "best_loss": best_loss,
    "guess": guess,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    fig, (a, b) = plt.subplots(2, 1, figsize=(6, 6), layout="constrained")
    grid = np.geomspace(0.01, 2, 60)
    a.plot(grid, [float(loss(tau)) for tau in grid], color="C5", ls="-")
    a.axvline(0.2, color="C3")
    a.set(xscale="log", xlabel="temperature", ylabel="loss / nats")
    for k in range(1, 6):
        pushes = [
            float(infonce.similarity_grad(s, first, temperature=tau)[0, k])
            for tau in grid
        ]
        b.plot(
            grid, pushes, color="C2", label=f"negative {k}", alpha=1.1 - k / 6
        )
    b.axvline(0.2, color="C3")
    b.set(xscale="log", xlabel="temperature", ylabel="push per unit of cosine")
    b.legend()
    return fig
