"""Positives scattered as von Mises and Fisher say ask for a temperature."""

# --8<-- [start:compute]
import numpy as np

kappa = 10.0  # concentration of the positives around their anchor, d = 3


def log_mean(k):
    """log of the mean of e^(k s), s the cosine to a uniform point."""
    return np.log(np.sinh(k) / k)


mean_cosine = 1 / np.tanh(kappa) - 1 / kappa  # of anchor and positive
information = kappa * mean_cosine - log_mean(kappa)


def loss(tau):
    """InfoNCE of infinitely many negatives, less log M: s / tau as critic."""
    return -mean_cosine / tau + log_mean(1 / tau)


best = loss(1 / kappa)
print(f"information       {information:.12f} nats")
print(f"loss at 1 / kappa {best:.12f}")
print(
    f"loss at 0.9, 1.1 of it: {loss(0.9 / kappa):.6f}, {loss(1.1 / kappa):.6f}"
)
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

tau = 1 / kappa
spread = infonce.uniformity_reference(3, t=1 / (2 * tau))  # of e^((s-1)/tau)
package = torch.tensor((1 - mean_cosine) / tau + spread)
print(f"infonce.uniformity_reference: {package:.12f}")
# --8<-- [end:package]

u = (np.arange(400000) + 0.5) / 200000 - 1  # cosines on the globe are uniform
density = np.exp(kappa * u)
by_sum = (density * u).sum() / density.sum()
unit = 1 / np.tanh(1.0) - 1 - log_mean(1.0)
cold, hot = 0.05, 0.2
at_cold, at_hot = loss(cold), loss(hot)
flat = log_mean(1e-6).round(decimals=9)

VALUES = {
    "kappa": kappa,
    "tau": 1 / kappa,
    "mean_cosine": mean_cosine,
    "by_sum": by_sum,
    "information": information,
    "best": best,
    "unit": unit,
    "cold": cold,
    "hot": hot,
    "at_cold": at_cold,
    "at_hot": at_hot,
    "flat": flat,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 2, 120)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for k, style in ((3.0, ":"), (10.0, "-"), (30.0, "--")):
        cosine = 1 / np.tanh(k) - 1 / k
        ax.semilogx(
            taus,
            [-cosine / s + log_mean(1 / s) for s in taus],
            color="C3",
            ls=style,
            label=f"κ = {k:.0f}",
        )
        ax.plot([1 / k], [log_mean(k) - k * cosine], "D", color="C3", ls="")
    ax.axhline(0, color="C5", lw=0.8)
    ax.set(
        xlabel="temperature τ", ylabel="loss − log M / nats", ylim=(-3.5, 1.5)
    )
    ax.legend(loc="upper right")
    return fig
