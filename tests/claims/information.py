"""Claims about the values of the page angles/information."""

import math
from itertools import product

from tests.claims.kit import Claim, between, exp, is_, log, reads

FLIP = 0.2
RATIO = {True: 2 * (1 - FLIP), False: 2 * FLIP}  # of a fair bit through the channel
INFORMATION = (1 - FLIP) * log(RATIO[True]) + FLIP * log(RATIO[False])

JOINT = [[0.30, 0.15, 0.05], [0.05, 0.10, 0.35]]
MARGINAL = [sum(column) for column in zip(*JOINT, strict=True)]
LOG_R = [[log(p / (0.5 * m)) for p, m in zip(row, MARGINAL, strict=True)] for row in JOINT]


def channel_bound(candidates: int) -> float:
    """log N - loss of the best critic: every batch, one by one."""
    loss = 0.0
    for right, *others in product((True, False), repeat=candidates):
        chance = (1 - FLIP if right else FLIP) * 0.5 ** (candidates - 1)
        loss += chance * log((RATIO[right] + sum(RATIO[o] for o in others)) / RATIO[right])
    return log(candidates) - loss


def channel_gap(candidates: int) -> float:
    total = 0.0
    for k in range(candidates + 1):
        mean = (k * RATIO[True] + (candidates - k) * RATIO[False]) / candidates
        total += math.comb(candidates, k) / 2**candidates * mean * log(mean)
    return total


def critic_loss(score: list[list[float]]) -> float:
    total = 0.0
    for c, x, y, z in product(range(2), range(3), range(3), range(3)):
        top = sum(exp(score[c][i]) for i in (x, y, z))
        total += JOINT[c][x] * MARGINAL[y] * MARGINAL[z] * (log(top) - score[c][x])
    return total


def circle_loss(step: int) -> float:
    """InfoNCE of 64 points of a circle, the positive `step` places further."""
    cosines = [math.cos(2 * math.pi * k / 64) / 0.1 for k in range(64)]
    return log(sum(exp(c) for c in cosines)) - cosines[step]


CLAIMS: dict[str, dict[str, Claim]] = {
    "nce": {
        "total": is_(1),
        "best": is_(-1.18279591096150, rel=1e-14),
        "by_jsd": is_(-1.18279591096150, rel=1e-14),
        "shift": is_(1),
        "shifted": is_(
            0.9 * log(0.9 * math.e / (0.9 * math.e + 0.5))
            + 0.1 * log(0.1 * math.e / (0.1 * math.e + 0.5))
            + 0.5 * log(0.5 / (0.9 * math.e + 0.5))
            + 0.5 * log(0.5 / (0.1 * math.e + 0.5))
        ),
        "ranked": is_((log(1 / 2) + 0.9 * log(0.9) + 0.1 * log(0.1)) / 2),
        "ranked_shifted": is_((log(1 / 2) + 0.9 * log(0.9) + 0.1 * log(0.1)) / 2),
        "blind": is_(-2 * log(2)),
    },
    "optimal_critic": {
        "first": is_(-sum(LOG_R[0]) / 3),
        "second": is_(-sum(LOG_R[1]) / 3),
        "spread": is_(0),
        "steepest": is_(0),
        "best": is_(critic_loss(LOG_R)),
        "worse": is_(critic_loss([[LOG_R[0][0], LOG_R[0][1] + 0.5, LOG_R[0][2]], LOG_R[1]])),
        "guess": is_(log(3)),
    },
    "mi_bound": {
        "N": is_(4),
        "information": is_(0.192744757021757, rel=1e-13),
        "bound": is_(0.145801391631381, rel=1e-13),
        "gap": is_(INFORMATION - channel_bound(4)),
        "two": is_(0.0963723785108787, rel=1e-13),
        "many": is_(64),
        "short_many": is_(channel_gap(64), rel=1e-8),
        "worst": is_(0),
        "single": is_(0),
    },
    "mi_gap": {
        "chi2": is_(0.36),
        "N": is_(256),
        "off": reads("0.07%"),
        "least": is_(exp(INFORMATION) - 1),
        "information": is_(INFORMATION),
        "same": is_(1024),
        "nats": is_(log(1024)),
        "chi2_same": is_(1023),
        "needed": is_(5115),
        "tolerance": is_(0.1),
        "independent": is_(0),
    },
    "mi_estimates": {
        "N": is_(64),
        "truth": is_(10),
        "rounds": is_(300),
        "small": is_(2),
        "nce_small": between(1.80, 1.84),
        "nwj_small": between(1.95, 2.07),
        "nce_large": between(4.115, 4.129),
        "nce_spread": between(0.03, 0.045),
        "nwj_median": between(10.3, 10.9),
        "nwj_least": between(-60, 0),
        "dv_large": between(10.9, 11.6),
        "cap": is_(log(64)),
        "perfect": is_(log(64)),
    },
    "mi_invariance": {
        "information": is_(log(64)),
        "loss_a": is_(circle_loss(0)),
        "loss_b": is_(circle_loss(0)),
        "near_a": is_(circle_loss(1)),
        "near_b": reads("12.51"),
        "probe_a": is_(1),
        "probe_b": is_(36 / 64),
    },
}
