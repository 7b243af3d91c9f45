r"""Recorded results: runs too long for a build, made by one command and checked by another.

A record is two files: `NAME.json` with scores, losses, settings and the hashes of the code and the
data they came from, and `NAME.npz` with the weights of the first seed in half precision. Scores of
the record's last entry, `"of the weights"`, are those of the half-precision weights, so that they
can be computed again from what is on the disk. `"code"` is the hash of the code that trained
it, `"checked"` that of later code which `check` found to agree.
"""

import ast
import contextlib
import hashlib
import io
import json
import math
import time
from collections.abc import Sequence
from functools import partial
from itertools import product, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from infonce.train.checkpoint import load_checkpoint, write_whole
from infonce.train.evaluation import load_runs, scores
from infonce.train.probes import Results
from infonce.train.recipes import RECIPES, make_task, run_recipe

__all__ = [
    "RECORDS", "Record", "check", "code_hash", "first_steps", "load_record", "recorded_task",
    "reproduce",
]  # fmt: skip


class Record(NamedTuple):
    """How a recorded result is made.

    Attributes:
        method: of training.
        data: that is trained on.
        changes: settings that differ from the recipe's.
        seeds: number of runs.
        supervised: train the same image encoder with labels too, for as many seeds.
    """

    method: str
    data: str
    changes: dict[str, Any]
    seeds: int = 5
    supervised: bool = True


_LONGER = {"steps": 5000, "width": 64, "tokens": 16384, "drop": 0.3}
_WIDER = {"steps": 5000, "width": 96}
RECORDS = {
    "emoji-clip": Record("clip", "emoji", {}),
    "fashion-simclr": Record("simclr", "fashion-mnist", {}),
    "names": Record("text", "emoji", {}, supervised=False),
    "emoji-clip-5min": Record("clip", "emoji", _LONGER),
    "fashion-simclr-10min": Record("simclr", "fashion-mnist", _WIDER),
}
"""Name -> how it is made."""

_PACKAGE = Path(__file__).parents[1]
FOLDER = _PACKAGE.parent / "docs" / "assets" / "data" / "records"
_PARTS = ("checks", "geometry", "losses", "retrieval", "temperature", "tiles")
_TRAIN = ("captions", "data", "encoders", "evaluation", "loop")
_MODEL = ("muon", "probes", "recipes", "tasks", "views")
_CODE = (*_PARTS, *(f"train/{name}" for name in (*_TRAIN, *_MODEL)))
_CHECKED_STEPS = 50


