r"""What trained runs are worth, as the command line prints it: means over seeds with intervals."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from infonce.retrieval import retrieval_ranks
from infonce.train.checkpoint import CheckpointError, load_checkpoint
from infonce.train.data import compose, emoji_table, load_emoji, premultiply
from infonce.train.probes import Results, evaluate, interval, table, verdict
from infonce.train.recipes import RECIPES, labelled, make_task
from infonce.train.tasks import LANGUAGES

__all__ = ["embeddings", "evaluate_folder", "grid", "load_runs", "ranks_to_scores"]


def load_runs(folder: Path, data: Path | None = None) -> list[Any]:
    """The finished runs of a folder, by seed, as tasks with their trained weights.

    Args:
        folder: what was given to `train --out`.
        data: folder of Fashion-MNIST, if not where Debian puts it.

    Raises:
        CheckpointError: there is none, or one is unfinished, damaged or of other settings.

    Source:
        Ours.

    Examples:
        >>> try:
        ...     load_runs(Path("no such folder"))
        ... except CheckpointError as error:
        ...     print(error)
        no such folder has no trained run: no file seed-*/checkpoint
    """
    paths = sorted(folder.glob("seed-*/checkpoint"), key=lambda p: int(p.parent.name[5:]))
    if not paths:
        raise CheckpointError(f"{folder} has no trained run: no file seed-*/checkpoint")
    tasks: list[Any] = []
    for path in paths:
        state = load_checkpoint(path, None) or {}
        config = state["config"]
        done, steps = len(state["losses"]), config["steps"]
        if done < steps:
            raise CheckpointError(f"{path} is unfinished: {done} of {steps} steps. Train it first")
        tasks.append(untrained(config, data))
        tasks[-1].model.load_state_dict(state["encoder"])
        tasks[-1].config = config
    if len({tuple((k, v) for k, v in t.config.items() if k != "seed") for t in tasks}) > 1:
        raise CheckpointError(f"{folder} holds runs of different settings: evaluate them apart")
    return tasks


def untrained(config: dict[str, Any], data: Path | None = None) -> Any:
    """The task of a configuration as it was before the first step."""
    method, on = config["method"], config["on"]
    settings = {key: config[key] for key in RECIPES[method, on] if key in config}
    task = make_task(method, on, settings, torch.Generator().manual_seed(config["seed"]), data)
    task.model.eval()
    return task


def ranks_to_scores(ranks: Tensor) -> dict[str, float]:
    """R@1, R@5, R@10 and the median of ranks that begin at 1.

    Source:
        Usual in retrieval, e.g. Radford et al. 2021, arXiv 2103.00020, Table 13.

    Examples:
        >>> print(ranks_to_scores(torch.tensor([1, 2, 9, 40])))
        {'R@1': 0.25, 'R@5': 0.5, 'R@10': 0.75, 'median rank': 2.0}
    """
    scores = {f"R@{k}": (ranks <= k).double().mean().item() for k in (1, 5, 10)}
    return scores | {"median rank": float(ranks.double().median())}


@torch.no_grad()
def embeddings(task: Any, style: str = "fluent") -> dict[str, Tensor]:
    """Everything that a task's model embeds: unit rows by name, one row an item.

    Args:
        task: of `load_runs`.
        style: drawing style of the emoji, for CLIP.

    Returns:
        SimCLR: `h` and `z` of all pictures; CLIP: `image` and `text` of all emoji; text pairs: the
        names in each language.

    Source:
        Ours.

    Examples:
        >>> from infonce.train.recipes import RECIPES, make_task
        >>> generator = torch.Generator().manual_seed(0)
        >>> task = make_task("simclr", "digits", RECIPES["simclr", "digits"], generator)
        >>> print({name: tuple(x.shape) for name, x in embeddings(task).items()})
        {'h': (1198, 128), 'z': (1198, 32)}
    """
    method, model, every = task.config["method"], task.model, torch.arange(len(emoji_table()))
    if method == "clip":
        pictures = compose(premultiply(load_emoji(style)), torch.ones(3))
        return {"image": model.picture(pictures).z, "text": model.text(*task.bags.flat(every)).z}
    if method == "text":
        rows = [every + k * len(every) for k in range(len(LANGUAGES))]
        return {
            code: model.text(*task.bags.flat(r)).z for code, r in zip(LANGUAGES, rows, strict=True)
        }
    parts = [model(batch) for batch in task.images.split(1000)]
    return {"h": torch.cat([p.h for p in parts]), "z": torch.cat([p.z for p in parts])}


def evaluate_folder(folder: Path, data: Path | None = None) -> str:
    """Score the runs of a folder beside their baselines.

    Args:
        folder: what was given to `train --out`.
        data: folder of Fashion-MNIST, if not where Debian puts it.

    Returns:
        Text: tables in per cent, each cell a mean over the seeds and the half-width of its 95%
        interval.

    Raises:
        CheckpointError: see `load_runs`.

    Source:
        Ours.
    """
    runs = load_runs(folder, data)
    method, on = runs[0].config["method"], runs[0].config["on"]
    before = [untrained(run.config, data) for run in runs]
    if method == "simclr":
        pictures = labelled(on, data)
        results = evaluate(
            *pictures, trained=[r.model for r in runs], untrained=[r.model for r in before]
        )
        return f"{table(results)}\n\n{verdict(results)}"
    score = _clip_scores if method == "clip" else _text_scores
    found: Results = {}
    for name, tasks in {"trained": runs, "untrained": before}.items():
        for task in tasks:
            for setting, value in score(task).items():
                found.setdefault(setting, {}).setdefault(name, []).append(value)
    return grid(found)


def _clip_scores(task: Any, style: str = "fluent") -> dict[str, float]:
    """Retrieval of trained ideas among everything and of held-out ideas among themselves."""
    z = embeddings(task, style)
    new = torch.tensor([e.row for e in emoji_table() if e.split == "heldout"])
    scores: dict[str, float] = {}
    for way, (a, b) in {
        "image to text": ("image", "text"),
        "text to image": ("text", "image"),
    }.items():
        seen = retrieval_ranks(z[a], z[b])[task.rows]
        unseen = retrieval_ranks(z[a][new], z[b][new])
        for ideas, ranks in ((f"seen ideas of {len(z[a])}", seen), (f"new of {len(new)}", unseen)):
            for measure, value in ranks_to_scores(ranks).items():
                scores[f"{style}, {way}, {ideas}: {measure}"] = value
    return scores


def _text_scores(task: Any) -> dict[str, float]:
    """Names in each language to English, held-out ideas among themselves."""
    z = embeddings(task)
    new = torch.tensor([e.row for e in emoji_table() if e.split == "heldout"])
    return {
        f"{code} to en: {measure}": value
        for code in LANGUAGES[1:]
        for measure, value in ranks_to_scores(retrieval_ranks(z[code][new], z["en"][new])).items()
    }


def grid(results: Results) -> str:
    """Results as an aligned table, a mean and a 95% interval a cell; shares in per cent.

    Args:
        results: one list of runs for each setting and condition.

    Source:
        Ours.

    Examples:
        >>> print(grid({"R@1": {"trained": [0.5, 0.5]}, "median rank": {"trained": [3.0, 3.0]}}))
        in %         trained
        R@1             50.0
        median rank      3.0
    """
    names = list(next(iter(results.values())))
    lines = [["in %", *names]]
    for setting, row in results.items():
        unit = 0.01 if "rank" in setting else 1.0
        values = [[unit * v for v in row[name]] for name in names]
        lines.append([setting, *(str(interval(v)) for v in values)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in lines
    )
