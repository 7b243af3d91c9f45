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

# --8<-- [start:zero_shot]
prompts = {  # one word describes each group; three more may join in
    "activities": ["sport", "game", "celebration", "medal"],
    "animals-nature": ["animal", "bird", "plant", "insect"],
    "food-drink": ["food", "drink", "fruit", "sweet"],
    "objects": ["tool", "clothing", "music", "office"],
    "people-body": ["person", "man", "woman", "hand"],
    "smileys-emotion": ["face", "smile", "heart", "sad"],
    "symbols": ["symbol", "button", "arrow", "zodiac"],
    "travel-places": ["place", "building", "vehicle", "weather"],
}
groups = list(prompts)  # the ninth, flags, has no emoji among the new ideas
group = torch.tensor(
    [groups.index(e.group) if e.group in groups else -1 for e in table]
)


def by_group(rows):
    """Mean of the rows of each group of the emoji of training."""
    return torch.stack(
        [rows[learnt[group[learnt] == k]].mean(0) for k in range(len(groups))]
    )


with torch.no_grad():
    each = [
        F.normalize(model.text([[w] for w in ws])) for ws in prompts.values()
    ]
one_prompt = torch.stack([vectors[0] for vectors in each])
four_prompts = torch.stack([vectors.mean(0) for vectors in each])
all_names = by_group(text)  # the captions of all emoji of the group
flat = unseen.flatten(1)
drawings = by_group(styles.mean(0).flatten(1))


def right(scores):
    """Which of the new ideas fall into their own group, 0 or 1."""
    return (scores.argmax(1) == group[heldout]).double()


answers = {
    "one word": right(image[heldout] @ F.normalize(one_prompt).T),
    "four words": right(image[heldout] @ F.normalize(four_prompts).T),
    "all captions": right(image[heldout] @ F.normalize(all_names).T),
    "mean pictures": right(-torch.cdist(flat[heldout], drawings)),
}
# --8<-- [end:zero_shot]

# --8<-- [start:interval]
names = [
    table[row].family for row in heldout
]  # variants of an idea go together
families = {name: i for i, name in enumerate(dict.fromkeys(names))}
family = torch.tensor([families[name] for name in names])
g = torch.Generator().manual_seed(0)
drawn = torch.randint(len(families), (2000, len(families)), generator=g)
times = torch.stack([d.bincount(minlength=len(families)) for d in drawn])
times = times[:, family].double()  # (2000, 239): how often each emoji is drawn
ends = torch.tensor([0.025, 0.975], dtype=torch.float64)


def interval(correct):
    """Where 95% of the means lie if the families are drawn again."""
    means = (times * correct).sum(1) / times.sum(1)
    return means.quantile(ends).tolist()


for name, correct in answers.items():
    low, high = interval(correct)
    print(f"{name:13} {correct.mean():6.1%}, interval {low:.1%} to {high:.1%}")
# --8<-- [end:interval]

zero_one, zero_four, zero_names, zero_pixels = (
    correct.mean() for correct in answers.values()
)
zero_one_low, zero_one_high = interval(answers["one word"])
zero_four_low, zero_four_high = interval(answers["four words"])
zero_names_low, zero_names_high = interval(answers["all captions"])
zero_pixels_low, zero_pixels_high = interval(answers["mean pictures"])
gain_four_low, gain_four_high = interval(
    answers["four words"] - answers["one word"]
)
gain_names_low, gain_names_high = interval(
    answers["all captions"] - answers["mean pictures"]
)
majority = group[heldout].bincount().max() / len(heldout)
picked = (new.T.topk(10).indices == torch.arange(len(heldout))[:, None]).any(1)
search10_low, search10_high = interval(picked.double())
gap = infonce.modality_gap(image, text).norm()
mean_own = s.diagonal().mean()
mean_other = (s.sum() - s.diagonal().sum()) / (count * (count - 1))

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
    "zero_one": zero_one,
    "zero_four": zero_four,
    "zero_names": zero_names,
    "zero_pixels": zero_pixels,
    "zero_one_low": zero_one_low,
    "zero_one_high": zero_one_high,
    "zero_four_low": zero_four_low,
    "zero_four_high": zero_four_high,
    "zero_names_low": zero_names_low,
    "zero_names_high": zero_names_high,
    "zero_pixels_low": zero_pixels_low,
    "zero_pixels_high": zero_pixels_high,
    "gain_four_low": gain_four_low,
    "gain_four_high": gain_four_high,
    "gain_names_low": gain_names_low,
    "gain_names_high": gain_names_high,
    "majority": majority,
    "search10_low": search10_low,
    "search10_high": search10_high,
    "gap": gap,
    "mean_own": mean_own,
    "mean_other": mean_other,
    "groups": len(groups),
    "families": len(families),
    "draws": len(drawn),
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
