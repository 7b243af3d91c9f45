"""The bias of finitely many negatives, to first order, for even embeddings."""

# --8<-- [start:compute]
import math

import torch

import infonce


def log_mean(d, kappa):
    """log E e^(kappa s) with a uniform point of the sphere in R^d."""
    return infonce.uniformity_reference(d, t=kappa / 2) + kappa


def variance(d, tau):
    """Of e^(s/tau), over its mean squared."""
    return math.expm1(log_mean(d, 2 / tau) - 2 * log_mean(d, 1 / tau))


needed = variance(2, 0.1) / (2 * 0.01)
power = 2 ** math.ceil(math.log2(needed))
factor = variance(2, 0.05) / variance(2, 0.1)
factor_wide = variance(64, 0.05) / variance(64, 0.1)
print(f"{needed:.0f} negatives for a bias of 0.01 at temperature 0.1")
print(
    f"at 0.05 {factor:.2f} times as many, at width 64 {factor_wide:.0f} times"
)
# --8<-- [end:compute]

at_power = -variance(2, 0.1) / (2 * power)
at_four = -variance(2, 0.1) / (2 * 4)


def turn(m, tau=0.1, batches=4000):
    """Angle of the push of m negatives to the anchor, over many batches."""
    g = torch.Generator().manual_seed(0)
    angle = (
        2 * math.pi * torch.rand(batches, m, generator=g, dtype=torch.float64)
    )
    w = infonce.softmax_weights(angle.cos(), temperature=tau)
    along, across = (w * angle.cos()).sum(1), (w * angle.sin()).sum(1)
    return math.degrees(math.atan2(across.square().mean().sqrt(), along.mean()))


few, more, many = 16, 64, 256

VALUES = {
    "few": few,
    "more": more,
    "many": many,
    "turn": turn(few),
    "turn_more": turn(more),
    "turn_many": turn(many),
    "needed": needed,
    "power": power,
    "factor": factor,
    "factor_wide": factor_wide,
    "at_power": at_power,
    "at_four": at_four,
}


def figure():
    import matplotlib.pyplot as plt

    counts = [2**k for k in range(11)]
    fig, ax = plt.subplots(figsize=(6, 3.75), layout="constrained")
    for tau, colour in ((0.5, "C5"), (0.2, "C4"), (0.1, "C3")):
        bias = [variance(2, tau) / (2 * m) for m in counts]
        ax.plot(counts, bias, color=colour, label=f"temperature {tau}")
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="negatives M",
        ylabel="bias, first order / nats",
    )
    ax.legend()
    return fig
