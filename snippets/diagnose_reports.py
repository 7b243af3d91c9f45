"""Loss values that people reported, read against collapse and the best case."""

# --8<-- [start:read]
from math import exp, log, log1p


def nt_xent_range(N, tau, factor=1.0):
    """NT-Xent of N pairs: what collapse costs, and what perfection costs."""
    floor = log1p(2 * (N - 1) * exp(-N / ((N - 1) * tau)))
    return factor * log(2 * N - 1), factor * floor


def queue_range(K, tau):
    """MoCo with K keys: equal similarities, and a positive among strangers."""
    return log(K + 1), log1p(K * exp(-1 / tau))


def way_down(loss, limits):
    """0: nothing is learned, 1: as good as it gets."""
    collapse, best = limits
    return (collapse - loss) / (collapse - best)


# --8<-- [end:read]

# --8<-- [start:reports]
# moco 12: v2, so tau 0.2 and 65536 keys
moco_loss, keys, moco_tau = 6.90, 65536, 0.2
moco = queue_range(keys, moco_tau)
# SupContrast 45: method SimCLR, batch 128, tau 0.5, factor tau / 0.07
supcon_loss, supcon_n, supcon_tau = 28.0, 128, 0.5
supcon = nt_xent_range(supcon_n, supcon_tau, factor=supcon_tau / 0.07)
# simclr 141: batch 128, tau 0.1
simclr_loss, simclr_n, simclr_tau = 5.0, 128, 0.1
simclr = nt_xent_range(simclr_n, simclr_tau)
# open_clip 17: batch 128
clip_loss, clip_n = 4.8, 128
clip_guess = log(clip_n)

moco_way, supcon_way, simclr_way = (
    way_down(moco_loss, moco),
    way_down(supcon_loss, supcon),
    way_down(simclr_loss, simclr),
)
print("report            loss   nothing  best    way down")
for name, loss, limits in (
    ("MoCo, issue 12", moco_loss, moco),
    ("SupContrast, 45", supcon_loss, supcon),
    ("SimCLR, 141", simclr_loss, simclr),
):
    nothing, best = limits
    way = way_down(loss, limits)
    print(f"{name:16} {loss:6.2f}  {nothing:7.2f} {best:6.2f}  {way:8.0%}")
# --8<-- [end:reports]

moco_nothing, moco_best = moco
supcon_nothing, supcon_best = supcon
simclr_nothing, simclr_best = simclr

VALUES = {
    "moco_loss": moco_loss,
    "keys": keys,
    "moco_tau": moco_tau,
    "moco_nothing": moco_nothing,
    "moco_best": moco_best,
    "moco_way": moco_way,
    "supcon_loss": supcon_loss,
    "supcon_n": supcon_n,
    "supcon_tau": supcon_tau,
    "supcon_nothing": supcon_nothing,
    "supcon_best": supcon_best,
    "supcon_way": supcon_way,
    "simclr_loss": simclr_loss,
    "simclr_n": simclr_n,
    "simclr_tau": simclr_tau,
    "simclr_nothing": simclr_nothing,
    "simclr_best": simclr_best,
    "simclr_way": simclr_way,
    "clip_loss": clip_loss,
    "clip_n": clip_n,
    "clip_guess": clip_guess,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
    rows = {
        "MoCo, 12": (moco_loss, moco),
        "SupContrast, 45": (supcon_loss, supcon),
        "SimCLR, 141": (simclr_loss, simclr),
    }
    for row, (loss, (nothing, best)) in enumerate(rows.values()):
        ax.plot([best / nothing, 1], [row, row], color="C5", lw=5, alpha=0.4)
        ax.plot([loss / nothing], [row], "D", color="C0", ms=9)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(
        xlabel="loss, as a part of its value at collapse", xlim=(-0.03, 1.05)
    )
    return fig
