# pyright: reportUnknownMemberType=false
# (torch leaves `torch.linalg` without types)
r"""What a representation is worth: probes on frozen features, beside honest baselines.

The protocol, the same for every kind of features:

1. Features are centred and divided by one number, so that their total variance over the training
   pictures is 1. No labels are used.
2. A probe is fitted to labelled pictures of the *training* part: 1, 5 or 10 of each class, drawn
   at random many times, or all of them. It is scored on the *test* part.
3. Run `k` (training seed `k`) has its own draws, and every kind of features gets the same ones, so
   differences between features are paired.

The probes are ridge regression on one-hot labels, the nearest class mean and the nearest
neighbour. The ridge penalty was chosen where *raw pixels* did best on a validation part of the
training pictures (1 for a few labels, 0.3 for all), which favours the baseline.

An interval covers the seeds and the draws of labels. It does not cover the choice of test part.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from infonce.geometry import alignment, effective_rank, uniformity
from infonce.train.data import Split, require
from infonce.train.views import Views

__all__ = [
    "FASHION_SETTINGS", "PROBES", "Interval", "Results", "accuracy", "centroid", "evaluate",
    "grid", "interval", "nearest", "paired", "ridge", "table", "verdict",
]  # fmt: skip

Results = dict[str, dict[str, list[float]]]
"""Setting, then features or another condition, then one number a run. Plain, ready for JSON.

Numbers are accuracies in [0, 1], but for settings that say `(no unit)`."""


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval (nan for a single value).

    As text it is in per cent, without the half-width where nothing varied.
    """

    mean: float
    half: float

    def __str__(self) -> str:
        return self.text()

    def text(self, unit: float = 100, digits: int = 1) -> str:
        half = f" ± {unit * self.half:.{digits}f}" if self.half > 1e-9 else ""
        return f"{unit * self.mean:.{digits}f}{half}"


def interval(values: Sequence[float], *, level: float = 0.95) -> Interval:
    r"""Student's interval of a mean: $\bar x \pm t_{n-1} \, s / \sqrt{n}$.

    Args:
        values: one number a run, independent, at least one.
        level: coverage if the values are normal, in (0, 1).

    Returns:
        `Interval(mean, half)`, in the unit of the values.

    Raises:
        ValueError: no values, or a level outside (0, 1).

    Source:
        Student 1908, "The probable error of a mean".

    Examples:
        The mean of 1, 2, 3 has standard error $1/\sqrt{3}$ and $t_2 = 4.3027$:

        >>> mean, half = interval([1.0, 2.0, 3.0])
        >>> print(mean, f"{half:.4f}")
        2.0 2.4841
    """
    if not values or not 0 < level < 1:
        raise ValueError(f"need values and a level in (0, 1), got {len(values)} and {level}")
    n, mean = len(values), math.fsum(values) / len(values)
    if n == 1:
        return Interval(mean, math.nan)
    error = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (n - 1) / n)
    quantile = float(require("scipy.special", "SciPy").stdtrit(n - 1, (1 + level) / 2))
    return Interval(mean, quantile * error)


def ridge(fit: Tensor, labels: Tensor, query: Tensor, *, penalty: float = 1.0) -> Tensor:
    r"""Linear probe: ridge regression on one-hot labels, the largest output wins.

    $$W = (X^\top X + \alpha I)^{-1} X^\top Y$$ with $X$ and $Y$ centred.

    Args:
        fit: labelled features, shape `(n, d)`.
        labels: their classes, 0 to K - 1, shape `(n,)`.
        query: features to classify, shape `(m, d)`.
        penalty: $\alpha > 0$.

    Returns:
        Predicted classes, shape `(m,)`.

    Source:
        Hoerl & Kennard 1970, "Ridge regression".

    Examples:
        >>> x = torch.tensor([[0.0], [1.0], [2.0]])
        >>> print(ridge(x, torch.tensor([0, 0, 1]), torch.tensor([[0.9], [1.9]])).tolist())
        [0, 1]
    """
    targets = F.one_hot(labels).double()
    centre, prior = fit.double().mean(0), targets.mean(0)
    x, y = fit.double() - centre, targets - prior
    few = len(x) < x.shape[1]  # then the smaller of two equal systems is the other one
    gram = x @ x.T if few else x.T @ x
    gram = gram + penalty * torch.eye(len(gram), dtype=x.dtype)
    solved = cast("Tensor", torch.linalg.solve(gram, y if few else x.T @ y))
    weights = x.T @ solved if few else solved
    return ((query.double() - centre) @ weights + prior).argmax(1)


