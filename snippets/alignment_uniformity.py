"""Alignment and uniformity of a batch, and what a perfect one would have."""

# --8<-- [start:compute]
import numpy as np

N, d, t = 64, 8, 2.0
rng = np.random.default_rng(0)
a = rng.normal(size=(N, d))
b = a + 0.5 * rng.normal(size=(N, d))  # row i is the positive of row i of a
a /= np.linalg.norm(a, axis=1, keepdims=True)
b /= np.linalg.norm(b, axis=1, keepdims=True)

alignment = ((a - b) ** 2).sum(axis=1).mean()
squared = 2 - 2 * a @ a.T  # (N, N) squared distances
pairs = squared[np.triu_indices(N, k=1)]  # of different rows
uniformity = np.log(np.exp(-t * pairs).mean())

print(
    f"alignment  {alignment:.6f}, from the cosines "
    f"{2 - 2 * (a * b).sum(axis=1).mean():.6f}"
)
print(f"uniformity {uniformity:.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

rows, positives = torch.from_numpy(a), torch.from_numpy(b)
package = torch.stack(
    [infonce.alignment(rows, positives), infonce.uniformity(rows, t=t)]
)
print("infonce.alignment, infonce.uniformity:", package.numpy().round(6))
# --8<-- [end:package]


def reference(d, t):
    """Uniformity of the uniform law: a sum over the angle to a pole."""
    angle = (np.arange(20000) + 0.5) * np.pi / 20000
    weight = np.sin(angle) ** (d - 2)
    return np.log(
        (weight * np.exp(-2 * t * (1 - np.cos(angle)))).sum() / weight.sum()
    )


ideal = reference(d, t)
circle, globe, wide_d = reference(2, t), reference(3, t), 128
wide = reference(wide_d, t)
corners = 16
simplex = -2 * t * corners / (corners - 1)
one_point = np.log(np.exp(-t * np.zeros(3)).mean())
tau = 1 / (2 * t)

VALUES = {
    "N": N,
    "d": d,
    "t": t,
    "alignment": alignment,
    "uniformity": uniformity,
    "ideal": ideal,
    "circle": circle,
    "globe": globe,
    "wide_d": wide_d,
    "wide": wide,
    "corners": corners,
    "simplex": simplex,
    "one_point": one_point,
    "tau": tau,
}


def figure():
    import matplotlib.pyplot as plt

    widths = np.array([2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128])
    fig, ax = plt.subplots(figsize=(6, 3.9), layout="constrained")
    ax.semilogx(
        widths,
        [reference(d, t) for d in widths],
        "o",
        ls="-",
        color="C0",
        label="the uniform law",
    )
    ax.axhline(
        simplex, color="C4", ls="--", label=f"a simplex of {corners} rows"
    )
    ax.axhline(-2 * t, color="C5", ls=":", label="all at right angles")
    ax.plot([d], [uniformity], "s", color="C2", ls="", label="the batch")
    ax.set(xlabel="width d", ylabel="uniformity / nats", ylim=(-4.6, -1.2))
    ax.set_xticks([2, 4, 8, 16, 32, 64, 128], [2, 4, 8, 16, 32, 64, 128])
    ax.minorticks_off()
    ax.legend(loc="upper right")
    return fig
