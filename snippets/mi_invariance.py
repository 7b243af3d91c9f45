"""Two codes with one loss, one information, one geometry, and two probes."""

# --8<-- [start:compute]
import numpy as np

N, tau = 64, 0.1  # equally likely inputs, each its own pair
angle = 2 * np.pi * np.arange(N) / N
code_a = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # on a circle
code_b = code_a[np.random.default_rng(0).permutation(N)]  # shuffled
information = np.log(N)  # of either code: it names the input


def info_nce(z, positive):
    logits = z @ z.T / tau
    losses = np.log(np.exp(logits).sum(axis=1))
    return (losses - logits[np.arange(N), positive]).mean()


own = np.arange(N)  # the positive of an input is the input itself
loss_a, loss_b = info_nce(code_a, own), info_nce(code_b, own)
print(f"positive = the input itself: {loss_a:.6f}, {loss_b:.6f}")
next_to = (own + 1) % N  # its positive is the next input
near_a, near_b = info_nce(code_a, next_to), info_nce(code_b, next_to)
print(f"positive = the next input:   {near_a:.6f}, {near_b:.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

a, b = torch.from_numpy(code_a), torch.from_numpy(code_b)
package = torch.stack(
    [infonce.info_nce(q, q[next_to], temperature=tau) for q in (a, b)]
)
print(f"infonce.info_nce, the next input: {package[0]:.6f}, {package[1]:.6f}")
# --8<-- [end:package]

from sklearn.linear_model import LogisticRegression

half = own >= N // 2  # the label: which half an input is in
probe_a = LogisticRegression().fit(code_a, half).score(code_a, half)
probe_b = LogisticRegression().fit(code_b, half).score(code_b, half)

VALUES = {
    "N": N,
    "tau": tau,
    "information": information,
    "loss_a": loss_a,
    "loss_b": loss_b,
    "near_a": near_a,
    "near_b": near_b,
    "probe_a": probe_a,
    "probe_b": probe_b,
}


def figure():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        1, 2, figsize=(6.6, 3.6), sharey=True, layout="constrained"
    )
    for ax, z, name in zip(axes, (code_a, code_b), "AB", strict=True):
        for members, marker, colour, label in (
            (~half, "o", "C0", "first half"),
            (half, "^", "C2", "second half"),
        ):
            ax.plot(
                *z[members].T,
                marker,
                color=colour,
                ls="",
                ms=5,
                label=label,
            )
        ax.set(title=f"code {name}", aspect="equal", xlabel="first coordinate")
    axes[0].set(ylabel="second coordinate", ylim=(-1.15, 1.15))
    axes[0].legend(loc="center", fontsize=11)
    return fig
