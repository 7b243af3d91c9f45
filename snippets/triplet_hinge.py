"""A triplet loss and InfoNCE with one negative: what a margin is."""

# --8<-- [start:compute]
import torch
from torch.nn.functional import softplus

leads = torch.linspace(-1, 1, 2001, dtype=torch.float64)  # s_neg - s_pos
tau, margin = 0.1, 0.2
smooth = 2 * tau * softplus(leads / tau)  # 2 tau times InfoNCE
hinge = torch.relu(2 * leads)  # triplet loss on the sphere, margin zero
with_margin = torch.relu(2 * leads + margin)

above = (smooth - hinge).max()
away = (smooth - with_margin).abs().max()
print(f"above the hinge at most {above:.6f}")
print(f"from the hinge with margin at most {away:.6f}")
# --8<-- [end:compute]
far = -0.5
left = 2 * tau * softplus(torch.tensor(far / tau, dtype=torch.float64))

VALUES = {
    "tau": tau,
    "margin": margin,
    "above": above,
    "away": away,
    "far": far,
    "left": left,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for t, style in ((0.3, ":"), (0.1, "--"), (0.03, "-")):
        ax.plot(
            leads,
            2 * t * softplus(leads / t),
            color="C3",
            ls=style,
            label=f"2τ InfoNCE, τ = {t}",
        )
    ax.plot(leads, hinge, color="C5", lw=1, label="triplet, margin 0")
    ax.plot(
        leads,
        with_margin,
        color="C2",
        ls="-.",
        lw=1.4,
        label="triplet, margin 0.2",
    )
    ax.set(
        xlabel="lead of the negative, as cosine",
        ylabel="loss",
        xlim=(-0.6, 0.6),
        ylim=(-0.05, 1.4),
    )
    ax.legend(loc="upper left")
    return fig
