"""SimCLR on clothes, recorded: probes of what it learned."""

# --8<-- [start:compute]
import json
from pathlib import Path

import numpy as np

from infonce.train import interval, paired

path = Path("docs/assets/data/records/fashion-simclr.json")
record = json.loads(path.read_text(encoding="utf-8"))
unitless = " (no unit)"
scores, measures = (
    {s: row for s, row in record["scores"].items() if (unitless in s) == apart}
    for apart in (False, True)
)

kinds = [setting.split(",")[0] for setting in scores]
labels = [setting.split()[1] for setting in scores]
print(
    f"% over {record['seeds']} runs".ljust(14),
    *(f"{kind:>11}" for kind in kinds),
)
print("labels a class", *(f"{label:>11}" for label in labels))
for features in scores["ridge, all labels"]:
    cells = [interval(row[features]) for row in scores.values()]
    print(f"{features:14}", *(f"{cell!s:>11}" for cell in cells))
print("trained h less another, paired by run")
for features in ("trained z", "raw pixels", "untrained h", "supervised h"):
    gains = [
        paired(scores, setting, "trained h", features) for setting in scores
    ]
    print(f"{features:14}", *(f"{gain!s:>11}" for gain in gains))
print("how test pictures lie")
print(" " * 14, *(f"{s.removesuffix(unitless):>16}" for s in measures))
for features in measures["alignment (no unit)"]:
    cells = [interval(row[features]).text(1, 2) for row in measures.values()]
    print(f"{features:14}", *(f"{cell:>16}" for cell in cells))
# --8<-- [end:compute]


def of(setting, features="trained h"):
    return interval(scores[setting][features]).mean


def lie(measure, features):
    return interval(measures[f"{measure} (no unit)"][features]).mean


ALL, TEN, ONE = (
    f"ridge, {n}" for n in ("all labels", "10 a class", "1 a class")
)
NEAR, NEAR_TEN = "1-NN, all labels", "1-NN, 10 a class"
nearer = paired(measures, "alignment (no unit)", "untrained z", "trained z")
with np.load(path.with_suffix(".npz")) as weights:
    width_h = weights["head.0.weight"].shape[1]
    width_z = len(weights["head.3.weight"])
wall = json.loads(Path("docs/assets/data/wall.json").read_text("utf-8"))
VALUES = {
    "steps": record["settings"]["steps"],
    "batch": record["settings"]["batch_size"],
    "seeds": record["seeds"],
    "seconds": interval(record["processor seconds a seed"]).mean,
    "wall": wall["trainings"]["fashion-simclr"]["seconds"],
    "all": of(ALL),
    "all_raw": of(ALL, "raw pixels"),
    "all_untrained": of(ALL, "untrained h"),
    "all_supervised": of(ALL, "supervised h"),
    "ten": of(TEN),
    "ten_raw": of(TEN, "raw pixels"),
    "ten_untrained": of(TEN, "untrained h"),
    "ten_supervised": of(TEN, "supervised h"),
    "one": of(ONE),
    "one_raw": of(ONE, "raw pixels"),
    "near": of(NEAR),
    "near_z": of(NEAR, "trained z"),
    "near_raw": of(NEAR, "raw pixels"),
    "near_untrained": of(NEAR, "untrained h"),
    "near_ten": of(NEAR_TEN),
    "near_ten_z": of(NEAR_TEN, "trained z"),
    "align": lie("alignment", "trained z"),
    "align_untrained": lie("alignment", "untrained z"),
    "align_less": nearer.mean,
    "align_less_half": nearer.half,
    "align_h": lie("alignment", "trained h"),
    "align_untrained_h": lie("alignment", "untrained h"),
    "uniform": lie("uniformity", "trained z"),
    "uniform_untrained": lie("uniformity", "untrained z"),
    "uniform_h": lie("uniformity", "trained h"),
    "uniform_untrained_h": lie("uniformity", "untrained h"),
    "rank": lie("effective rank", "trained z"),
    "rank_untrained": lie("effective rank", "untrained z"),
    "rank_h": lie("effective rank", "trained h"),
    "rank_untrained_h": lie("effective rank", "untrained h"),
    "width_z": width_z,
    "width_h": width_h,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    styles = {
        "supervised h": ("C3", "D"),
        "trained h": ("C1", "o"),
        "untrained h": ("C2", "^"),
        "raw pixels": ("C5", "s"),
    }
    for name, (colour, marker) in styles.items():
        cells = [interval(row[name]) for row in scores.values()]
        ax.errorbar(
            range(len(cells)),
            [100 * cell.mean for cell in cells],
            [100 * cell.half for cell in cells],
            color=colour,
            marker=marker,
            ls="none",
            label=name.removesuffix(" h"),
        )
    ticks = [f"{kind}\n{n}" for kind, n in zip(kinds, labels, strict=True)]
    ax.set_xticks(range(len(ticks)), ticks)
    ax.set(xlabel="probe and labels a class", ylabel="accuracy / %")
    ax.legend(
        frameon=False,
        ncols=4,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        columnspacing=1,
        handletextpad=0.2,
    )
    return fig
