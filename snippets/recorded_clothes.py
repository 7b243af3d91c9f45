"""A longer training on clothes, recorded beside the short runs."""

# --8<-- [start:compute]
import json
from pathlib import Path

from infonce.train import interval, paired

folder = Path("docs/assets/data/records")
short, long = (
    json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("fashion-simclr", "fashion-simclr-10min")
)
rows = {
    "longer": (long, "trained h"),
    "short": (short, "trained h"),
    "wide untrained": (long, "untrained h"),
    "raw pixels": (long, "raw pixels"),
    "supervised": (long, "supervised h"),
    "chance": (long, "chance"),
}


def score(row, setting):
    record, features = rows[row]
    return interval(record["scores"][setting][features])


def seconds(record):
    return interval(record["processor seconds a seed"]).mean


unitless = " (no unit)"
settings, measures = (
    [s for s in long["scores"] if (unitless in s) == apart]
    for apart in (False, True)
)
kinds = [setting.split(",")[0] for setting in settings]
labels = [setting.split()[1] for setting in settings]
print("% of clothes".ljust(14), *(f"{kind:>11}" for kind in kinds))
print("labels a class", *(f"{label:>11}" for label in labels))
for row in rows:
    cells = (str(score(row, setting)) for setting in settings)
    print(row.ljust(14), *(cell.rjust(11) for cell in cells))
print("longer less the untrained encoder of its width, paired by run")
gains = [
    paired(long["scores"], setting, "trained h", "untrained h")
    for setting in settings
]
print(" " * 14, *(f"{gain!s:>11}" for gain in gains))


def lie(measure, row, layer):
    record, features = rows[row]
    return interval(record["scores"][measure][f"{features[:-1]}{layer}"])


print("how test pictures lie")
print(" " * 16, *(f"{s.removesuffix(unitless):>16}" for s in measures))
for layer in "zh":
    for row in ("longer", "short", "wide untrained"):
        cells = [lie(measure, row, layer).text(1, 2) for measure in measures]
        print(f"{row} {layer}".ljust(16), *(f"{cell:>16}" for cell in cells))
# --8<-- [end:compute]

ALL, TEN, ONE = (
    f"ridge, {n}" for n in ("all labels", "10 a class", "1 a class")
)
NEAR = "1-NN, all labels"


def before(setting):
    """The short training's encoder, before it."""
    return interval(short["scores"][setting]["untrained h"]).mean


nearer = paired(
    long["scores"], "alignment (no unit)", "untrained z", "trained z"
)
wall = json.loads(Path("docs/assets/data/wall.json").read_text("utf-8"))
VALUES = {
    "steps": long["settings"]["steps"],
    "width": long["settings"]["width"],
    "width_short": short["settings"]["width"],
    "seeds": long["seeds"],
    "minutes": seconds(long) / 60,
    "wall": wall["trainings"]["fashion-simclr-10min"]["seconds"] / 60,
    "all": score("longer", ALL).mean,
    "all_half": score("longer", ALL).half,
    "all_supervised": score("supervised", ALL).mean,
    "ten_supervised": score("supervised", TEN).mean,
    "more_all": score("longer", ALL).mean - score("short", ALL).mean,
    "wide_all": score("wide untrained", ALL).mean,
    "more_wide": score("wide untrained", ALL).mean - before(ALL),
    "adds": score("longer", ALL).mean - score("wide untrained", ALL).mean,
    "adds_short": score("short", ALL).mean - before(ALL),
    "more_wide_ten": score("wide untrained", TEN).mean - before(TEN),
    "ten": score("longer", TEN).mean,
    "more_ten": score("longer", TEN).mean - score("short", TEN).mean,
    "one": score("longer", ONE).mean,
    "near": score("longer", NEAR).mean,
    "near_short": score("short", NEAR).mean,
    "align": lie("alignment (no unit)", "longer", "z").mean,
    "align_short": lie("alignment (no unit)", "short", "z").mean,
    "align_less": nearer.mean,
    "align_less_half": nearer.half,
    "uniform": lie("uniformity (no unit)", "longer", "z").mean,
    "uniform_short": lie("uniformity (no unit)", "short", "z").mean,
    "rank": lie("effective rank (no unit)", "longer", "z").mean,
    "rank_short": lie("effective rank (no unit)", "short", "z").mean,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    shown = [row for row in rows if row != "chance"]
    styles = zip(shown, ("C1", "C4", "C2", "C5", "C3"), "o^dsD", strict=True)
    for beside, (row, colour, marker) in enumerate(styles):
        cells = [score(row, setting) for setting in settings]
        ax.errorbar(
            [k + 0.1 * (beside - 2) for k in range(len(cells))],
            [100 * cell.mean for cell in cells],
            [100 * cell.half for cell in cells],
            color=colour,
            marker=marker,
            ls="none",
            label=row,
        )
    ticks = [f"{kind}\n{n}" for kind, n in zip(kinds, labels, strict=True)]
    ax.set_xticks(range(len(ticks)), ticks)
    ax.set(xlabel="probe and labels a class", ylabel="accuracy / %")
    ax.legend(
        frameon=False,
        ncols=3,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        columnspacing=1,
        handletextpad=0.2,
    )
    return fig
