"""A gap between two modalities is a temperature in disguise."""

# --8<-- [start:compute]
import numpy as np

s = np.array([[0.8, 0.3], [0.1, 0.6]])  # cosines: images x texts
tau, gap = 0.2, 0.6


def clip_loss(s, tau):
    logits = s / tau
    rows = np.log(np.exp(logits).sum(1)) - np.diag(logits)
    columns = np.log(np.exp(logits).sum(0)) - np.diag(logits)
    return (rows.mean() + columns.mean()) / 2


# One more axis: images sit at +gap on it, texts at -gap, both at length one.
apart = (1 - gap**2) * s - gap**2  # the new cosines
closed = clip_loss(s, tau)
same_tau = clip_loss(apart, tau)
narrow = tau * (1 - gap**2)
loss = clip_loss(apart, narrow)

print(f"no gap, tau {tau:.3f}: {closed:.10f} nats")
print(f"gap,    tau {tau:.3f}: {same_tau:.10f}")
print(f"gap,    tau {narrow:.3f}: {loss:.10f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

rest = np.sqrt(1 - (s**2).sum(axis=0))  # brings the texts to length one
u = np.hstack([np.eye(2, 4) * np.sqrt(1 - gap**2), np.full((2, 1), gap)])
v = np.hstack([s.T, np.diag(rest)]) * np.sqrt(1 - gap**2)
v = np.hstack([v, np.full((2, 1), -gap)])
u, v = torch.from_numpy(u), torch.from_numpy(v)
package = infonce.clip_loss(u, v, logit_scale=1 / narrow)
print(f"infonce.clip_loss: {package:.10f}")
# --8<-- [end:package]

distance = abs(infonce.modality_gap(u, v)[-1])
factor = 1 - gap**2
highest, lowest = apart.max(), apart.min()
at_limit, limit = 0.01, 100.0
wide = 0.9
pretends = at_limit / (1 - wide**2)

VALUES = {
    "tau": tau,
    "gap": gap,
    "narrow": narrow,
    "factor": factor,
    "closed": closed,
    "same_tau": same_tau,
    "loss": loss,
    "package": package,
    "distance": distance,
    "highest": highest,
    "lowest": lowest,
    "limit": limit,
    "wide": wide,
    "pretends": pretends,
}


def figure():
    import matplotlib.pyplot as plt

    gaps = np.linspace(0, 0.95, 60)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for temperature, style in ((0.05, "-"), (0.2, "--"), (1.0, ":")):
        losses = [clip_loss((1 - g**2) * s - g**2, temperature) for g in gaps]
        ax.plot(
            gaps, losses, color="C3", ls=style, label=f"τ = {temperature:g}"
        )
    followed = [
        clip_loss((1 - g**2) * s - g**2, tau * (1 - g**2)) for g in gaps
    ]
    ax.plot(
        gaps,
        followed,
        color="C1",
        ls="-.",
        label=f"τ = {tau:g} (1 - g²)",
    )
    ax.set(
        xlabel="gap g: each side is moved by so much",
        ylabel="loss / nats",
        ylim=(0, 0.75),
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.62))
    return fig
