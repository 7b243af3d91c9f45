"""Several modalities bound to one hub, each by the same loss."""

# --8<-- [start:compute]
import numpy as np

N, d, alpha = 8, 64, 10.0
rng = np.random.default_rng(0)
u = rng.normal(size=(N, d))  # the hub: images, or sounds
spokes = [u + 1.2 * rng.normal(size=(N, d)) for _ in range(2)]


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def clip_loss(u, v):
    logits = alpha * unit(u) @ unit(v).T
    rows = np.log(np.exp(logits).sum(1)) - np.diag(logits)
    columns = np.log(np.exp(logits).sum(0)) - np.diag(logits)
    return (rows.mean() + columns.mean()) / 2


loss = sum(clip_loss(u, v) for v in spokes)
never_trained = clip_loss(*spokes)

print(f"hub with each spoke {loss:.6f} nats in all")
print(f"spoke with spoke    {never_trained:.6f}, not part of the loss")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

hub, *others = (torch.from_numpy(x) for x in (u, *spokes))
package = sum(
    infonce.clip_loss(hub, other, logit_scale=alpha) for other in others
)
print(f"infonce.clip_loss, twice: {package:.6f}")
# --8<-- [end:package]

cosines = [(unit(u) * unit(v)).sum(1) for v in spokes]
to_hub = np.mean(cosines)
between = (unit(spokes[0]) * unit(spokes[1])).sum(1).mean()
product = np.prod(cosines, axis=0).mean()
hub_same = clip_loss(u, u) + clip_loss(u, u)
half = hub_same / 2
sixty = np.cos(np.radians(60.0))
worst = np.cos(np.radians(2 * 60.0))

VALUES = {
    "N": N,
    "alpha": alpha,
    "loss": loss,
    "package": package,
    "never_trained": never_trained,
    "to_hub": to_hub,
    "between": between,
    "product": product,
    "half": half,
    "sixty": sixty,
    "worst": worst,
}


def figure():
    import matplotlib.pyplot as plt

    s = np.linspace(0, 1, 101)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    ax.plot(s, s**2, color="C1", label="deviations unrelated")
    worst_case = np.cos(2 * np.arccos(s))
    ax.plot(s, worst_case, color="C2", ls="--", label="the worst case")
    ax.plot(
        [to_hub], [between], "D", color="C0", ms=8, label="this batch, mean"
    )
    ax.set(
        xlabel="cosine of each spoke with the hub",
        ylabel="cosine of the two spokes",
        ylim=(-1.05, 1.05),
    )
    ax.legend()
    return fig
