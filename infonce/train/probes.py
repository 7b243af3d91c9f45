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
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from infonce.train.data import Split, require

__all__ = [
    "FASHION_SETTINGS", "PROBES", "Interval", "Results", "accuracy", "centroid", "evaluate",
    "interval", "nearest", "paired", "ridge", "table", "verdict",
]  # fmt: skip

Results = dict[str, dict[str, list[float]]]
"""Accuracies in [0, 1]: setting, then features, then one number a run. Plain, ready for JSON."""


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval (nan for a single value).

    As text it is in per cent, without the half-width where nothing varied.
    """

    mean: float
    half: float

    def __str__(self) -> str:
        half = f" ± {100 * self.half:.1f}" if self.half > 1e-9 else ""
        return f"{100 * self.mean:.1f}{half}"


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

    Returns:
        `results[setting][features]` is a list of accuracies, one a run, averaged over the draws.
        Features are `"trained h"`, `"trained z"`, `"untrained h"`, `"untrained z"`,
        `"raw pixels"` and `"chance"`, which is 1/K.

    Raises:
        ValueError: not as many trained as untrained encoders, or none; no draws.

    Source:
        Linear evaluation: Chen et al. 2020, section 2.3; few labels: Tian et al. 2020,
        "Rethinking few-shot image classification".

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
    if not trained or len(trained) != len(untrained):
        counts = f"{len(trained)} and {len(untrained)}"
        raise ValueError(f"need as many untrained as trained encoders, at least 1, got {counts}")
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    chance = 1 / int(labels.max() + 1)
    results: Results = {}
    for run in range(len(trained)):
        features = {
            **_features("trained", trained[run], images),
            **_features("untrained", untrained[run], images),
            "raw pixels": images.flatten(1),
        }
        if supervised:
            features["supervised h"] = _features("supervised", supervised[run], images)[
                "supervised h"
            ]
        for setting in settings:
            scores = results.setdefault(setting, {})
            for name, x in features.items():
                found = accuracy(x, labels, split, setting, seed=run, draws=draws)
                scores.setdefault(name, []).append(found)
            scores.setdefault("chance", []).append(chance)
    return results


def _features(name: str, encoder: nn.Module, images: Tensor) -> dict[str, Tensor]:
    with torch.no_grad():
        parts = [encoder(images[k : k + 2000]) for k in range(0, len(images), 2000)]
    return {f"{name} {part}": torch.cat([getattr(p, part) for p in parts]) for part in "hz"}


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
    a, b = results[setting][features], results[setting][baseline]
    return interval([x - y for x, y in zip(a, b, strict=True)])


def table(results: Results) -> str:
    r"""Results as two aligned tables in per cent: accuracies, then paired differences.

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
    names = list(next(iter(results.values())))
    accuracies = {
        setting: {name: interval(scores[name]) for name in names}
        for setting, scores in results.items()
    }
    pairs = [
        (f"trained {part}", baseline)
        for part in "hz"
        for baseline in ("raw pixels", f"untrained {part}")
    ]
    differences = {
        setting: {
            f"{a.removeprefix('trained ')} − {b}": paired(results, setting, a, b) for a, b in pairs
        }
        for setting in results
    }
    return _aligned("accuracy / %", accuracies) + "\n\n" + _aligned("difference / %", differences)


def _aligned(title: str, rows: dict[str, dict[str, Interval]]) -> str:
    cells = [[title, *next(iter(rows.values()))]]
    cells += [[setting, *map(str, row.values())] for setting, row in rows.items()]
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
