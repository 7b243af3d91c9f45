"""Command line: `python -m infonce train simclr --data digits`."""

import argparse
import sys
import textwrap
import warnings
from pathlib import Path
from typing import NoReturn

import torch

from infonce.train import (
    CheckpointError,
    Encoder,
    evaluate,
    load_digits,
    simclr,
    stratified_split,
    table,
    verdict,
)

_TOP = """\
Train small contrastive models on real data that is already on this machine.

example:
  python -m infonce train simclr --data digits
"""

_SIMCLR = """\
Train SimCLR on the 1,198 training digits (8 by 8 pixels), without labels, once for each seed;
then compare what was learned with raw pixels, untrained encoders and chance on the 599 test
digits. Each cell of the tables is a mean over the seeds and the half-width of its 95% interval.

Each seed writes OUT/seed-K/checkpoint. Whatever stops the program, the same command continues
from there and, with the same number of threads, ends in the same weights, bit for bit; seeds that
are finished are only evaluated. A checkpoint that is damaged or was made with other settings is
refused and left as it is.

examples:
  python -m infonce train simclr --data digits
  python -m infonce train simclr --data digits --temperature 0.5 --out runs/warm
"""


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


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return value


def seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be 0 to {2**32 - 1}, got {text}")
    return value


def _note(message: Warning | str, *_: object, **__: object) -> str:
    return f"note: {message}\n"


def _parser() -> argparse.ArgumentParser:
    style = argparse.RawDescriptionHelpFormatter
    parser = _Parser(prog="python -m infonce", description=_TOP, formatter_class=style)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    train = commands.add_parser("train", help="train a model", description="Train a model.")
    methods = train.add_subparsers(dest="method", metavar="METHOD", required=True)
    simclr = methods.add_parser(
        "simclr",
        help="two views of a picture (Chen et al. 2020)",
        description=_SIMCLR,
        formatter_class=style,
    )
    add = simclr.add_argument
    add("--data", choices=["digits"], required=True, help="what to train on")
    add("--steps", type=count, default=600, help="batches a seed (default: %(default)s)")
    add("--seeds", type=count, default=5, help="number of runs (default: %(default)s)")
    add("--seed", type=seed, default=0, help="seed of the first run (default: %(default)s)")
    add(
        "--temperature",
        type=number,
        default=0.2,
        help="of the loss: small attends to the hardest negatives (default: %(default)s)",
    )
    add("--batch-size", type=count, default=256, help="pictures a batch (default: %(default)s)")
    add(
        "--out",
        type=Path,
        default=Path("runs/simclr-digits"),
        help="folder of the checkpoints (default: %(default)s)",
    )
    add(
        "--threads",
        type=count,
        default=1,
        help="of torch; 1 is fastest for networks this small (default: %(default)s)",
    )
    return parser


def _train_simclr(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    images, labels = load_digits()
    split = stratified_split(labels)
    if args.batch_size > len(split.train):
        parser.error(f"--batch-size must be at most {len(split.train)}, got {args.batch_size}")
    seeds = range(args.seed, args.seed + args.seeds)
    trained = [
        simclr(
            images[split.train],
            steps=args.steps,
            batch_size=args.batch_size,
            temperature=args.temperature,
            seed=seed,
            checkpoint=args.out / f"seed-{seed}" / "checkpoint",
        ).encoder
        for seed in seeds
    ]
    untrained = [Encoder(torch.Generator().manual_seed(seed)) for seed in seeds]
    results = evaluate(images, labels, split, trained=trained, untrained=untrained)
    print(table(results), textwrap.fill(verdict(results), 100), sep="\n\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    warnings.formatwarning = _note
    try:
        _train_simclr(args, parser)
    except KeyboardInterrupt:
        print(
            f"\nstopped; the same command continues from the checkpoints in {args.out}",
            file=sys.stderr,
        )
        return 130
    except (CheckpointError, ImportError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
