"""The best arrangement of six pairs, width by width."""

# --8<-- [start:compute]
import numpy as np

N, tau = 6, 0.5  # pairs whose two views coincide


def nt_xent(z):
    """With equal views every negative stands twice in the denominator."""
    e = np.exp(z @ z.T / tau)
    own = np.diag(e)
    return np.log((own + 2 * (e.sum(axis=1) - own)) / own).mean()


def downhill(z):
    """The gradient along the sphere; p is the share of each negative."""
    e = np.exp(z @ z.T / tau)
    own = np.diag(e)
    p = 2 * e / (own + 2 * (e.sum(axis=1) - own))[:, None]
    np.fill_diagonal(p, 0)
    slope = (p + p.T) @ z / (N * tau)
    return slope - (slope * z).sum(axis=1, keepdims=True) * z


def best(d, starts=6, steps=1500):
    values = []
    for seed in range(starts):
        z = np.random.default_rng(seed).normal(size=(N, d))
        for _ in range(steps):
            z /= np.linalg.norm(z, axis=1, keepdims=True)
            z = z - downhill(z)
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        values.append(nt_xent(z))
    return min(values)


octahedron = nt_xent(np.concatenate([np.eye(3), -np.eye(3)]))
print(f"octahedron    {octahedron:.9f}, best found {best(3):.9f}")
floor = np.log1p(2 * (N - 1) * np.exp(-N / ((N - 1) * tau)))
print(f"simplex floor {floor:.9f}, best found {best(5):.9f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

corners = torch.cat([torch.eye(3), -torch.eye(3)]).double()
package = infonce.nt_xent(corners, corners, temperature=tau)
print(f"infonce.nt_xent, octahedron: {package:.9f}")
# --8<-- [end:package]

turn = 2 * np.pi * np.arange(N) / N
hexagon = nt_xent(np.stack([np.cos(turn), np.sin(turn)], axis=1))
line = nt_xent(np.array([[1.0], [-1.0]] * 3))
found = {d: best(d) for d in (1, 2, 3, 4, 5, 6, 8)}
two, three, four, five, eight = (found[d] for d in (2, 3, 4, 5, 8))

VALUES = {
    "N": N,
    "tau": tau,
    "line": line,
    "hexagon": hexagon,
    "octahedron": octahedron,
    "floor": floor,
    "two": two,
    "three": three,
    "four": four,
    "five": five,
    "eight": eight,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    ax.plot(
        list(found),
        list(found.values()),
        "o",
        ls="-",
        color="C0",
        label="best found",
    )
    ax.axhline(floor, color="C4", ls="--", label="floor of the simplex")
    for d, value, name in (
        (1, line, "two poles"),
        (2, hexagon, "hexagon"),
        (3, octahedron, "octahedron"),
        (5, floor, "simplex"),
    ):
        ax.text(d + 0.12, value + 0.03, name)
    ax.set(
        xlabel="width d",
        ylabel="NT-Xent / nats",
        xlim=(0.6, 8.4),
        ylim=(0.5, 1.8),
    )
    ax.legend(loc="upper right")
    return fig