def centroid(fit: Tensor, labels: Tensor, query: Tensor) -> Tensor:
    r"""Nearest class mean: $\arg\min_c \lVert x - \mu_c \rVert$.

    Args:
        fit: labelled features, shape `(n, d)`.
        labels: their classes, 0 to K - 1, each present, shape `(n,)`.
        query: features to classify, shape `(m, d)`.

    Returns:
        Predicted classes, shape `(m,)`.

    Source:
        The limit without shrinkage of Tibshirani et al. 2002.

    Examples:
        The class means are 0.5 and 2, so the border is at 1.25:

        >>> x = torch.tensor([[0.0], [1.0], [2.0]])
        >>> print(centroid(x, torch.tensor([0, 0, 1]), torch.tensor([[1.2], [1.3]])).tolist())
        [0, 1]
    """
    one_hot = F.one_hot(labels).to(fit.dtype)
    means = one_hot.T @ fit / one_hot.sum(0)[:, None]
    return torch.cdist(query, means).argmin(1)


def nearest(fit: Tensor, labels: Tensor, query: Tensor) -> Tensor:
    r"""Nearest neighbour: the class of the closest labelled point (Euclidean).

    Args:
        fit: labelled features, shape `(n, d)`.
        labels: their classes, shape `(n,)`.
        query: features to classify, shape `(m, d)`.

    Returns:
        Predicted classes, shape `(m,)`.

    Source:
        Cover & Hart 1967, "Nearest neighbor pattern classification".

    Examples:
        >>> x = torch.tensor([[0.0], [1.0], [2.0]])
        >>> print(nearest(x, torch.tensor([0, 0, 1]), torch.tensor([[1.4], [1.6]])).tolist())
        [0, 1]
    """
    parts: list[Tensor] = list(query.split(1000))  # pyright: ignore
    return torch.cat([labels[torch.cdist(part, fit).argmin(1)] for part in parts])


def _ridge_all(fit: Tensor, labels: Tensor, query: Tensor) -> Tensor:
    return ridge(fit, labels, query, penalty=0.3)


Probe = Callable[[Tensor, Tensor, Tensor], Tensor]
PROBES: dict[str, tuple[Probe, int | None]] = {
    "ridge, 1 a class": (ridge, 1),
    "ridge, 5 a class": (ridge, 5),
    "ridge, 10 a class": (ridge, 10),
    "ridge, all labels": (_ridge_all, None),
    "centroid, 1 a class": (centroid, 1),
    "centroid, 5 a class": (centroid, 5),
    "centroid, 10 a class": (centroid, 10),
    "centroid, all labels": (centroid, None),
    "1-NN, 5 a class": (nearest, 5),
    "1-NN, 10 a class": (nearest, 10),
    "1-NN, all labels": (nearest, None),
}
"""Settings of `evaluate`: a probe and the labels it gets of each class (None: all).

With 1 label a class the nearest neighbour is the nearest class mean."""

FASHION_SETTINGS = (
    "ridge, 1 a class",
    "ridge, 5 a class",
    "ridge, 10 a class",
    "ridge, all labels",
    "1-NN, 10 a class",
    "1-NN, all labels",
)
"""Settings for Fashion-MNIST: fewer, since among 60,000 neighbours a search takes long."""


