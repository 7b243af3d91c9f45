"""Train small contrastive models on real data that is already on this machine, and score them.

  train   train a model, or continue a training that was stopped
  eval    score what was trained beside its baselines, with intervals over seeds
  reproduce  make a recorded result again, or check it
  embed   write the embeddings of what was trained as a NumPy file

examples:
  python -m infonce train simclr --data digits --seeds 5 --out runs/digits
  python -m infonce eval runs/digits
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Sequence
from datetime import timedelta
from inspect import getdoc
from pathlib import Path
from typing import Any, NoReturn

import torch

from infonce.train.checkpoint import CheckpointError, load_checkpoint
from infonce.train.data import STYLES
from infonce.train.evaluation import embeddings, evaluate_folder, load_runs
from infonce.train.export import export
from infonce.train.recipes import RECIPES, run_recipe
from infonce.train.records import FOLDER, RECORDS, check, first_steps, recorded_task, reproduce

__all__ = ["main"]

# the first line of each is a sentence: `train --help` shows it
_METHODS = {
    "simclr": """\
Two random views of a picture are a pair; no labels are used (Chen et al. 2020).
On digits, 1,198 pictures of 8 by 8 pixels, or on fashion-mnist, 60,000 of 28 by 28: install the
Debian package dataset-fashion-mnist or name a folder with its four files by --folder.

examples:
  python -m infonce train simclr --data digits --seeds 5 --out runs/digits
  python -m infonce train simclr --data fashion-mnist --seconds 60 --out runs/fashion
""",
    "clip": """\
A picture and its words are a pair, with a learned scale (Radford et al. 2021).
On 1,355 emoji drawn in the styles noto, twemoji and openmoji. `eval` shows the model the style
fluent, which it has never seen, and 239 emoji of ideas it has never seen.

example:
  python -m infonce train clip --data emoji --seconds 60 --out runs/emoji-clip
""",
    "text": """\
The names of an emoji in English and in one of seven other languages are a pair.
`eval` looks for the English name of 239 emoji of ideas it has never seen, each language apart.

example:
  python -m infonce train text --data emoji --seconds 60 --out runs/names
""",
}


class _Parser(argparse.ArgumentParser):
    """One sentence for a bad flag instead of the usage and a sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help explains all options\n")


# argparse shows the names of these functions: "invalid count value: 'x'"
def number(text: str) -> float:
    value = float(text)
    if not 1e-30 <= value <= 1e30:
        raise argparse.ArgumentTypeError(f"must be positive and finite, got {text}")
    return value


def count(text: str, least: int = 1) -> int:
    value = int(text)
    if value < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, got {text}")
    return value


def pairs(text: str) -> int:
    return count(text, least=2)  # the negatives of a pair are the others of its batch


def seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be 0 to {2**32 - 1}, got {text}")
    return value


def _note(message: Warning | str, *_: object, **__: object) -> str:
    return f"note: {message}\n"


def _parser() -> argparse.ArgumentParser:
    style = argparse.RawDescriptionHelpFormatter
    parser = _Parser(prog="python -m infonce", description=__doc__, formatter_class=style)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a model", description=getdoc(_train), formatter_class=style
    )
    methods = train.add_subparsers(dest="method", metavar="METHOD", required=True)
    for method, text in _METHODS.items():
        one = methods.add_parser(
            method,
            help=text.split(".\n")[0],
            description=f"{text}\n{getdoc(_train)}",
            formatter_class=style,
        )
        add = one.add_argument
        data = [on for m, on in RECIPES if m == method]
        add("--data", choices=data, required=True, help="what to train on")
        add("--out", type=Path, required=True, help="folder of the checkpoints")
        length = one.add_mutually_exclusive_group()
        length.add_argument("--steps", type=count, help="batches a seed (default: of the recipe)")
        length.add_argument(
            "--seconds",
            type=number,
            help="choose the number of steps that should take this long here; the number is "
            "fixed in the first checkpoint",
        )
        add("--seeds", type=count, default=1, help="number of runs (default: %(default)s)")
        add("--seed", type=seed, default=0, help="seed of the first run (default: %(default)s)")
        add("--batch-size", type=pairs, help="pairs a batch, 2 or more (default: of the recipe)")
        add(
            "--learning-rate",
            type=number,
            help="of AdamW, at its peak (default: of the recipe); Muon, where a recipe has it for "
            "the layers, keeps its own",
        )
        if method != "text":
            add(
                "--supervised",
                action="store_true",
                help="train the same image encoder with labels, in OUT/supervised, where `eval "
                "OUT` finds it and shows it beside",
            )
        if method == "simclr":
            add("--temperature", type=number, help="of the loss (default: of the recipe)")
            _add_folder(one)
        _add_threads(one)
    evaluate = commands.add_parser(
        "eval", help="score what was trained", description=getdoc(_evaluate), formatter_class=style
    )
    embed = commands.add_parser(
        "embed", help="write embeddings", description=getdoc(_embed), formatter_class=style
    )
    for one in (evaluate, embed):
        one.add_argument("out", type=Path, metavar="DIR", help="what was given to train --out")
        _add_folder(one)
        _add_threads(one)
    again = commands.add_parser(
        "reproduce",
        help="make a recorded result again, or check it",
        description=getdoc(_reproduce),
        formatter_class=style,
    )
    again.add_argument("name", choices=list(RECORDS), metavar="NAME", help=", ".join(RECORDS))
    again.add_argument("--check", action="store_true", help="compare instead of training")
    again.add_argument("--out", type=Path, default=Path("runs"), help="folder of the checkpoints")
    again.add_argument(
        "--export",
        type=Path,
        metavar="PATH",
        help="write the CLIP of a record for a browser, and train its first steps again for that",
    )
    _add_folder(again)
    _add_threads(again)
    style_help = "of emoji, for a clip; rows that a style does not draw are nan (default: fluent)"
    embed.add_argument("--style", choices=STYLES, default="fluent", help=style_help)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, help="where the files of fashion-mnist are")


