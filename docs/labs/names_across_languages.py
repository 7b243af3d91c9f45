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
# # Names across languages
#
# By the end you can train a text encoder on pairs of translations, and tell what it learned from
# what shared letters give for free.
#
# Each emoji has a name in eight languages. A pair is the English name and another one; a text is
# nothing but a bag of its n-grams. Names: Unicode CLDR.

# %%
import matplotlib.pyplot as plt
import torch

from infonce.train import LANGUAGES, embeddings, emoji_table, fit, grid, ngrams
from infonce.train.evaluation import overlap_scores, text_scores
from infonce.train.records import load_record, recorded_task
from infonce.train.tasks import TextPairs

torch.set_num_threads(1)
table = emoji_table()
new = torch.tensor([e.row for e in table if e.split == "heldout"])
print(ngrams("Cats"))
print(ngrams("猫の顔"))

# %% [markdown]
# ## A short training
#
# A hundred steps, a tenth of the recorded run.

# %%
run = fit(
    lambda generator: TextPairs(generator, batch_size=128, tokens=8192),
    steps=100,
    learning_rate=5e-3,
    weight_decay=0.05,
    progress=False,
)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(range(1, 101), run.losses, color="C0")
ax.set(xlabel="step", ylabel="loss / nats", ylim=(0, None))
print(f"mean of the last ten losses {sum(run.losses[-10:]) / 10:.2f} nats")

# %% [markdown]
# ## The recorded run
#
# Its weights, asked for the English names of ideas that it has not seen. *Overlap* is the cosine of
# counts of n-grams, without any training.

# %%
task = recorded_task("names")
trained, overlap = text_scores(task), overlap_scores(task)
print(
    grid(
        {
            setting: {"recorded weights": [trained[setting]], "overlap": [overlap[setting]]}
            for setting in trained
            if "to en: R@" in setting
        }
    )
)

# %% [markdown]
# ## What it finds
#
# Names at regular intervals through the held-out list, in German, which shares letters with
# English, and in Russian and Japanese, which do not, with the three English names that come first.
# Most are wrong; look at how.

# %%
z = embeddings(task)
for code in ("de", "ru", "ja"):
    similarity = z[code][new] @ z["en"][new].T
    print(f"-- {code}")
    for k in range(0, 232, 29):
        first = [table[new[j]].name for j in similarity[k].topk(3).indices]
        name = getattr(table[new[k]], f"name_{code}")
        mark = "right" if table[new[k]].name == first[0] else "wrong"
        print(f"{mark}: {name} -> {', '.join(first)}")

# %% [markdown]
# ## Where the languages lie
#
# Mean cosine of the names of the same idea, for each pair of languages: two languages that were
# never paired in training meet through English.

# %%
same = torch.tensor([[(z[a][new] * z[b][new]).sum(1).mean() for b in LANGUAGES] for a in LANGUAGES])
fig, ax = plt.subplots(figsize=(4.5, 4), layout="constrained")
image = ax.imshow(same.numpy(), vmin=0, vmax=1, cmap="viridis")
ax.set_xticks(range(8), LANGUAGES)
ax.set_yticks(range(8), LANGUAGES)
_ = fig.colorbar(image, label="mean cosine of the same idea")
recorded = load_record("names")
print(f"recorded: {recorded['seeds']} runs of {recorded['settings']['steps']} steps")
