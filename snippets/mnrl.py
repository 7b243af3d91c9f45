"""Multiple negatives ranking: InfoNCE in one direction, between sentences."""

# --8<-- [start:compute]
import numpy as np

S = np.array([[1.0, 0.5], [0.2, 0.9]])  # cosines: sentences x their partners
alpha = 20.0  # the default scale, a temperature of 0.05

logits = alpha * S
leads = logits - np.diag(logits)[:, None]  # of each candidate over the partner
np.fill_diagonal(leads, -np.inf)
losses = np.log1p(np.exp(leads).sum(axis=1))  # each row
loss = losses.mean()
other_way = (np.log(np.exp(logits).sum(axis=0)) - np.diag(logits)).mean()

print(f"sentence to partner {loss:.6e} nats")
print(f"partner to sentence {other_way:.6e}, not part of the loss")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce_from_similarity(
    torch.from_numpy(S), temperature=1 / alpha
)
print(f"infonce.info_nce_from_similarity: {package:.6e}")
# --8<-- [end:package]

tau = 1 / alpha
both_ways = (loss + other_way) / 2

# --8<-- [start:dropout]
g = torch.Generator().manual_seed(0)
words = torch.randn(6, 32, generator=g, dtype=torch.float64)  # six sentences
weight = torch.randn(32, 16, generator=g, dtype=torch.float64)
weight.requires_grad_()


def embed(keep):
    """A linear encoder with dropout on its input."""
    mask = torch.rand(words.shape, generator=g, dtype=torch.float64) < keep
    z = (words * mask / keep) @ weight
    return z / z.norm(dim=1, keepdim=True)


pulls = []
for keep in (1.0, 0.9):
    cosine = (embed(keep) * embed(keep)).sum(1).mean()
    (pull,) = torch.autograd.grad(cosine, weight)
    pulls.append(pull.norm().item())
    print(f"keep {keep:.0%}: positives at {cosine:.4f}, pull {pull.norm():.4f}")
# --8<-- [end:dropout]
without, with_dropout = pulls
equal = np.log(len(S))

VALUES = {
    "alpha": alpha,
    "tau": tau,
    "loss": loss,
    "other_way": other_way,
    "both_ways": both_ways,
    "package": package,
    "equal": equal,
    "without": without,
    "with_dropout": with_dropout,
}


def figure():
    import matplotlib.pyplot as plt

    gaps = np.linspace(-0.3, 0.6, 91)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for N, style in ((2, ":"), (64, "--"), (1024, "-")):
        ax.plot(
            gaps,
            np.log1p((N - 1) * np.exp(-alpha * gaps)),
            color="C4",
            ls=style,
            label=f"N = {N:,}",
        )
    ax.axvline(0, color="C5", lw=1)
    ax.set(
        xlabel="lead of the partner over every other candidate (cosine)",
        ylabel="loss / nats",
        ylim=(0, 12),
    )
    ax.legend()
    return fig
