"""How long a recorded training takes on two threads: `python tests/bench_train.py`.

Writes docs/assets/data/wall.json, which a page shows: wall seconds, from its start and 100 of its
steps, on a machine that should have nothing else to do. A test says when a recipe has changed.
"""

import json
import time
from pathlib import Path

import torch

from infonce.train.recipes import RECIPES, run_recipe
from infonce.train.records import RECORDS

THREADS, WARM, TIMED = 2, 20, 100
RESULT = Path(__file__).parents[1] / "docs" / "assets" / "data" / "wall.json"


def seconds(name: str) -> float:
    record, ticks = RECORDS[name], [time.perf_counter()]
    settings = RECIPES[record.method, record.data] | record.changes
    run_recipe(
        *(record.method, record.data, settings | {"steps": WARM + TIMED}),
        seed=0,
        progress=False,
        on_step=lambda *_: ticks.append(time.perf_counter()),
    )
    step = (ticks[-1] - ticks[WARM]) / TIMED
    return ticks[WARM] - ticks[0] + (settings["steps"] - WARM) * step


def main() -> None:
    torch.set_num_threads(THREADS)
    found = {"torch": str(torch.__version__), "threads": THREADS, "trainings": {}}
    for name, record in RECORDS.items():
        settings = RECIPES[record.method, record.data] | record.changes
        found["trainings"][name] = {"settings": settings, "seconds": seconds(name)}
        print(f"{name}: {found['trainings'][name]['seconds']:.0f} s", flush=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
