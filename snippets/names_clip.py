"""Names of emoji in six languages, drawn together by one loss."""

# --8<-- [start:data]
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

import infonce
from infonce.train import emoji_table, interval

table = emoji_table()
languages = {"de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
languages |= {"ru": "Russian", "ja": "Japanese"}
english = [e.name.lower() for e in table]
others = [[getattr(e, f"name_{c}").lower() for e in table] for c in languages]
learnt = torch.tensor([e.row for e in table if e.split == "train"])
heldout = torch.tensor([e.row for e in table if e.split == "heldout"])


def grams(name):
    """Pieces of one to three characters; word ends count as characters."""
    text = f" {name} "
    return {
        text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)
    }


pieces = [[grams(name) for name in names] for names in (english, *others)]
uses = Counter(
    p for side in pieces for row in learnt.tolist() for p in side[row]
)
index = {p: i for i, p in enumerate(sorted(p for p in uses if uses[p] > 3))}
numbers = [
    [[index[p] for p in sorted(row) if p in index] for row in side]
    for side in pieces
]  # (language, emoji) -> pieces that training has seen
# --8<-- [end:data]


# --8<-- [start:train]
N, d, steps = 192, 64, 200


class Encoder(nn.Module):
    """The mean of the vectors of its pieces: one table, all languages."""

    def __init__(self, g):
        super().__init__()
        self.table = nn.EmbeddingBag(len(index), d, mode="mean")
        nn.init.normal_(self.table.weight, std=0.1, generator=g)

    def forward(self, names):
        starts = torch.tensor([0, *map(len, names)]).cumsum(0)[:-1]
        flat = torch.tensor([p for name in names for p in name])
        return self.table(flat, starts)


def train(seed):
    g = torch.Generator().manual_seed(seed)
    encoder = Encoder(g)
    optimiser = torch.optim.Adam(encoder.parameters(), 1e-2)
    for _ in range(steps):  # anchors in any language, their partners English
        rows = learnt[torch.randperm(len(learnt), generator=g)[:N]].tolist()
        spoken = torch.randint(1, 7, (N,), generator=g).tolist()
        anchors = [
            numbers[code][r] for code, r in zip(spoken, rows, strict=True)
        ]
        loss = infonce.info_nce(
            encoder(anchors),
            encoder([numbers[0][row] for row in rows]),
            temperature=0.05,
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return [
            F.normalize(encoder([side[row] for row in heldout.tolist()]))
            for side in numbers
        ]


# --8<-- [end:train]


# --8<-- [start:test]
def overlap(one, two):
    """Share of pieces that two names have in common."""
    return len(one & two) / len(one | two)


def found(scores):
    """Share of names whose English partner is among the first ten of 239."""
    best = scores.topk(10).indices == torch.arange(len(heldout))[:, None]
    return best.any(1).double().mean().item()


seeds = range(3)
runs = [train(seed) for seed in seeds]
learned, letters = {}, {}
for number, (code, name) in enumerate(languages.items(), 1):
    shares = [found(run[number] @ run[0].T) for run in runs]
    learned[code] = interval(shares)
    rows = heldout.tolist()
    letters[code] = found(
        torch.tensor(
            [
                [overlap(pieces[number][a], pieces[0][b]) for b in rows]
                for a in rows
            ]
        )
    )
    print(f"{name:9} learned {learned[code]}, letters {letters[code]:.1%}")
# --8<-- [end:test]

count = len(seeds)
held = len(heldout)
chance = 10 / held
russian, japanese = learned["ru"], learned["ja"]
german, german_half = learned["de"].mean, learned["de"].half
russian_share, russian_half = russian.mean, russian.half
japanese_share, japanese_half = japanese.mean, japanese.half
german_letters, russian_letters = letters["de"], letters["ru"]
japanese_letters = letters["ja"]
pieces_known = len(index)

VALUES = {
    "N": N,
    "steps": steps,
    "count": count,
    "held": held,
    "chance": chance,
    "german": german,
    "german_half": german_half,
    "russian_share": russian_share,
    "russian_half": russian_half,
    "japanese_share": japanese_share,
    "japanese_half": japanese_half,
    "german_letters": german_letters,
    "russian_letters": russian_letters,
    "japanese_letters": japanese_letters,
    "pieces_known": pieces_known,
}


def figure():
    import matplotlib.pyplot as plt

    at = torch.arange(len(languages))
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    ax.errorbar(
        at,
        [100 * i.mean for i in learned.values()],
        yerr=[100 * i.half for i in learned.values()],
        fmt="o",
        color="C1",
        capsize=4,
        label="learned, mean and interval",
    )
    ax.plot(
        at,
        [100 * share for share in letters.values()],
        "s",
        color="C5",
        label="letters in common",
    )
    ax.axhline(100 * chance, color="C5", ls="--", label="chance")
    ax.set_xticks(at, list(languages.values()))
    ax.set(ylabel="partner among the first ten / %", ylim=(0, 100))
    ax.legend(ncols=3, loc="upper center", fontsize="small")
    return fig
