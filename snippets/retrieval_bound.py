"""What the loss promises about retrieval: it is at least the mean log rank."""

# --8<-- [start:compute]
import numpy as np

N, d, tau = 64, 8, 0.07
rng = np.random.default_rng(0)
q = rng.normal(size=(N, d))
k = q + 0.5 * rng.normal(size=(N, d))
q /= np.linalg.norm(q, axis=1, keepdims=True)
k /= np.linalg.norm(k, axis=1, keepdims=True)

s = q @ k.T
positive = np.diag(s)[:, None]
rank = (s >= positive).sum(axis=1)  # 1: nobody else is as similar
losses = np.log(np.exp(s / tau).sum(axis=1)) - positive[:, 0] / tau
log_rank = np.log(rank).mean()
wrong = (rank > 1).mean()

print(f"mean log rank   {log_rank:.6f} <= loss {losses.mean():.6f}")
print(
    f"top-1 is wrong  {wrong:.4f} <= loss / log 2 "
    f"{losses.mean() / np.log(2):.4f}"
)
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

ranks = infonce.retrieval_ranks(torch.from_numpy(q), torch.from_numpy(k))
package = ranks.double().log().mean()
print(f"infonce.retrieval_ranks: mean log rank {package:.6f}")
# --8<-- [end:package]

loss = losses.mean()
limit = loss / np.log(2)
typical = np.exp(log_rank)
allowed = np.exp(loss)
violations = np.sum(losses < np.log(rank))
hot = 5.0
loss_hot = (np.log(np.exp(s / hot).sum(axis=1)) - positive[:, 0] / hot).mean()
tied = np.log(np.exp(np.zeros(N)).sum())

VALUES = {
    "N": N,
    "tau": tau,
    "loss": loss,
    "log_rank": log_rank,
    "wrong": wrong,
    "limit": limit,
    "typical": typical,
    "allowed": allowed,
    "violations": violations,
    "hot": hot,
    "loss_hot": loss_hot,
    "tied": tied,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ax.plot(rank, losses, "o", color="C0", ls="", label="one query")
    ranks = np.arange(1, rank.max() + 1)
    ax.plot(ranks, np.log(ranks), color="C5", ls="--", label="log rank")
    ax.set(
        xlabel="rank of the positive",
        ylabel="loss of the query / nats",
        xscale="log",
    )
    ax.set_xticks([1, 2, 5, 10, 20, 50], [1, 2, 5, 10, 20, 50])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    return fig
