"""One loss, three ways to write it, and what each does at its limits."""

# --8<-- [start:compute]
import numpy as np


def naive(s_pos, s_neg, tau):
    e = np.exp(np.array([s_pos, *s_neg]) / tau)
    return -np.log(e[0] / e.sum())


def shifted(s_pos, s_neg, tau):
    logits = np.array([s_pos, *s_neg]) / tau
    top = logits.max()
    return top + np.log(np.exp(logits - top).sum()) - logits[0]


def stable(s_pos, s_neg, tau):
    x = np.array(s_neg) / tau
    top = x.max()
    x = top + np.log(np.exp(x - top).sum()) - s_pos / tau  # LSE - positive
    return max(x, 0) + np.log1p(np.exp(-abs(x)))  # softplus


s_pos, s_neg = 0.9, [0.4, 0.1]
cold, colder = 0.01, 0.001
loss = [stable(s_pos, s_neg, tau) for tau in (0.2, cold, 0.001)]

np.seterr(all="ignore")  # the naive way overflows, to be seen
for tau in (0.2, cold, colder):
    values = [f(s_pos, s_neg, tau) for f in (naive, shifted, stable)]
    print(f"tau {tau:<6}", *(f"{value:14.6e}" for value in values))
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

s = torch.tensor([[s_pos, *s_neg]], dtype=torch.float64)
package = torch.stack(
    [
        infonce.info_nce_from_similarity(s, temperature=tau)
        for tau in (0.2, cold, colder)
    ]
)
print("info_nce_from_similarity", *(f"{x:.6e}" for x in package))
# --8<-- [end:package]

shifted_cold = shifted(s_pos, s_neg, cold)
stable_cold = loss[1]
naive_overflows = np.isnan(naive(s_pos, s_neg, colder))
stable_colder = loss[2]
largest = np.log(np.finfo(np.float32).max)
coldest = 1 / largest
wrong = stable(0.4, [0.9, 0.1], cold)  # a negative leads

VALUES = {
    "s_pos": s_pos,
    "cold": cold,
    "colder": colder,
    "shifted_cold": shifted_cold,
    "stable_cold": stable_cold,
    "stable_colder": stable_colder,
    "naive_overflows": naive_overflows,
    "largest": largest,
    "coldest": coldest,
    "wrong": wrong,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.0012, 1, 60)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    ways = (
        (stable, "log1p", "C1", "-"),
        (shifted, "shifted", "C3", "--"),
        (naive, "naive", "C2", ":"),
    )
    for way, label, colour, style in ways:
        values = np.array([way(s_pos, s_neg, tau) for tau in taus])
        values[~(values > 0)] = np.nan  # zero and nan have no logarithm
        ax.loglog(taus, values, color=colour, ls=style, label=label, lw=2)
    ax.set(xlabel="temperature τ", ylabel="loss / nats", ylim=(1e-200, 10))
    ax.legend()
    return fig
