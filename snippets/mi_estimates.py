"""Three lower bounds on mutual information: one is capped, two run wild."""

# --8<-- [start:compute]
import numpy as np

N, pairs, truth = 64, 20, 10.0  # Gaussian pairs with 10 nats in all
rho2 = 1 - np.exp(-2 * truth / pairs)  # squared correlation of each
rng = np.random.default_rng(0)


def scores(rho2):
    """One batch, scored by the exact log ratio: no critic is better."""
    x = rng.normal(size=(N, pairs))
    y = np.sqrt(rho2) * x + np.sqrt(1 - rho2) * rng.normal(size=x.shape)
    cross = 2 * np.sqrt(rho2) * x @ y.T
    squares = (x**2).sum(1)[:, None] + (y**2).sum(1)
    log_r = (cross - rho2 * squares) / (2 * (1 - rho2))
    return log_r - pairs / 2 * np.log(1 - rho2)  # (N, N)


def estimates(g):
    joint, off = np.diag(g).mean(), np.exp(g[~np.eye(N, dtype=bool)]).mean()
    loss = (np.log(np.exp(g).sum(axis=1)) - np.diag(g)).mean()
    return [np.log(N) - loss, joint - np.log(off), 1 + joint - off]


g = scores(rho2)
once = estimates(g)
print("InfoNCE {:.4f}   DV {:.4f}   NWJ {:.4f}".format(*once))
print(f"truth   {truth:.4f}, cap {np.log(N):.4f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = torch.stack(infonce.mutual_information(torch.from_numpy(g))[:3])
print("infonce.mutual_information:", [f"{e:.4f}" for e in package])
# --8<-- [end:package]

rounds = 300
truths = np.linspace(0.5, 10, 20)
runs = np.array(
    [
        [estimates(scores(1 - np.exp(-2 * t / pairs))) for _ in range(rounds)]
        for t in truths
    ]
)  # (truths, rounds, 3)
small = 2.0
at_small = runs[list(truths).index(small)]
nce_small = at_small[:, 0].mean()
nwj_small = at_small[:, 2].mean()
nce_large, nce_spread = runs[-1, :, 0].mean(), runs[-1, :, 0].std()
nwj_median = np.median(runs[-1, :, 2])
nwj_least = runs[-1, :, 2].min()
nwj_spread_small = at_small[:, 2].std()
dv_large, dv_spread = runs[-1, :, 1].mean(), runs[-1, :, 1].std()
cap = np.log(N)
perfect = estimates(50 * np.eye(N))[0]  # no critic can be surer

VALUES = {
    "N": N,
    "pairs": pairs,
    "truth": truth,
    "rounds": rounds,
    "small": small,
    "nce_small": nce_small,
    "nwj_small": nwj_small,
    "nwj_spread_small": nwj_spread_small,
    "nce_large": nce_large,
    "nce_spread": nce_spread,
    "nwj_median": nwj_median,
    "nwj_least": nwj_least,
    "dv_large": dv_large,
    "dv_spread": dv_spread,
    "cap": cap,
    "perfect": perfect,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4.4), layout="constrained")
    ax.plot(truths, truths, color="C5", ls="-", lw=1, label="truth")
    ax.axhline(cap, color="C4", ls=":", label="cap, log N")
    for number, name, colour, style in (
        (2, "NWJ", "C2", "--"),
        (1, "DV", "C1", "-."),
        (0, "InfoNCE", "C0", "-"),
    ):
        low, mid, high = np.percentile(runs[..., number], (10, 50, 90), axis=1)
        ax.fill_between(truths, low, high, color=colour, alpha=0.15)
        ax.plot(truths, mid, color=colour, ls=style, label=name)
    ax.set(
        xlabel="true information / nats",
        ylabel="estimate / nats",
        ylim=(-4, 12),
    )
    ax.legend(loc="lower left", ncols=2)
    return fig
