"""What a good value of the loss is: the floor, and the value at collapse."""

# --8<-- [start:compute]
import numpy as np

N, tau = 3, 0.5
angles = 2 * np.pi * np.arange(N) / N
z = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # a regular triangle
views = np.concatenate([z, z])  # both views of a pair coincide

e = np.exp(views @ views.T / tau)
np.fill_diagonal(e, 0)
triangle = np.mean(
    [np.log(e[i].sum() / e[i, (i + N) % (2 * N)]) for i in range(2 * N)]
)
floor = np.log1p(2 * (N - 1) * np.exp(-N / ((N - 1) * tau)))

print(f"three pairs on a triangle: {triangle:.12f}")
print(f"the formula:               {floor:.12f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.nt_xent(
    torch.from_numpy(z), torch.from_numpy(z), temperature=tau
)
print(f"infonce.nt_xent:           {package:.12f}")
# --8<-- [end:package]


def floor_of(N, tau):
    return np.log1p(2 * (N - 1) * np.exp(-N / ((N - 1) * tau)))


batch = 256
warm, cold, coldest = 0.5, 0.1, 0.07
floor_warm = floor_of(batch, warm)
floor_cold = floor_of(batch, cold)
floor_coldest = floor_of(batch, coldest)
collapse = np.log(2 * batch - 1)
share = floor_warm / collapse

VALUES = {
    "N": N,
    "tau": tau,
    "triangle": triangle,
    "floor": floor,
    "package": package,
    "batch": batch,
    "warm": warm,
    "cold": cold,
    "coldest": coldest,
    "floor_warm": floor_warm,
    "floor_cold": floor_cold,
    "floor_coldest": floor_coldest,
    "collapse": collapse,
    "share": share,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.03, 2, 60)
    fig, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
    for n, style, colour in (
        (16, ":", "C4"),
        (256, "-", "C4"),
        (4096, "--", "C4"),
    ):
        ax.semilogx(
            taus,
            floor_of(n, taus),
            ls=style,
            color=colour,
            label=f"floor, N = {n}",
        )
        ax.axhline(np.log(2 * n - 1), ls=style, lw=0.9, color=colour)
        ax.text(
            0.03, np.log(2 * n - 1) + 0.1, f"collapse, N = {n}", fontsize=11
        )
    ax.set(xlabel="temperature τ", ylabel="NT-Xent / nats", ylim=(-0.2, 9.8))
    ax.legend(loc="center left", bbox_to_anchor=(0, 0.22))
    return fig
