"""Heat capacity: the temperature at which a positive loses to the crowd."""

# --8<-- [start:compute]
import numpy as np

s = np.array([0.8, 0.5, 0.2, -0.1, -0.4])
tau = 0.3


def entropy(s, tau):
    w = np.exp(s / tau)
    w /= w.sum()
    return -(w * np.log(w)).sum()


w = np.exp(s / tau)
w /= w.sum()
variance = w @ s**2 - (w @ s) ** 2
C = variance / tau**2  # heat capacity
dH_dtau = C / tau
step = 1e-5
difference = (entropy(s, tau + step) - entropy(s, tau - step)) / (2 * step)

print(f"heat capacity {C:.9f}")
print(f"dH/dtau       {dH_dtau:.9f}, by differences {difference:.9f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.entropy_slope(torch.from_numpy(s), temperature=tau)
print(f"infonce.entropy_slope: {package:.9f}")
# --8<-- [end:package]


def capacity(tau, M, lead=1.0):
    """One positive, M equal negatives that lie `lead` below it."""
    p = 1 / (1 + M * np.exp(-lead / tau))
    return p * (1 - p) * (lead / tau) ** 2


few, many = 255, 65535
lead = 1.0
melt_few, melt_many = lead / np.log(few), lead / np.log(many)
share = 1 / (1 + many * np.exp(-lead / melt_many))
taus = np.geomspace(0.03, 2, 20000)
peak_few = taus[capacity(taus, few).argmax()]
peak_many = taus[capacity(taus, many).argmax()]
height_many = capacity(taus, many).max()
warm, cold = 0.2, 0.05
p_warm = 1 / (1 + many * np.exp(-lead / warm))
p_cold = 1 / (1 + many * np.exp(-lead / cold))
frozen = capacity(0.001, few)

VALUES = {
    "tau": tau,
    "C": C,
    "dH_dtau": dH_dtau,
    "difference": difference,
    "few": few,
    "many": many,
    "melt_few": melt_few,
    "melt_many": melt_many,
    "share": share,
    "peak_few": peak_few,
    "peak_many": peak_many,
    "height_many": height_many,
    "warm": warm,
    "cold": cold,
    "p_warm": p_warm,
    "p_cold": p_cold,
    "frozen": frozen,
}


def figure():
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 5.6), sharex=True, layout="constrained"
    )
    for M, style in ((few, "-"), (many, "--")):
        top.semilogx(
            taus,
            1 / (1 + M * np.exp(-lead / taus)),
            color="C1",
            ls=style,
            label=f"M = {M}",
        )
        bottom.semilogx(taus, capacity(taus, M), color="C3", ls=style)
        bottom.plot(
            [lead / np.log(M)],
            [capacity(lead / np.log(M), M)],
            "D",
            color="C4",
            ls="",
            label="τ = lead / log M" if few == M else None,
        )
    top.set(ylabel="weight of the positive")
    bottom.set(xlabel="temperature τ", ylabel="heat capacity")
    top.legend()
    bottom.legend()
    return fig
