"""The exported emoji CLIP: searches, labels, and its gap closed by hand."""

# --8<-- [start:compute]
import json
import math
from pathlib import Path

import torch
from torch.nn.functional import normalize

import infonce
from infonce.train.export import read_early, read_images, read_text

folder = Path("docs/assets/data")
file = json.loads((folder / "emoji-clip.json").read_text("utf-8"))
file["bytes"] = (folder / "emoji-clip.bin").read_bytes()
pictures, names, new = read_images(file), file["names"], file["new"]


def classify(row, labels):
    """Probabilities of labels, each a list of prompts, for one picture."""
    each = [torch.stack([read_text(file, p) for p in ps]) for ps in labels]
    classes = normalize(torch.stack([z.mean(0) for z in each]), dim=1)
    return (pictures[row] @ classes.T * file["scale"]).softmax(0)


giraffe = names.index("giraffe")
food = ["food", "drink"]
before = classify(giraffe, [["animal", "fish"], food])
after = classify(giraffe, [["animal", "camel"], food])
print(f"giraffe: animal {before[0]:.1%}, with another word {after[0]:.1%}")
# --8<-- [end:compute]

one, two = read_text(file, "dog bites man"), read_text(file, "man bites dog")
same = one @ two
cats = read_text(file, "cat") @ read_text(file, "cats")
nonsense = (pictures @ read_text(file, "wibble")).max()
sense = (pictures @ read_text(file, "cat")).max()

captions = [f"{names[row]} {file['keywords'][row]}" for row in new]
x, y = pictures[new], torch.stack([read_text(file, c) for c in captions])
gap = infonce.modality_gap(x, y)
a, b = normalize(x - gap / 2, dim=1), normalize(y + gap / 2, dim=1)
loss, loss_closed = (
    infonce.clip_loss(u, v, logit_scale=file["scale"])
    for u, v in ((x, y), (a, b))
)
hits = infonce.retrieval_ranks(x, y) == 1
hits_closed = infonce.retrieval_ranks(a, b) == 1
gained = (hits_closed & ~hits).sum()
lost = (hits & ~hits_closed).sum()


def found(pictures, captions):
    """How many pictures have their own caption before all others."""
    return (infonce.retrieval_ranks(pictures, captions) == 1).sum()


before_bytes, in_bytes = file["accuracy"].values()
tower = sum(
    math.prod(array["shape"]) * (4 if array["type"] == "float32" else 1)
    for name, array in file["arrays"].items()
    if name.split()[0] not in ("images", "early")
)

pool = [new.index(row) for row in file["pool"]]
early = {step: found(*read_early(file, step)) for step in file["steps"]}

VALUES = {
    "before": before[0],
    "after": after[0],
    "same": same,
    "cats": cats,
    "nonsense": nonsense,
    "sense": sense,
    "loss": loss,
    "loss_closed": loss_closed,
    "right": hits.double().mean(),
    "right_before": before_bytes["image to text, new: R@1"],
    "seen": in_bytes["image to text, seen: R@1"],
    "seen_before": before_bytes["image to text, seen: R@1"],
    "kilobytes": tower / 1000,
    "right_closed": hits_closed.double().mean(),
    "gained": gained,
    "lost": lost,
    "new": len(new),
    "scale": file["scale"],
    "pool": len(pool),
    "at_start": early[0],
    "at_hundred": early[100],
    "at_thousand": early[1000],
    "at_end": found(x[pool], y[pool]),
}


def figure():
    import matplotlib.pyplot as plt

    from infonce.train import compose, load_emoji, premultiply

    drawn = compose(premultiply(load_emoji("fluent")), torch.ones(3))
    texts = ("red heart", "bird", "flower", "cat", "guitar", "wibble")
    fig, axes = plt.subplots(
        len(texts),
        6,
        figsize=(6, 6),
        width_ratios=[2, 1, 1, 1, 1, 1],
        layout="constrained",
    )
    for row, text in zip(axes, texts, strict=True):
        best = (pictures @ read_text(file, text)).topk(5)
        row[0].text(0, 0.5, text, va="center")
        row[0].axis("off")
        for axis, k, s in zip(row[1:], best.indices, best.values, strict=True):
            axis.imshow(drawn[k].permute(1, 2, 0))
            axis.set(xticks=[], yticks=[], title=f"{s:.2f}")
            axis.spines[:].set_visible(False)
    return fig
