"""More negatives, larger batches: three questions, three answers."""

# --8<-- [start:compute]
import torch

from infonce.train import (
    accuracy,
    interval,
    load_digits,
    stacked_nt_xent,
    stratified_split,
    sweep,
)

tau, N, pictures, steps, runs = 0.2, 64, 6400, 50, 5
counts, sizes = [1, 4, 16, 2 * N - 2], [16, 32, 64, 128]
images, labels = load_digits()
split = stratified_split(labels)
g = torch.Generator().manual_seed(0)


def some_negatives(z, _):
    """Each anchor keeps M of its negatives, drawn anew in every step."""
    order = torch.rand(runs, 2 * N, 2 * N, generator=g)
    for offset in (0, N, -N):  # the anchor itself and its positive come last
        order.diagonal(offset, 1, 2).fill_(2)
    rank = order.argsort(-1).argsort(-1)  # equal for all M: runs are paired
    weight = torch.cat([torch.where(rank < M, 0, -torch.inf) for M in counts])
    return stacked_nt_xent(z, tau, weight)


def train(batch_size, steps, loss=lambda z, _: stacked_nt_xent(z, tau), of=1):
    encoders = sweep(
        images[split.train],
        loss,
        seeds=[*range(runs)] * of,
        steps=steps,
        batch_size=batch_size,
    )
    return [encoders[k : k + runs] for k in range(0, len(encoders), runs)]


def score(encoders):
    """One label a class in the embedding; all labels below it."""
    found = {"embedding": [], "probe": []}
    for seed, encoder in enumerate(encoders):
        with torch.no_grad():
            h, z = encoder(images)
        for name, x, probe in (
            ("embedding", z, "centroid, 1 a class"),
            ("probe", h, "ridge, all labels"),
        ):
            found[name].append(accuracy(x, labels, split, probe, seed=seed))
    return found


stacks = train(N, pictures // N, some_negatives, of=len(counts))
panels = {
    "negatives": dict(zip(counts, map(score, stacks), strict=True)),
    "pictures": {B: score(train(B, pictures // B)[0]) for B in sizes},
    "steps": {B: score(train(B, steps)[0]) for B in sizes},
}
for panel, rows in panels.items():
    for x, found in rows.items():
        mean = {name: interval(values) for name, values in found.items()}
        print(f"{panel:9} {x:3}: {mean['embedding']}, probe {mean['probe']}")
# --8<-- [end:compute]


def gain(panel, less, more, metric="embedding"):
    """What `more` gives over `less`, paired by seed."""
    a, b = panels[panel][more][metric], panels[panel][less][metric]
    return interval([x - y for x, y in zip(a, b, strict=True)])


one, some, every = counts[0], counts[2], counts[-1]
small, large = sizes[0], sizes[-1]
by_negatives = gain("negatives", one, every)
by_last_negatives = gain("negatives", some, every)
at_pictures = gain("pictures", small, large)
at_steps = gain("steps", small, large)
probe_negatives = gain("negatives", one, every, "probe")
probe_pictures = gain("pictures", small, large, "probe")
probe_steps = gain("steps", small, large, "probe")
small_steps, large_steps = pictures // small, pictures // large
raw = accuracy(images.flatten(1), labels, split, "centroid, 1 a class")

VALUES = {
    "tau": tau,
    "N": N,
    "runs": runs,
    "pictures": pictures,
    "steps": steps,
    "one": one,
    "some": some,
    "every": every,
    "small": small,
    "large": large,
    "small_steps": small_steps,
    "large_steps": large_steps,
    "by_negatives": by_negatives.mean,
    "by_negatives_half": by_negatives.half,
    "by_last_negatives": by_last_negatives.mean,
    "by_last_negatives_half": by_last_negatives.half,
    "at_pictures": at_pictures.mean,
    "at_pictures_half": at_pictures.half,
    "at_steps": at_steps.mean,
    "at_steps_half": at_steps.half,
    "probe_negatives": probe_negatives.mean,
    "probe_negatives_half": probe_negatives.half,
    "probe_pictures": probe_pictures.mean,
    "probe_pictures_half": probe_pictures.half,
    "probe_steps": probe_steps.mean,
    "probe_steps_half": probe_steps.half,
    "raw": raw,
}


def figure():
    import matplotlib.pyplot as plt

    fig, grid = plt.subplots(
        2, 3, figsize=(7.6, 5), sharey="row", layout="constrained"
    )
    names = {
        "negatives": (f"batch of {N} fixed", "negatives M"),
        "pictures": ("equal pictures", "batch size N"),
        "steps": ("equal steps", "batch size N"),
    }
    looks = (
        ("embedding", "C2", "s", "embedding, 1 label a class"),
        ("probe", "C0", "o", "probe below it, all labels"),
    )
    for column, (panel, (title, label)) in enumerate(names.items()):
        for row, (metric, colour, mark, name) in enumerate(looks):
            ax = grid[row, column]
            x = list(panels[panel])
            means = [interval(panels[panel][k][metric]) for k in x]
            ax.errorbar(
                x,
                [100 * m.mean for m in means],
                [100 * m.half for m in means],
                color=colour,
                marker=mark,
                capsize=3,
                label=name,
            )
            ax.set_xscale("log", base=2)
            ax.set_xticks(x, [str(k) for k in x])
            ax.minorticks_off()
        grid[0, column].set_title(title)
        grid[1, column].set_xlabel(label)
    grid[0, 0].set_ylabel("accuracy / %")
    grid[1, 0].set_ylabel("accuracy / %")
    handles = [grid[r, 0].get_legend_handles_labels() for r in (0, 1)]
    fig.legend(
        [h[0][0] for h in handles],
        [h[1][0] for h in handles],
        loc="outside lower center",
        ncols=2,
    )
    return fig
