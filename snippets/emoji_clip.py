"""A small CLIP trained on emoji and their names, tested on an unseen style."""

# --8<-- [start:data]
from itertools import chain, pairwise

import torch
from torch import nn
from torch.nn import functional as F

import infonce
from infonce.train import compose, emoji_table, load_emoji, premultiply

table = emoji_table()
white = torch.ones(3)
styles = torch.stack(
    [
        compose(premultiply(load_emoji(s)), white)
        for s in ("noto", "twemoji", "openmoji")
    ]
)
unseen = compose(premultiply(load_emoji("fluent")), white)
words = [
    sorted({w for t in (e.name, *e.keywords) for w in t.lower().split()})
    for e in table
]
learnt = torch.tensor([e.row for e in table if e.split == "train"])
heldout = torch.tensor([e.row for e in table if e.split == "heldout"])
index = {
    w: i
    for i, w in enumerate(
        sorted({w for row in learnt.tolist() for w in words[row]})
    )
}
# --8<-- [end:data]


# --8<-- [start:model]
class Clip(nn.Module):
    """Three convolutions see the picture, a mean of word vectors reads."""

    def __init__(self, width=16, d=128):
        super().__init__()
        sizes = [3, width, 2 * width, 4 * width]
        layers = []
        for before, after in pairwise(sizes):
            layers += [
                nn.Conv2d(before, after, 3, 2, 1),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.see = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(16 * sizes[-1], d)
        )
        self.words = nn.EmbeddingBag(len(index), d, mode="mean")
        self.read = nn.Sequential(
            nn.LayerNorm(d), nn.Linear(d, d), nn.GELU(), nn.Linear(d, d)
        )
        self.log_scale = nn.Parameter(torch.tensor(1 / 0.07).log())

    def text(self, captions):
        known = [
            [index[w] for w in caption if w in index] for caption in captions
        ]
        starts = torch.tensor([0, *map(len, known)]).cumsum(0)[:-1]
        return self.read(self.words(torch.tensor([*chain(*known)]), starts))


# --8<-- [end:model]

# --8<-- [start:train]
steps, N = 500, 256
g = torch.Generator().manual_seed(0)
model = Clip()
for weight in model.parameters():
    if weight.ndim > 1:
        nn.init.kaiming_uniform_(weight, a=5**0.5, generator=g)
for layer in model.modules():
    if isinstance(layer, nn.Linear | nn.Conv2d):
        nn.init.zeros_(layer.bias)
untrained_scale = model.log_scale.exp().item()
optimiser = torch.optim.AdamW(
    model.parameters(), lr=5e-3, weight_decay=0.05, fused=True
)
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimiser, 5e-3, steps, pct_start=0.1
)
for _ in range(steps):
    rows = learnt[torch.randperm(len(learnt), generator=g)[:N]]
    pictures = styles[torch.randint(len(styles), (N,), generator=g), rows]
    scale = 0.85 + 0.3 * torch.rand(N, 1, generator=g)
    flip = torch.where(torch.rand(N, 1, generator=g) < 0.5, -1.0, 1.0)
    place = torch.zeros(N, 2, 3)
    place[:, 0, :1], place[:, 1, 1:2] = flip * scale, scale
    place[:, :, 2] = 0.24 * (torch.rand(N, 2, generator=g) - 0.5)
    grid = F.affine_grid(place, list(pictures.shape), align_corners=False)
    ink = F.grid_sample(1 - pictures, grid, align_corners=False)  # none outside
    pictures = 1 - ink
    chosen = [
        torch.rand(len(words[row]), generator=g) < 0.6 for row in rows.tolist()
    ]
    captions = [
        [w for w, keep in zip(words[row], keeps, strict=True) if keep]
        or words[row]
        for row, keeps in zip(rows.tolist(), chosen, strict=True)
    ]
    loss = infonce.clip_loss(
        model.see(pictures),
        model.text(captions),
        logit_scale=model.log_scale.exp(),
    )
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()
    with torch.no_grad():
        model.log_scale.clamp_(max=torch.tensor(100.0).log())
# --8<-- [end:train]

# --8<-- [start:test]
model.eval()
with torch.no_grad():
    image = F.normalize(model.see(unseen), dim=1)
    text = F.normalize(model.text(words), dim=1)
s = image @ text.T  # (1594, 1594): every Fluent picture with every caption


def found(s, rows):
    """Share of rows whose own column is the first, and among the first ten."""
    best = s[rows].topk(10).indices == rows[:, None]
    return best[:, 0].double().mean().item(), best.any(1).double().mean().item()


def nearest(pictures, styles):
    """Minus the distance to the closest drawing of each emoji."""
    each = [
        torch.cdist(pictures.flatten(1), style.flatten(1)) for style in styles
    ]
    return -torch.stack(each).amin(0)


count = len(table)
seen1, seen10 = found(s, learnt)
pixels1, pixels10 = found(nearest(unseen, styles), learnt)
new = s[heldout][:, heldout]  # ideas that training never saw, among themselves
new1, new10 = found(new, torch.arange(len(heldout)))
new1_back, new10_back = found(new.T, torch.arange(len(heldout)))

print(
    f"{len(learnt)} emoji of training in the new style, captions of all {count}"
)
print(f"  right one first {seen1:.1%}, among ten {seen10:.1%}")
print(f"  nearest pixels  {pixels1:.1%},           {pixels10:.1%}")
print(f"{len(heldout)} emoji of new ideas in the new style, captions of these")
print(f"  right one first {new1:.1%},  among ten {new10:.1%}")
# --8<-- [end:test]

VALUES = {
    "count": count,
    "learnt": len(learnt),
    "heldout": len(heldout),
    "steps": steps,
    "N": N,
    "vocabulary": len(index),
    "seen1": seen1,
    "seen10": seen10,
    "pixels1": pixels1,
    "pixels10": pixels10,
    "new1": new1,
    "new10": new10,
    "new1_back": new1_back,
    "new10_back": new10_back,
    "chance1": 1 / len(heldout),
    "chance10": 10 / len(heldout),
    "scale": model.log_scale.exp(),
    "untrained_scale": untrained_scale,
}


def figure():
    import matplotlib.pyplot as plt

    asked = torch.arange(0, 232, 29)  # at regular intervals: nobody chose them
    best = new.T[asked].topk(5).indices
    fig, axes = plt.subplots(
        8,
        6,
        figsize=(6, 7),
        width_ratios=[3, 1, 1, 1, 1, 1],
        layout="constrained",
    )
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    for line, row, columns in zip(axes, asked, best, strict=True):
        line[0].text(1, 0.5, table[heldout[row]].name, ha="right", va="center")
        for axis, column in zip(line[1:], columns, strict=True):
            axis.imshow(unseen[heldout[column]].permute(1, 2, 0).numpy())
            if column == row:
                axis.spines[:].set(visible=True, color="C1", linewidth=3)
    return fig
