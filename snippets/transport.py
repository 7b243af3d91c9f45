"""A softmax is a transport plan: one-sided, entropic, exact."""

# --8<-- [start:compute]
import numpy as np

tau = 0.2
S = np.array([[0.8, 0.3], [0.5, 0.6]])
N = len(S)

plan = np.exp(S / tau)
plan /= N * plan.sum(axis=1, keepdims=True)  # every row sends 1 / N
wanted = np.eye(N) / N
kl = np.sum(np.diag(wanted) * np.log(np.diag(wanted) / np.diag(plan)))

both = np.exp(S / tau)  # Sinkhorn: now columns receive 1 / N as well
for _ in range(200):
    both /= N * both.sum(axis=1, keepdims=True)
    both /= N * both.sum(axis=0, keepdims=True)

print(f"KL(wanted | plan) {kl:.12f} nats")
print(f"columns of the plan {plan.sum(axis=0).round(4)}")
print(f"Sinkhorn: {N * both[0, 0]:.12f} of row 0 stays")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce_from_similarity(torch.from_numpy(S), temperature=tau)
print(f"infonce.info_nce_from_similarity: {package:.12f}")
# --8<-- [end:package]

R = np.exp((S[0, 0] + S[1, 1] - S[0, 1] - S[1, 0]) / tau)
closed = np.sqrt(R) / (1 + np.sqrt(R))
sinkhorn = N * both[0, 0]
row = N * plan[0, 0]
column = plan.sum(axis=0)[0]


def cost(P):
    """What the plan minimises: transport cost less tau times entropy."""
    return -(P * S).sum() + tau * (P * np.log(P)).sum()


best = cost(plan)
rng = np.random.default_rng(0)
tries = 2000
others = rng.dirichlet(np.ones(N), size=(tries, N)) / N
beaten = np.mean([cost(P) < best for P in others])
aligned = -(wanted * S).sum()
sharp = np.exp(S / 0.01)
sharp /= sharp.sum(axis=1, keepdims=True)
frozen = sharp[0, 0]

VALUES = {
    "tau": tau,
    "kl": kl,
    "closed": closed,
    "sinkhorn": sinkhorn,
    "row": row,
    "column": column,
    "best": best,
    "tries": tries,
    "beaten": beaten,
    "frozen": frozen,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 3, 100)
    gap = S[0, 0] - S[0, 1]
    total = S[0, 0] + S[1, 1] - S[0, 1] - S[1, 0]
    other = S[1, 1] - S[1, 0]
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for lead, name, colour, style in (
        (gap, "softmax of row 0", "C0", "--"),
        (other, "softmax of row 1", "C0", ":"),
        (total / 2, "both marginals: Sinkhorn", "C1", "-"),
    ):
        ax.semilogx(
            taus,
            1 / (1 + np.exp(-lead / taus)),
            color=colour,
            ls=style,
            label=name,
        )
    ax.set(
        xlabel="temperature τ",
        ylabel="share that stays in its pair",
        ylim=(0.2, 1.02),
    )
    ax.legend(loc="lower left")
    return fig
