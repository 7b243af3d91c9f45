"""A friend among the negatives: what it takes of the push."""

# --8<-- [start:compute]
import numpy as np
import torch

import infonce

keys = np.radians([70.0, 100, 130, 200, 320])  # the positive first
s = torch.from_numpy(np.cos(keys - np.pi / 2))
first = torch.tensor([0])


def share(tau, s=s):
    """Of the push, on negative 1, the friend."""
    return infonce.negative_weights(s[1:], temperature=tau)[0]


low, high = 0.05, 2.0
for _ in range(60):
    half = (low + high) / 2
    low, high = (half, high) if share(half) > 0.5 else (low, half)

print(f"share at 0.2: {share(0.2):.3f}; half at {half:.4f}")
# --8<-- [end:compute]

plain = infonce.info_nce_from_similarity(s[None], first, temperature=0.2)
masked = s[[0, 2, 3, 4]][None]
without = infonce.info_nce_from_similarity(masked, first, temperature=0.2)
loss_change = 1 - without / plain
a = infonce.similarity_grad(s[None], first, temperature=0.2)[0]
b = torch.zeros_like(a)
b[[0, 2, 3, 4]] = infonce.similarity_grad(masked, first, temperature=0.2)[0]
cosine = (a @ b) / (a.norm() * b.norm())
turn = cosine.acos().rad2deg()
far_keys = np.radians([70.0, 250, 130, 200, 320])
far = share(0.2, torch.from_numpy(np.cos(far_keys - np.pi / 2)))

VALUES = {"half": half, "loss_change": loss_change, "turn": turn, "far": far}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.02, 2, 60)
    fig, ax = plt.subplots(figsize=(6, 6), layout="constrained")
    shares = [float(share(tau)) for tau in taus]
    ax.plot(taus, shares, color="C2", label="share of the push on the friend")
    ax.axvline(half, color="C3", label="half")
    ax.set(xscale="log", ylim=(0, 1.02), xlabel="temperature", ylabel="share")
    ax.legend()
    return fig
