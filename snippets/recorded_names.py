"""Names in eight languages, recorded: a bag of n-grams learns translations."""

# --8<-- [start:compute]
import json
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

from scipy.special import stdtrit

path = Path("docs/assets/data/records/names.json")
record = json.loads(path.read_text(encoding="utf-8"))


def half(runs):
    """Half of the 95% interval of the mean, by Student."""
    n = len(runs)
    return float(stdtrit(n - 1, 0.975)) * stdev(runs) / sqrt(n)


languages = ("de", "fr", "es", "it", "ru", "ja", "zh")
print("other language to English, held-out ideas, % with 95% interval")
for code in languages:
    for k in (1, 10):
        row = record["scores"][f"{code} to en: R@{k}"]
        shown = [
            f"{name} {100 * mean(values):.1f} ± {100 * half(values):.1f}"
            for name, values in row.items()
        ]
        print(f"{code} R@{k:<3}", "  ".join(shown))
# --8<-- [end:compute]


def over(codes, k, condition):
    """The mean over languages of the mean over runs."""
    scores = record["scores"]
    return mean(
        mean(scores[f"{code} to en: R@{k}"][condition]) for code in codes
    )


latin, other = languages[:4], languages[4:]
wall = json.loads(Path("docs/assets/data/wall.json").read_text("utf-8"))
VALUES = {
    "steps": record["settings"]["steps"],
    "seeds": record["seeds"],
    "seconds": sum(record["processor seconds a seed"]) / record["seeds"],
    "wall": wall["trainings"]["names"]["seconds"],
    "latin1": over(latin, 1, "trained"),
    "latin10": over(latin, 10, "trained"),
    "latin1_overlap": over(latin, 1, "overlap"),
    "latin10_overlap": over(latin, 10, "overlap"),
    "other1": over(other, 1, "trained"),
    "other10": over(other, 10, "trained"),
    "other1_overlap": over(other, 1, "overlap"),
    "other10_overlap": over(other, 10, "overlap"),
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    styles = {
        "trained": ("C1", "o"),
        "overlap": ("C5", "s"),
        "untrained": ("C2", "^"),
    }
    for name, (colour, marker) in styles.items():
        cells = [
            record["scores"][f"{code} to en: R@10"][name] for code in languages
        ]
        ax.errorbar(
            range(len(languages)),
            [100 * mean(cell) for cell in cells],
            [100 * half(cell) for cell in cells],
            color=colour,
            marker=marker,
            ls="none",
            label=name,
        )
    ax.set_xticks(range(len(languages)), languages)
    ax.set(ylabel="R@10 to English / %", ylim=(0, None))
    ax.legend(frameon=False, loc="upper right")
    return fig
