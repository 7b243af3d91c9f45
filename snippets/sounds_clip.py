"""Sounds, English captions and German captions meet in one space."""

# --8<-- [start:data]
from itertools import product

import torch
from torch import nn
from torch.nn import functional as F

import infonce

RATE, LENGTH = 8000, 4000  # samples a second, samples: half a second
kinds = {"tone": "Ton", "buzz": "Summen", "rise": "Anstieg"}
kinds |= {"fall": "Abfall", "hiss": "Rauschen"}
pitches = {"low": "tief", "middle": "mittel", "high": "hoch"}
rhythms = {"steady": "stetig", "pulsing": "pulsierend", "double": "doppelt"}
sounds = list(product(kinds, pitches, rhythms))  # 45 combinations
english = [
    f"a {rhythm} {pitch} {kind}".split() for kind, pitch, rhythm in sounds
]
german = [
    f"ein {kinds[kind]} {pitches[pitch]} {rhythms[rhythm]}".split()
    for kind, pitch, rhythm in sounds
]


def wave(sound, g):
    """Half a second of it; pitch, start and background differ each time."""
    kind, pitch, rhythm = sounds[sound]
    t = torch.arange(LENGTH) / RATE
    jitter, start, level = torch.rand(3, generator=g).tolist()
    pitch_hz = {"low": 250, "middle": 700, "high": 1900}[pitch]
    pitch_hz *= 0.85 + 0.3 * jitter
    bend = {"rise": 1.2, "fall": -0.6}.get(kind, 0.0)  # over the half second
    phase = 2 * torch.pi * pitch_hz * (t + bend * t**2) + 6.28 * start
    x = phase.sin()
    if kind == "buzz":
        x = (phase.sin() + (2 * phase).sin() + (3 * phase).sin()) / 1.7
    if kind == "hiss":  # noise that is multiplied into a band
        noise = torch.randn(LENGTH, generator=g)
        noise = F.avg_pool1d(noise[None], 21, 1, 10)[0] * 4
        x = noise * phase.sin()
    if rhythm == "pulsing":
        x = x * ((8 * t + start) % 1 < 0.5)
    if rhythm == "double":
        x = x * (((t - 0.05 * start) % 0.25) < 0.12)
    background = 0.05 * torch.randn(LENGTH, generator=g)
    return (0.3 + 0.7 * level) * x + background


def spectrum(waves):
    """(B, LENGTH) to (B, 32 * 25): loudness in 32 bands, 25 times."""
    window = torch.hann_window(256)
    found = torch.stft(waves, 256, 160, window=window, return_complex=True)
    bands = F.adaptive_avg_pool2d(found.abs()[:, None], (32, 25))
    loud = (bands + 1e-2).log().flatten(1)
    return loud - loud.mean(1, keepdim=True)


g = torch.Generator().manual_seed(0)
pool = torch.stack(
    [
        spectrum(torch.stack([wave(sound, g) for _ in range(50)]))
        for sound in range(len(sounds))
    ]
)  # (45, 50, 800)
known, fresh = pool[:, :35], pool[:, 35:]  # for training, for testing

# --8<-- [end:data]


# --8<-- [start:train]
d, steps = 32, 200


class Reader(nn.Module):
    """Mean of word vectors, then one hidden layer."""

    def __init__(self, captions):
        super().__init__()
        found = sorted({w for c in captions for w in c})
        self.index = {w: i for i, w in enumerate(found)}
        self.words = nn.Embedding(len(found), 64)
        self.read = nn.Sequential(
            nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, d)
        )

    def forward(self, captions):
        rows = torch.tensor([[self.index[w] for w in c] for c in captions])
        return self.read(self.words(rows).mean(1))


