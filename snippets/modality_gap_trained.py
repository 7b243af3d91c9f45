"""The gap between pictures and words of a small CLIP, before and after."""

# --8<-- [start:data]
from collections import Counter
from itertools import chain

import torch
from torch import nn
from torch.nn import functional as F

from infonce import clip_loss, modality_gap
from infonce.train import compose, emoji_table, load_emoji, premultiply

table = emoji_table()
drawn = compose(premultiply(load_emoji("noto")), torch.ones(3))
pixels = F.avg_pool2d(drawn, 4).flatten(1)  # 8 x 8 pixels, three colours
words = [sorted({*e.name.lower().split(), *e.keywords}) for e in table]
uses = Counter(chain(*words))
index = {w: i for i, w in enumerate(sorted(w for w in uses if uses[w] > 4))}
bags = torch.zeros(len(table), len(index))  # which of the common words it has
for row, bag in enumerate(words):
    bags[row, [index[w] for w in bag if w in index]] = 1
# --8<-- [end:data]


# --8<-- [start:train]
N, width, d, steps = 128, 64, 32, 150


def towers(g):
    """Two small networks; their first weights come from the generator."""
    made = []
    for size in (pixels.shape[1], len(index)):
        tower = nn.Sequential(
            nn.Linear(size, width), nn.ReLU(), nn.Linear(width, d)
        )
        for weight in tower.parameters():
            bound = (weight.shape[-1] if weight.ndim > 1 else width) ** -0.5
            nn.init.uniform_(weight, -bound, bound, generator=g)
        made.append(tower)
    return made


def train(seed, fixed=None):
    """Gap before and after, embeddings and scale; a scale may be fixed."""
    g = torch.Generator().manual_seed(seed)
    see, read = towers(g)
    log_scale = nn.Parameter(torch.tensor(fixed or 1 / 0.07).log())
    learnt = [*see.parameters(), *read.parameters()]
    learnt += [] if fixed else [log_scale]
    optimiser = torch.optim.Adam(learnt, 3e-3)
    with torch.no_grad():
        before = modality_gap(see(pixels), read(bags)).norm().item()
    for _ in range(steps):
        rows = torch.randperm(len(table), generator=g)[:N]
        scale = log_scale.exp()
        loss = clip_loss(see(pixels[rows]), read(bags[rows]), logit_scale=scale)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        image, text = F.normalize(see(pixels)), F.normalize(read(bags))
    after = modality_gap(image, text).norm().item()
    return before, after, image, text, log_scale.exp().item()


seeds = range(3)
cold, warm = 100.0, 2.0
runs = {
    "learned": [train(seed) for seed in seeds],
    f"fixed at {cold:.0f}": [train(seed, cold) for seed in seeds],
    f"fixed at {warm:.0f}": [train(seed, warm) for seed in seeds],
}
# --8<-- [end:train]

# --8<-- [start:result]
print("scale           gap before  after   cosine: pairs  strangers")
for name, trained in runs.items():
    rows = [
        (b, a, (u * v).sum(1).mean(), (u @ v.T).mean())
        for b, a, u, v, _ in trained
    ]
    columns = torch.tensor(rows).mean(0).tolist()
    print("{:15} {:10.2f} {:6.2f} {:15.2f} {:10.2f}".format(name, *columns))
# --8<-- [end:result]


# --8<-- [start:move]
def moved(u, v, part):
    """Close a part of the gap: 0 leaves it, 1 makes the means coincide."""
    half = modality_gap(u, v) / 2
    return F.normalize(u - part * half), F.normalize(v + part * half)


sample = torch.randperm(len(table), generator=torch.Generator().manual_seed(0))
sample = sample[:256]
scales = torch.logspace(0, 2.5, 16).tolist()


def best_loss(run, part):
    """Loss of 256 emoji at whichever scale is best for them."""
    u, v = (side[sample] for side in moved(run[2], run[3], part))
    return min(clip_loss(u, v, logit_scale=scale).item() for scale in scales)


parts = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5]
curves = {
    name: [[best_loss(run, part) for part in parts] for run in trained]
    for name, trained in runs.items()
}
# --8<-- [end:move]

count = len(seeds)


def average(name, what):
    return sum(run[what] for run in runs[name]) / count


names = list(runs)
before = average(names[0], 0)
after_learned, after_cold, after_warm = (average(n, 1) for n in names)
scale = average(names[0], 4)
at = parts.index(0.0)
to = parts.index(1.0)
change_learned, change_cold, change_warm = (
    sum(c[to] - c[at] for c in curves[n]) / count for n in names
)

VALUES = {
    "N": N,
    "steps": steps,
    "count": count,
    "cold": cold,
    "warm": warm,
    "before": before,
    "after_learned": after_learned,
    "after_cold": after_cold,
    "after_warm": after_warm,
    "scale": scale,
    "change_learned": change_learned,
    "change_cold": change_cold,
    "change_warm": change_warm,
}


def figure():
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 6), layout="constrained"
    )
    looks = [("C3", "-", "o"), ("C0", "--", "s"), ("C2", ":", "^")]
    for name, (colour, style, marker) in zip(names, looks, strict=True):
        gaps = torch.tensor([run[:2] for run in runs[name]]).T
        for row in gaps.T.tolist():
            top.plot(row, color=colour, ls=style, marker=marker, alpha=0.5)
        top.plot(
            gaps.mean(1),
            color=colour,
            ls=style,
            marker=marker,
            label=f"scale {name}",
        )
        curve = torch.tensor(curves[name])
        lift = (curve - curve[:, [at]]).mean(0)
        bottom.plot(
            parts,
            lift,
            color=colour,
            ls=style,
            marker=marker,
            label=f"scale {name}",
        )
    top.set_xticks([0, 1], ["before training", "after"])
    top.set(ylabel="modality gap", ylim=(0, 1.6))
    top.legend()
    bottom.axvline(0, color="C5", lw=1)
    bottom.set(
        xlabel="part of the gap that is closed",
        ylabel="change of the loss / nats",
    )
    bottom.legend()
    return fig
