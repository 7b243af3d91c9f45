"""How many negatives the loss listens to, against temperature."""

# --8<-- [start:compute]
import numpy as np

tau = 0.2
s_neg = np.array([0.75, 0.5, 0.2, -0.1, -0.4])  # cosines with the anchor

w = np.exp(s_neg / tau) / np.exp(s_neg / tau).sum()
H = -(w * np.log(w)).sum()
n_eff = np.exp(H)
dH_dtau = ((w * s_neg**2).sum() - (w * s_neg).sum() ** 2) / tau**3

print("weights", " ".join(f"{x:.4f}" for x in w))
print(f"entropy {H:.6f} nats: {len(s_neg)} negatives count as {n_eff:.4f}")
print(f"slope of the entropy in the temperature: {dH_dtau:.4f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

# Column 0 is the positive: whatever its similarity, it is not in w.
similarity = torch.tensor([[0.8, *s_neg]], dtype=torch.float64)
weights = infonce.negative_weights(
    similarity, torch.tensor([0]), temperature=tau
)
package = infonce.effective_negatives(weights)[0]
print(
    "infonce.negative_weights:   ", " ".join(f"{x:.4f}" for x in weights[0, 1:])
)
print(f"infonce.effective_negatives: {package:.4f}")
# --8<-- [end:package]


def count(tau):
    """Effective number of the negatives at this temperature."""
    w = infonce.softmax_weights(torch.from_numpy(s_neg), temperature=tau)
    return infonce.effective_negatives(w).item()


M = len(s_neg)
hardest = s_neg[0]
w_hardest = weights[0, 1]
cold, typical, hot = 0.02, 0.07, 2.0
n_cold = count(cold)
n_typical = count(typical)
n_hot = count(hot)
w_typical = infonce.softmax_weights(
    torch.from_numpy(s_neg), temperature=typical
)[0]
ratio = np.exp((s_neg[0] - s_neg[1]) / tau)
gap = s_neg[0] - s_neg[1]
ratio_typical = np.exp((s_neg[0] - s_neg[1]) / typical)
difference = (np.log(count(tau + 1e-6)) - np.log(count(tau - 1e-6))) / 2e-6

VALUES = {
    "tau": tau,
    "M": M,
    "hardest": hardest,
    "w_hardest": w_hardest,
    "H": H,
    "n_eff": n_eff,
    "package": package,
    "dH_dtau": dH_dtau,
    "difference": difference,
    "cold": cold,
    "typical": typical,
    "hot": hot,
    "n_cold": n_cold,
    "n_typical": n_typical,
    "n_hot": n_hot,
    "w_typical": w_typical,
    "gap": gap,
    "ratio": ratio,
    "ratio_typical": ratio_typical,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 5, 80)
    e = np.exp((s_neg[:, None] - s_neg.max()) / taus)
    w_of_tau = e / e.sum(axis=0)
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 5.2), sharex=True, layout="constrained"
    )
    styles = (("-", ""), ("--", ""), ("-.", ""), (":", ""), ("-", "o"))
    for cosine, row, (line, mark) in zip(s_neg, w_of_tau, styles, strict=True):
        label, color = f"s = {cosine:.2f}", "C2"
        top.semilogx(
            taus,
            row,
            ls=line,
            marker=mark,
            markevery=6,
            ms=4,
            color=color,
            label=label,
        )
    top.set(ylabel="weight w", ylim=(0, 1))
    top.legend(title="negative", loc="center left", bbox_to_anchor=(0, 0.45))
    entropy = -(w_of_tau * np.log(np.maximum(w_of_tau, 1e-300))).sum(axis=0)
    bottom.semilogx(taus, np.exp(entropy), color="C3", label="effective number")
    bottom.axvline(
        tau, color="C3", ls=":", lw=1, label="the temperature of the snippet"
    )
    bottom.set(
        xlabel="temperature τ",
        ylabel="effective negatives",
        ylim=(0.8, M + 0.2),
    )
    bottom.legend()
    return fig
