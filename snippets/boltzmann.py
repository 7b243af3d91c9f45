"""Similarity as energy: weights, free energy, and the loss as a difference."""

# --8<-- [start:compute]
import numpy as np

tau = 0.5
s_pos, s_neg = 0.9, np.array([0.6, 0.3, -0.2, -0.4])
energy = -np.append(s_pos, s_neg)  # the positive first

p = np.exp(-energy / tau)
Z = p.sum()  # the partition function
p /= Z
free = -tau * np.log(Z)  # free energy
mean_energy = p @ energy
H = -(p * np.log(p)).sum()
loss = (energy[0] - free) / tau

print(f"loss {loss:.12f} nats")
print(f"free energy {free:.6f} = {mean_energy:.6f} - tau * {H:.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce_from_similarity(
    torch.from_numpy(-energy)[None], torch.tensor([0]), temperature=tau
)
print(f"infonce.info_nce_from_similarity: {package:.12f}")
# --8<-- [end:package]


def free_energy(temperature):
    return -temperature * np.log(np.exp(-energy / temperature).sum())


step = 1e-5
slope = (free_energy(tau + step) - free_energy(tau - step)) / (2 * step)
parts = mean_energy - tau * H
cold = 0.01
free_cold = free_energy(cold)
M = len(s_neg)

VALUES = {
    "tau": tau,
    "M": M,
    "loss": loss,
    "p_pos": p[0],
    "free": free,
    "mean_energy": mean_energy,
    "H": H,
    "parts": parts,
    "slope": slope,
    "cold": cold,
    "free_cold": free_cold,
    "lowest": energy.min(),
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 3, 100)
    w = np.exp(-(energy - energy.min())[:, None] / taus)
    w /= w.sum(axis=0)
    entropy = -(w * np.log(np.maximum(w, 1e-300))).sum(axis=0)
    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ax.semilogx(taus, energy @ w, color="C2", ls="--", label="mean energy")
    ax.semilogx(
        taus, entropy * taus, color="C3", ls=":", label="τ times entropy"
    )
    ax.semilogx(
        taus,
        [free_energy(t) for t in taus],
        color="C0",
        ls="-",
        label="free energy: their difference",
    )
    ax.axhline(energy[0], color="C1", lw=1, ls="-", label="the positive")
    ax.set(
        xlabel="temperature τ", ylabel="energy, as −cosine", ylim=(-2.2, 2.2)
    )
    ax.legend(loc="upper left")
    return fig
