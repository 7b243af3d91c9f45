"""Decoupling: the positive leaves the denominator."""

# --8<-- [start:compute]
import numpy as np

s_pos, s_neg, tau = 0.9, np.array([0.4, 0.1]), 0.2

coupled = np.log(np.exp(s_pos / tau) + np.exp(s_neg / tau).sum()) - s_pos / tau
loss = np.log(np.exp(s_neg / tau).sum()) - s_pos / tau
p_pos = np.exp(-coupled)

print(f"decoupled {loss:.6f} nats, InfoNCE {coupled:.6f}")
print(f"softplus of the decoupled loss {np.log1p(np.exp(loss)):.6f}")
print(f"share of the gradient that InfoNCE keeps {1 - p_pos:.6f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch


def decoupled_loss(positive, negatives, *, temperature):
    """Cosines (N) and (N, M); may be negative, has no lower bound at 0."""
    logits = negatives / temperature
    return (logits.logsumexp(1) - positive / temperature).mean()


one = torch.tensor([s_pos], dtype=torch.float64, requires_grad=True)
row = torch.tensor(s_neg)[None].requires_grad_()
in_torch = decoupled_loss(one, row, temperature=tau)
print(f"in torch: {in_torch:.6f}")
# --8<-- [end:torch]

from infonce import info_nce_from_similarity, similarity_grad

both = torch.cat([one[:, None], row], dim=1)
package = info_nce_from_similarity(both, torch.tensor([0]), temperature=tau)
gradient = similarity_grad(both.detach(), torch.tensor([0]), temperature=tau)
decoupled = torch.cat(
    [x.flatten() for x in torch.autograd.grad(in_torch, (one, row))]
)
ratio = gradient[0, 1] / decoupled[1]
softplus = torch.nn.functional.softplus(in_torch)
kept = 1 - p_pos
limit_M, limit_tau = 4, 0.1
collapse = np.log(limit_M)

VALUES = {
    "s_pos": s_pos,
    "tau": tau,
    "loss": loss,
    "coupled": package,
    "softplus": softplus,
    "ratio": ratio,
    "kept": kept,
    "limit_M": limit_M,
    "collapse": collapse,
}


def figure():
    import matplotlib.pyplot as plt

    x = np.linspace(0, 1, 100)
    rest = np.log(np.exp(s_neg / tau).sum())
    d = rest - x / tau
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 5.4), sharex=True, layout="constrained"
    )
    top.plot(x, d, color="C2", ls="--", label="decoupled")
    top.plot(x, np.log1p(np.exp(d)), color="C0", label="InfoNCE: its softplus")
    top.axhline(0, color="black", lw=0.8)
    top.set(ylabel="loss / nats")
    top.legend()
    bottom.plot(
        x, np.full_like(x, 1 / tau), color="C2", ls="--", label="decoupled"
    )
    bottom.plot(
        x, 1 / (1 + np.exp(-d)) / tau, color="C0", label="InfoNCE: times 1 − p₊"
    )
    bottom.set(
        xlabel="cosine of the positive",
        ylabel="pull on the positive",
        ylim=(0, None),
    )
    bottom.legend()
    return fig