def train(learnt, seed):
    """Sounds with English, sounds with German; never English with German."""
    g = torch.Generator().manual_seed(seed)
    hear = nn.Sequential(nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, d))
    model = nn.ModuleList([hear, Reader(english), Reader(german)])
    for weight in model.parameters():
        bound = weight.shape[-1] ** -0.5
        nn.init.uniform_(weight, -bound, bound, generator=g)
    log_scale = nn.Parameter(torch.tensor(1 / 0.07).log())
    optimiser = torch.optim.Adam([*model.parameters(), log_scale], 3e-3)
    rows = torch.tensor(learnt)
    for _ in range(steps):  # a batch: one sound of each known combination
        take = torch.randint(known.shape[1], (len(rows),), generator=g)
        heard = hear(known[rows, take])
        loss = sum(
            infonce.clip_loss(
                heard,
                reader([captions[i] for i in learnt]),
                logit_scale=log_scale.exp(),
            )
            for reader, captions in zip(
                model[1:], (english, german), strict=True
            )
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        heard = F.normalize(hear(fresh), dim=-1)  # (45, 15, d)
        texts = [
            F.normalize(reader(captions))
            for reader, captions in zip(
                model[1:], (english, german), strict=True
            )
        ]
    return heard, *texts


# --8<-- [end:train]

# --8<-- [start:test]
number = {sound: i for i, sound in enumerate(sounds)}
places = [
    (kind, pitch, rhythm)
    for kind in range(5)
    for pitch in range(3)
    for rhythm in range(3)
]
splits = {  # which of the 45 combinations training never hears
    "scattered": [
        i for i, (k, p, r) in enumerate(places) if (k + p + 2 * r) % 5 == 0
    ],
    "one block": [i for i, (k, p, r) in enumerate(places) if p == r and k < 3],
}


def share(scores, rows):
    """Of sounds of some combinations: whose caption is the first of all 45."""
    right = scores[rows].argmax(-1) == torch.tensor(rows)[:, None]
    return right.double().mean().item()


seeds = range(3)
found = {}
for name, heldout in splits.items():
    learnt = [i for i in range(45) if i not in heldout]
    shares = []
    for seed in seeds:
        heard, en, de = train(learnt, seed)
        between = (en[heldout] @ de.T).argmax(1) == torch.tensor(heldout)
        shares.append(
            [
                share(heard @ en.T, learnt),
                share(heard @ en.T, heldout),
                between.double().mean().item(),
            ]
        )
    found[name] = torch.tensor(shares)
    print(
        f"{name}: {len(heldout)} held out;",
        "known {:.1%}, new {:.1%}, English to German {:.1%}".format(
            *found[name].mean(0).tolist()
        ),
    )
# --8<-- [end:test]

from infonce.train import interval

count = len(seeds)
combinations = len(sounds)
held = len(splits["scattered"])
chance = 1 / combinations
scattered = interval(found["scattered"][:, 1].tolist())
block = interval(found["one block"][:, 1].tolist())
known_share = found["scattered"][:, 0].mean()
new_share, new_half = scattered.mean, scattered.half
block_share, block_half = block.mean, block.half
between_share = found["scattered"][:, 2].mean()

VALUES = {
    "combinations": combinations,
    "held": held,
    "count": count,
    "steps": steps,
    "chance": chance,
    "known_share": known_share,
    "new_share": new_share,
    "new_half": new_half,
    "block_share": block_share,
    "block_half": block_half,
    "between_share": between_share,
}


def figure():
    import matplotlib.pyplot as plt

    shown = [("tone", "low", "steady"), ("rise", "middle", "double")]
    shown += [("hiss", "high", "pulsing"), ("buzz", "low", "double")]
    fig, axes = plt.subplots(2, 2, figsize=(6, 4.6), layout="constrained")
    for axis, sound in zip(axes.flat, shown, strict=True):
        picture = fresh[number[sound], 0].view(32, 25)
        axis.imshow(
            picture,
            aspect="auto",
            origin="lower",
            cmap="Blues",
            extent=(0, 0.5, 0, 4),
        )
        kind, pitch, rhythm = sound
        axis.set(title=f"a {rhythm} {pitch} {kind}")
    for axis in axes[1]:
        axis.set(xlabel="time / s")
    for axis in axes[:, 0]:
        axis.set(ylabel="frequency / kHz")
    return fig
