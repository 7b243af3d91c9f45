"""Many small trainings as one program, or one after another: `python tests/bench_sweep.py`.

Writes docs/assets/data/sweep.json, which a page shows: processor milliseconds of one thread for a
step of one configuration, the least of some turns. Configurations that differ in the temperature
alone share batches and views; those that differ in the seed share nothing. A test says when
what was measured has changed since.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import torch

from infonce.train import load_digits, simclr, stacked_nt_xent, sweep
from infonce.train.records import code_hash

STEPS, TURNS = 25, 3
GRIDS = ((256, 1, 5), (256, 5, 1), (256, 5, 3), (32, 5, 3))  # batch, temperatures, seeds
TAUS = (0.05, 0.1, 0.2, 0.5, 1.0)
MEASURED = (
    "losses",
    "tiles",
    *(f"train/{name}" for name in ("encoders", "loop", "sweep", "tasks", "views")),
)
RESULT = Path(__file__).parents[1] / "docs" / "assets" / "data" / "sweep.json"


def milliseconds(work: Callable[[], object], count: int) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / count / STEPS * 1e3


def main() -> None:
    torch.set_num_threads(1)
    images = load_digits().images
    rows: list[dict[str, float]] = []
    for batch, temperatures, seeds in GRIDS:
        grid = [(tau, seed) for tau in TAUS[:temperatures] for seed in range(seeds)]
        taus = torch.tensor([tau for tau, _ in grid])

        def alone(grid: list[tuple[float, int]] = grid, batch: int = batch) -> None:
            for tau, seed in grid:
                simclr(
                    images,
                    steps=STEPS,
                    batch_size=batch,
                    temperature=tau,
                    seed=seed,
                    progress=False,
                )

        def stacked(
            grid: list[tuple[float, int]] = grid, taus: torch.Tensor = taus, batch: int = batch
        ) -> None:
            sweep(
                images,
                lambda z, _: stacked_nt_xent(z, taus),
                seeds=[seed for _, seed in grid],
                steps=STEPS,
                batch_size=batch,
            )

        best = {
            name: min(milliseconds(way, len(grid)) for _ in range(TURNS))
            for name, way in (("one by one", alone), ("stacked", stacked))
        }
        rows.append({"batch": batch, "temperatures": temperatures, "seeds": seeds, **best})
        print(rows[-1], flush=True)
    record = {"torch": str(torch.__version__), "code": code_hash(MEASURED), "runs": rows}
    RESULT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
