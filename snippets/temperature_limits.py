"""The loss of one anchor from very low to very high temperature."""

# --8<-- [start:compute]
import numpy as np


def loss(s_pos, s_neg, tau):
    margins = np.append((s_neg - s_pos) / tau, 0)  # the positive is the 0
    return margins.max() + np.log(np.exp(margins - margins.max()).sum())


s_neg = np.array([0.5, 0.2, -0.1, -0.4])
ahead, late = 0.8, 0.3  # two positives: before and behind the first negative
for tau in (0.01, 0.1, 1, 10):
    print(
        f"tau {tau:5}: ahead {loss(ahead, s_neg, tau):8.4f}, "
        f"late {loss(late, s_neg, tau):8.4f}"
    )
print(f"knowing nothing: {np.log(len(s_neg) + 1):.4f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

similarity = torch.tensor(
    [[ahead, *s_neg], [late, *s_neg]], dtype=torch.float64
)
package = infonce.info_nce_from_similarity(
    similarity, torch.tensor([0, 0]), temperature=0.1, reduction="none"
)
print(f"infonce.info_nce_from_similarity: {package[0]:.4f}, {package[1]:.4f}")
# --8<-- [end:package]

first = torch.tensor([0])
cold, hot = 0.01, 10.0
behind = s_neg.max() - late
scaled = cold * infonce.info_nce_from_similarity(
    similarity[1:], first, temperature=cold
)
won = infonce.info_nce_from_similarity(similarity[:1], first, temperature=cold)
at_hot = infonce.info_nce_from_similarity(
    similarity[:1], first, temperature=hot
)
expansion = np.log(len(s_neg) + 1) - (ahead - similarity[0].mean()) / hot
candidates = len(s_neg) + 1
chance = np.log(len(s_neg) + 1)

VALUES = {
    "cold": cold,
    "hot": hot,
    "ahead": ahead,
    "late": late,
    "behind": behind,
    "scaled": scaled,
    "won": won,
    "at_hot": at_hot,
    "expansion": expansion,
    "candidates": candidates,
    "chance": chance,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 20, 90)
    fig, ax = plt.subplots(figsize=(6, 3.9), layout="constrained")
    for s_pos, name, colour, style in (
        (ahead, "positive ahead", "C1", "-"),
        (late, "a negative ahead", "C2", "-."),
    ):
        mean = np.append(s_neg, s_pos).mean()
        ax.semilogx(
            taus,
            [loss(s_pos, s_neg, t) for t in taus],
            ls=style,
            color=colour,
            label=name,
        )
        warm = taus[taus > 0.4]
        formula = chance - (s_pos - mean) / warm
        ax.semilogx(
            warm,
            formula,
            ls="--",
            lw=1,
            color=colour,
            label=f"expansion, {name}",
        )
    ax.axhline(chance, color="C5", ls=":", label="log(M + 1)")
    ax.set(xlabel="temperature τ", ylabel="loss / nats", ylim=(0, 4.2))
    ax.legend()
    return fig
