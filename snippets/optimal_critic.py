"""The best critic of InfoNCE: the log density ratio, up to a constant a row."""

# --8<-- [start:compute]
from itertools import product

import numpy as np

joint = np.array([[0.30, 0.15, 0.05], [0.05, 0.10, 0.35]])  # of (c, x)
P = joint.sum(axis=0)  # law of x
r = joint / (joint.sum(axis=1, keepdims=True) * P)  # density ratio


def batches(N):
    """All (c, x_1 ... x_N) with their chance; x_1 is the positive."""
    x = np.array(list(product(range(3), repeat=N)))
    return x, joint[:, x[:, 0]] * P[x[:, 1:]].prod(axis=1)


def expected_loss(score, N):
    x, chance = batches(N)
    losses = np.log(np.exp(score[:, x]).sum(axis=2)) - score[:, x[:, 0]]
    return (chance * losses).sum()


def slope(score, N):
    x, chance = batches(N)
    p = np.exp(score[:, x])
    p /= p.sum(axis=2, keepdims=True)
    p[:, :, 0] -= 1
    return np.stack(
        [
            np.bincount(x.ravel(), (chance[c, :, None] * p[c]).ravel())
            for c in (0, 1)
        ]
    )


N, score = 3, np.zeros_like(joint)
for _ in range(500):
    score = score - 2 * slope(score, N)
print("found - log r:", *(score - np.log(r)).round(9))
best = expected_loss(np.log(r), N)
print(f"loss {expected_loss(score, N):.12f}, of log r {best:.12f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

x, chance = batches(N)
logits = torch.from_numpy(np.log(r)[:, x].reshape(-1, N))
rows = infonce.info_nce_from_similarity(
    logits,
    torch.zeros(len(logits), dtype=torch.long),
    temperature=1.0,
    reduction="none",
)
package = rows @ torch.from_numpy(chance.ravel())
print(f"infonce.info_nce_from_similarity: {package:.12f}")
# --8<-- [end:package]

offset = score - np.log(r)
first, second = offset.mean(axis=1)
spread = np.ptp(offset, axis=1).max().round(decimals=9)
steepest = max(np.abs(slope(np.log(r), n)).max() for n in (2, 3, 6))
steepest = steepest.round(decimals=12)
odd = np.log(r) + np.array([[0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
worse = expected_loss(odd, N)
guess = expected_loss(np.zeros_like(joint), N)

VALUES = {
    "N": N,
    "best": best,
    "first": first,
    "second": second,
    "spread": spread,
    "steepest": steepest,
    "worse": worse,
    "guess": guess,
}


def figure():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        1, 2, figsize=(6.4, 3.8), sharey=True, layout="constrained"
    )
    names = ["0", "1", "2"]
    for c, ax in enumerate(axes):
        ax.plot(names, np.log(r[c]), "o", ls="-", color="C1", label="log r")
        ax.plot(names, score[c], "s", ls="--", color="C0", label="found")
        ax.set(title=f"context {c}", xlabel="x")
    axes[0].set(ylabel="score / nats")
    axes[1].legend(loc="lower right")
    return fig
