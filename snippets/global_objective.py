"""The loss over all data, and a running mean in place of a large batch."""

# --8<-- [start:compute]
import numpy as np

n, B, tau, gamma = 200, 4, 0.2, 0.1
rng = np.random.default_rng(0)
s_pos, s_neg = 0.8, np.sort(rng.uniform(-0.5, 0.9, size=n))  # of one anchor
e = np.exp(s_neg / tau)
g = e.mean()  # over all data
loss = -s_pos / tau + np.log(g)
exact = e / e.sum()  # gradient of log g by s_k, times tau

u, batches, slow = g, 20_000, np.zeros(n)
small = np.zeros(n)
for _ in range(batches):
    rows = rng.choice(n, size=B, replace=False)
    g_hat = e[rows].mean()
    u = (1 - gamma) * u + gamma * g_hat
    small[rows] += e[rows] / (B * g_hat) / batches  # the batch alone
    slow[rows] += e[rows] / (B * u) / batches  # over the running mean

print(f"loss over all data {loss:.6f}")
for name, push in (("exact", exact), ("batch", small), ("running", slow)):
    print(f"{name:7}: push on the ten hardest {push[-10:].sum():.3f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch


def global_loss(positive, negatives, *, temperature):
    """Cosine of an anchor's positive, and of all other data (n)."""
    logits = negatives / temperature
    log_g = logits.logsumexp(0) - np.log(len(negatives))
    return log_g - positive / temperature


in_torch = global_loss(s_pos, torch.from_numpy(s_neg), temperature=tau)
print(f"in torch: {in_torch:.6f}")
# --8<-- [end:torch]

hardest = slice(-10, None)
exact_push, batch_push, running_push = (
    push[hardest].sum() for push in (exact, small, slow)
)
count = len(s_neg[hardest])
same = torch.full((n,), s_pos, dtype=torch.float64)
equal = abs(global_loss(s_pos, same, temperature=tau).round(decimals=12))

VALUES = {
    "n": n,
    "B": B,
    "tau": tau,
    "gamma": gamma,
    "loss": loss,
    "count": count,
    "exact_push": exact_push,
    "batch_push": batch_push,
    "running_push": running_push,
    "equal": equal,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for push, colour, style, name in (
        (exact, "C5", "-", "all data"),
        (small, "C2", "--", f"batches of {B}"),
        (slow, "C0", ":", "with a running mean"),
    ):
        ax.plot(
            s_neg[4::10],
            push.reshape(-1, 10).sum(axis=1),
            color=colour,
            ls=style,
            marker="o",
            ms=4,
            label=name,
        )
    ax.set(
        xlabel="cosine of the negatives (groups of ten)",
        ylabel="share of the push",
        ylim=(0, None),
    )
    ax.legend()
    return fig
