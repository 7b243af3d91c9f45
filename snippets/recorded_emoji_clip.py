"""A CLIP of emoji, recorded: asked about a drawing style it has never seen."""

# --8<-- [start:compute]
import json
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

from scipy.special import stdtrit

path = Path("docs/assets/data/records/emoji-clip.json")
record = json.loads(path.read_text(encoding="utf-8"))


def half(runs):
    """Half of the 95% interval of the mean, by Student."""
    n = len(runs)
    return float(stdtrit(n - 1, 0.975)) * stdev(runs) / sqrt(n)


print("% with 95% interval over", record["seeds"], "runs")
for setting, row in record["scores"].items():
    if "unit" in setting or "rank" in setting:
        continue
    shown = [
        f"{name} {100 * mean(values):.1f} ± {100 * half(values):.1f}"
        for name, values in row.items()
    ]
    print(f"{setting:32}", "  ".join(shown))
# --8<-- [end:compute]


def of(setting, condition="trained"):
    return mean(record["scores"][setting][condition])


VALUES = {
    "steps": record["settings"]["steps"],
    "batch": record["settings"]["batch_size"],
    "seeds": record["seeds"],
    "seconds": sum(record["processor seconds a seed"]) / record["seeds"],
    "seen1": of("image to text, seen: R@1"),
    "seen10": of("image to text, seen: R@10"),
    "seen1_pixels": of("image to text, seen: R@1", "pixels"),
    "seen10_pixels": of("image to text, seen: R@10", "pixels"),
    "new1": of("image to text, new: R@1"),
    "new10": of("image to text, new: R@10"),
    "new1_pixels": of("image to text, new: R@1", "pixels"),
    "new10_pixels": of("image to text, new: R@10", "pixels"),
    "group": of("zero-shot group of 9, new"),
    "subgroup": of("zero-shot subgroup of 95, new"),
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
    fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    styles = {
        "trained": ("C1", "o"),
        "pixels": ("C5", "s"),
        "untrained": ("C2", "^"),
    }
    for name, (colour, marker) in styles.items():
        cells = [record["scores"][s][name] for s in settings.values()]
        ax.errorbar(
            [100 * mean(cell) for cell in cells],
            range(len(settings)),
            xerr=[100 * half(cell) for cell in cells],
            color=colour,
            marker=marker,
            ls="none",
            label=name,
        )
    ax.set_yticks(range(len(settings)), list(settings))
    ax.invert_yaxis()
    ax.set(xlabel="images that find their text / %", xlim=(0, None))
    ax.legend(frameon=False)
    return fig
