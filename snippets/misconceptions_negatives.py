"""What more negatives do to the loss, counted exactly where it can be."""

# --8<-- [start:bias]
from math import comb, exp, log

mu = (1 + exp(1)) / 2  # mean of e^s: negatives at 0 or 1, tau = 1


def bias(M, extra):
    """E log((extra + sum of M e^s) / M) - log mu, over all 2^M draws."""
    return sum(
        comb(M, ones) / 2**M * log((extra + ones * exp(1) + M - ones) / M)
        for ones in range(M + 1)
    ) - log(mu)


M, M_more, s_pos = 8, 64, 1
without, without_more = bias(M, 0), bias(M_more, 0)
included, included_more = (bias(m, exp(s_pos)) for m in (M, M_more))
print(f"positive left out: {without:+.6f} at {M}, {without_more:+.6f}")
print(f"positive included: {included:+.6f} at {M}, {included_more:+.6f}")
# --8<-- [end:bias]
shrinks = without / without_more
root = (M_more / M) ** 0.5


# --8<-- [start:regime]
def ratio_of_positive(tau, d):
    """e^(1/tau) over the mean of e^(s/tau) of uniform negatives in d dims."""
    term = mean = 1.0  # the series of a Bessel function
    for k in range(1, 400):
        term *= (0.25 / tau**2) / (k * (d / 2 + k - 1))
        mean += term
    return exp(1 / tau) / mean


d, queue = 128, 65536
warm, cold, moco = 0.5, 0.1, 0.07
b_warm, b_cold, b_moco = (ratio_of_positive(x, d) for x in (warm, cold, moco))
print(f"negatives that weigh as much as the positive, d = {d}:")
print(f"{b_warm:.1f} at {warm}, {b_cold:.3g} at {cold}, {b_moco:.3g} at {moco}")
# --8<-- [end:regime]
too_small = b_moco / queue

# --8<-- [start:accumulate]
import torch

from infonce import nt_xent

pairs = torch.eye(4, dtype=torch.float64)
one_batch = nt_xent(pairs, pairs, temperature=1.0)
chunks = [nt_xent(c, c, temperature=1.0) for c in pairs.split(2)]
accumulated = sum(chunks) / len(chunks)
print(f"one batch of 4: {one_batch:.4f}, two chunks of 2: {accumulated:.4f}")
# --8<-- [end:accumulate]

# --8<-- [start:queue]
from infonce import info_nce

batch, queued = 4, 1000
query = torch.ones(batch, 8, dtype=torch.float64)
keys = torch.ones(queued, 8, dtype=torch.float64)
with_queue = info_nce(query, query, keys, temperature=0.07)
in_batch = info_nce(query, query, temperature=0.07)
print(f"nothing learned, batch of {batch}: {in_batch:.4f}")
print(f"nothing learned, {queued} keys from a queue: {with_queue:.4f}")
# --8<-- [end:queue]

# --8<-- [start:duplicates]
images = torch.eye(3, dtype=torch.float64)
images[1] = images[0]  # the same picture twice in a batch
for t in (0.5, 0.1, 0.02):
    losses = nt_xent(images, images, temperature=t, reduction="none")
    print(f"tau {t}: twin {losses[0]:.4f}, the other {losses[2]:.4f}")
# --8<-- [end:duplicates]
low = 0.02
twin_low = nt_xent(images, images, temperature=low, reduction="none")[0]
twin_floor = log(3)

# --8<-- [start:uniformity]
from infonce import uniformity

n = 16
simplex = torch.eye(n, dtype=torch.float64) - 1 / n
spread = uniformity(simplex, t=2.0)
g = torch.Generator().manual_seed(0)
many = torch.randn(2000, 128, generator=g, dtype=torch.float64)
even = uniformity(many, t=2.0)
print(f"a simplex of {n}: {spread:.4f}, uniform in 128 dims: {even:.4f}")
# --8<-- [end:uniformity]
simplex_formula = -4 * n / (n - 1)

VALUES = {
    "M": M,
    "M_more": M_more,
    "without": without,
    "without_more": without_more,
    "included": included,
    "included_more": included_more,
    "shrinks": shrinks,
    "root": root,
    "d": d,
    "queue": queue,
    "warm": warm,
    "cold": cold,
    "moco": moco,
    "b_warm": b_warm,
    "b_cold": b_cold,
    "b_moco": b_moco,
    "too_small": too_small,
    "one_batch": one_batch,
    "accumulated": accumulated,
    "batch": batch,
    "queued": queued,
    "with_queue": with_queue,
    "in_batch": in_batch,
    "low": low,
    "twin_low": twin_low,
    "twin_floor": twin_floor,
    "n": n,
    "simplex_formula": simplex_formula,
}


def figure():
    import matplotlib.pyplot as plt

    counts = [2**k for k in range(1, 9)]
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for extra, name, colour, style in (
        (0, "positive left out (too low)", "C2", "--"),
        (exp(s_pos), "positive included (too high)", "C1", "-"),
    ):
        ax.loglog(
            counts,
            [abs(bias(m, extra)) for m in counts],
            base=2,
            ls=style,
            marker="o",
            ms=4,
            color=colour,
            label=name,
        )
    for power, style, name in ((1, ":", "like 1/M"), (0.5, "-.", "like 1/√M")):
        ax.loglog(
            counts,
            [abs(bias(2, 0)) * (2 / m) ** power for m in counts],
            base=2,
            ls=style,
            color="C5",
            label=name,
        )
    ax.set(xlabel="negatives M", ylabel="|bias| / nats")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=2)
    return fig
