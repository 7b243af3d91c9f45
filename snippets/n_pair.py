"""Relatives of InfoNCE: the N-pair loss, and the triplet loss."""

# --8<-- [start:compute]
import numpy as np

tau = 1.0  # N-pair has none: dot products set their own scale
z, z_pos = np.array([1.0, 0.0]), np.array([1.0, 1.0])
z_neg = np.array([[0.0, 1.0], [-1.0, 0.0]])  # rows of any length

loss = np.log1p(np.exp((z_neg @ z - z_pos @ z) / tau).sum())
print(f"N-pair loss {loss:.6f} nats")


def triplet(s_pos, s_neg, margin):  # |a - p|^2 - |a - n|^2 + margin, unit rows
    return max(0.0, 2 * (s_neg - s_pos) + margin)


def smooth(s_pos, s_neg, tau):  # 2 tau times InfoNCE with one negative
    return 2 * tau * np.log1p(np.exp((s_neg - s_pos) / tau))


for t in (1, 0.1, 0.01):
    print(
        f"tau {t:4}: behind by 0.1 {smooth(0.4, 0.5, t):.4f}, "
        f"level {smooth(0.5, 0.5, t):.4f}, ahead {smooth(0.6, 0.5, t):.4f}"
    )
print(f"triplet, no margin: behind by 0.1 {triplet(0.4, 0.5, 0):.4f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

dots = torch.from_numpy(np.array([[z_pos @ z, *(z_neg @ z)]]))
package = infonce.info_nce_from_similarity(
    dots, torch.tensor([0]), temperature=tau
)
print(f"infonce.info_nce_from_similarity: {package:.6f}")
# --8<-- [end:package]

M = len(z_neg)
pair = torch.tensor([[0.5, 0.5]], dtype=torch.float64)
first = torch.tensor([0])
cold = 0.01
level = (
    2 * cold * infonce.info_nce_from_similarity(pair, first, temperature=cold)
)
late = torch.tensor([[0.4, 0.5]], dtype=torch.float64)
behind = (
    2 * cold * infonce.info_nce_from_similarity(late, first, temperature=cold)
)
hinge = triplet(0.4, 0.5, 0)
scale = 3.0
scaled = infonce.info_nce_from_similarity(
    dots * scale**2, first, temperature=tau * scale**2
)

VALUES = {
    "M": M,
    "loss": loss,
    "cold": cold,
    "level": level,
    "behind": behind,
    "hinge": hinge,
    "scale": scale,
    "scaled": scaled,
}


def figure():
    import matplotlib.pyplot as plt

    lead = np.linspace(-0.6, 0.6, 200)  # s_+ - s_-
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for t, style in ((0.5, ":"), (0.2, "-."), (0.05, "--")):
        ax.plot(
            lead,
            smooth(lead, 0, t),
            color="C3",
            ls=style,
            label=f"2τ × InfoNCE, τ = {t}",
        )
    for margin, colour, style in ((0, "C5", "-"), (0.4, "C0", (0, (5, 1)))):
        ax.plot(
            lead,
            np.maximum(0, margin - 2 * lead),
            color=colour,
            ls=style,
            label=f"triplet, margin {margin}",
        )
    ax.set(
        xlabel="lead of the positive, s₊ − s₋", ylabel="loss", ylim=(0, None)
    )
    ax.legend()
    return fig
