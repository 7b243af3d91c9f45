"""How fast the gap closes: chi-square over 2N, and what that asks of N."""

# --8<-- [start:compute]
from math import comb

import numpy as np

flip = 0.2
r = np.array([2 * (1 - flip), 2 * flip])  # density ratio: x right, x wrong
chi2 = (r**2).mean() - 1  # x and c independent: right half of the time


def gap(N):
    """E[mean log mean] of the ratios of N independent candidates."""
    k = np.arange(N + 1)  # how many of them are right
    ways = np.array([comb(N, int(i)) / 2**N for i in k])
    mean = (k * r[0] + (N - k) * r[1]) / N
    return ways @ (mean * np.log(mean))


print(f"chi-square {chi2:.6f}")
for N in (4, 32, 256):
    print(f"N = {N:3d}: gap {gap(N):.6f}, chi2 / 2N {chi2 / (2 * N):.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

tau = 0.5  # a critic that is optimal: s / tau = log r
s = torch.from_numpy(tau * np.log(r))
package = infonce.negatives_moments(s, temperature=tau)[1]
print(f"infonce.negatives_moments: {package:.6f}")
# --8<-- [end:package]

N = 256
exact = gap(N)
first = chi2 / (2 * N)
off = abs(exact / first - 1)
information = (r / 2) @ np.log(r)
least = np.exp(information) - 1  # no law with this information has less
same = 1024  # x = c, one of so many symbols
nats = np.log(same)
chi2_same = same - 1
tolerance = 0.1
needed = chi2_same / (2 * tolerance)
independent = np.mean(np.ones(2) ** 2) - 1

VALUES = {
    "flip": flip,
    "chi2": chi2,
    "N": N,
    "exact": exact,
    "first": first,
    "off": off,
    "information": information,
    "least": least,
    "same": same,
    "nats": nats,
    "chi2_same": chi2_same,
    "needed": needed,
    "tolerance": tolerance,
    "independent": independent,
}


def figure():
    import matplotlib.pyplot as plt

    sizes = 2 ** np.arange(9)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    ax.loglog(
        sizes, [gap(int(n)) for n in sizes], "o", color="C0", ls="", label="gap"
    )
    ax.loglog(sizes, chi2 / (2 * sizes), color="C5", ls="--", label="chi² / 2N")
    ax.set(xlabel="candidates N", ylabel="gap / nats")
    ax.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
    ax.minorticks_off()
    ax.legend()
    return fig
