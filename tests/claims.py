"""What is claimed about every value that a page shows.

A value with a closed form is compared with it, computed here with `math` alone. An input is typed
a second time. A value that only a run can give is pinned as it is shown, or, where a processor may
round differently, by the range that its own spread allows.
"""

import math
from collections.abc import Callable

Claim = Callable[[float, set[str]], None]


def is_(expected: float, rel: float = 1e-9) -> Claim:
    """The value has this closed form."""

    def check(value: float, _: set[str]) -> None:
        assert math.isclose(value, expected, rel_tol=rel, abs_tol=1e-15), (value, expected)

    return check


def reads(*texts: str) -> Claim:
    """The page shows exactly these texts, one for each format in use."""

    def check(value: float, specs: set[str]) -> None:
        assert {format(value, spec) for spec in specs} == set(texts), (value, specs)

    return check


def between(low: float, high: float) -> Claim:
    """A trained result: inside the range that seeds, threads and processors can move it."""

    def check(value: float, _: set[str]) -> None:
        assert low <= value <= high, value

    return check


log, exp = math.log, math.exp


def lse(values: list[float]) -> float:
    top = max(values)
    return top + log(sum(exp(v - top) for v in values))


# One anchor, its positive and five negatives: the running example.
S_POS, S_NEG, TAU = 0.8, [0.75, 0.5, 0.2, -0.1, -0.4], 0.2
LOGITS = [s / TAU for s in [S_POS, *S_NEG]]


def weights(tau: float) -> list[float]:
    total = lse([s / tau for s in S_NEG])
    return [exp(s / tau - total) for s in S_NEG]


def entropy(tau: float) -> float:
    return -sum(w * log(w) for w in weights(tau))


def slope(tau: float) -> float:
    w = weights(tau)
    mean = sum(a * s for a, s in zip(w, S_NEG, strict=True))
    return sum(a * (s - mean) ** 2 for a, s in zip(w, S_NEG, strict=True)) / tau**3


def floor(pairs: int, tau: float) -> float:
    return math.log1p(2 * (pairs - 1) * exp(-pairs / ((pairs - 1) * tau)))


# The circle of the gradient figure, in degrees from the anchor; the first is the positive.
CIRCLE = [math.radians(a - 90) for a in (70, 100, 130, 200, 320)]
CIRCLE_P = [math.cos(a) / TAU for a in CIRCLE]
CIRCLE_P = [exp(x - lse(CIRCLE_P)) for x in CIRCLE_P]

CLIP_S = [[0.8, 0.3], [0.1, 0.6]]


def clip_way(rows: list[list[float]], alpha: float) -> float:
    return sum(lse([alpha * s for s in r]) - alpha * r[i] for i, r in enumerate(rows)) / len(rows)


CLIP_T = [list(column) for column in zip(*CLIP_S, strict=True)]


def clip_both(alpha: float) -> float:
    return (clip_way(CLIP_S, alpha) + clip_way(CLIP_T, alpha)) / 2


CONFUSED = [[0.8, 0.3, 0.5], [0.1, 0.6, 0.7], [0.2, 0.65, 0.6]]
CONFUSED_T = [list(column) for column in zip(*CONFUSED, strict=True)]


def rests_at_zero_slope(alpha: float, specs: set[str]) -> None:
    """The loss is higher on both sides, and flat in between."""
    below, there, above = (
        (clip_way(CONFUSED, a) + clip_way(CONFUSED_T, a)) / 2
        for a in (alpha - 1e-3, alpha, alpha + 1e-3)
    )
    assert below > there < above
    assert abs(above - below) / 2e-3 < 1e-7
    assert {format(alpha, spec) for spec in specs} == {"5.6"}


