"""Claims about the challenges of the interactives."""

import math

from tests.claims.kit import Claim, exp, is_, log, lse, reads

TAU = 0.2


def weights(*degrees: float) -> list[float]:
    """Softmax weights of keys on a circle, the anchor at 90 degrees."""
    logits = [math.cos(math.radians(a - 90)) / TAU for a in degrees]
    return [exp(x - lse(logits)) for x in logits]


FAR = weights(70, 250, 130, 200, 320)
TIE = weights(70, 70, 130, 200, 320)

ANCHOR = [0.8, 0.75, 0.5, 0.2, -0.1, -0.4]


def loss(s: list[float]) -> float:
    return lse([x / TAU for x in s]) - s[0] / TAU


POLYGON = -1 / TAU + log(
    exp(1 / TAU) + 2 * sum(exp(math.cos(math.tau * m / 8) / TAU) for m in range(1, 8))
)

CLAIMS: dict[str, dict[str, Claim]] = {
    "play_clip": {
        "before": reads("2%"),
        "after": reads("99%"),
        "same": is_(1),  # a mean of pieces has no order
        "cats": reads("0.27"),
        "nonsense": reads("0.53"),
        "sense": reads("0.59"),
        "loss": reads("6.675"),
        "loss_closed": reads("6.638"),
        "right": is_(23 / 239),
        "right_before": is_(24 / 239),
        "seen": is_(619 / 1355),
        "seen_before": is_(621 / 1355),
        "kilobytes": is_(373.76),
        "right_closed": is_(25 / 239),
        "gained": is_(6),
        "lost": is_(4),
        "new": is_(239),
        "scale": reads("39.6"),
        "pool": is_(24),
        "at_start": is_(1),
        "at_hundred": is_(5),
        "at_thousand": is_(12),
        "at_end": is_(13),
    },
    "play_eq": {
        "equal": is_(log(6)),
        "level": is_(log(2 + 4 * exp(-1.8 / TAU))),
        "shifted": is_(loss(ANCHOR)),
    },
    "play_tau": {
        "two": reads("0.1825"),
        "half": reads("0.4132"),
        "strongest": reads("0.0390"),
        "strongest_push": reads("5.567"),
        "best": reads("0.1543"),
        "best_loss": reads("0.960693"),
        "guess": is_(log(6)),
    },
    "play_false": {
        "half": reads("0.7194"),
        "loss_change": reads("64.2%"),
        "turn": reads("46.0"),
        "far": is_(FAR[1] / (1 - FAR[0])),
    },
    "play_batch": {
        "needed": reads("225"),
        "power": is_(256),
        "factor": reads("1.52"),
        "factor_wide": reads("39"),
        "at_power": reads("-0.0088"),
        "at_four": reads("-0.56"),
        "few": is_(16),
        "more": is_(64),
        "many": is_(256),
        "turn": reads("11.5"),
        "turn_more": reads("4.2"),
        "turn_many": reads("1.9"),
    },
    "play_mi": {
        "least": is_(exp(-5 * log(1 - 0.81))),
        "little": is_(-log(1 - 0.64) / 2),
    },
    "play_au": {
        "octagon": reads("-2.3631"),
        "circle": reads("-1.5750"),
    },
    "play_train": {
        "polygon": is_(POLYGON),
        "sphere": reads("0.177775"),
        "simplex": is_(log(1 + 14 * exp(-8 / 7 / TAU))),
        "positives": is_(3),
        "classes": is_(log(3 + 8 * exp(-1 / TAU) + 4 * exp(-2 / TAU))),
        "shared": is_(log(3)),
    },
    "play_forces": {
        "rest": reads("38.23"),
        "rest_loss": reads("0.185290"),
        "on_weight": is_(weights(70, 90, 130, 200, 320)[1]),
        "tie_push": is_(TIE[1] / TAU),
        "tie_pull": is_((1 - TIE[0]) / TAU),
    },
}