def accuracy(
    features: Tensor, labels: Tensor, split: Split, setting: str, *, seed: int = 0, draws: int = 20
) -> float:
    r"""Score one kind of features by one probe; see the module's protocol.

    Args:
        features: of all pictures, shape `(n, d)`.
        labels: their classes, 0 to K - 1, shape `(n,)`.
        split: rows to fit and to score on.
        setting: one of `PROBES`.
        seed: of the draws of labels; equal seeds give equal draws, so differences are paired.
        draws: labelled subsets that are averaged over.

    Returns:
        Mean accuracy in [0, 1].

    Raises:
        ValueError: no such setting.

    Source:
        Linear evaluation: Chen et al. 2020, section 2.3; few labels: Tian et al. 2020,
        "Rethinking few-shot image classification".

    Examples:
        >>> from infonce.train.data import load_digits, stratified_split
        >>> images, labels = load_digits()
        >>> pixels, split = images.flatten(1), stratified_split(labels)
        >>> for setting in ("centroid, 1 a class", "1-NN, all labels"):
        ...     print(f"{accuracy(pixels, labels, split, setting):.3f}")
        0.644
        0.997
    """
    if setting not in PROBES:
        raise ValueError(f"setting must be one of {', '.join(PROBES)}, got {setting!r}")
    probe, count = PROBES[setting]
    fit, test = _scaled(features, split)
    fit_labels, test_labels = labels[split.train], labels[split.test]
    hits = [
        (probe(fit[rows], fit_labels[rows], test) == test_labels).double().mean().item()
        for rows in _subsets(fit_labels, count, draws, seed)
    ]
    return math.fsum(hits) / len(hits)


def evaluate(
    images: Tensor,
    labels: Tensor,
    split: Split,
    *,
    trained: Sequence[nn.Module],
    untrained: Sequence[nn.Module],
    supervised: Sequence[nn.Module] = (),
    settings: Sequence[str] = tuple(PROBES),
    draws: int = 20,
    seeds: Sequence[int] | None = None,
    views: Views | None = None,
) -> Results:
    r"""Score encoders beside raw pixels, untrained encoders and chance; see the module's protocol.

    Args:
        images: all pictures, shape `(n, channels, height, width)`.
        labels: their classes, 0 to K - 1, shape `(n,)`.
        split: rows to fit and to score on; encoders must have been trained on `split.train` only.
        trained: one encoder a run.
        untrained: the same encoders before training, in the same order.
        supervised: encoders of the same shape trained with all labels of `split.train`, or none.
        settings: which of `PROBES`.
        draws: labelled subsets drawn for each run and number of labels.
        seeds: of the draws of each run, by default 0, 1, ...
        views: how random views are made; then alignment is measured between two views of each
            test picture, uniformity and effective rank on the test pictures themselves.

    Returns:
        `results[setting][features]` is a list of accuracies, one a run, averaged over the draws.
        Features are `"trained h"`, `"trained z"`, `"untrained h"`, `"untrained z"`,
        `"supervised h"`, `"raw pixels"` and `"chance"`, which is 1/K. With `views`, the settings
        `"alignment (no unit)"`, `"uniformity (no unit)"` and `"effective rank (no unit)"` follow,
        without chance.

    Raises:
        ImportError: tqdm is missing.
        ValueError: not as many of one kind of encoders or seeds as of another, or none; no draws.

    Source:
        Linear evaluation: Chen et al. 2020, section 2.3; few labels: Tian et al. 2020,
        "Rethinking few-shot image classification"; alignment and uniformity: Wang & Isola 2020,
        section 4.1; rank: Roy & Vetterli 2007.

    Examples:
        >>> from infonce.train import Encoder, load_digits, stratified_split
        >>> images, labels = load_digits()
        >>> encoder = Encoder(torch.Generator().manual_seed(0))
        >>> results = evaluate(
        ...     images, labels, stratified_split(labels), trained=[encoder], untrained=[encoder]
        ... )
        >>> accuracy = results["1-NN, all labels"]
        >>> print(f"{accuracy['raw pixels'][0]:.3f} {accuracy['chance'][0]:.3f}")
        0.997 0.100
    """
    seeds = range(len(trained)) if seeds is None else seeds
    counts = [len(trained), len(untrained), len(supervised or trained), len(seeds)]
    if not trained or len(set(counts)) > 1:
        raise ValueError(f"need as many encoders of each kind and seeds, 1 or more, got {counts}")
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    results, tqdm = Results(), require("tqdm", "tqdm").tqdm

    def add(setting: str, features: str, value: float) -> None:
        results.setdefault(setting, {}).setdefault(features, []).append(value)

    for run, seed in enumerate(seeds):
        encoders = {"trained": trained[run], "untrained": untrained[run]}
        encoders |= {"supervised": supervised[run]} if supervised else {}
        every = _features(images, encoders)
        kinds = [*product(settings, every.items())]
        for setting, (name, x) in tqdm(kinds, f"score seed {seed}", leave=False, disable=None):
            add(setting, name, accuracy(x, labels, split, setting, seed=seed, draws=draws))
        for setting in settings:
            add(setting, "chance", 1 / int(labels.max() + 1))
        if views:
            generator, test = torch.Generator().manual_seed(seed), images[split.test]
            drawn = [views.draw(len(test), generator) for _ in range(2)]
            first, second = (_features(views.make(test, *numbers), encoders) for numbers in drawn)
            for name, x in every.items():
                add("alignment (no unit)", name, alignment(first[name], second[name]).item())
                add("uniformity (no unit)", name, uniformity(x[split.test]).item())
                add("effective rank (no unit)", name, effective_rank(x[split.test]).item())
    return results