CLAIMS: dict[str, dict[str, Claim]] = {
    "info_nce": {
        "N": is_(8),
        "d": is_(16),
        "tau": is_(0.2),
        "loss": reads("0.981", "0.9807"),
        "guess": is_(log(8)),
        "single": is_(0),
        "best": reads("0.439"),
        "worst": reads("1.793"),
        "rows_right": is_(6),
    },
    "classification": {
        "tau": is_(TAU),
        "M": is_(5),
        "classes": is_(6),
        "s_pos": is_(0.8),
        "hardest": is_(0.75),
        "p_pos": is_(exp(LOGITS[0] - lse(LOGITS))),
        "p_hardest": is_(exp(LOGITS[1] - lse(LOGITS))),
        "equal": is_(log(6)),
        "shifted": is_(lse(LOGITS) - LOGITS[0]),
    },
    "nt_xent": {
        "views": is_(12),
        "loss": reads("1.3289"),
        "collapse": is_(log(11)),
        "strangers": is_(log(11)),
        "kept_self": reads("1.7614"),
        "doubled": reads("2.6578"),
    },
    "loss_floor": {
        "batch": is_(256),
        "warm": is_(0.5),
        "cold": is_(0.1),
        "coldest": is_(0.07),
        "triangle": is_(log(1 + 4 * exp(-3)), rel=1e-13),
        "floor_warm": is_(floor(256, 0.5)),
        "floor_cold": is_(floor(256, 0.1)),
        "floor_coldest": is_(floor(256, 0.07)),
        "collapse": is_(log(511)),
        "share": is_(floor(256, 0.5) / log(511)),
    },
    "gradient_forces": {
        "M": is_(4),
        "pull": is_((1 - CIRCLE_P[0]) / TAU),
        "strongest_push": is_(CIRCLE_P[1] / TAU),
        "balance": is_(0),
        "on_anchor": is_(0),
        "weight_on": is_(exp(1 / TAU - lse([1 / TAU, *(math.cos(a) / TAU for a in CIRCLE)]))),
    },
    "temperature_weights": {
        "tau": is_(0.2),
        "M": is_(5),
        "cold": is_(0.02),
        "typical": is_(0.07),
        "hot": is_(2),
        "w_hardest": is_(weights(0.2)[0]),
        "w_typical": is_(weights(0.07)[0]),
        "n_eff": is_(exp(entropy(0.2))),
        "n_cold": is_(exp(entropy(0.02))),
        "n_typical": is_(exp(entropy(0.07))),
        "n_hot": is_(exp(entropy(2))),
        "gap": is_(0.25),
        "ratio": is_(exp(0.25 / 0.2)),
        "ratio_typical": is_(exp(0.25 / 0.07)),
        "dH_dtau": is_(slope(0.2)),
        "difference": is_(slope(0.2), rel=1e-8),  # central difference, step 1e-6
    },
    "temperature_limits": {
        "cold": is_(0.01),
        "hot": is_(10),
        "behind": is_(0.2),
        "candidates": is_(5),
        "chance": is_(log(5)),
        "scaled": is_(0.01 * (lse([20, 0, -10, -40, -70]))),
        "won": is_(math.log1p(exp(-30) + exp(-60) + exp(-90) + exp(-120))),
        "at_hot": is_(lse([0.08, 0.05, 0.02, -0.01, -0.04]) - 0.08),
        "expansion": is_(log(5) - (0.8 - 0.2) / 10),
    },
    "clip": {
        "alpha": is_(5),
        "limit": is_(100),
        "start_tau": is_(0.07),
        "start_parameter": is_(log(1 / 0.07)),
        "start_alpha": is_(1 / 0.07),
        "wrong_tau": is_(exp(-0.07)),
        "image_to_text": is_(clip_way(CLIP_S, 5)),
        "text_to_image": is_(clip_way(CLIP_T, 5)),
        "loss": is_(clip_both(5)),
        "slope": is_(5 * (clip_both(5 + 1e-6) - clip_both(5 - 1e-6)) / 2e-6, rel=1e-7),
        "at_limit": is_(
            (2 * exp(-50) + exp(-30) + exp(-70)) / 4, rel=1e-12
        ),  # log(1 + x) is x for x this small
        "resting": rests_at_zero_slope,
    },
    "digits_few_labels": {
        "pictures": is_(1797),
        "per_class": is_(5),
        "runs": is_(5),
        "trained": between(0.925, 0.95),
        "trained_half": between(0.001, 0.02),
        "raw": between(0.84, 0.852),
        "gain": between(0.08, 0.105),
        "gain_half": between(0.002, 0.025),
        "nn_raw": is_(597 / 599),
        "nn_trained": between(0.98, 0.992),
    },
    "emoji_clip": {
        "count": is_(1594),
        "heldout": is_(239),
        "steps": is_(500),
        "N": is_(256),
        "vocabulary": is_(3324),
        "chance1": is_(1 / 239),
        "chance10": is_(10 / 239),
        # one run; other processors round differently, and other roundings end elsewhere
        "seen1": between(0.29, 0.38),
        "seen10": between(0.64, 0.74),
        "pixels1": between(0.224, 0.228),
        "pixels10": between(0.469, 0.473),
        "new1": between(0.06, 0.16),
        "new10": between(0.29, 0.42),
        "new1_back": between(0.06, 0.16),
        "new10_back": between(0.29, 0.42),
    },
}
