"""The spectral contrastive loss: a matrix factorisation in disguise."""

# --8<-- [start:compute]
import numpy as np

A = np.array([[0.3, 0.1], [0.1, 0.5]])  # chance of a pair (x, x+)
w = A.sum(axis=1)  # law of x
A_bar = A / np.sqrt(np.outer(w, w))
eigenvalues, vectors = np.linalg.eigh(A_bar)  # ascending
lam, V = eigenvalues[::-1], vectors[:, ::-1]


def loss(f):
    """f: (inputs, k) features; expectations over the table."""
    inner = f @ f.T
    return -2 * (A * inner).sum() + (np.outer(w, w) * inner**2).sum()


def best(k):
    return V[:, :k] * np.sqrt(lam[:k]) / np.sqrt(w)[:, None]


f = best(2)
minimum = loss(f)
print(f"eigenvalues {lam.round(9)}")
print(f"k = 1: {loss(best(1)):.12f}, -sum lam^2 {-(lam[:1] ** 2).sum():.12f}")
print(f"k = 2: {minimum:.12f}, -sum lam^2 {-(lam**2).sum():.12f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch

inner = torch.from_numpy(f @ f.T)
joint, marginal = torch.from_numpy(A), torch.from_numpy(w)
pull = (joint * inner).sum()
push = marginal @ inner.square() @ marginal
in_torch = -2 * pull + push
print(f"torch: {in_torch:.12f}")
# --8<-- [end:torch]

second = lam[1]
one = loss(best(1))
ratio = A / np.outer(w, w)  # the density ratio of a pair
fitted = best(2) @ best(2).T
misfit = np.abs(fitted - ratio).max().round(decimals=9)
distance = (
    (A_bar - (np.sqrt(w)[:, None] * f) @ (np.sqrt(w)[:, None] * f).T) ** 2
).sum()
by_distance = distance - (A_bar**2).sum()
nothing = loss(np.zeros((2, 1)))
constant = loss(np.ones((2, 1)))

VALUES = {
    "second": second,
    "one": one,
    "minimum": minimum,
    "misfit": misfit,
    "ratio": ratio[0, 0],
    "by_distance": by_distance,
    "nothing": nothing,
    "constant": constant,
}


def figure():
    import matplotlib.pyplot as plt

    scale = np.linspace(0, 1.6, 81)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for k, style in ((1, "--"), (2, "-")):
        ax.plot(
            scale,
            [loss(c * best(k)) for c in scale],
            color="C0",
            ls=style,
            label=f"best features of width {k}, scaled",
        )
        ax.axhline(-(lam[:k] ** 2).sum(), color="C5", ls=":", lw=1)
    ax.set(
        xlabel="factor on the features",
        ylabel="spectral contrastive loss",
        ylim=(-1.5, 1),
    )
    ax.legend(loc="upper left")
    return fig