@torch.no_grad()
def _features(images: Tensor, encoders: dict[str, nn.Module]) -> dict[str, Tensor]:
    """All kinds of features of pictures; the supervised encoder's embedding was not trained."""
    found: dict[str, Tensor] = {}
    for name, encoder in encoders.items():
        parts = [encoder(images[k : k + 2000]) for k in range(0, len(images), 2000)]
        for part in "h" if name == "supervised" else "hz":
            found[f"{name} {part}"] = torch.cat([getattr(p, part) for p in parts])
    return found | {"raw pixels": images.flatten(1)}


def _scaled(features: Tensor, split: Split) -> tuple[Tensor, Tensor]:
    fit, test = features[split.train], features[split.test]
    centre = fit.mean(0)
    spread = (fit - centre).square().sum(1).mean().sqrt()
    return (fit - centre) / spread, (test - centre) / spread


def _subsets(labels: Tensor, count: int | None, draws: int, seed: int) -> list[Tensor]:
    """Row numbers of `count` pictures of each class, `draws` times, or once all rows."""
    if count is None:
        return [torch.arange(len(labels))]
    generator = torch.Generator().manual_seed(seed)
    classes = [torch.nonzero(labels == c).squeeze(1) for c in range(int(labels.max()) + 1)]
    return [
        torch.cat([c[torch.randperm(len(c), generator=generator)[:count]] for c in classes])
        for _ in range(draws)
    ]


def paired(results: Results, setting: str, features: str, baseline: str) -> Interval:
    r"""Interval of the difference of two kinds of features, run by run.

    Args:
        results: of `evaluate`.
        setting: one of its keys.
        features: what is compared.
        baseline: with what.

    Returns:
        Mean of `features - baseline` and half-width, as accuracies.

    Source:
        Student 1908, "The probable error of a mean", who compares two drugs so.

    Examples:
        The runs differ much, the differences hardly:

        >>> results = {"probe": {"a": [0.50, 0.70, 0.90], "b": [0.40, 0.59, 0.79]}}
        >>> print(paired(results, "probe", "a", "b"), "/", interval(results["probe"]["a"]))
        10.7 ± 1.4 / 70.0 ± 49.7
    """
    return interval(gains(results[setting], features, baseline))