def _add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=count, default=1, help="of torch (default: %(default)s)")


def _train(args: argparse.Namespace) -> None:
    """Train a model from random weights.

    Each seed writes OUT/seed-K/checkpoint. Whatever stops the program, the same command continues
    from there and, with the same number of threads, ends in the same weights, bit for bit; seeds
    that are finished are left alone. A checkpoint that is damaged or was made with other settings
    is refused and left as it is.

    On several processes, each with a part of every batch and all with its whole loss:
      torchrun --nproc-per-node=2 -m infonce train ... (gloo; not tested with NCCL)
    """
    settings = dict(RECIPES[args.method, args.data])
    for name in ("steps", "batch_size", "learning_rate", "temperature"):
        if getattr(args, name, None) is not None:
            settings[name] = getattr(args, name)
    recipe = (args.method, args.data)
    folder = getattr(args, "folder", None)
    seeds, out = range(args.seed, args.seed + args.seeds), args.out
    if getattr(args, "supervised", False):
        settings["supervised"], out = True, args.out / "supervised"
    paths = [out / f"seed-{k}" / "checkpoint" for k in seeds]
    if args.seconds:
        settings["steps"] = _steps_begun(paths) or _steps_in(args.seconds, recipe, settings, folder)
    progress = os.environ.get("RANK", "0") == "0"
    for k, path in zip(seeds, paths, strict=True):
        run_recipe(*recipe, settings, seed=k, checkpoint=path, folder=folder, progress=progress)
    if progress:
        print(f"{settings['steps']} steps a seed; next: python -m infonce eval {args.out}")


def _steps_begun(paths: Sequence[Path]) -> int | None:
    """The number of steps in the first checkpoint that is there."""
    states = (load_checkpoint(path, None) for path in paths)
    return next((state["config"]["steps"] for state in states if state), None)


def _steps_in(
    seconds: float, recipe: tuple[str, str], settings: dict[str, Any], folder: Path | None
) -> int:
    """Steps that take so many seconds, measured on the first ones of a run that is thrown away."""
    warm, timed = 5, 20
    ticks: list[float] = []
    run_recipe(
        *recipe,
        settings | {"steps": warm + timed},
        seed=0,
        folder=folder,
        progress=False,
        on_step=lambda *_: ticks.append(time.perf_counter()),  # pyright: ignore
    )
    steps = [max(1, round(seconds * timed / (ticks[-1] - ticks[warm - 1])))]
    if torch.distributed.is_initialized():
        torch.distributed.broadcast_object_list(steps)  # the clock of rank 0 holds for all
    return steps[0]


def _evaluate(args: argparse.Namespace) -> None:
    """Score every seed in DIR beside untrained encoders, chance and what needs no training.

    Encoders of `train --supervised` in DIR/supervised are shown too, if they are there.

    A cell is a mean over the seeds and, from two seeds on, the half-width of its 95% interval.
    Differences are taken seed by seed.

    example:
      python -m infonce eval runs/emoji-clip
    """
    print(evaluate_folder(args.out, args.folder))


def _embed(args: argparse.Namespace) -> None:
    """Write DIR/embeddings.npz.

    For each kind of embedding one array with a row for each item, of the first seed in DIR.
    SimCLR: h and z of the training pictures; clip: image and text of all emoji; text: the names in
    each language.

    example:
      python -m infonce embed runs/emoji-clip --style twemoji
    """
    import numpy as np

    found = embeddings(load_runs(args.out, args.folder)[0], args.style)
    path = args.out / "embeddings.npz"
    arrays: dict[str, Any] = {name: value.numpy() for name, value in found.items()}
    np.savez(path, **arrays)
    print(f"{path}: {', '.join(f'{name} {tuple(x.shape)}' for name, x in found.items())}")


def _reproduce(args: argparse.Namespace) -> int:
    """Make a recorded result again: train every seed, score them, and write its files.

    With --check, train the first 50 steps again, score the recorded weights again, and say what
    differs; if nothing does, the record is marked as checked with this code. Run it in a clone:
    records are in docs/assets/data/records.

    example:
      python -m infonce reproduce emoji-clip --check
      python -m infonce reproduce emoji-clip --export docs/assets/data/emoji-clip
    """
    if not FOLDER.is_dir():
        raise ValueError(f"reproduce must run in a clone, where the records are: no {FOLDER}")
    if args.export:
        early = {steps: first_steps(args.name, steps)[0] for steps in (0, 10, 100, 1000)}
        accuracy = export(recorded_task(args.name), args.export, early=early)["accuracy"]
        print("\n".join(f"{name}: {scores}" for name, scores in accuracy.items()))
        return 0
    if not args.check:
        print(reproduce(args.name, runs=args.out, data=args.folder))
        return 0
    differ = check(args.name, data=args.folder)
    print("\n".join(differ) or f"{args.name} agrees with this code and data")
    return bool(differ)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:  # torchrun started several of us
        torch.distributed.init_process_group("gloo", timeout=timedelta(minutes=5))
    warnings.formatwarning = _note
    try:
        run = {"train": _train, "eval": _evaluate, "embed": _embed, "reproduce": _reproduce}
        return run[args.command](args) or 0
    except KeyboardInterrupt:
        print(f"\nstopped; the same command continues from what {args.out} holds", file=sys.stderr)
        return 130
    except (CheckpointError, ImportError, ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
