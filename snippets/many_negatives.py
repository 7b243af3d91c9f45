"""The limit of many negatives, for an ideal encoder on the sphere."""

# --8<-- [start:compute]
import numpy as np

tau, s_pos = 0.5, 1.0  # views coincide; negatives are uniform on the sphere
rng = np.random.default_rng(0)
# In three dimensions the cosine of two uniform points is uniform as well, so
# the mean of e^(s/tau) over negatives is the integral of an exponential.
limit = -s_pos / tau + np.log(tau * np.sinh(1 / tau))

excess = {}  # the mean loss less log M, for each number of negatives
for M in (1, 8, 64, 512):
    s_neg = rng.uniform(-1, 1, size=(400_000 // M, M))
    total = np.exp(s_pos / tau) + np.exp(s_neg / tau).sum(axis=1)
    losses = np.log(total) - s_pos / tau
    excess[M] = losses.mean() - np.log(M)
    print(f"M = {M:3}: mean loss less log M {excess[M]:+.4f} nats")
print(f"limit:   {limit:+.6f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

# The same number under another name: the uniformity of the uniform sphere.
package = torch.tensor(
    infonce.uniformity_reference(3, t=1 / (2 * tau)), dtype=torch.float64
)
print(f"infonce.uniformity_reference: {package:+.6f}")
# --8<-- [end:package]

single, *more = excess.values()
away_some, away_many, away_most = (x - limit for x in more)
shrinks = away_some / away_many
uniformity_t = 2.0
at_t_two = 1 / (2 * uniformity_t)

VALUES = {
    "tau": tau,
    "limit": limit,
    "single": single,
    "away_some": away_some,
    "away_many": away_many,
    "away_most": away_most,
    "shrinks": shrinks,
    "at_t_two": at_t_two,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    rng = np.random.default_rng(1)
    counts = 2 ** np.arange(12)
    for heat, colour, style in (
        (1.0, "C5", "-."),
        (0.5, "C3", "-"),
        (0.2, "C0", "--"),
    ):
        s = rng.uniform(-1, 1, size=(400, counts[-1]))
        sums = np.cumsum(np.exp((s - 1) / heat), axis=1)[:, counts - 1]
        means = np.log1p(sums).mean(axis=0) - np.log(counts)
        ax.semilogx(
            counts, means, base=2, color=colour, ls=style, label=f"τ = {heat}"
        )
        end = -1 / heat + np.log(heat * np.sinh(1 / heat))
        ax.axhline(end, color=colour, ls=":", lw=1)
    ax.set(
        xlabel="negatives M (dotted: the limit)",
        ylabel="mean loss − log M / nats",
    )
    ax.legend()
    return fig
