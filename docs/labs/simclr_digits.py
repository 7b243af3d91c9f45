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
# # SimCLR on the digits
#
# By the end you can train an encoder without labels on real pictures, read its loss curve, and say
# with an interval what it learned and what it did not.
#
# The idea in one sentence: make two random views of each picture, and ask the encoder to find, for
# every view, its partner among all views of the batch. Nobody tells it which digit is which.

# %%
import math

import matplotlib.pyplot as plt
import torch

from infonce.train import (
    DIGIT_VIEWS,
    PROBES,
    RECIPES,
    Encoder,
    augment,
    evaluate,
    grid,
    interval,
    load_digits,
    nearest,
    paired,
    run_recipe,
    simclr,
    stratified_split,
    table,
    verdict,
)

torch.set_num_threads(1)  # fastest for a network this small

# %% [markdown]
# ## The pictures
#
# Handwritten digits of 8 by 8 pixels, part of scikit-learn, so nothing is downloaded. A third of
# each class is kept for testing; training sees neither those pictures nor any label.

# %%
images, labels = load_digits()
split = stratified_split(labels)
train, train_labels = images[split.train], labels[split.train]
test, test_labels = images[split.test], labels[split.test]
print(f"{len(train)} pictures to train on, {len(test)} to test on")

# %% [markdown]
# ## Two views of one picture
#
# A view is the picture turned, scaled, sheared, shifted and bent a little, at random. The views
# say which changes should *not* matter: this is the only knowledge about digits that goes in, so
# it is worth a look. Left, the original; to its right, seven views of it.

# %%
generator = torch.Generator().manual_seed(0)
shown = torch.cat([train[train_labels == digit][:1] for digit in (2, 4, 6, 9)])
strips = [shown] + [augment(shown, generator) for _ in range(7)]

fig, axes = plt.subplots(4, 8, figsize=(6, 3.3), layout="constrained")
for column, pictures in enumerate(strips):
    for row, picture in enumerate(pictures):
        axes[row, column].imshow(picture[0].numpy(), cmap="gray_r", vmin=0, vmax=1)
        axes[row, column].set(xticks=[], yticks=[])
    axes[0, column].set_title(f"view {column}" if column else "original", fontsize=12)

# %% [markdown]
# ## Training
#
# `simclr` is one function of a few dozen lines: draw a batch, make two views, compute NT-Xent,
# take a step of Adam. Everything random comes from one seeded generator. Five seeds are five
# independent runs; one run alone could be luck.

# %%
batch_size, temperature, seeds = 256, 0.2, range(5)
runs = [
    simclr(train, batch_size=batch_size, temperature=temperature, seed=seed, progress=False)
    for seed in seeds
]
last = interval([sum(run.losses[-50:]) / 50 for run in runs])
print(f"loss at the first step    {interval([run.losses[0] for run in runs]).mean:.3f} nats")
print(f"mean of the last 50 steps {last.mean:.3f} ± {last.half:.3f} nats")

# %% [markdown]
# Two lines say how to read the curve. If all embeddings were the same, each anchor would have to
# guess among the 2N − 1 other views: log(2N − 1) nats. The other line is a floor that no encoder
# can pass, whatever its width: partners coincide, and all other views are as far from the anchor
# as N directions can be from each other on average (similarity −1/(N − 1)).
#
# The curve stays far above that floor, and it should: about a tenth of the "negatives" show the
# same digit as the anchor, and two strong views of one digit can differ more than two digits do.

# %%
collapsed = math.log(2 * batch_size - 1)
gap = 1 + 1 / (batch_size - 1)
floor = math.log1p((2 * batch_size - 2) * math.exp(-gap / temperature))

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for run in runs:
    ax.plot(range(1, len(run.losses) + 1), run.losses, color="C0", lw=0.8, alpha=0.6)
