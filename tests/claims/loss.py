"""Claims about the values of the page loss."""

import math

from tests.claims.kit import Claim, exp, is_, log, lse, reads

# One anchor, its positive and five negatives: the running example.
S_POS, S_NEG, TAU = 0.8, [0.75, 0.5, 0.2, -0.1, -0.4], 0.2
LOGITS = [s / TAU for s in [S_POS, *S_NEG]]


def floor(pairs: int, tau: float) -> float:
    return math.log1p(2 * (pairs - 1) * exp(-pairs / ((pairs - 1) * tau)))


# The circle of the gradient figure, in degrees from the anchor; the first is the positive.
CIRCLE = [math.radians(a - 90) for a in (70, 100, 130, 200, 320)]
CIRCLE_P = [math.cos(a) / TAU for a in CIRCLE]
CIRCLE_P = [exp(x - lse(CIRCLE_P)) for x in CIRCLE_P]


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
}
