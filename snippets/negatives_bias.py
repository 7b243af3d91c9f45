"""How far the expected loss of M negatives lies from its limit."""

# --8<-- [start:compute]
from math import comb, exp, log

tau, s_pos, M = 1.0, 1.0, 8
# Negatives at cosine 0 or 1, equally likely: all 2^M draws can be counted.
mu = (1 + exp(1 / tau)) / 2  # mean of Y = e^(s/tau)
v = ((exp(1 / tau) - 1) / 2) ** 2 / mu**2  # variance of Y / mu
b = exp(s_pos / tau) / mu  # the positive in units of a mean negative


def exact(M, b):
    """E log(b + mean of M Y / mu), over the number of negatives at 1."""
    return sum(
        comb(M, ones)
        / 2**M
        * log((b * mu + ones * exp(1 / tau) + M - ones) / (M * mu))
        for ones in range(M + 1)
    )


first = (b - v / 2) / M
print(f"v = {v:.4f}, b = {b:.4f}")
print(f"positive left out: exact {exact(M, 0):+.6f}, -v/2M {-v / 2 / M:+.6f}")
print(f"positive included: exact {exact(M, b):+.6f}, first {first:+.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

s = torch.tensor([0.0, 1.0], dtype=torch.float64)
moments = infonce.negatives_moments(s, s[1:], temperature=tau)
package, second = infonce.negatives_bias(*moments, count=M)
print(f"infonce.negatives_bias: first {package:+.6f}, second {second:+.6f}")
# --8<-- [end:package]

# two equally likely values: no third moment
both_orders = first + (-(b**2) / 2 + b * v - 3 * v**2 / 4) / M**2
M_more = 8 * M
out, out_more = exact(M, 0), exact(M_more, 0)
included, included_more = exact(M, b), exact(M_more, b)
shrinks = out / out_more
root = (M_more / M) ** 0.5


def mean_weight(x, d):
    """Mean of e^(x s) over the sphere: the series of a Bessel function."""
    term = total = 1.0
    for k in range(1, 400):
        term *= (x / 2) ** 2 / (k * (d / 2 + k - 1))
        total += term
    return total


def ideal(tau, d=128):
    """b and v of an ideal encoder: positives at 1, negatives uniform."""
    mean = mean_weight(1 / tau, d)
    return exp(1 / tau) / mean, mean_weight(2 / tau, d) / mean**2 - 1


d, queue = 128, 65536
warm, cool, cold, moco = 0.5, 0.2, 0.1, 0.07
(b_warm, v_warm), (b_cool, v_cool), (b_cold, v_cold), (b_moco, v_moco) = (
    ideal(x) for x in (warm, cool, cold, moco)
)
too_small = b_moco / queue
small = 256
sure = 1 - 1 / (1 + small / b_moco)  # 1 - p_+ with `small` mean negatives

VALUES = {
    "tau": tau,
    "M": M,
    "v": v,
    "b": b,
    "first": first,
    "both_orders": both_orders,
    "out": out,
    "out_more": out_more,
    "included": included,
    "included_more": included_more,
    "M_more": M_more,
    "shrinks": shrinks,
    "root": root,
    "d": d,
    "queue": queue,
    "warm": warm,
    "cool": cool,
    "cold": cold,
    "moco": moco,
    "b_warm": b_warm,
    "b_cool": b_cool,
    "b_cold": b_cold,
    "b_moco": b_moco,
    "v_warm": v_warm,
    "v_moco": v_moco,
    "too_small": too_small,
    "small": small,
    "sure": sure,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 6.8), layout="constrained"
    )
    counts = [2**k for k in range(9)]
    for extra, name, colour, style in (
        (b, "positive included: too high", "C1", "-"),
        (0, "positive left out: too low", "C2", "--"),
    ):
        top.semilogx(
            counts,
            [exact(m, extra) for m in counts],
            base=2,
            color=colour,
            ls=style,
            marker="o",
            ms=4,
            label=name,
        )
    top.axhline(0, color="black", lw=0.8)
    top.set(xlabel="negatives M", ylabel="bias of the loss / nats")
    top.legend()
    taus = np.geomspace(0.05, 1, 40)
    ideals = np.array([ideal(t) for t in taus])
    bottom.loglog(
        taus, ideals[:, 0], color="C1", label="b: the positive's weight"
    )
    bottom.loglog(
        taus,
        ideals[:, 1],
        color="C2",
        ls="--",
        label="v: spread of the negatives",
    )
    for count, style in ((small, ":"), (queue, "-.")):
        bottom.axhline(count, color="C4", ls=style, label=f"M = {count}")
    bottom.set(xlabel="temperature τ", ylabel="in units of a mean negative")
    bottom.legend(loc="upper left", bbox_to_anchor=(0, -0.26), ncols=2)
    return fig
