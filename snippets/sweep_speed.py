"""Many small trainings as one program: how much faster, as it was measured."""

# --8<-- [start:compute]
import json
from pathlib import Path

path = Path("docs/assets/data/sweep.json")
record = json.loads(path.read_text(encoding="utf-8"))

print("milliseconds a step of one configuration")
gains = {}
for row in record["runs"]:
    grid = row["batch"], row["temperatures"], row["seeds"]
    gains[grid] = row["one by one"] / row["stacked"]
    print(
        "batch {:3}, {} temperatures x {} seeds:".format(*grid),
        f"one by one {row['one by one']:5.2f}, stacked {row['stacked']:5.2f},",
        f"{gains[grid]:.1f} times as fast",
    )
# --8<-- [end:compute]

VALUES = {
    "seeds": gains[256, 1, 5],
    "temperatures": gains[256, 5, 1],
    "both": gains[256, 5, 3],
    "small": gains[32, 5, 3],
    "large": record["runs"][0]["batch"],
    "little": record["runs"][-1]["batch"],
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 2.2), layout="constrained")
    labels = ["batch {}, {} x {}".format(*grid) for grid in gains]
    ax.barh(labels, list(gains.values()), color="C1")
    ax.axvline(1, color="C7", lw=1)
    ax.invert_yaxis()
    ax.set(xlabel="times as fast as one by one")
    return fig
