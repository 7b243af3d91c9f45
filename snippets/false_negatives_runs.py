"""A ladder of false negatives, read by two metrics."""

# --8<-- [start:compute]
import torch

from infonce.train import (
    Encoder,
    accuracy,
    interval,
    load_digits,
    stacked_nt_xent,
    stratified_split,
    sweep,
)

tau, N, steps, runs, prior = 0.2, 64, 150, 5, 0.1
ladder = [0.0, 0.1, 0.5, 1.0]  # share of the negatives of the anchor's class
images, labels = load_digits()
split = stratified_split(labels)
kinds = labels[split.train]


def with_share(z, same):
    """Reweight negatives: `share` of them are of the anchor's own class."""
    friends = same.sum(-1, keepdim=True).clamp(min=1)
    total = 2 * N - 2  # the anchor and its positive are never negatives
    strangers = total - same.sum(-1, keepdim=True)
    weights = [
        torch.where(
            same, share * total / friends, (1 - share) * total / strangers
        )
        for share in ladder
    ]
    return stacked_nt_xent(z, tau, torch.cat(weights).log())


def debiased(z, same):
    """Chuang et al. 2020, with the positive as the only friend."""
    e = (z @ z.mT / tau).exp()
    positive = e.diagonal(N, 1, 2).repeat(1, 2)
    negatives = e.sum(-1) - positive - e.diagonal(0, 1, 2)
    M = 2 * N - 2
    corrected = (negatives - prior * M * positive) / (1 - prior)
    corrected = corrected.clamp(min=M * torch.tensor(-1 / tau).exp())
    return (1 + corrected / positive).log().mean(1)


def sup_con(z, same):
    """Khosla et al. 2020: with labels, friends are positives."""
    logits = z @ z.mT / tau
    logits.diagonal(0, 1, 2).fill_(-torch.inf)
    log_p = logits.log_softmax(-1).masked_fill(~same, 0)
    return -(log_p.sum(-1) / same.sum(-1)).mean(1)


def loss(z, rows):
    y = kinds[rows].repeat(1, 2)[:runs]  # every stack sees the same batches
    itself = torch.eye(2 * N, dtype=torch.bool)
    partner = itself.roll(N, 1)
    same = y[:, :, None] == y[:, None, :]
    parts = z.split([runs * len(ladder), runs, runs])
    return torch.cat(
        [
            with_share(parts[0], same & ~itself & ~partner),
            debiased(parts[1], same),
            sup_con(parts[2], same & ~itself),
        ]
    )


names = [f"{share:.0%}" for share in ladder] + ["debiased", "SupCon"]
encoders = sweep(
    images[split.train],
    loss,
    seeds=[*range(runs)] * len(names),
    steps=steps,
    batch_size=N,
)
names.append("untrained")
encoders += [Encoder(torch.Generator().manual_seed(k)) for k in range(runs)]
probes = {
    "probe": ("h", "ridge, all labels"),
    "few": ("h", "ridge, 5 a class"),
    "neighbours": ("z", "1-NN, 10 a class"),
    "one": ("z", "centroid, 1 a class"),
}
found = {metric: {name: [] for name in names} for metric in probes}
for k, encoder in enumerate(encoders):
    with torch.no_grad():
        features = encoder(images)
    for metric, (layer, probe) in probes.items():
        x = getattr(features, layer)
        score = accuracy(x, labels, split, probe, seed=k % runs)
        found[metric][names[k // runs]].append(score)
for name in names:
    row = {metric: interval(found[metric][name]) for metric in probes}
    print(
        f"{name:9}: probe {row['probe']}, few labels {row['few']}, "
        f"neighbours {row['neighbours']}, one label {row['one']}"
    )
# --8<-- [end:compute]


def gain(metric, name, over):
    """Paired by seed: same first weights, batches, views and labels drawn."""
    pairs = zip(found[metric][name], found[metric][over], strict=True)
    return interval([a - b for a, b in pairs])


usual = names[1]
means = {m: {k: interval(found[m][k]) for k in names} for m in found}
probe_all = gain("probe", "100%", usual)
probe_none = gain("probe", "0%", usual)
near_all = gain("neighbours", "100%", usual)
near_none = gain("neighbours", "0%", usual)
near_half = gain("neighbours", "50%", usual)
near_untrained = gain("neighbours", "100%", "untrained")
few_all = gain("few", "100%", usual)
one_none = gain("one", "0%", usual)
near_debiased = gain("neighbours", "debiased", usual)
one_debiased = gain("one", "debiased", usual)
near_sup_con = gain("neighbours", "SupCon", usual)

VALUES = {
    "tau": tau,
    "N": N,
    "runs": runs,
    "steps": steps,
    "prior": prior,
    "usual_share": ladder[1],
    "probe_0": means["probe"]["0%"].mean,
    "probe_10": means["probe"]["10%"].mean,
    "probe_50": means["probe"]["50%"].mean,
    "probe_100": means["probe"]["100%"].mean,
    "probe_untrained": means["probe"]["untrained"].mean,
    "near_0": means["neighbours"]["0%"].mean,
    "near_10": means["neighbours"]["10%"].mean,
    "near_50": means["neighbours"]["50%"].mean,
    "near_100": means["neighbours"]["100%"].mean,
    "near_of_untrained": means["neighbours"]["untrained"].mean,
    "probe_all": probe_all.mean,
    "probe_all_half": probe_all.half,
    "probe_none": probe_none.mean,
    "probe_none_half": probe_none.half,
    "near_all": near_all.mean,
    "near_all_half": near_all.half,
    "near_none": near_none.mean,
    "near_none_half": near_none.half,
    "near_half": near_half.mean,
    "near_half_half": near_half.half,
    "near_untrained": near_untrained.mean,
    "near_untrained_half": near_untrained.half,
    "few_all": few_all.mean,
    "few_all_half": few_all.half,
    "one_none": one_none.mean,
    "one_none_half": one_none.half,
    "near_debiased": near_debiased.mean,
    "near_debiased_half": near_debiased.half,
    "one_debiased": one_debiased.mean,
    "one_debiased_half": one_debiased.half,
    "near_sup_con": near_sup_con.mean,
    "near_sup_con_half": near_sup_con.half,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 5), layout="constrained")
    for metric, colour, mark, label in (
        ("probe", "C0", "o", "linear probe, all labels (layer below)"),
        ("neighbours", "C2", "s", "nearest neighbour, 10 labels (embedding)"),
    ):
        rows = [means[metric][name] for name in names[: len(ladder)]]
        ax.errorbar(
            range(len(ladder)),
            [100 * row.mean for row in rows],
            [100 * row.half for row in rows],
            color=colour,
            marker=mark,
            capsize=3,
            label=label,
        )
        ax.axhline(
            100 * means[metric]["untrained"].mean,
            color=colour,
            ls=":",
            label=f"{label.split(' (')[0]}, untrained",
        )
    ax.set_xticks(range(len(ladder)), names[: len(ladder)])
    ax.set(xlabel="negatives that are false", ylabel="accuracy / %")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16))
    return fig
