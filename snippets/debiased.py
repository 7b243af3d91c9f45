"""The debiased loss: subtract what false negatives add on average."""

# --8<-- [start:compute]
import numpy as np

s_pos, s_neg = 0.5, np.array([0.4, 0.0, -0.2])
prior, tau = 0.1, 1.0  # a tenth of all data share the anchor's class
M = len(s_neg)

e_pos, e_neg = np.exp(s_pos / tau), np.exp(s_neg / tau)
g = (e_neg.mean() - prior * e_pos) / (1 - prior)
g = max(g, np.exp(-1 / tau))  # no mean of e^(s/tau) is below this
loss = -np.log(e_pos / (e_pos + M * g))
plain = -np.log(e_pos / (e_pos + e_neg.sum()))

print(f"mean weight of a negative {e_neg.mean():.6f}, corrected {g:.6f}")
print(f"loss {loss:.6f} nats, uncorrected {plain:.6f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch


def debiased_loss(positive, negatives, *, prior, temperature):
    """Cosines (N) and (N, M); the positive stands for its class."""
    e_pos = torch.exp(positive / temperature)
    e_neg = torch.exp(negatives / temperature)
    g = (e_neg.mean(1) - prior * e_pos) / (1 - prior)
    g = g.clamp(min=torch.exp(torch.tensor(-1.0 / temperature)).item())
    return torch.log1p(negatives.shape[1] * g / e_pos).mean()


in_torch = debiased_loss(
    torch.tensor([s_pos], dtype=torch.float64),
    torch.tensor(s_neg)[None],
    prior=prior,
    temperature=tau,
)
print(f"in torch: {in_torch:.6f}")
# --8<-- [end:torch]

one, row = torch.tensor([s_pos]).double(), torch.tensor(s_neg)[None]
no_prior = debiased_loss(one, row, prior=0.0, temperature=tau)
cold = 0.05
clamped = debiased_loss(one, row, prior=prior, temperature=cold)
at_clamp = np.log1p(M * np.exp(-1 / cold) / np.exp(s_pos / cold))

VALUES = {
    "s_pos": s_pos,
    "prior": prior,
    "tau": tau,
    "M": M,
    "g": g,
    "loss": loss,
    "plain": plain,
    "no_prior": no_prior,
    "cold": cold,
    "clamped": clamped,
    "at_clamp": at_clamp,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.05, 2, 60)
    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for share, colour, style in (
        (0.0, "C5", "-."),
        (0.05, "C0", "--"),
        (0.1, "C2", "-"),
        (0.2, "C3", ":"),
    ):
        values = [
            debiased_loss(one, row, prior=share, temperature=float(t)).item()
            for t in taus
        ]
        ax.loglog(taus, values, color=colour, ls=style, label=f"prior {share}")
    ax.set(
        xlabel="temperature τ", ylabel="debiased loss / nats", ylim=(1e-9, 10)
    )
    ax.legend()
    return fig
