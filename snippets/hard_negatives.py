"""Hard negatives by reweighting: a second temperature for negatives alone."""

# --8<-- [start:compute]
import numpy as np

s_pos, s_neg = 0.9, np.array([0.6, 0.3, 0.0])
tau, beta = 0.5, 1.0
M = len(s_neg)

e = np.exp(s_neg / tau)
w = e**beta / (e**beta).sum()  # weights of the draw: hard ones more often
g = (w * e).sum()  # the mean of e^(s/tau) under these weights
loss = np.log1p(M * g / np.exp(s_pos / tau))
plain = np.log1p(e.sum() / np.exp(s_pos / tau))

print("weights of the draw", " ".join(f"{x:.4f}" for x in w))
print(f"loss {loss:.6f} nats, without reweighting {plain:.6f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch


def hard_loss(positive, negatives, *, beta, temperature):
    """Cosines (N) and (N, M). The weights are constants, not functions."""
    logits = negatives / temperature
    w = torch.softmax(beta * logits.detach(), dim=1)
    g = (w * logits.exp()).sum(1)
    M = negatives.shape[1]
    return torch.log1p(M * g / (positive / temperature).exp()).mean()


one = torch.tensor([s_pos], dtype=torch.float64)
row = torch.tensor(s_neg)[None].requires_grad_()
in_torch = hard_loss(one, row, beta=beta, temperature=tau)
print(f"in torch: {in_torch:.6f}")
# --8<-- [end:torch]

(push,) = torch.autograd.grad(in_torch, row)
push = push[0] / push.sum()  # share of the push on each negative
colder = torch.softmax((1 + beta) * row.detach()[0] / tau, dim=0)
apart = (push - colder).abs().max().round(decimals=12)
undetached = torch.log1p(
    M
    * (torch.softmax(beta * row / tau, 1) * (row / tau).exp()).sum(1)
    / (one / tau).exp()
).mean()
(free,) = torch.autograd.grad(undetached, row)
free = free[0] / free.sum()
easy_push, easy_free = push[-1], free[-1]
no_beta = hard_loss(one, row, beta=0.0, temperature=tau)
effective_tau = tau / (1 + beta)

VALUES = {
    "tau": tau,
    "beta": beta,
    "M": M,
    "loss": loss,
    "plain": plain,
    "apart": apart,
    "effective_tau": effective_tau,
    "hardest": push[0],
    "easy_push": easy_push,
    "easy_free": easy_free,
    "no_beta": no_beta,
}


def figure():
    import matplotlib.pyplot as plt

    betas = np.linspace(0, 4, 60)
    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for k, style in enumerate(("-", "--", ":")):
        shares = [
            torch.softmax((1 + b) * row.detach()[0] / tau, 0)[k].item()
            for b in betas
        ]
        ax.plot(
            betas, shares, color="C2", ls=style, label=f"s = {s_neg[k]:.1f}"
        )
    ax.set(xlabel="β", ylabel="share of the push", ylim=(0, 1))
    ax.legend(title="negative")
    return fig
