"""One anchor: which of its candidates is the positive?"""

# --8<-- [start:compute]
import numpy as np

tau = 0.2
s_pos = 0.8  # cosine of the anchor and its positive
s_neg = np.array([0.75, 0.5, 0.2, -0.1, -0.4])  # and its negatives

p_pos = np.exp(s_pos / tau) / (np.exp(s_pos / tau) + np.exp(s_neg / tau).sum())
as_probability = -np.log(p_pos)
as_margins = np.log1p(np.exp((s_neg - s_pos) / tau).sum())

print(
    f"-log of the positive's probability {p_pos:.4f}: {as_probability:.6f} nats"
)
print(f"from the margins to the negatives:          {as_margins:.6f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

# Column 0 is the positive.
similarity = torch.tensor([[s_pos, *s_neg]], dtype=torch.float64)
package = infonce.info_nce_from_similarity(
    similarity, torch.tensor([0]), temperature=tau
)
print(f"infonce.info_nce_from_similarity: {package:.6f}")
# --8<-- [end:package]

M = len(s_neg)
classes = M + 1
equal = infonce.info_nce_from_similarity(
    torch.full_like(similarity, 0.3), torch.tensor([0]), temperature=tau
)
shifted = infonce.info_nce_from_similarity(
    similarity + 0.1, torch.tensor([0]), temperature=tau
)
hardest = s_neg.max()
p_hardest = (1 - p_pos) * np.exp(hardest / tau) / np.exp(s_neg / tau).sum()

VALUES = {
    "tau": tau,
    "M": M,
    "classes": classes,
    "s_pos": s_pos,
    "hardest": hardest,
    "p_pos": p_pos,
    "p_hardest": p_hardest,
    "loss": as_probability,
    "as_margins": as_margins,
    "package": package,
    "equal": equal,
    "shifted": shifted,
}


def figure():
    import matplotlib.pyplot as plt

    cosines = np.array([s_pos, *s_neg])
    p = np.exp(cosines / tau) / np.exp(cosines / tau).sum()
    names = ["positive", *(f"negative {j}" for j in range(1, M + 1))]
    colours = ["C1", *["C2"] * M]
    fig, axes = plt.subplots(
        2, 1, figsize=(6, 4.6), sharex=True, layout="constrained"
    )
    for ax, heights, label in zip(
        axes, (cosines, p), ("cosine s", "probability p"), strict=True
    ):
        ax.bar(
            names, heights, color=colours, hatch=["", *["//"] * M], label=label
        )
        ax.axhline(0, lw=0.8, color="black")
        ax.set_ylabel(label)
    axes[1].tick_params(axis="x", labelrotation=20)
    return fig
