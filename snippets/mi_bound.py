"""The bound on mutual information and its gap, exactly."""

# --8<-- [start:compute]
from itertools import product

import numpy as np

flip, N = 0.2, 4  # a fair bit c, sent; x arrives, flipped one time in five
r = np.array([2 * (1 - flip), 2 * flip])  # density ratio: x right, x wrong
chance = np.array([1 - flip, flip])  # of a positive; of others one half

loss = gap = 0.0
for x in product((0, 1), repeat=N):  # which candidates are right
    ratios = r[list(x)]
    weight = chance[x[0]] * 0.5 ** (N - 1)  # x[0] is the positive
    loss -= weight * np.log(ratios[0] / ratios.sum())
    gap += 0.5**N * ratios.mean() * np.log(ratios.mean())
information = chance @ np.log(r)
bound = np.log(N) - loss

print(f"I             {information:.12f} nats")
print(f"log N - loss  {bound:.12f}")
print(f"gap           {gap:.12f}, sum {bound + gap:.12f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = torch.zeros((), dtype=torch.float64)
for c, e in product(product((0, 1), repeat=N), repeat=2):  # all batches
    sent, flipped = torch.tensor(c), torch.tensor(e)
    right = sent[:, None] == (sent ^ flipped)  # (N, N)
    logits = torch.where(right, np.log(r[0]), np.log(r[1])).double()
    likely = 0.5**N * flip ** sum(e) * (1 - flip) ** (N - sum(e))
    package += likely * infonce.mutual_information(logits).info_nce
print(f"infonce.mutual_information: {package:.12f}")
# --8<-- [end:package]


def exact(flip, N):
    """Bound and gap for any N: candidates counted instead of listed."""
    from math import comb

    k = np.arange(N)  # right ones among the N - 1 negatives
    ways = np.array([comb(N - 1, int(i)) * 0.5 ** (N - 1) for i in k])
    others = k * 2 * (1 - flip) + (N - 1 - k) * 2 * flip
    loss = 0.0
    for ratio, p in ((2 * (1 - flip), 1 - flip), (2 * flip, flip)):
        loss += p * ways @ np.log((ratio + others) / ratio)
    return np.log(N) - loss


two = exact(flip, 2)
many = 64
bound_many = exact(flip, many)
short_many = information - bound_many
worst = exact(0.5, N).round(decimals=12)  # x says nothing about c
single = exact(flip, 1)
cap = np.log(N)

VALUES = {
    "flip": flip,
    "N": N,
    "information": information,
    "loss": loss,
    "bound": bound,
    "gap": gap,
    "two": two,
    "many": many,
    "bound_many": bound_many,
    "short_many": short_many,
    "worst": worst,
    "single": single,
    "cap": cap,
}


def figure():
    import matplotlib.pyplot as plt

    sizes = np.arange(1, 33)
    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    for flip, style in ((0.02, "-"), (0.2, "--")):
        truth = np.log(2) + flip * np.log(flip)
        truth += (1 - flip) * np.log(1 - flip)
        ax.axhline(truth, color="C5", ls=style, lw=1)
        ax.text(32, truth + 0.012, f"I, flip {flip}", ha="right")
        ax.plot(
            sizes,
            [exact(flip, int(n)) for n in sizes],
            color="C0",
            ls=style,
            label=f"log N − loss, flip {flip}",
        )
    ax.plot(sizes[:2], np.log(sizes[:2]), color="C4", ls=":", label="log N")
    ax.set(
        xlabel="candidates N", ylabel="information / nats", ylim=(-0.02, 0.72)
    )
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.52))
    return fig
