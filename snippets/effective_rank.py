"""Dimensional collapse: how many dimensions an embedding uses."""

# --8<-- [start:compute]
import numpy as np

N, d = 256, 8
rng = np.random.default_rng(0)
x = rng.normal(size=(N, d))


def effective_rank(z):
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    sigma = np.linalg.svd(z, compute_uv=False)
    p = sigma / sigma.sum()
    p = p[p > 0]
    return np.exp(-(p * np.log(p)).sum())


full = effective_rank(x)
strong = np.where(np.arange(d) < 2, 1.0, 0.05)  # two directions are long
flat = effective_rank(x * strong)
print(f"all directions alike: {full:.4f} of {d}")
print(f"two long, six short:  {flat:.4f} of {d}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = torch.stack(
    [infonce.effective_rank(torch.from_numpy(rows)) for rows in (x, x * strong)]
)
print("infonce.effective_rank:", package.numpy().round(4))
# --8<-- [end:package]

# --8<-- [start:collapse]
from torch.nn.functional import cross_entropy

quiet, loud = 0.1, 2.0  # size of the random change, in half of the directions
steps, rate = 500, 0.1


def spectrum(noise):
    """Singular values of a linear encoder after training on such pairs."""
    g = torch.Generator().manual_seed(0)
    w = 0.5 * torch.randn(d, d, generator=g)
    w.requires_grad_()
    scale = torch.where(torch.arange(d) < d // 2, noise, quiet)
    for _ in range(steps):
        content = torch.randn(128, d, generator=g)
        a, b = (
            (content + scale * torch.randn(128, d, generator=g)) @ w
            for _ in range(2)
        )
        logits = -torch.cdist(a, b).square() / 2
        loss = cross_entropy(logits, torch.arange(128))
        (slope,) = torch.autograd.grad(loss, w)
        w = (w - rate * slope).detach().requires_grad_()
    return torch.linalg.svdvals(w.detach()).numpy()


weak_change, strong_change = spectrum(quiet), spectrum(loud)
print("weak change:  ", weak_change.round(3))
print("strong change:", strong_change.round(3))
# --8<-- [end:collapse]

kept = np.sum(strong_change > 1)
dropped = strong_change[-1]
all_kept = np.sum(weak_change > 1)
half = d // 2
one_line = effective_rank(np.outer(rng.normal(size=N), np.ones(d)))
one_line = one_line.round(decimals=9)

VALUES = {
    "N": N,
    "d": d,
    "full": full,
    "flat": flat,
    "quiet": quiet,
    "loud": loud,
    "steps": steps,
    "half": half,
    "kept": kept,
    "all_kept": all_kept,
    "dropped": dropped,
    "one_line": one_line,
}


def figure():
    import matplotlib.pyplot as plt

    place = np.arange(1, d + 1)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    ax.semilogy(
        place, weak_change, "o", ls="-", color="C0", label="small changes"
    )
    ax.semilogy(
        place,
        strong_change,
        "s",
        ls="--",
        color="C2",
        label="large changes in half of the directions",
    )
    ax.set(xlabel="singular value, by size", ylabel="size", ylim=(0.05, 20))
    ax.legend(loc="lower left")
    return fig
