r"""Training on real data that needs no download: data, views, encoders, loop, evaluation."""

from infonce.train.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from infonce.train.data import (
    STYLES,
    Digits,
    Emoji,
    Split,
    compose,
    emoji_table,
    load_digits,
    load_emoji,
    premultiply,
    stratified_split,
)
from infonce.train.encoders import Encoder, Features
from infonce.train.loop import Run, simclr
from infonce.train.probes import (
    PROBES,
    Interval,
    Results,
    accuracy,
    centroid,
    evaluate,
    interval,
    nearest,
    paired,
    ridge,
    table,
    verdict,
)
from infonce.train.sweep import stacked_nt_xent, sweep
from infonce.train.views import augment

__all__ = [
    "PROBES",
    "STYLES",
    "CheckpointError",
    "Digits",
    "Emoji",
    "Encoder",
    "Features",
    "Interval",
    "Results",
    "Run",
    "Split",
    "accuracy",
    "augment",
    "centroid",
    "compose",
    "emoji_table",
    "evaluate",
    "interval",
    "load_checkpoint",
    "load_digits",
    "load_emoji",
    "nearest",
    "paired",
    "premultiply",
    "ridge",
    "save_checkpoint",
    "simclr",
    "stacked_nt_xent",
    "stratified_split",
    "sweep",
    "table",
    "verdict",
]
