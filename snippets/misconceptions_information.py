"""What the loss does and does not say about mutual information, exactly."""

# --8<-- [start:why]
import numpy as np
from sklearn.linear_model import LogisticRegression

M = 64  # equally likely inputs; the label says which half an input is in
angle = np.pi * np.arange(M) / M
code_a = np.stack([np.cos(angle), np.sin(angle)], 1)  # in order, on an arc
code_b = code_a[np.random.default_rng(0).permutation(M)]  # the same 64 points
half = np.arange(M) >= M // 2
information = np.log(M)  # of either code: it names the input
accuracy = {}
for name, z in (("A", code_a), ("B", code_b)):
    accuracy[name] = LogisticRegression().fit(z, half).score(z, half)
    print(f"code {name}: {information:.4f} nats, probe {accuracy[name]:.3f}")
# --8<-- [end:why]
probe_a, probe_b = accuracy["A"], accuracy["B"]
matches = [
    (np.argmax(z @ z.T, axis=1) == np.arange(M)).mean()
    for z in (code_a, code_b)
]
contrastive = min(matches)

# --8<-- [start:value]
from math import log

import torch
from torch.nn.functional import cross_entropy

pairs, truth, N = 20, 10.0, 64  # Gaussian pairs, 10 nats in all
rho2 = 1 - np.exp(-2 * truth / pairs)  # squared correlation of each
rng = np.random.default_rng(0)
estimates = []
for _ in range(300):
    x = rng.normal(size=(N, pairs))
    y = np.sqrt(rho2) * x + np.sqrt(1 - rho2) * rng.normal(size=(N, pairs))
    error = y[None] - np.sqrt(rho2) * x[:, None]  # (N, N, pairs)
    log_r = (y**2 / 2 - error**2 / (2 * (1 - rho2))).sum(2) + truth
    loss = cross_entropy(torch.tensor(log_r), torch.arange(N))
    estimates.append(log(N) - loss.item())
estimate = np.mean(estimates)
spread = np.std(estimates)
cap = np.log(N)
print(f"true {truth} nats, exact critic: {estimate:.2f}, cap {cap:.2f}")
# --8<-- [end:value]
short = truth - estimate

# --8<-- [start:tight]
from math import exp, lgamma, log1p


def bound(N, K):
    """log N - the least loss, if x is one of K symbols and y tells which."""

    def probability(b):  # of b copies of the positive among N - 1 others
        ways = lgamma(N) - lgamma(b + 1) - lgamma(N - b)
        return exp(ways - b * log(K) + (N - 1 - b) * log1p(-1 / K))

    return log(N) - sum(probability(b) * log1p(b) for b in range(N))


K = 1024
nats = log(K)
few, many, most = 64, 1024, 16384
gap_few, gap_many, gap_most = (nats - bound(n, K) for n in (few, many, most))
print(f"{nats:.3f} nats; gap at N = 64, 1024, 16384:")
print(f"{gap_few:.3f}, {gap_many:.3f}, {gap_most:.3f}")
# --8<-- [end:tight]
needed = np.exp(truth)

# --8<-- [start:appendix]
from itertools import product
from math import comb

flip = 0.1  # a bit through a channel that flips it; three candidates
line7 = line9 = mutual = 0.0
for positive, *negatives in product((True, False), repeat=3):
    r, *others = (
        2 * (1 - flip) if right else 2 * flip
        for right in (positive, *negatives)
    )
    chance = (1 - flip if positive else flip) / 4
    line7 += chance * log(1 + sum(others) / r)
    line9 += chance * log(1 + 2 / r)
    mutual += chance * log(r)
line10 = log(3) - mutual
print(f"(7) {line7:.4f}   (9) {line9:.4f}   (10) {line10:.4f}")
# --8<-- [end:appendix]


