"""Five batches that go wrong in five ways, and what `diagnose` says of each."""

# --8<-- [start:setup]
import torch

from infonce import diagnose, nt_xent

g = torch.Generator().manual_seed(0)
N, d, tau = 256, 64, 0.1
good = torch.randn(N, d, generator=g, dtype=torch.float64)
near = good + 0.5 * torch.randn(N, d, generator=g, dtype=torch.float64)
# --8<-- [end:setup]

# --8<-- [start:healthy]
healthy = diagnose(good, near, temperature=tau)
print(healthy)
# --8<-- [end:healthy]

# --8<-- [start:collapse]
point = torch.randn(d, generator=g, dtype=torch.float64)
collapsed = diagnose(point + 0.01 * good, point + 0.01 * near, temperature=tau)
print("\n".join(str(collapsed).splitlines()[:5]))
# --8<-- [end:collapse]

# --8<-- [start:order]
shuffled = diagnose(good, near.roll(1, 0), temperature=tau)
print("\n".join(str(shuffled).splitlines()[:4]))
# --8<-- [end:order]

# --8<-- [start:twins]
copies = torch.cat([good[: N // 2], good[: N // 2]])
twins = diagnose(copies, copies, temperature=tau)
print(str(twins).splitlines()[0])
print(str(twins).splitlines()[1])
print(str(twins).splitlines()[5])
# --8<-- [end:twins]

# --8<-- [start:nan]
broken = near.clone()
broken[3] = 0  # a dead row
try:
    refused = diagnose(good, broken, temperature=tau)
except ValueError as error:
    print(error)
# --8<-- [end:nan]

# --8<-- [start:single]
single = nt_xent(good[:1], near[:1], temperature=tau)
print(f"one pair: {single:.4f}")
# --8<-- [end:single]

healthy_loss, collapsed_loss, shuffled_loss, twins_loss = (
    batch.loss for batch in (healthy, collapsed, shuffled, twins)
)

VALUES = {
    "N": N,
    "tau": tau,
    "healthy": healthy_loss,
    "collapsed": collapsed_loss,
    "shuffled": shuffled_loss,
    "twins": twins_loss,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    bars = {
        "healthy": healthy_loss,
        "every input twice": twins_loss,
        "collapsed": collapsed_loss,
        "pairs out of order": shuffled_loss,
    }
    for row, value in enumerate(bars.values()):
        ax.barh(row, value, color="C0", alpha=0.85)
        ax.text(value + 0.05, row, f"{value:.2f}", va="center")
    ax.set_yticks(range(len(bars)), list(bars))
    ax.invert_yaxis()
    ax.set(xlabel="InfoNCE / nats", xlim=(0, 10))
    return fig
