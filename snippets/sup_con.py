"""With labels, friends become positives: the supervised loss."""

# --8<-- [start:compute]
import numpy as np

tau = 0.5
angles = np.array([0.0, 0.6, 1.0, 3.0, 3.3])  # five points on the circle
labels = np.array([0, 0, 0, 1, 1])
z = np.stack([np.cos(angles), np.sin(angles)], axis=1)

e = np.exp(z @ z.T / tau)
np.fill_diagonal(e, 0)  # all others are candidates
p = e / e.sum(axis=1, keepdims=True)
same = (labels[:, None] == labels) & ~np.eye(len(z), dtype=bool)
log_p = np.log(p, where=same, out=np.zeros_like(p))
P = same.sum(axis=1)  # positives of each anchor
losses = -(log_p * same).sum(axis=1) / P
loss = losses.mean()  # L_out
inside = -np.log((p * same).sum(axis=1) / P).mean()  # L_in

print(f"logarithm first {loss:.6f} nats, mean first {inside:.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.sup_con(
    torch.from_numpy(z), torch.from_numpy(labels), temperature=tau
)
print(f"infonce.sup_con: {package:.6f}")
# --8<-- [end:package]


def classes_on_simplex(K, each):
    """All samples of a class on one corner of a regular simplex."""
    corners = torch.eye(K, dtype=torch.float64) - 1 / K
    kind = torch.arange(K).repeat_interleave(each)
    return infonce.sup_con(corners[kind], kind, temperature=tau)


K, two, four = 3, 2, 4
at_two, at_four = classes_on_simplex(K, two), classes_on_simplex(K, four)
at_least = np.log(four - 1)

VALUES = {
    "tau": tau,
    "loss": package,
    "inside": inside,
    "K": K,
    "two": two,
    "four": four,
    "at_two": at_two,
    "at_four": at_four,
    "at_least": at_least,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.05, 2, 60)
    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for each, colour, style in (
        (2, "C1", "-"),
        (4, "C0", "--"),
        (8, "C4", ":"),
    ):
        rest = np.exp(-K / ((K - 1) * taus))
        ax.semilogx(
            taus,
            np.log(each - 1 + (K - 1) * each * rest),
            color=colour,
            ls=style,
            label=f"{each} of each class",
        )
    ax.set(xlabel="temperature τ", ylabel="smallest SupCon loss / nats")
    ax.legend()
    return fig