def gains(row: dict[str, list[float]], features: str, baseline: str) -> list[float]:
    """Differences, run by run."""
    return [x - y for x, y in zip(row[features], row[baseline], strict=True)]


def table(results: Results) -> str:
    r"""Results as aligned tables: accuracies and paired differences in per cent, then the rest.

    Args:
        results: of `evaluate`.

    Returns:
        Text without a final newline; each cell is a mean and, from 2 runs on, the half-width of
        its 95% interval.

    Source:
        Ours.

    Examples:
        >>> row = {"trained h": [0.9], "trained z": [0.8], "untrained h": [0.4]}
        >>> row |= {"untrained z": [0.3], "raw pixels": [0.7], "chance": [0.1]}
        >>> print(table({"ridge": row}).splitlines()[1])
        ridge              90.0       80.0         40.0         30.0        70.0    10.0
    """
    accuracies, rest = _apart(results)
    differences: Results = {}
    for (setting, row), part in product(accuracies.items(), "hz"):
        for other in ("raw pixels", f"untrained {part}"):
            gained = gains(row, f"trained {part}", other)
            differences.setdefault(setting, {})[f"{part} − {other}"] = gained
    tables = {"accuracy / %": accuracies, "difference / %": differences, "of test pictures": rest}
    return "\n\n".join(grid(rows, title) for title, rows in tables.items() if rows)


def _apart(results: Results) -> tuple[Results, Results]:
    """Accuracies, and what has no unit."""
    parts: tuple[Results, Results] = {}, {}
    for setting, row in results.items():
        parts["no unit" in setting][setting] = row
    return parts


def grid(results: Results, title: str = "in %") -> str:
    """Results as an aligned table, a mean and a 95% interval a cell; shares in per cent.

    Args:
        results: one list of runs for each setting and condition; the first setting has all.
        title: of the column of settings.

    Source:
        Ours.

    Examples:
        >>> print(grid({"R@1": {"trained": [0.5, 0.5]}, "median rank": {"trained": [3.0, 3.0]}}))
        in %         trained
        R@1             50.0
        median rank      3.0
    """
    names = list(next(iter(results.values())))
    cells = [[title, *names]]
    for setting, row in results.items():
        how = (1, 2) if "no unit" in setting else (1, 1) if "rank" in setting else (100, 1)
        texts = {name: interval(row[name]).text(*how) for name in row if row[name]}
        cells.append([setting, *(texts.get(name, "") for name in names)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in cells
    )


def verdict(results: Results) -> str:
    r"""One paragraph that says what was shown and what was not beaten.

    A setting counts as won if the whole 95% interval of the paired difference to raw pixels lies
    above zero, for `h` and for `z` apart.

    Args:
        results: of `evaluate`, from at least 2 runs.

    Returns:
        Plain sentences.

    Source:
        Ours.

    Examples:
        >>> row = {"trained h": [0.9, 0.8], "trained z": [0.9, 0.7], "raw pixels": [0.8, 0.7]}
        >>> print(verdict({"ridge": row}).split(". ")[0])
        trained h beats raw pixels in 1 of 1 settings
    """
    results, _ = _apart(results)
    settings = len(results)
    runs = len(next(iter(results.values()))["raw pixels"])
    if runs < 2:
        return "One run has no interval: train at least 2 seeds before drawing a conclusion."
    sentences: list[str] = []
    for name in ("trained h", "trained z"):
        gains = {setting: paired(results, setting, name, "raw pixels") for setting in results}
        lost = [
            f"{setting} ({interval(results[setting][name])} against "
            f"{interval(results[setting]['raw pixels'])})"
            for setting, gain in gains.items()
            if not gain.mean > gain.half
        ]
        sentences.append(
            f"{name} beats raw pixels in {settings - len(lost)} of {settings} settings"
        )
        sentences.append(f"; not in {', '.join(lost)}. " if lost else ". ")
    return "".join(sentences).strip()
