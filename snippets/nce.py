"""Noise-contrastive estimation: a law found by telling data from noise."""

# --8<-- [start:compute]
import numpy as np

P = np.array([0.9, 0.1])  # the law of the data, to be found
Q = np.array([0.5, 0.5])  # the law of the noise, known
nu = 1  # samples of noise for each sample of the data


def probability(score):
    """That an outcome is data; score: log of a model, of any sum."""
    return 1 / (1 + nu * Q / np.exp(score))


def objective(score):
    h = probability(score)
    return P @ np.log(h) + nu * Q @ np.log(1 - h)


score = np.zeros(2)  # the model starts as (1, 1), which sums to two
for _ in range(1000):
    h = probability(score)
    score = score + P * (1 - h) - nu * Q * h  # uphill
total = np.exp(score).sum()
best = objective(score)

print(f"found {np.exp(score).round(6)}, which sums to {total:.6f}")
print(f"J = {best:.12f} nats")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

logits = torch.tensor(np.log(P / (nu * Q)))  # the true law as model
data, noise = torch.ones_like(logits), torch.zeros_like(logits)
in_torch = -(
    bce(logits, data, weight=torch.tensor(P), reduction="sum")
    + nu * bce(logits, noise, weight=torch.tensor(Q), reduction="sum")
)
print(f"torch: {in_torch:.12f}")
# --8<-- [end:torch]


def ranking(score):
    """InfoNCE on the same game: which of two outcomes is the data?"""
    ratio = np.exp(score) / Q
    share = ratio[:, None] / (ratio[:, None] + ratio[None])
    return P @ np.log(share) @ Q


mixture = (P + Q) / 2
jsd = (P @ np.log(P / mixture) + Q @ np.log(Q / mixture)) / 2
by_jsd = 2 * jsd - 2 * np.log(2)
shift = 1.0
shifted = objective(score + shift)
ranked = ranking(score)
ranked_shifted = ranking(score + shift)
blind = 2 * np.log(1 / 2)  # noise like the data: h is one half everywhere

VALUES = {
    "p": P[0],
    "total": total,
    "best": best,
    "by_jsd": by_jsd,
    "shift": shift,
    "shifted": shifted,
    "ranked": ranked,
    "ranked_shifted": ranked_shifted,
    "blind": blind,
}


def figure():
    import matplotlib.pyplot as plt

    shifts = np.linspace(-2, 2, 81)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    ax.plot(
        shifts,
        [objective(score + a) for a in shifts],
        color="C0",
        ls="-",
        label="NCE: data or noise?",
    )
    ax.plot(
        shifts,
        [ranking(score + a) for a in shifts],
        color="C1",
        ls="--",
        label="InfoNCE: which of two is data?",
    )
    ax.plot([0], [best], "o", color="C0", ls="")
    ax.set(xlabel="added to every score / nats", ylabel="objective / nats")
    ax.legend(loc="lower center")
    return fig
