"""Claims about the values of the page siglip."""

from tests.claims.kit import Claim, between, exp, is_, log, reads

S = [[0.8, 0.3, 0.1], [0.1, 0.6, 0.4], [0.2, 0.5, 0.7]]


def softplus(x: float) -> float:
    return log(1 + exp(-abs(x))) + max(x, 0)


def siglip(rows: list[list[float]], alpha: float, bias: float) -> tuple[float, float]:
    """What the positives and what the negatives cost, each an image."""
    pairs = [(i == j, alpha * s + bias) for i, r in enumerate(rows) for j, s in enumerate(r)]
    yes = sum(softplus(-x) for own, x in pairs if own) / len(rows)
    return yes, sum(softplus(x) for own, x in pairs if not own) / len(rows)


def knows_nothing(pairs: int, bias: float) -> float:
    return softplus(-bias) + (pairs - 1) * softplus(bias)


def row_loss(shift: float = 0.0) -> float:
    rows = [[10 * (s + shift) for s in r] for r in S]
    return sum(log(sum(map(exp, r))) - r[i] for i, r in enumerate(rows)) / 3


RAISED = [[s + 0.2 for s in r] for r in S]

CLAIMS: dict[str, dict[str, Claim]] = {
    "siglip": {
        "N": is_(3),
        "alpha": is_(10),
        "bias": is_(-10),
        "positives": is_(siglip(S, 10, -10)[0]),
        "negatives": is_(siglip(S, 10, -10)[1]),
        "zeros": is_(knows_nothing(3, -10)),
        "printed": is_(knows_nothing(3, 10)),
        "small": is_(256),
        "large": is_(32768),
        "default_small": is_(-log(255)),
        "default_large": is_(-log(32767)),
        "matching_N": is_(1 + exp(10)),
        "at_start_small": is_(knows_nothing(256, -10)),
        "printed_small": is_(knows_nothing(256, 10)),
        "no_bias_small": is_(256 * log(2)),
        "lowest_small": is_(log(256) + 255 * log(256 / 255)),
    },
    "siglip_start": {
        "steps": is_(200),
        "count": is_(3),
        "rate": is_(0.003),
        "fast": is_(0.3),
        "reach": is_(0.6),
        "bias_coded": is_(-10),
        "found_coded": between(0.98, 1.0),
        "found_absent": between(0.15, 0.32),
        "found_printed": between(0.02, 0.08),
        "found_fast": between(0.88, 1.0),
        "end_printed": between(9.35, 9.45),
        "end_fast": between(-5.5, -4.5),
        "chance": is_(1 / 64),
    },
    "siglip_or_softmax": {
        "shift": is_(0.2),
        "softmax_after": is_(row_loss()),
        "siglip_before": is_(sum(siglip(S, 10, -5))),
        "siglip_after": is_(sum(siglip(RAISED, 10, -5))),
        "followed": is_(sum(siglip(S, 10, -5))),
        "gap": between(0, 5e-7),
    },
    "published_siglip": {  # Zhai et al. 2023, Section 4, typed a second time
        "first": is_(16),
        "knee": is_(32),
        "last": is_(240),
        "imagenet_first": is_(71.6),
        "imagenet_knee": is_(73.2),
        "imagenet_last": is_(73.1),
        "best": is_(32),
        "xm_best": reads("34.9"),
        "xm_last": reads("32.7"),
    },
}