ax.plot([], [], color="C0", label=f"loss, {len(runs)} seeds")
ax.axhline(collapsed, ls="--", color="C5", label=f"collapse: log(2N − 1) = {collapsed:.2f}")
ax.axhline(floor, ls=":", color="C5", label=f"floor: {floor:.2f}")
ax.set(xlabel="step", ylabel="loss / nats", ylim=(0, None), xlim=(0, None))
_ = ax.legend(frameon=False, loc="center right", bbox_to_anchor=(1, 0.4))

# %% [markdown]
# ## Is it any good?
#
# A falling loss proves nothing about digits. The usual question is how well a *simple* classifier
# does on the frozen features when it is given a few labels. Four comparisons keep the answer
# honest: the raw pixels, the same encoder before training, the same encoder trained on the same
# batches with every label, and chance. (The third has seen all labels: with few of them it is no
# rival, but a mark to reach.)
#
# `h` is the representation and `z` the embedding that the loss sees. With "5 a class" the probe
# is fitted to 5 labelled training pictures of each digit, drawn 20 times for each run, the same
# ones for all features. Everything is scored on the test pictures. After ± is half the width of
# the 95% interval over the seeds, Student's; where nothing varies there is none.
#
# The third table says how the features of test pictures lie when each has length one: alignment is
# the mean squared distance of two views of a picture (0: they coincide), uniformity the log-mean of
# exp(−2 × squared distance) over all pairs of pictures (0: one point; the less, the more even), and
# the effective rank counts dimensions, the weak ones too.

# %%
trained = [run.encoder for run in runs]
untrained = [Encoder(torch.Generator().manual_seed(seed)) for seed in seeds]
recipe = RECIPES["simclr", "digits"] | {"supervised": True}
with_labels = [
    run_recipe("simclr", "digits", recipe, seed=seed, progress=False).encoder.picture
    for seed in seeds
]
results = evaluate(
    *(images, labels, split),
    trained=trained,
    untrained=untrained,
    supervised=with_labels,
    views=DIGIT_VIEWS,
)
apart = ("supervised h", "chance")
accuracies = {
    setting: {name: values for name, values in row.items() if name not in apart}
    for setting, row in results.items()
    if setting in PROBES
}
measures = {
    setting.removesuffix(" (no unit)"): row
    for setting, row in results.items()
    if setting not in PROBES
}
print(table(accuracies))
print("\ntest pictures", *(f"{measure:>14}" for measure in measures))
for name in measures["alignment"]:
    cells = [interval(row[name]).text(1, 2) for row in measures.values()]
    print(f"{name:13}", *(f"{cell:>14}" for cell in cells))
beside = {setting: {"h": results[setting]["supervised h"]} for setting in accuracies}
print("\n" + grid(beside, "trained with every label"))
print(f"\nchance: {interval(results['ridge, all labels']['chance'])}%")

# %% [markdown]
# The second table is the one to read first: its differences are taken run by run, so what the runs
# share (the same labelled pictures, the same start) drops out.

# %%
print(verdict(results).replace(". ", ".\n").replace("; ", ";\n  "))

# %% [markdown]
# ## Who are the neighbours?
#
# For eight test digits, the nearest training picture in the embedding (seed 0) and in raw pixels.
# The first four are drawn at random. The last four are failures: the first test digits whose
# nearest neighbour in the embedding is another digit.

# %%
with torch.no_grad():
    embedded_train, embedded_test = trained[0](train).z, trained[0](test).z
in_embedding = torch.cdist(embedded_test, embedded_train).argmin(1)
in_pixels = torch.cdist(test.flatten(1), train.flatten(1)).argmin(1)
wrong = torch.nonzero(train_labels[in_embedding] != test_labels).squeeze(1)
chosen = torch.cat((torch.randperm(len(test), generator=generator)[:4], wrong[:4]))