def code_hash(modules: Sequence[str] = _CODE) -> str:
    """SHA-256 of the statements that a result comes from, without docstrings and recipes.

    A record keeps its own settings, so that a new recipe does not touch the records of others.

    Args:
        modules: paths in the package, without their ending; by default what training, its losses
            and evaluation are made of.

    Source:
        Ours.

    Examples:
        >>> print(len(code_hash()))
        16
    """
    found = hashlib.sha256()
    for name in modules:
        tree = ast.parse((_PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
        tree.body = [node for node in tree.body if not ast.unparse(node).startswith("RECIPES")]
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
                node
            ):
                node.body = node.body[1:] or [ast.Pass()]
        found.update(ast.dump(tree).encode())
    return found.hexdigest()[:16]


def reproduce(
    name: str,
    *,
    runs: Path = Path("runs"),
    folder: Path = FOLDER,
    data: Path | None = None,
    progress: bool = True,
) -> Path:
    """Train every seed of a record, score them, and write its two files.

    Args:
        name: one of `RECORDS`.
        runs: where the checkpoints go; a stopped recording continues from them.
        folder: where the record goes.
        data: folder of Fashion-MNIST, if not where Debian puts it.
        progress: show progress bars.

    Returns:
        The path of the JSON file.

    Source:
        Ours.
    """
    record, settings = RECORDS[name], _settings(name)
    labels = ["supervised"] if record.supervised else []
    seconds = [
        _train(name, seed, kind, runs, data, progress)
        for kind, seed in product(("", *labels), range(record.seeds))
    ]
    score = partial(scores, data=data, draws=20)
    tasks = load_runs(runs / name, data)
    supervised = load_runs(runs / name / labels[0], data) if labels else []
    weights, losses = _half(tasks[0].model), _losses(runs / name / "seed-0" / "checkpoint")
    found = {
        "name": name,
        "method": record.method,
        "on": record.data,
        "settings": settings,
        "seeds": record.seeds,
        "draws": score.keywords["draws"],
        "code": (runs / name / "seed-0" / "code").read_text(),  # of the training
        "data": tasks[0].config["data"],
        "torch": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "processor seconds a seed": seconds[: record.seeds],
        "first losses": losses[:_CHECKED_STEPS],
        "losses": losses[:: max(1, settings["steps"] // 200)],
        "scores": _scored(tasks, supervised, runs / name, score),
        "of the weights": _scores_of(tasks[0], weights, score),
    }
    np.savez_compressed(packed := io.BytesIO(), **weights)
    write_whole(folder / f"{name}.npz", packed.getvalue())
    path = folder / f"{name}.json"
    _write(path, found)
    return path


def check(
    name: str, *, folder: Path = FOLDER, data: Path | None = None, steps: int = _CHECKED_STEPS
) -> list[str]:
    """Compare a record with what the code gives now.

    The first steps are trained again, and the recorded weights are scored again. If all agrees
    after 50 steps, the record says that it was checked with the code of now.

    Args:
        name: one of `RECORDS`.
        folder: where the record is.
        data: folder of Fashion-MNIST, if not where Debian puts it.
        steps: how many are trained, at most 50.

    Returns:
        What differs, one sentence each; nothing if all agrees.

    Source:
        Ours.
    """
    record = load_record(name, folder)
    differ: list[str] = []
    if record["settings"] != _settings(name):
        differ.append(f"{name} is stale: it was made with other settings")
    made, losses = first_steps(name, steps, data)
    if made.config["data"] != record["data"]:
        differ.append(f"{name} was trained on other data ({record['data']})")
    for step, (now, then) in enumerate(zip(losses, record["first losses"], strict=False), 1):
        if not math.isclose(now, then, rel_tol=1e-3):
            differ.append(f"{name}: loss of step {step} is {now:.6f}, recorded {then:.6f}")
            break
    made.config |= {"method": record["method"], "on": record["on"], "seed": 0}
    score = partial(scores, data=data, draws=record["draws"])
    with np.load(folder / f"{name}.npz") as weights:
        scored = _scores_of(made, dict(weights), score)
    for setting in record["of the weights"] | scored:
        now, then = (x.get(setting, math.nan) for x in (scored, record["of the weights"]))
        if not math.isclose(now, then, rel_tol=1e-3, abs_tol=2e-3):  # as is never true of nan
            differ.append(f"{name}: {setting} is {now:.4f}, recorded {then:.4f}")
    if not (differ or steps < _CHECKED_STEPS or record["code"] == code_hash()):
        _write(folder / f"{name}.json", record | {"checked": code_hash()})
    return differ


def first_steps(name: str, steps: int, data: Path | None = None) -> tuple[Any, list[float]]:
    """Train the first steps of a record again.

    Args:
        name: one of `RECORDS`.
        steps: how many, 0 or more.
        data: folder of Fashion-MNIST, if not where Debian puts it.

    Returns:
        The task of the first seed after these steps, and their losses.

    Source:
        Ours.

    Examples:
        >>> task, losses = first_steps("names", 1)
        >>> print(len(losses), task.batch_size)
        1 256
    """
    tasks: list[Any] = []
    losses: list[float] = []

    class Enough(Exception):
        pass

    def begun(task: Any) -> None:
        tasks.append(task)
        if not steps:
            raise Enough

    def stop(step: int, loss: float) -> None:
        losses.append(loss)
        if step == steps:
            raise Enough

    record = RECORDS[name]
    with contextlib.suppress(Enough):
        run_recipe(
            *(record.method, record.data, _settings(name)),
            seed=0,
            folder=data,
            progress=False,
            on_step=stop,
            on_start=begun,
        )
    tasks[0].model.eval()
    return tasks[0], losses


def load_record(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """A recorded result.

    Raises:
        FileNotFoundError: it was not recorded yet.

    Source:
        Ours.
    """
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def recorded_task(name: str, folder: Path = FOLDER, data: Path | None = None) -> Any:
    """The task of a record with its recorded weights.

    Args:
        name: one of `RECORDS`.
        folder: where the record is.
        data: folder of Fashion-MNIST, if not where Debian puts it.

    Source:
        Ours.
    """
    record = load_record(name, folder)
    generator = torch.Generator().manual_seed(0)
    task = make_task(record["method"], record["on"], record["settings"], generator, data)
    with np.load(folder / f"{name}.npz") as weights:
        _put(task.model, dict(weights))
    return task


def _write(path: Path, record: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())


def _settings(name: str) -> dict[str, Any]:
    record = RECORDS[name]
    return RECIPES[record.method, record.data] | record.changes


def _train(name: str, seed: int, kind: str, runs: Path, data: Path | None, progress: bool) -> float:
    """Train one seed of a record, with labels if that is its kind; its processor seconds."""
    record = RECORDS[name]
    path = runs / name / kind / f"seed-{seed}" / "checkpoint"
    clock, started = path.with_name("seconds"), time.process_time()
    here = _settings(name)["steps"] - len(_losses(path))  # not those of a run that was stopped
    run_recipe(
        *(record.method, record.data, _settings(name) | {"supervised": bool(kind)}),
        seed=seed,
        checkpoint=path,
        folder=data,
        progress=progress,
    )
    if not clock.exists():
        passed = time.process_time() - started
        clock.write_text(str(passed * _settings(name)["steps"] / here if here else math.nan))
        path.with_name("code").write_text(code_hash())
    return float(clock.read_text())


def _scored(tasks: Any, supervised: Any, folder: Path, score: partial[Results]) -> Results:
    """The scores of all runs; those of each are kept, so that a stopped scoring goes on."""
    found, made_by = Results(), f"{code_hash()}-{score.keywords['draws']}"
    for task, like in zip_longest(tasks, supervised):
        kept = folder / f"seed-{task.config['seed']}" / f"scores-{made_by}.json"
        trained = max(x.stat().st_mtime for x in folder.rglob(f"{kept.parent.name}/checkpoint"))
        if not kept.exists() or kept.stat().st_mtime < trained:
            _write(kept, score([task], supervised=[like] if like else []))
        for setting, row in json.loads(kept.read_text(encoding="utf-8")).items():
            for name, values in row.items():
                found.setdefault(setting, {}).setdefault(name, []).extend(values)
    return found


def _half(model: Any) -> dict[str, Any]:
    state = {key: x for key, x in model.state_dict().items() if not _twin(key, model)}
    return {k: x.half().numpy() if x.is_floating_point() else x.numpy() for k, x in state.items()}


def _twin(key: str, model: Any) -> bool:
    """Whether a weight of one tower is the same as the other tower's, as for text pairs."""
    return key.startswith("picture.") and model.picture is model.text


def _scores_of(task: Any, weights: dict[str, Any], score: partial[Results]) -> dict[str, float]:
    _put(task.model, weights)
    return {s: next(iter(row.values()))[0] for s, row in score([task]).items()}


def _put(model: Any, weights: dict[str, Any]) -> None:
    state = {
        key: torch.tensor(weights[f"text.{key[8:]}" if _twin(key, model) else key])
        for key in model.state_dict()
    }
    model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    model.eval()


def _losses(path: Path) -> list[float]:
    state = load_checkpoint(path, None)
    return state["losses"] if state else []
