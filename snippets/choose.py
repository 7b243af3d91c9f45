"""The temperature at which a batch listens to a chosen number of negatives."""

# --8<-- [start:read]
import torch
from torch.nn import functional as F

from infonce import effective_negatives, softmax_weights


def heard(s, tau):
    """Mean effective number of negatives; s is (anchors, negatives)."""
    weights = softmax_weights(s, temperature=tau)
    return effective_negatives(weights).mean().item()


def temperature_for(s, target, low=1e-3, high=10.0):
    """Halve the range: a warmer softmax never listens to fewer negatives."""
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (
            (low, middle) if heard(s, middle) > target else (middle, high)
        )
    return middle


N, d, classes = 256, 64, 10
g = torch.Generator().manual_seed(0)
centres = F.normalize(torch.randn(classes, d, generator=g, dtype=torch.float64))
kind = torch.arange(N) % classes
noise = torch.randn(N, d, generator=g, dtype=torch.float64) / d**0.5
early = F.normalize(noise)  # no structure yet
late = F.normalize(centres[kind] + noise)  # ten loose clusters
apart = ~torch.eye(N, dtype=torch.bool)
target = 0.25 * (N - 1)  # a quarter of the negatives

found = {
    name: temperature_for((z @ z.T)[apart].view(N, N - 1), target)
    for name, z in (("early", early), ("late", late))
}
for name, tau in found.items():
    print(f"{name}: a quarter is heard at tau = {tau:.3f}")
# --8<-- [end:read]

same = (kind[:, None] == kind)[apart].view(N, N - 1)
s_late = (late @ late.T)[apart].view(N, N - 1)


def false_share(tau):
    """Share of the push that falls on negatives of the anchor's own cluster."""
    return softmax_weights(s_late, temperature=tau)[same].sum().item() / N


quarter = target / (N - 1)
low, high = 0.1, 0.2  # where to start
heard_low, heard_high = heard(s_late, low), heard(s_late, high)
heard_early = heard((early @ early.T)[apart].view(N, N - 1), low)
tau_early, tau_late = found["early"], found["late"]
cold, warm = 0.05, 0.5
false_cold, false_warm = false_share(cold), false_share(warm)
false_all = same.double().mean().item()

VALUES = {
    "low": low,
    "high": high,
    "heard_early": heard_early,
    "heard_low": heard_low,
    "heard_high": heard_high,
    "N": N,
    "others": N - 1,
    "classes": classes,
    "quarter": quarter,
    "tau_early": tau_early,
    "tau_late": tau_late,
    "cold": cold,
    "warm": warm,
    "false_cold": false_cold,
    "false_warm": false_warm,
    "false_all": false_all,
}


def figure():
    import matplotlib.pyplot as plt

    taus = torch.logspace(-2, 0.5, 40).tolist()
    s_early = (early @ early.T)[apart].view(N, N - 1)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for s, label, style in (
        (s_early, "without structure", "--"),
        (s_late, "in clusters", "-"),
    ):
        shares = [heard(s, tau) / (N - 1) for tau in taus]
        ax.semilogx(taus, shares, color="C3", ls=style, label=label)
    ax.semilogx(
        taus,
        [false_share(tau) for tau in taus],
        color="C2",
        ls=":",
        label="push on the own cluster",
    )
    ax.axhline(quarter, color="C5", lw=1)
    ax.set(xlabel="temperature τ", ylabel="share", ylim=(0, 1.02))
    fig.legend(loc="outside upper center", ncols=3)
    return fig
