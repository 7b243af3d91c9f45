# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A CLIP of emoji: search and zero-shot
#
# By the end you can search pictures with words, classify them by prompts, and look at what goes
# wrong, with a CLIP that was trained from nothing on emoji.
#
# The training is [recorded](../../practice/train/#emoji-clip): it takes longer than the build of
# this page may. Here its weights are loaded and asked questions about a drawing style that it
# never saw, above all about ideas that it never saw. Artwork on this page: Fluent Emoji
# © Microsoft Corporation, MIT licence, rendered at 32 × 32 pixels
# ([licences](../../reference/data/#emoji)).

# %%
import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from infonce.retrieval import retrieval_ranks
from infonce.train import (
    bag,
    compose,
    embeddings,
    emoji_prompts,
    emoji_table,
    fit,
    load_emoji,
    premultiply,
)
from infonce.train.records import load_record, recorded_task
from infonce.train.tasks import ClipTask

torch.set_num_threads(1)
table = emoji_table()
task = recorded_task("emoji-clip")
z = embeddings(task, "fluent")
new = torch.tensor([e.row for e in table if e.split == "heldout"])
pictures = compose(premultiply(load_emoji("fluent")), torch.ones(3))
print(f"{len(task.rows)} emoji were trained on, {len(new)} are of new ideas")

# %% [markdown]
# ## A short training
#
# A smaller model on smaller batches for a few steps, so that you see it move. The first loss is
# a little above log N of the batch: before training the cosines are not all equal, and the scale
# makes their differences count. The recorded run goes on for many more steps.

# %%
run = fit(
    lambda generator: ClipTask(generator, batch_size=128, width=16, tokens=2560, drop=0.3, pool=2),
    steps=40,
    learning_rate=5e-3,
    weight_decay=0.05,
    muon=0.05,
    progress=False,
)
recorded = load_record("emoji-clip")
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
every = max(1, recorded["settings"]["steps"] // 200)
ax.plot(range(1, 41), run.losses, color="C1", label="here, batch of 128")
ax.plot(
    [1 + every * k for k in range(len(recorded["losses"]))],
    recorded["losses"],
    color="C0",
    ls="-",
    lw=0.8,
    label="recorded, batch of 256",
)
ax.set(xlabel="step", ylabel="loss / nats", ylim=(0, None))
_ = ax.legend(frameon=False)

# %% [markdown]
# ## Text to image, new ideas
#
# Eight names at regular intervals through the list of held-out emoji (nobody chose them), and the
# five pictures that the model puts first among all held-out ones. A frame marks the right one.


# %%
def sheet(titles, columns, right):
    _, axes = plt.subplots(
        len(titles),
        columns.shape[1] + 1,
        figsize=(6, 0.75 * len(titles)),
        width_ratios=[3.5] + [1] * columns.shape[1],
        layout="constrained",
    )
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    for line, title, rows, answer in zip(axes, titles, columns, right, strict=True):
        line[0].text(1, 0.5, title, ha="right", va="center")
        for axis, row in zip(line[1:], rows, strict=True):
            axis.imshow(pictures[row].permute(1, 2, 0).numpy())
            if row in answer:
                axis.spines[:].set(visible=True, color="C1", linewidth=3)


similarity = z["text"][new] @ z["image"][new].T
asked = torch.arange(0, 232, 29)
best = similarity[asked].topk(5).indices
sheet([table[new[k]].name for k in asked], new[best], [[new[k]] for k in asked])

# %% [markdown]
# ## The worst failures
#
# The six names whose picture comes last. Some have words that training never saw; others ask for
# what 32 pixels hardly show.

# %%
ranks = retrieval_ranks(z["text"][new], z["image"][new])
worst = ranks.argsort(descending=True)[:6]
sheet(
    [f"{table[new[k]].name} (place {ranks[k]})" for k in worst],
    new[similarity[worst].topk(5).indices],
    [[new[k]] for k in worst],
)
print(f"median place of the right picture: {int(ranks.median())} of {len(new)}")

# %% [markdown]
# ## Your own words
#
# Any text is a bag of n-grams, so the search takes words that are no emoji's name. All pictures of
# the unseen style are searched. Most of the first answers are wrong: so few captions are not
# English.


# %%
def read(text):
    with torch.no_grad():
        return task.model.text(*bag([[text]], 2560).flat(torch.tensor([0]))).z[0]


queries = ["something to eat", "winter sport", "sad", "music", "wild animal", "writing"]
found = torch.stack([(z["image"] @ read(q)).topk(5).indices for q in queries])
sheet(queries, found, [[] for _ in queries])

# %% [markdown]
# ## Zero-shot: groups by prompts
#
# The prompts of a group: its own name and those of its subgroups, or everyday words for its
# subgroups. Their embeddings are averaged and normalised again; the nearest group wins. The
# comparison is the group that is largest.

# %%
groups = sorted({e.group for e in table})
own = {g: sorted({e.subgroup for e in table if e.group == g}) for g in groups}
words = emoji_prompts()
prompts = {
    "names": {g: [x.replace("-", " ") for x in (g, *own[g])] for g in groups},
    "everyday words": {g: [p for x in own[g] for p in words[x]] for g in groups},
}
truth = torch.tensor([groups.index(table[r].group) for r in new])
right = {}
for kind, texts in prompts.items():
    classes = [torch.stack([read(p) for p in texts[g]]).mean(0) for g in groups]
    guess = (z["image"][new] @ F.normalize(torch.stack(classes), dim=1).T).argmax(1)
    right[kind] = guess == truth
    print(f"right group by {kind}: {right[kind].double().mean():.1%}")
print(f"always the largest: {truth.bincount().max() / len(new):.1%}")
for k, g in enumerate(groups):
    mine = truth == k
    if mine.any():
        counts = [f"{kind} {int(hits[mine].sum()):3}" for kind, hits in right.items()]
        print(f"{g:16} of {int(mine.sum()):3}:", ", ".join(counts))
