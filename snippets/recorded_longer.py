"""A longer training on emoji, recorded beside the short runs."""

# --8<-- [start:compute]
import json
from pathlib import Path

from infonce.train import interval

folder = Path("docs/assets/data/records")
records = {
    name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("emoji-clip", "emoji-clip-5min")
}
shown = {
    "seen ideas, R@1": "image to text, seen: R@1",
    "seen ideas, R@10": "image to text, seen: R@10",
    "new ideas, R@1": "image to text, new: R@1",
    "new ideas, R@10": "image to text, new: R@10",
    "group by prompts": "zero-shot group of 9 by prompts, new",
    "subgroup by prompts": "zero-shot subgroup of 95 by prompts, new",
}
SHORT, LONG = records
columns = {
    "short": (SHORT, "trained"),
    "longer": (LONG, "trained"),
    "supervised": (LONG, "supervised"),
    "pixels": (LONG, "pixels"),
    "untrained": (LONG, "untrained"),
    "chance": (LONG, "chance"),
}


def score(name, what, condition="trained"):
    """None where a condition has no answer."""
    found = records[name]["scores"][shown[what]].get(condition)
    return found and interval(found)


def seconds(name):
    return interval(records[name]["processor seconds a seed"]).mean


print("% of pictures".ljust(19), *(f"{column:>11}" for column in columns))
for what in shown:
    cells = (score(name, what, which) for name, which in columns.values())
    print(what.ljust(19), *(f"{cell or ''!s:>11}" for cell in cells))
# --8<-- [end:compute]


def apart(what):
    """From the upper end of the short runs' interval to the other's lower."""
    short, long = (score(name, what) for name in records)
    return (long.mean - long.half) - (short.mean + short.half)


settings = records[LONG]["settings"]
wall = json.loads(Path("docs/assets/data/wall.json").read_text("utf-8"))
VALUES = {
    "steps": settings["steps"],
    "width": settings["width"],
    "width_short": records[SHORT]["settings"]["width"],
    "tokens": settings["tokens"],
    "tokens_short": records[SHORT]["settings"]["tokens"],
    "drop": settings["drop"],
    "seeds": records[LONG]["seeds"],
    "seconds": seconds(LONG),
    "wall": wall["trainings"]["emoji-clip-5min"]["seconds"],
    "seen1_supervised": score(LONG, "seen ideas, R@1", "supervised").mean,
    "seen10_supervised": score(LONG, "seen ideas, R@10", "supervised").mean,
    "more_seen1": score(LONG, "seen ideas, R@1").mean
    - score(SHORT, "seen ideas, R@1").mean,
    "more_new1": score(LONG, "new ideas, R@1").mean
    - score(SHORT, "new ideas, R@1").mean,
    "more_new10": score(LONG, "new ideas, R@10").mean
    - score(SHORT, "new ideas, R@10").mean,
    "apart_new10": apart("new ideas, R@10"),
    "seen1": score(LONG, "seen ideas, R@1").mean,
    "seen10": score(LONG, "seen ideas, R@10").mean,
    "new1": score(LONG, "new ideas, R@1").mean,
    "new10": score(LONG, "new ideas, R@10").mean,
    "group": score(LONG, "group by prompts").mean,
    "subgroup": score(LONG, "subgroup by prompts").mean,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    styles = {
        "short": ("C2", "^"),
        "longer": ("C1", "o"),
        "supervised": ("C3", "D"),
        "pixels": ("C5", "s"),
    }
    for column, (colour, marker) in styles.items():
        name, which = columns[column]
        known = [
            (k, cell)
            for k, what in enumerate(shown)
            if (cell := score(name, what, which))
        ]
        ax.errorbar(
            [100 * cell.mean for _, cell in known],
            [k for k, _ in known],
            xerr=[100 * cell.half for _, cell in known],
            color=colour,
            marker=marker,
            ls="none",
            label=column,
        )
    ax.set_yticks(range(len(shown)), list(shown))
    ax.invert_yaxis()
    ax.set(xlabel="right / %", xlim=(0, 100))
    ax.legend(
        frameon=False,
        ncols=4,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        columnspacing=1,
        handletextpad=0.2,
    )
    return fig
