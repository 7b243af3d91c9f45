"""Temperature chooses: the false negatives it hears, and what is learned."""

# --8<-- [start:compute]
import torch

from infonce import negative_weights
from infonce.train import (
    accuracy,
    augment,
    interval,
    load_digits,
    stacked_nt_xent,
    stratified_split,
    sweep,
)

taus, runs, N, steps = [0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0], 5, 64, 120
images, labels = load_digits()
split = stratified_split(labels)
heat = torch.tensor(taus).repeat_interleave(runs)
encoders = sweep(
    images[split.train],
    lambda z, _: stacked_nt_xent(z, heat),
    seeds=[*range(runs)] * len(taus),
    steps=steps,
    batch_size=N,
)
with torch.no_grad():
    features = [encoder(images) for encoder in encoders]

g = torch.Generator().manual_seed(0)
batch = split.train[torch.randperm(len(split.train), generator=g)[:256]]
views = torch.cat([augment(images[batch], g) for _ in range(2)])
kind = labels[batch].repeat(2)
partner = torch.arange(512).roll(256)


def share(encoder, tau):
    """Part of the push that falls on negatives of the anchor's own class."""
    with torch.no_grad():
        s = encoder(views).z @ encoder(views).z.T
    s.fill_diagonal_(-9)  # neither the anchor nor its positive is a negative
    w = negative_weights(s, partner, temperature=tau)
    return (w * (kind[:, None] == kind)).sum(1).mean().item()


reference = encoders[taus.index(0.2) * runs :][:runs]  # trained at 0.2
found = {"embedding": {}, "probe": {}, "share": {}}
for k, tau in enumerate(taus):
    mine = features[k * runs : (k + 1) * runs]
    found["embedding"][tau] = [
        accuracy(x.z, labels, split, "centroid, 1 a class", seed=seed)
        for seed, x in enumerate(mine)
    ]
    found["probe"][tau] = [
        accuracy(x.h, labels, split, "ridge, all labels", seed=seed)
        for seed, x in enumerate(mine)
    ]
    found["share"][tau] = [share(x, tau) for x in reference]
    row = {name: interval(values[tau]) for name, values in found.items()}
    print(
        f"tau {tau:4}: embedding {row['embedding']}, probe {row['probe']}, "
        f"push on the same digit {row['share']}"
    )
# --8<-- [end:compute]

import infonce

middle, coldest, cold, warm, hottest = 0.2, taus[0], 0.05, 0.5, taus[-1]


def gain(metric, tau, over):
    pairs = zip(found[metric][tau], found[metric][over], strict=True)
    return interval([a - b for a, b in pairs])


def plane(tau):
    """Alignment and uniformity of the encoders of one temperature."""
    both, k = [], taus.index(tau) * runs
    for encoder in encoders[k : k + runs]:
        with torch.no_grad():
            x, y = encoder(views).z.chunk(2)
        both.append([infonce.alignment(x, y), infonce.uniformity(x)])
    return torch.tensor(both).mean(0).tolist()


align_cold, uniform_cold = plane(cold)
align_middle, uniform_middle = plane(middle)
align_warm, uniform_warm = plane(warm)
align_hot, uniform_hot = plane(hottest)
over_cold = gain("embedding", middle, coldest)
over_hot = gain("embedding", middle, hottest)
probe_over_cold = gain("probe", middle, coldest)
probe_over_hot = gain("probe", middle, hottest)
shares = {tau: interval(values) for tau, values in found["share"].items()}
others = 2 * len(batch) - 2
of_all = ((kind[:, None] == kind).sum(1) - 2).double().mean() / others

VALUES = {
    "runs": runs,
    "N": N,
    "steps": steps,
    "middle": middle,
    "coldest": coldest,
    "cold": cold,
    "warm": warm,
    "hottest": hottest,
    "over_cold": over_cold.mean,
    "over_cold_half": over_cold.half,
    "over_hot": over_hot.mean,
    "over_hot_half": over_hot.half,
    "probe_over_cold": probe_over_cold.mean,
    "probe_over_cold_half": probe_over_cold.half,
    "probe_over_hot": probe_over_hot.mean,
    "probe_over_hot_half": probe_over_hot.half,
    "share_cold": shares[cold].mean,
    "share_cold_half": shares[cold].half,
    "share_middle": shares[middle].mean,
    "share_middle_half": shares[middle].half,
    "share_hot": shares[hottest].mean,
    "share_hot_half": shares[hottest].half,
    "align_cold": align_cold,
    "align_middle": align_middle,
    "align_warm": align_warm,
    "align_hot": align_hot,
    "uniform_cold": uniform_cold,
    "uniform_middle": uniform_middle,
    "uniform_warm": uniform_warm,
    "uniform_hot": uniform_hot,
    "others": others,
    "of_all": of_all,
}


def figure():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        3, 1, figsize=(6, 7.6), sharex=True, layout="constrained"
    )
    for ax, (metric, colour, mark, label) in zip(
        axes,
        (
            ("share", "C2", "s", "push on the same digit / %"),
            ("embedding", "C3", "o", "1 label, embedding / %"),
            ("probe", "C0", "^", "all labels, below / %"),
        ),
        strict=True,
    ):
        rows = [interval(values) for values in found[metric].values()]
        ax.errorbar(
            taus,
            [100 * row.mean for row in rows],
            [100 * row.half for row in rows],
            color=colour,
            marker=mark,
            capsize=3,
        )
        ax.set(xscale="log", ylabel=label)
    axes[0].axhline(
        100 * of_all.item(), color="C5", ls="--", label="share of the negatives"
    )
    axes[0].legend()
    axes[2].set_ylim(60, 100)
    axes[2].set_xlabel("temperature τ")
    return fig