rows = {
    "test": (test[chosen], test_labels[chosen]),
    "nearest z": (train[in_embedding[chosen]], train_labels[in_embedding[chosen]]),
    "nearest pixels": (train[in_pixels[chosen]], train_labels[in_pixels[chosen]]),
}
fig, axes = plt.subplots(3, len(chosen), figsize=(6, 3.6), layout="constrained")
for row, (name, (pictures, classes)) in enumerate(rows.items()):
    for column, (picture, label) in enumerate(zip(pictures, classes.tolist(), strict=True)):
        same = label == test_labels[chosen[column]]
        axes[row, column].imshow(picture[0].numpy(), cmap="gray_r", vmin=0, vmax=1)
        axes[row, column].set(xticks=[], yticks=[])
        axes[row, column].set_title(f"{label}" if same else f"{label} ✗", fontsize=12)
    axes[row, 0].set_ylabel(name, fontsize=11)

for name, neighbour in {"the embedding": in_embedding, "raw pixels": in_pixels}.items():
    misses = int((train_labels[neighbour] != test_labels).sum())
    print(f"{misses} of {len(test)} test digits have another digit as neighbour in {name}")

# %% [markdown]
# ## What was shown, and what was not


# %%
def say(setting, features, baseline):
    gain = paired(results, setting, features, baseline)
    low, high = 100 * (gain.mean - gain.half), 100 * (gain.mean + gain.half)
    sign = "more" if low > 0 else "less" if high < 0 else "no clear difference"
    print(f"{setting}: {features} against {baseline}, {low:+.1f} to {high:+.1f} points: {sign}")


say("ridge, 5 a class", "trained z", "raw pixels")
say("ridge, 5 a class", "trained z", "untrained z")
say("ridge, all labels", "trained h", "raw pixels")
say("ridge, all labels", "trained z", "trained h")
say("ridge, 5 a class", "trained z", "supervised h")
say("ridge, all labels", "trained h", "supervised h")
say("1-NN, all labels", "trained h", "raw pixels")

# %% [markdown]
# Where labels are few, features learned without any are worth a lot. Where all labels are there, a
# nearest neighbour in plain pixels is hard to beat on pictures this small. The encoder that was
# trained with every label is ahead where the probe gets few, and not clearly where it gets all. The
# embedding `z` is ahead when labels are fewest, the representation `h` catches up as they grow. A
# likely reason: the last layer is asked to drop whatever the views change, and some of that tells
# digits apart.
#
# Three limits. The intervals cover seeds and drawn labels, not the choice of the test pictures.
# The same people wrote both parts: new writers would be harder. And the views carry knowledge that
# raw pixels do not have, which is the exercise.
#
# ## Exercise
#
# How much of the gain is *learning*, and how much is just knowing the augmentations? Give them to
# raw pixels too: make 100 views of each of the 5 labelled pictures of a class, and take the nearest
# neighbour among the views. Guess first where it lands between the two numbers of the table.

# %%
scores = []
for _ in range(20):
    few = torch.cat(
        [
            rows[torch.randperm(len(rows), generator=generator)[:5]]
            for rows in (torch.nonzero(train_labels == digit).squeeze(1) for digit in range(10))
        ]
    )
    views = augment(train[few].repeat(100, 1, 1, 1), generator).flatten(1)
    guess = nearest(views, train_labels[few].repeat(100), test.flatten(1))
    scores.append((guess == test_labels).double().mean().item())

few_labels = {
    "raw pixels, nearest neighbour": interval(results["1-NN, 5 a class"]["raw pixels"]),
    "raw pixels, nearest of 100 views": interval(scores),
    "trained z, nearest neighbour": interval(results["1-NN, 5 a class"]["trained z"]),
    "trained z, ridge": interval(results["ridge, 5 a class"]["trained z"]),
}
for name, accuracy in few_labels.items():
    print(f"{name:34s}{accuracy.mean:6.1%}")
before, views_only, learned = (few_labels[name].mean for name in list(few_labels)[:3])
print(
    f"share of the nearest-neighbour gain that the views alone give: "
    f"{(views_only - before) / (learned - before):.0%}"
)