# --8<-- [start:any]
def without_positive(N):
    """E[log r+ - log mean(r-)], exactly: the bound that DCL would give."""
    total = 0.0
    for right in range(N):  # how many of the N - 1 negatives match
        p = comb(N - 1, right) / 2 ** (N - 1)
        mean = (right * 2 * (1 - flip) + (N - 1 - right) * 2 * flip) / (N - 1)
        total += p * (mutual - log(mean))
    return total


dcl_two, dcl_four, dcl_sixteen = (without_positive(N) for N in (2, 4, 16))
print(f"true {mutual:.4f}; 'bound' at N = 2, 4, 16:")
print(f"{dcl_two:.4f}, {dcl_four:.4f}, {dcl_sixteen:.4f}")
# --8<-- [end:any]

# --8<-- [start:ratio]
scores = torch.tensor(rng.normal(size=(5, 5)))
by_query = torch.tensor(rng.normal(size=(5, 1)))  # added to a whole row
own = torch.arange(5)  # the positives
plain = cross_entropy(scores, own)
moved = cross_entropy(scores + by_query, own)
columns = cross_entropy(scores.T, own)
columns_moved = cross_entropy((scores + by_query).T, own)
print(f"query to key: {plain:.6f}, moved {moved:.6f}")
print(f"key to query: {columns:.6f}, moved {columns_moved:.6f}")
# --8<-- [end:ratio]

# --8<-- [start:nce]
shift = 2.0  # added to every score: the normaliser, as far as a loss sees it
right = torch.eye(5, dtype=torch.float64)
sigmoid = torch.nn.functional.binary_cross_entropy_with_logits
binary, binary_moved = sigmoid(scores, right), sigmoid(scores + shift, right)
ranking_moved = cross_entropy(scores + shift, own)
print(f"InfoNCE    {plain:.6f}, all scores + 2: {ranking_moved:.6f}")
print(f"binary NCE {binary:.6f}, all scores + 2: {binary_moved:.6f}")
# --8<-- [end:nce]

VALUES = {
    "M": M,
    "information": information,
    "probe_a": probe_a,
    "probe_b": probe_b,
    "contrastive": contrastive,
    "pairs": pairs,
    "truth": truth,
    "N": N,
    "estimate": estimate,
    "spread": spread,
    "cap": cap,
    "short": short,
    "needed": needed,
    "K": K,
    "nats": nats,
    "few": few,
    "many": many,
    "most": most,
    "gap_few": gap_few,
    "gap_many": gap_many,
    "gap_most": gap_most,
    "flip": flip,
    "line7": line7,
    "line9": line9,
    "line10": line10,
    "mutual": mutual,
    "dcl_two": dcl_two,
    "dcl_four": dcl_four,
    "dcl_sixteen": dcl_sixteen,
    "plain": plain,
    "moved": moved,
    "columns": columns,
    "columns_moved": columns_moved,
    "binary": binary,
    "binary_moved": binary_moved,
    "ranking_moved": ranking_moved,
}


def figure():
    import matplotlib.pyplot as plt

    sizes = [2**k for k in range(1, 15)]
    fig, ax = plt.subplots(figsize=(6, 4.4), layout="constrained")
    for symbols, style, at in ((16, ":", "right"), (1024, "-", "left")):
        bounds = [bound(n, symbols) for n in sizes]
        assert max(bounds) < log(symbols)
        ax.semilogx(
            sizes,
            bounds,
            base=2,
            color="C0",
            ls=style,
            label=f"the bound, {symbols} symbols",
        )
        ax.axhline(log(symbols), color="C5", lw=1, ls=style)
        place = {"left": sizes[0], "right": sizes[-1]}[at], log(symbols) + 0.25
        ax.text(*place, f"truth, {symbols} symbols", ha=at)
    ax.semilogx(
        sizes,
        np.log(sizes),
        base=2,
        color="C4",
        ls="--",
        label="the cap, log N",
    )
    ax.set(xlabel="candidates N", ylabel="information / nats", ylim=(0, 10))
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2))
    return fig
