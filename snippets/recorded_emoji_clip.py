"""A CLIP of emoji, recorded: asked about a drawing style it has never seen."""

# --8<-- [start:compute]
import json
from math import log
from pathlib import Path

from infonce.train import interval, paired

path = Path("docs/assets/data/records/emoji-clip.json")
record = json.loads(path.read_text(encoding="utf-8"))
scores = record["scores"]

names = {
    "trained": 11,
    "supervised": 11,
    "pixels": 7,
    "untrained": 11,
    "chance": 7,
}
print(
    f"% over {record['seeds']} runs".ljust(36),
    *(k.rjust(n) for k, n in names.items()),
)
for setting, row in scores.items():
    if "unit" in setting or "rank" in setting:
        continue
    what = setting.removesuffix(", new").replace("by known ", "by ")
    cells = [str(interval(row[name])) if name in row else "" for name in names]
    print(what.ljust(36), *map(str.rjust, cells, names.values()))
print("trained less another, paired by run")
for setting in ("image to text, seen: R@1", "image to text, new: R@1"):
    for name in ("supervised", "pixels"):
        if name in scores[setting]:
            gain = paired(scores, setting, "trained", name)
            print(f"{setting:27} {name:10} {gain!s:>11}")
# --8<-- [end:compute]


def of(setting, condition="trained"):
    return interval(scores[setting][condition]).mean


def late(share):
    """The mean loss of the steps before this share of the run, in nats."""
    losses = record["losses"]
    end = round(share * len(losses))
    return sum(losses[end - 10 : end]) / 10


wall = json.loads(Path("docs/assets/data/wall.json").read_text("utf-8"))
VALUES = {
    "steps": record["settings"]["steps"],
    "batch": record["settings"]["batch_size"],
    "seeds": record["seeds"],
    "seconds": interval(record["processor seconds a seed"]).mean,
    "wall": wall["trainings"]["emoji-clip"]["seconds"],
    "loss_half": late(0.5),
    "loss_end": late(1.0),
    "log_batch": log(record["settings"]["batch_size"]),
    "seen1": of("image to text, seen: R@1"),
    "seen10": of("image to text, seen: R@10"),
    "seen1_supervised": of("image to text, seen: R@1", "supervised"),
    "seen10_supervised": of("image to text, seen: R@10", "supervised"),
    "seen1_pixels": of("image to text, seen: R@1", "pixels"),
    "seen10_pixels": of("image to text, seen: R@10", "pixels"),
    "new1": of("image to text, new: R@1"),
    "new10": of("image to text, new: R@10"),
    "new1_pixels": of("image to text, new: R@1", "pixels"),
    "new10_pixels": of("image to text, new: R@10", "pixels"),
    "group": of("zero-shot group of 9, new"),
    "subgroup": of("zero-shot subgroup of 95, new"),
    "group_prompts": of("zero-shot group of 9 by prompts, new"),
    "subgroup_prompts": of("zero-shot subgroup of 95 by prompts, new"),
    "group_known": of("zero-shot group of 9 by known captions, new"),
    "subgroup_known": of("zero-shot subgroup of 95 by known captions, new"),
    "group_pixels": of("zero-shot group of 9, new", "pixels"),
    "subgroup_pixels": of("zero-shot subgroup of 95, new", "pixels"),
    "gap": of("modality gap, new (no unit)"),
    "gap_untrained": of("modality gap, new (no unit)", "untrained"),
}


def figure():
    import matplotlib.pyplot as plt

    settings = {
        "seen ideas, R@1": "image to text, seen: R@1",
        "seen ideas, R@10": "image to text, seen: R@10",
        "new ideas, R@1": "image to text, new: R@1",
        "new ideas, R@10": "image to text, new: R@10",
    }
    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    styles = {
        "trained": ("C1", "o"),
        "supervised": ("C3", "D"),
        "pixels": ("C5", "s"),
        "untrained": ("C2", "^"),
    }
    for name, (colour, marker) in styles.items():
        known = [
            (k, interval(scores[s][name]))
            for k, s in enumerate(settings.values())
            if name in scores[s]  # a classifier of seen ideas has no new ones
        ]
        ax.errorbar(
            [100 * cell.mean for _, cell in known],
            [k for k, _ in known],
            xerr=[100 * cell.half for _, cell in known],
            color=colour,
            marker=marker,
            ls="none",
            label=name,
        )
    ax.set_yticks(range(len(settings)), list(settings))
    ax.invert_yaxis()
    ax.set(xlabel="images that find their text / %", xlim=(0, None))
    ax.legend(
        frameon=False,
        ncols=4,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        columnspacing=1,
        handletextpad=0.2,
    )
    return fig
